//! Expressions: code that pushes one value of a given type.

use num_bigint::BigInt;
use ttvm_isa::{Integer, OpCode};

use super::{TYPES, Type, Writer};
use crate::builder::{Builder, float, int, load, text};

const FIELDS: [&str; 4] = ["x", "y", "name", "ключ"];
const STRINGS: [&str; 7] = ["", "a", "abc", "a,b,,c", "Straße", "日本語", "10"];
const FLOATS: [f64; 9] = [0.0, -0.0, 1.0, 0.1, -2.5, 1e300, 9_007_199_254_740_993.0, f64::INFINITY, f64::NAN];

impl Writer {
    fn op(&mut self, op: OpCode) {
        self.builder.push(op);
    }

    fn variable(&mut self, of_type: Type) {
        let name = self.random.one_of(of_type.variables());
        self.op(load(name));
    }

    /// A constant.
    pub(super) fn leaf(&mut self, of_type: Type) {
        match of_type {
            Type::Int => {
                let value = self.int_constant();
                self.op(OpCode::PushInt { value });
            }
            Type::Float => {
                let value = self.random.one_of(&FLOATS);
                self.op(float(value));
            }
            Type::Str => {
                let value = self.random.one_of(&STRINGS);
                self.op(text(value));
            }
            Type::List => {
                let count = self.random.below(4);
                (0..count).for_each(|_| self.leaf(Type::Int));
                self.op(OpCode::MakeList { count: count as u32 });
            }
            Type::Object => self.op(OpCode::MakeObject {}),
            Type::Map => self.op(OpCode::MapNew {}),
            Type::Array => {
                let count = Some(self.random.below(5) as u32);
                let op = if self.random.chance(50) { OpCode::ArrayI64 { count } } else { OpCode::ArrayF64 { count } };
                self.op(op);
            }
        }
    }

    fn int_constant(&mut self) -> Integer {
        match self.random.below(10) {
            0 => Integer::from(i64::MAX - self.random.below(9) as i64),
            1 => Integer::from(i64::MIN + self.random.below(9) as i64),
            2 => Integer::from(BigInt::from(self.random.small()) << (50 + self.random.below(80))),
            3 => Integer::from(self.random.below(1 << 40) as i64),
            _ => Integer::from(self.random.small()),
        }
    }

    /// Pushes a value of the type.
    pub(super) fn expression(&mut self, of_type: Type, depth: usize) {
        if depth == 0 || self.random.chance(15) {
            return if self.random.chance(60) { self.variable(of_type) } else { self.leaf(of_type) };
        }
        if self.random.chance(4) {
            return self.guarded(of_type, depth);
        }
        match of_type {
            Type::Int => self.int_expression(depth - 1),
            Type::Float => self.float_expression(depth - 1),
            Type::Str => self.str_expression(depth - 1),
            Type::List => self.list_expression(depth - 1),
            Type::Object => self.object_expression(depth - 1),
            Type::Map => self.map_expression(depth - 1),
            Type::Array => self.array_expression(depth - 1),
        }
    }

    /// A value of any type.
    pub(super) fn anything(&mut self, depth: usize) {
        match self.random.below(10) {
            0 => self.op(OpCode::Null {}),
            1 => {
                let value = self.random.chance(50);
                self.op(OpCode::PushBool { value });
            }
            _ => {
                let of_type = self.random.one_of(&TYPES);
                self.expression(of_type, depth);
            }
        }
    }

    /// An expression that may fail, with a constant for that case. The operands around it stay in place.
    fn guarded(&mut self, of_type: Type, depth: usize) {
        let (handler, done) = (self.builder.place(), self.builder.place());
        let was_protected = std::mem::replace(&mut self.is_protected, true);
        self.op(OpCode::Try { target: Builder::to(handler) });
        self.expression(of_type, depth - 1);
        self.op(OpCode::EndTry {});
        self.op(OpCode::Jmp { target: Builder::to(done) });
        self.builder.mark(handler);
        self.is_protected = was_protected;
        let shown = if self.random.chance(50) { OpCode::Print {} } else { OpCode::Pop {} };
        self.op(shown);
        self.leaf(of_type);
        if self.random.chance(50) {
            self.op(OpCode::EndTry {});
        }
        self.builder.mark(done);
    }

    fn two(&mut self, a: Type, b: Type, depth: usize) {
        self.expression(a, depth);
        self.expression(b, depth);
    }

