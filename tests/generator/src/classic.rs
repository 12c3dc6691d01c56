//! Programs in the classic manner: label functions that share one operand stack.
//!
//! Nothing keeps the stack balanced: functions leave 0, 1 or 2 values or underflow into what their callers left,
//! loops may leave a value a turn, tries are nested, forgotten, left by jumps and thrown out of.

use ttvm_bytecode::Module;
use ttvm_isa::{Names, OpCode};

use crate::{
    builder::{Builder, Place, int, load, names, store, text},
    random::Random,
};

const VARIABLES: [&str; 5] = ["x", "y", "z", "w", "not set"];

/// A function: its label, and the parameters most calls name.
#[derive(Clone)]
struct Function {
    name: String,
    entry: Place,
    parameters: Names,
    /// How many values it leaves, if it was written to be tidy.
    results: Option<usize>,
}

struct Writer {
    random: Random,
    builder: Builder,
    functions: Vec<Function>,
    /// Functions with smaller numbers must not be called from here: so calls end.
    first_callable: usize,
    statements_left: usize,
    loop_depth: usize,
    /// Whether statements leave the operand stack as they found it, as most programs people write do.
    is_tidy: bool,
}

pub(crate) fn module(random: Random, size: usize) -> Module {
    let mut writer = Writer {
        random,
        builder: Builder::default(),
        functions: Vec::new(),
        first_callable: 0,
        statements_left: 0,
        loop_depth: 0,
        is_tidy: false,
    };
    let is_tidy_program = writer.random.chance(40);
    let count = 1 + writer.random.below(5);
    for number in 0..count {
        let arity = writer.random.below(4);
        let parameters = names(&["a", "x", "b"][..arity]);
        let entry = writer.builder.place();
        let is_tidy = is_tidy_program || writer.random.chance(30);
        let results = is_tidy.then(|| usize::from(writer.random.chance(75)));
        writer.functions.push(Function { name: format!("f{number}"), entry, parameters, results });
    }
    let share = 1 + size / (count + 1);
    writer.is_tidy = is_tidy_program;
    writer.main(share);
    for number in 0..count {
        writer.function(number, share);
    }
    writer.builder.finish()
}

impl Writer {
    fn op(&mut self, op: OpCode) {
        self.builder.push(op);
    }

    /// Runs statements, a few at a time with every error caught, then prints all that is left on the stack.
    fn main(&mut self, size: usize) {
        self.variables(4);
        self.builder.extend([int(1), int(2), text("three")]);
        for _ in 0..1 + size / 5 {
            let (handler, next) = (self.builder.place(), self.builder.place());
            self.op(OpCode::Try { target: Builder::to(handler) });
            self.statements(5);
            // An armed handler left behind sends a later error back here; each catches only once.
            if self.is_tidy || self.random.chance(80) {
                self.op(OpCode::EndTry {});
            }
            self.op(OpCode::Jmp { target: Builder::to(next) });
            self.builder.mark(handler);
            self.builder.extend([OpCode::Dup {}, OpCode::ErrorTrace {}, OpCode::Print {}, OpCode::Print {}]);
            if self.is_tidy {
                self.op(OpCode::EndTry {});
            }
            self.builder.mark(next);
        }
        self.op(OpCode::DumpScope {});
        if self.is_tidy {
            self.builder.extend([OpCode::Print {}, OpCode::Print {}, OpCode::Print {}]);
        } else {
            self.print_all();
        }
        if self.random.chance(10) {
            self.op(OpCode::Ret {});
        }
        self.op(OpCode::Halt {});
    }

    /// Prints the stack until there is nothing left, and the error that says so.
    fn print_all(&mut self) {
        let end = self.builder.place();
        self.op(OpCode::Try { target: Builder::to(end) });
        let again = self.builder.place_here();
        self.op(OpCode::Print {});
        self.op(OpCode::Jmp { target: Builder::to(again) });
        self.builder.mark(end);
        self.op(OpCode::Print {});
    }

    fn function(&mut self, number: usize, size: usize) {
        let function = self.functions[number].clone();
        self.first_callable = number + 1;
        self.builder.mark_named(function.entry, &function.name);
        self.variables(3);
        self.is_tidy = function.results.is_some();
        self.statements(size);
        if let Some(results) = function.results {
            (0..results).for_each(|_| self.value());
            return self.op(OpCode::Ret {});
        }
        match self.random.below(8) {
            0 => self.underflow(),
            1 => self.value(),
            2 | 3 => {
                self.value();
                self.value();
            }
            4 => self.call_to(|target, parameters| OpCode::TailCall { target, parameters }),
            5 => self.call_to(|target, parameters| OpCode::Call { target, parameters }),
            _ => {}
        }
        // A function without RET runs on into the next one.
        if self.random.chance(90) {
            self.op(OpCode::Ret {});
        }
    }

    /// Gives the first variables a value.
    fn variables(&mut self, count: usize) {
        for name in &VARIABLES[..count] {
            let value = self.random.small();
            self.builder.extend([int(value), store(name)]);
        }
    }

