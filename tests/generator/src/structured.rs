//! Programs of `.fn` bodies with typed variables.
//!
//! Functions call only those defined before them and loops count down, so every program ends. What is stored
//! in a variable is cut to a small size, so that loops do not make it grow without end.

mod expression;
mod statement;

use ttvm_bytecode::Module;
use ttvm_isa::{Names, OpCode};

use crate::{
    builder::{Builder, Place, int, names, store},
    random::Random,
};

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Int,
    Float,
    Str,
    List,
    Object,
    Map,
    Array,
}

const TYPES: [Type; 7] = [Type::Int, Type::Float, Type::Str, Type::List, Type::Object, Type::Map, Type::Array];

impl Type {
    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Int => &["i0", "i1", "i2"],
            Self::Float => &["f0", "f1"],
            Self::Str => &["s0", "s1"],
            Self::List => &["l0", "l1"],
            Self::Object => &["o0"],
            Self::Map => &["m0"],
            Self::Array => &["a0"],
        }
    }
}

/// A function that later code may call; it takes ints and returns an int.
#[derive(Clone)]
struct Signature {
    entry: Place,
    parameters: Names,
}

struct Writer {
    random: Random,
    builder: Builder,
    functions: Vec<Signature>,
    /// Statements that may still be written in this function.
    statements_left: usize,
    loop_depth: usize,
    /// Whether an error here is caught in this function: then expressions may fail.
    is_protected: bool,
    /// How many `THROW`s were written so far.
    throws: usize,
}

pub(crate) fn module(random: Random, size: usize) -> Module {
    let mut writer = Writer {
        random,
        builder: Builder::default(),
        functions: Vec::new(),
        statements_left: 0,
        loop_depth: 0,
        is_protected: false,
        throws: 0,
    };
    let count = 1 + writer.random.below(4);
    for number in 0..count {
        writer.function(number, 1 + size / count);
    }
    writer.main();
    writer.builder.finish()
}

impl Writer {
    fn function(&mut self, number: usize, size: usize) {
        let arity = self.random.below(4);
        let parameters = names(&["i0", "i1", "p"][..arity]);
        let entry = self.builder.place_here();
        let start = self.builder.here();
        self.initialise(&parameters);
        self.statements_left = size;
        self.block();
        while self.statements_left > 0 {
            self.block();
        }
        self.expression(Type::Int, 2);
        if self.random.chance(70) {
            self.builder.push(OpCode::Ret {});
        }
        self.builder.end_body(&format!("f{number}"), parameters.clone(), start);
        self.functions.push(Signature { entry, parameters });
    }

    /// Gives every variable a value, so that loading one never fails.
    fn initialise(&mut self, parameters: &Names) {
        for of_type in TYPES {
            for name in of_type.variables() {
                if !parameters.iter().any(|parameter| &**parameter == *name) {
                    self.leaf(of_type);
                    self.builder.push(store(name));
                }
            }
        }
    }

    /// Calls the last function and prints its result, or what went wrong.
    fn main(&mut self) {
        let last = self.functions.last().expect("there is at least one function").clone();
        let handler = self.builder.place();
        self.builder.push(OpCode::Try { target: Builder::to(handler) });
        for _ in last.parameters.iter() {
            let value = self.random.small();
            self.builder.push(int(value));
        }
        self.builder.push(OpCode::Call { target: Builder::to(last.entry), parameters: last.parameters });
        self.builder.extend([OpCode::Print {}, OpCode::EndTry {}, OpCode::Halt {}]);
        self.builder.mark(handler);
        self.builder.extend([OpCode::Dup {}, OpCode::Print {}, OpCode::ErrorTrace {}, OpCode::Print {}]);
    }
}