    fn int_expression(&mut self, depth: usize) {
        match self.random.below(16) {
            0..=3 => {
                self.two(Type::Int, Type::Int, depth);
                let op = self.random.one_of(&[
                    OpCode::Add {},
                    OpCode::Sub {},
                    OpCode::Mul {},
                    OpCode::Min {},
                    OpCode::Max {},
                ]);
                self.op(op);
            }
            4 => {
                self.expression(Type::Int, depth);
                self.divisor(depth);
                let op = self.random.one_of(&[OpCode::Div {}, OpCode::Mod {}, OpCode::Rem {}]);
                self.op(op);
            }
            5 => {
                self.expression(Type::Int, depth);
                let op = self.random.one_of(&[OpCode::Neg {}, OpCode::Abs {}, OpCode::Floor {}]);
                self.op(op);
            }
            6 => {
                self.two(Type::Int, Type::Int, depth);
                let op = self.random.one_of(&[OpCode::BitAnd {}, OpCode::BitOr {}, OpCode::BitXor {}]);
                self.op(op);
            }
            7 => {
                self.expression(Type::Int, depth);
                let bits = self.random.below(70) as i64;
                self.op(int(bits));
                let op = self.random.one_of(&[OpCode::Shl {}, OpCode::Shr {}]);
                self.op(op);
            }
            8 => {
                self.two(Type::Int, Type::Float, depth);
                let op = self.random.one_of(&[
                    OpCode::Lt {},
                    OpCode::Ge {},
                    OpCode::EqNum {},
                    OpCode::GtF {},
                    OpCode::EqF {},
                ]);
                self.op(op);
            }
            9 => {
                self.anything(depth.min(1));
                self.anything(depth.min(1));
                let op = self.random.one_of(&[OpCode::Eq {}, OpCode::Ne {}, OpCode::Cmp {}]);
                self.op(op);
            }
            10 => {
                let of_type = self.random.one_of(&[Type::Str, Type::List, Type::Object, Type::Map, Type::Array]);
                self.expression(of_type, depth);
                self.op(OpCode::Len {});
            }
            11 => self.call(depth),
            12 => {
                self.two(Type::Str, Type::Str, depth);
                let op = self.random.one_of(&[OpCode::Find {}, OpCode::Contains {}]);
                self.op(op);
            }
            13 => {
                let name = self.random.one_of(&FIELDS).into();
                self.expression(Type::Object, depth);
                self.op(OpCode::HasField { name });
            }
            14 => {
                self.expression(Type::Map, depth);
                self.expression(Type::Int, depth);
                self.op(OpCode::MapHas {});
            }
            _ => {
                self.expression(Type::List, depth);
                self.anything(depth.min(1));
                self.op(OpCode::Contains {});
            }
        }
    }

    /// A divisor: any int where an error is caught, a constant other than 0 elsewhere.
    fn divisor(&mut self, depth: usize) {
        if self.is_protected && self.random.chance(30) {
            return self.expression(Type::Int, depth);
        }
        let value = 1 + self.random.below(1000) as i64;
        let value = if self.random.chance(30) { -value } else { value };
        self.op(int(value));
    }

    /// Calls a function defined before, unless loops around would call it too often.
    fn call(&mut self, depth: usize) {
        if self.functions.is_empty() || self.loop_depth > 1 {
            return self.leaf(Type::Int);
        }
        let callee = self.random.one_of(&self.functions);
        for _ in callee.parameters.iter() {
            self.expression(Type::Int, depth);
        }
        let target = Builder::to(callee.entry);
        if self.random.chance(70) {
            self.op(OpCode::Call { target, parameters: callee.parameters });
        } else {
            let count = Some(callee.parameters.len() as u32).filter(|_| self.random.chance(50));
            self.op(OpCode::MakeFunction { target, parameters: callee.parameters });
            self.op(OpCode::CallFunction { count });
        }
    }

    fn float_expression(&mut self, depth: usize) {
        match self.random.below(6) {
            0 | 1 => {
                self.two(Type::Float, Type::Float, depth);
                let op = self.random.one_of(&[
                    OpCode::AddF {},
                    OpCode::SubF {},
                    OpCode::MulF {},
                    OpCode::Sub {},
                    OpCode::Max {},
                ]);
                self.op(op);
            }
            2 => {
                self.two(Type::Int, Type::Float, depth);
                let op = self.random.one_of(&[OpCode::Add {}, OpCode::Mul {}, OpCode::SubF {}]);
                self.op(op);
            }
            3 => {
                self.expression(Type::Float, depth);
                self.divisor(0);
                let op = self.random.one_of(&[OpCode::DivF {}, OpCode::Div {}, OpCode::Mod {}, OpCode::Rem {}]);
                self.op(op);
            }
            4 => {
                self.expression(Type::Int, depth);
                let op = self.random.one_of(&[OpCode::ToFloat {}, OpCode::Sqrt {}]);
                self.op(op);
            }
            _ => {
                self.expression(Type::Float, depth);
                let op = self.random.one_of(&[OpCode::Neg {}, OpCode::Abs {}, OpCode::Sqrt {}]);
                self.op(op);
            }
        }
    }