    /// A variable's name, rarely one that has no value.
    fn name(&mut self) -> &'static str {
        let end = if self.random.chance(8) { VARIABLES.len() } else { 3 };
        VARIABLES[self.random.below(end)]
    }

    fn statements(&mut self, size: usize) {
        self.statements_left = size;
        while self.statements_left > 0 {
            self.block();
        }
    }

    fn block(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            if self.statements_left == 0 {
                return;
            }
            self.statements_left -= 1;
            self.statement();
        }
    }

    fn statement(&mut self) {
        if self.is_tidy {
            return self.tidy_statement();
        }
        match self.random.below(20) {
            0 | 1 => self.value(),
            2 | 3 => self.operation(),
            4 => {
                self.value();
                let name = self.random.one_of(&VARIABLES[..4]);
                self.op(store(name));
            }
            5 | 6 => self.op(OpCode::Print {}),
            7 => {
                let name = self.name().into();
                let op = if self.random.chance(30) { OpCode::Delete { name } } else { OpCode::DumpScope {} };
                self.op(op);
            }
            8 | 9 => self.call_to(|target, parameters| OpCode::Call { target, parameters }),
            10 => self.call_value(),
            11 => self.closure(),
            12 | 13 => self.try_block(),
            14 => self.condition(),
            15 | 16 if self.loop_depth < 2 => self.counted_loop(),
            17 if self.random.chance(40) => self.op(OpCode::EndTry {}),
            18 if self.random.chance(40) => {
                self.value();
                self.op(OpCode::Throw {});
            }
            19 if self.random.chance(10) => self.underflow(),
            _ => {
                let op = self.random.one_of(&[
                    OpCode::Pop {},
                    OpCode::Dup {},
                    OpCode::Swap {},
                    OpCode::Over {},
                    OpCode::Rot {},
                ]);
                self.op(op);
            }
        }
    }

    /// A statement that leaves the stack as it was, unless it calls an untidy function.
    fn tidy_statement(&mut self) {
        match self.random.below(12) {
            0 | 1 => {
                self.value();
                let name = self.random.one_of(&VARIABLES[..4]);
                self.op(store(name));
            }
            2..=4 => {
                self.value();
                self.value();
                self.operation();
                self.op(OpCode::Print {});
            }
            5 => {
                let name = self.name().into();
                let op = if self.random.chance(30) { OpCode::Delete { name } } else { OpCode::DumpScope {} };
                self.op(op);
            }
            6 | 7 => self.tidy_call(),
            8 => self.try_block(),
            9 => self.condition(),
            10 if self.loop_depth < 2 => self.counted_loop(),
            _ => {
                self.value();
                self.op(OpCode::Print {});
            }
        }
    }

    /// Calls a function, by its label or by value, and prints what it should leave.
    fn tidy_call(&mut self) {
        if self.first_callable >= self.functions.len() {
            return;
        }
        let number = self.first_callable + self.random.below(self.functions.len() - self.first_callable);
        let Function { entry, parameters, results, .. } = self.functions[number].clone();
        parameters.iter().for_each(|_| self.value());
        let target = Builder::to(entry);
        // A call through a value is taken to leave one value, and where that is wrong the depth is lost track of.
        let by_value = if results == Some(1) { 40 } else { 5 };
        let kind = if self.random.chance(by_value) { self.random.below(2) } else { 2 };
        match kind {
            0 => {
                let count = Some(parameters.len() as u32).filter(|_| self.random.chance(50));
                self.op(OpCode::MakeFunction { target, parameters });
                self.op(OpCode::CallFunction { count });
            }
            1 => {
                let name = self.random.one_of(&VARIABLES[..3]).into();
                self.op(OpCode::Capture { name });
                self.op(OpCode::MakeLambda { target, parameters });
                self.op(OpCode::CallFunction { count: None });
            }
            _ => self.op(OpCode::Call { target, parameters }),
        }
        (0..results.unwrap_or(1)).for_each(|_| self.op(OpCode::Print {}));
    }

    fn value(&mut self) {
        match self.random.below(9) {
            0 => self.op(text("s")),
            1 => self.op(OpCode::Null {}),
            2 => self.op(OpCode::True {}),
            3 | 4 => {
                let name = self.name();
                self.op(load(name));
            }
            5 => {
                let count = if self.is_tidy { 0 } else { self.random.below(3) as u32 };
                self.op(OpCode::MakeList { count });
            }
            _ => {
                let value = self.random.small();
                self.op(int(value));
            }
        }
    }

    fn operation(&mut self) {
        let op = self.random.one_of(
            &[
                OpCode::Add {},
                OpCode::Sub {},
                OpCode::Div {},
                OpCode::Eq {},
                OpCode::Min {},
                OpCode::Not {},
                OpCode::Lt {},
                OpCode::ToStr {},
                OpCode::TypeOf {},
                OpCode::Len {},
            ][..if self.is_tidy { 5 } else { 10 }],
        );
        self.op(op);
    }

    /// Takes more than there may be.
    fn underflow(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            self.op(OpCode::Pop {});
        }
    }

    /// A call of a function with a larger number, mostly with the values it takes in place.
    fn call_to(&mut self, make: impl FnOnce(u32, Names) -> OpCode) {
        if self.first_callable >= self.functions.len() {
            return self.value();
        }
        let number = self.first_callable + self.random.below(self.functions.len() - self.first_callable);
        let Function { entry, parameters, .. } = self.functions[number].clone();
        let parameters = if self.random.chance(15) { names(&["y", "a"]) } else { parameters };
        self.arguments(&parameters);
        self.op(make(Builder::to(entry), parameters));
    }

    fn arguments(&mut self, parameters: &Names) {
        if self.random.chance(85) {
            parameters.iter().for_each(|_| self.value());
        }
    }

    /// Calls through a value, with or without a count.
    fn call_value(&mut self) {
        if self.first_callable >= self.functions.len() {
            return self.value();
        }
        let number = self.first_callable + self.random.below(self.functions.len() - self.first_callable);
        let Function { entry, parameters, .. } = self.functions[number].clone();
        self.arguments(&parameters);
        let count = Some(parameters.len() as u32).filter(|_| self.random.chance(40));
        let count = count.map(|count| count + u32::from(self.random.chance(10)));
        self.op(OpCode::MakeFunction { target: Builder::to(entry), parameters });
        match self.random.below(4) {
            0 => {
                self.builder.extend([OpCode::Dup {}, OpCode::Print {}]);
            }
            1 => self.builder.extend([store("w"), load("w")]),
            2 => self.value(),
            _ => {}
        }
        self.op(OpCode::CallFunction { count });
    }

    /// Captures variables that may not exist; calls the closure now, later or never.
    fn closure(&mut self) {
        for _ in 0..self.random.below(3) {
            let name = self.name().into();
            self.op(OpCode::Capture { name });
        }
        if self.random.chance(20) || self.first_callable >= self.functions.len() {
            return;
        }
        let number = self.first_callable + self.random.below(self.functions.len() - self.first_callable);
        let Function { entry, parameters, .. } = self.functions[number].clone();
        self.arguments(&parameters);
        self.op(OpCode::MakeLambda { target: Builder::to(entry), parameters });
        match self.random.below(4) {
            0 => self.op(OpCode::Print {}),
            1 => self.op(store("z")),
            _ => self.op(OpCode::CallFunction { count: None }),
        }
    }

    /// A try in one of many shapes: with or without `END_TRY` at the ends of its block and of its handler, thrown
    /// in, rethrown, left by falling into the handler, or nested by whatever the blocks hold.
    fn try_block(&mut self) {
        let (handler, done) = (self.builder.place(), self.builder.place());
        let mostly = if self.is_tidy { 100 } else { 80 };
        self.op(OpCode::Try { target: Builder::to(handler) });
        self.block();
        if self.random.chance(30) {
            self.value();
            self.op(OpCode::Throw {});
        }
        if self.random.chance(mostly) {
            self.op(OpCode::EndTry {});
        }
        if self.random.chance(mostly) {
            self.op(OpCode::Jmp { target: Builder::to(done) });
        }
        self.builder.mark(handler);
        if self.random.chance(50) {
            self.op(OpCode::Catch {});
        }
        match self.random.below(6) {
            0 => self.op(OpCode::Pop {}),
            1 => self.op(OpCode::Throw {}),
            2 => self.op(store("x")),
            3 if !self.is_tidy => {}
            _ => self.op(OpCode::Print {}),
        }
        if self.random.chance(50) {
            self.block();
        }
        if self.random.chance(if self.is_tidy { 90 } else { 50 }) {
            self.op(OpCode::EndTry {});
        }
        self.builder.mark(done);
    }

    fn condition(&mut self) {
        let (otherwise, done) = (self.builder.place(), self.builder.place());
        let mostly = if self.is_tidy { 100 } else { 80 };
        if self.random.chance(mostly) {
            self.value();
        }
        self.op(OpCode::Jz { target: Builder::to(otherwise) });
        self.block();
        if self.random.chance(mostly) {
            self.op(OpCode::Jmp { target: Builder::to(done) });
        }
        self.builder.mark(otherwise);
        if self.random.chance(60) {
            self.block();
        }
        self.builder.mark(done);
    }

    /// The counter is a variable of the frame, so that the loop ends whatever happens to the stack; a try around
    /// the body may be armed once a turn.
    fn counted_loop(&mut self) {
        let counter = ["loop 0", "loop 1"][self.loop_depth];
        let (again, done) = (self.builder.place(), self.builder.place());
        let count = 1 + self.random.below(5) as i64;
        self.builder.extend([int(count), store(counter)]);
        self.builder.mark(again);
        self.builder.extend([load(counter), int(1), OpCode::Sub {}, OpCode::Dup {}, store(counter)]);
        self.op(OpCode::Jz { target: Builder::to(done) });
        self.loop_depth += 1;
        if self.random.chance(25) {
            self.try_block();
        }
        self.block();
        self.loop_depth -= 1;
        self.op(OpCode::Jmp { target: Builder::to(again) });
        self.builder.mark(done);
    }
}
