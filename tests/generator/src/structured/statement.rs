//! Statements: code that leaves the operand stack as it was.

use ttvm_isa::OpCode;

use super::{TYPES, Type, Writer};
use crate::builder::{Builder, int, load, store};

impl Writer {
    /// Some statements.
    pub(super) fn block(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            if self.statements_left == 0 {
                return;
            }
            self.statements_left -= 1;
            self.statement();
        }
    }

    fn statement(&mut self) {
        match self.random.below(12) {
            0..=3 => self.assignment(),
            4 | 5 => {
                self.anything(3);
                self.builder.push(OpCode::Print {});
            }
            6 => self.condition(),
            7 | 8 if self.loop_depth < 3 => self.counted_loop(),
            9 => self.protected_block(),
            10 => self.failure(),
            11 if self.random.chance(15) => self.early_return(),
            _ => {
                let of_type = self.random.one_of(&TYPES);
                let name = self.random.one_of(of_type.variables());
                self.builder.extend([load(name), OpCode::Print {}]);
            }
        }
    }

    /// What is stored is cut to a small size first.
    fn assignment(&mut self) {
        let of_type = self.random.one_of(&TYPES);
        self.expression(of_type, 3);
        match of_type {
            Type::Int => {
                let bits = self.random.one_of(&[10, 20, 62, 63, 70]);
                self.builder.extend([int(1), int(bits), OpCode::Shl {}, OpCode::Rem {}]);
            }
            Type::Str => self.builder.extend([int(0), int(40), OpCode::Substr {}]),
            Type::List => self.builder.extend([int(0), int(20), OpCode::Slice {}]),
            Type::Float | Type::Object | Type::Map | Type::Array => {}
        }
        let name = self.random.one_of(of_type.variables());
        self.builder.push(store(name));
    }

    fn condition(&mut self) {
        let (otherwise, done) = (self.builder.place(), self.builder.place());
        self.anything(2);
        let target = Builder::to(otherwise);
        let branch = if self.random.chance(50) { OpCode::Jz { target } } else { OpCode::Jnz { target } };
        self.builder.push(branch);
        self.block();
        self.builder.push(OpCode::Jmp { target: Builder::to(done) });
        self.builder.mark(otherwise);
        self.block();
        self.builder.mark(done);
    }

    fn counted_loop(&mut self) {
        let counter = ["c0", "c1", "c2"][self.loop_depth];
        let count = 1 + self.random.below(6) as i64;
        self.builder.extend([int(count), store(counter)]);
        let again = self.builder.place_here();
        self.loop_depth += 1;
        self.block();
        self.loop_depth -= 1;
        self.builder.extend([load(counter), int(1), OpCode::Sub {}, OpCode::Dup {}, store(counter)]);
        self.builder.push(OpCode::Jnz { target: Builder::to(again) });
    }

    fn protected_block(&mut self) {
        let (handler, done) = (self.builder.place(), self.builder.place());
        self.builder.push(OpCode::Try { target: Builder::to(handler) });
        let was_protected = std::mem::replace(&mut self.is_protected, true);
        let throws_before = self.throws;
        self.block();
        self.is_protected = was_protected;
        self.builder.push(OpCode::EndTry {});
        self.builder.push(OpCode::Jmp { target: Builder::to(done) });
        self.builder.mark(handler);
        if self.random.chance(50) {
            self.builder.push(OpCode::Catch {});
        }
        self.builder.push(OpCode::Dup {});
        self.builder.push(OpCode::Print {});
        let part = self.random.one_of(&[OpCode::ErrorMessage {}, OpCode::ErrorKind {}, OpCode::ErrorTrace {}]);
        self.builder.extend([part, OpCode::Print {}]);
        if self.random.chance(50) {
            self.block();
        }
        // Where the block always throws, only the handler comes to what follows, and the next END_TRY there would be
        // taken for the one that is missing here.
        if self.throws > throws_before || self.random.chance(50) {
            self.builder.push(OpCode::EndTry {});
        }
        self.builder.mark(done);
    }

    /// Something that fails, where that is caught.
    fn failure(&mut self) {
        if !self.is_protected {
            return self.assignment();
        }
        match self.random.below(4) {
            0 => {
                self.anything(2);
                self.builder.push(OpCode::Throw {});
                self.throws += 1;
            }
            1 => {
                self.expression(Type::List, 2);
                self.expression(Type::Int, 2);
                self.builder.extend([OpCode::Index {}, OpCode::Print {}]);
            }
            2 => {
                self.anything(2);
                self.anything(2);
                let op = self.random.one_of(&[
                    OpCode::Add {},
                    OpCode::Concat {},
                    OpCode::Lt {},
                    OpCode::And {},
                    OpCode::Pow {},
                ]);
                self.small_power(&op);
                self.builder.extend([op, OpCode::Print {}]);
            }
            _ => {
                self.anything(2);
                self.builder.push(OpCode::Assert {});
            }
        }
    }

    /// Powers of anything could be too large: their exponent is replaced by a small one.
    fn small_power(&mut self, op: &OpCode) {
        if matches!(op, OpCode::Pow {}) {
            let exponent = self.random.small();
            self.builder.extend([OpCode::Pop {}, int(exponent)]);
        }
    }

    /// Returns from the middle, if something happens to be true.
    fn early_return(&mut self) {
        let on = self.builder.place();
        self.expression(Type::Int, 1);
        self.builder.push(OpCode::Jnz { target: Builder::to(on) });
        self.expression(Type::Int, 2);
        self.builder.push(OpCode::Ret {});
        self.builder.mark(on);
    }
}