    fn str_expression(&mut self, depth: usize) {
        match self.random.below(7) {
            0 | 1 => {
                self.two(Type::Str, Type::Str, depth);
                self.op(OpCode::Concat {});
            }
            2 => {
                self.anything(depth);
                let op = self.random.one_of(&[OpCode::ToStr {}, OpCode::TypeOf {}]);
                self.op(op);
            }
            3 => {
                self.expression(Type::Str, depth);
                let (start, length) = (self.random.small(), self.random.small());
                self.builder.extend([int(start), int(length), OpCode::Substr {}]);
            }
            4 => {
                self.expression(Type::Str, depth);
                let op = self.random.one_of(&[OpCode::Upper {}, OpCode::Lower {}, OpCode::Trim {}]);
                self.op(op);
            }
            5 => {
                self.two(Type::List, Type::Str, depth);
                self.op(OpCode::Join {});
            }
            _ => {
                self.expression(Type::Str, depth);
                let (from, to) = (self.random.one_of(&["a", "b", ","]), self.random.one_of(&STRINGS));
                self.builder.extend([text(from), text(to), OpCode::Replace {}]);
            }
        }
    }

    fn list_expression(&mut self, depth: usize) {
        match self.random.below(9) {
            0 => {
                self.expression(Type::List, depth);
                let of_type = self.random.one_of(&[Type::Int, Type::Float, Type::Str]);
                self.expression(of_type, depth);
                self.op(OpCode::Append {});
            }
            1 => {
                self.expression(Type::List, depth);
                let (start, end) = (self.random.small(), self.random.small());
                self.builder.extend([int(start), int(end), OpCode::Slice {}]);
            }
            2 => {
                self.two(Type::List, Type::List, depth);
                self.op(OpCode::ListConcat {});
            }
            3 => {
                self.expression(Type::List, depth);
                let op = self.random.one_of(&[OpCode::Reverse {}, OpCode::Sort {}]);
                self.op(op);
            }
            4 => {
                let (from, to) = (self.random.small(), self.random.small());
                self.builder.extend([int(from), int(to), OpCode::Range {}]);
            }
            5 => {
                self.two(Type::Str, Type::Str, depth);
                self.op(OpCode::Split {});
            }
            6 => {
                self.expression(Type::Map, depth);
                self.op(OpCode::MapKeys {});
            }
            7 => {
                self.expression(Type::Object, depth);
                self.op(OpCode::Keys {});
            }
            _ => {
                let count = self.random.below(4);
                (0..count).for_each(|_| self.anything(depth.min(1)));
                self.op(OpCode::MakeList { count: count as u32 });
            }
        }
    }

    fn object_expression(&mut self, depth: usize) {
        self.expression(Type::Object, depth);
        let name = self.random.one_of(&FIELDS).into();
        if self.random.chance(20) {
            self.op(OpCode::DeleteField { name });
        } else {
            let of_type = self.random.one_of(&[Type::Int, Type::Str]);
            self.expression(of_type, depth);
            self.op(OpCode::SetField { name });
        }
    }

    /// Keys are few, so that maps stay small and keys are met again.
    fn map_expression(&mut self, depth: usize) {
        self.expression(Type::Map, depth);
        match self.random.below(4) {
            0 => self.leaf(Type::Str),
            1 => self.leaf(Type::Float),
            _ => {
                let key = self.random.small();
                self.op(int(key));
            }
        }
        if self.random.chance(20) {
            self.op(OpCode::MapRemove {});
        } else {
            self.expression(Type::Int, depth);
            self.op(OpCode::MapPut {});
        }
    }

    /// Where an error is caught, an index or value may not fit.
    fn array_expression(&mut self, depth: usize) {
        if !self.is_protected || self.random.chance(40) {
            return self.leaf(Type::Array);
        }
        self.expression(Type::Array, depth);
        let index = self.random.below(5) as i64;
        match self.random.below(3) {
            0 => {
                self.op(int(index));
                self.expression(Type::Int, depth);
                self.op(OpCode::ArraySet {});
            }
            1 => {
                self.expression(Type::Int, depth);
                self.op(OpCode::ArrayFill {});
            }
            _ => {
                self.op(OpCode::Dup {});
                self.op(OpCode::ArraySum {});
                self.op(OpCode::Print {});
            }
        }
    }
}
