//! Modules as short texts, for these tests alone: the crate stands beside the assembler, not above it.
//!
//! A line is an instruction, `label:`, `fn name parameters`, `test title` or `end`. A target is a label or a number;
//! line numbers are those of the listing. The words are simple: no quotes, no blanks within.

use std::sync::Arc;

use num_bigint::BigInt;
use ttvm_bytecode::{Body, BodyKind, Import, Label, Module};
use ttvm_isa::{
    Float, InstructionInfo, Integer, Names, OpCode, OperandKind, Text,
    codec::{Constants, Intern, write_number},
};

#[derive(Default)]
struct Pool {
    integers: Vec<Integer>,
    floats: Vec<Float>,
    texts: Vec<Text>,
}

fn index<T>(list: &mut Vec<T>, value: T) -> u32 {
    list.push(value);
    list.len() as u32 - 1
}

impl Constants for Pool {
    fn integer(&self, index: u32) -> Option<Integer> {
        self.integers.get(index as usize).cloned()
    }
    fn float(&self, index: u32) -> Option<Float> {
        self.floats.get(index as usize).copied()
    }
    fn text(&self, index: u32) -> Option<Text> {
        self.texts.get(index as usize).cloned()
    }
}

/// Collects the operands of one instruction in words.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn add(&mut self, word: String) -> u32 {
        index(&mut self.0, word)
    }
}

impl Intern for Words {
    fn integer(&mut self, value: &Integer) -> u32 {
        self.add(value.to_string())
    }
    fn float(&mut self, value: Float) -> u32 {
        self.add(value.get().to_string())
    }
    fn text(&mut self, value: &Text) -> u32 {
        self.add(value.to_string())
    }
}

/// Reads a listing.
pub(super) fn read(text: &str) -> Module {
    let mut module = Module { source: "test".into(), ..Module::default() };
    let mut instructions = Vec::new();
    let mut is_inside = false;
    for (number, line) in (1u32..).zip(text.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = instructions.len() as u32;
        match words.as_slice() {
            [] => {}
            [kind @ ("fn" | "test"), name, parameters @ ..] => {
                let kind = if *kind == "fn" { BodyKind::Function } else { BodyKind::Test };
                let parameters: Names = parameters.iter().map(|word| Text::from(*word)).collect();
                module.bodies.push(Body { kind, name: (*name).into(), parameters, start: at, end: at });
                is_inside = true;
            }
            ["end"] => {
                module.bodies.last_mut().expect("a body is open").end = at;
                is_inside = false;
            }
            ["export", name] => module.exports.push((*name).into()),
            ["import", path, prefix] => {
                module.imports.push(Import { path: (*path).into(), prefix: (*prefix).into() });
            }
            [label] if label.ends_with(':') => {
                let body = is_inside.then(|| module.bodies.len() as u32 - 1);
                module.labels.push(Label { name: label.trim_end_matches(':').into(), at, body });
            }
            words => {
                instructions.push(words.to_vec());
                module.lines.push(number);
            }
        }
    }
    module.code = instructions.iter().map(|words| instruction(&module, words)).collect();
    module
}

fn target(module: &Module, word: &str) -> u32 {
    let labels = module.labels.iter().find(|label| &*label.name == word).map(|label| label.at);
    let bodies = || module.bodies.iter().find(|body| &*body.name == word).map(|body| body.start);
    labels.or_else(bodies).unwrap_or_else(|| word.parse().unwrap_or_else(|_| panic!("no target {word}")))
}

fn instruction(module: &Module, words: &[&str]) -> OpCode {
    let info = InstructionInfo::of_mnemonic(words[0]).unwrap_or_else(|| panic!("no instruction {}", words[0]));
    let mut pool = Pool::default();
    let mut bytes = vec![u8::try_from(info.code).expect("codes have one byte")];
    let mut rest = words[1..].iter();
    for (_, kind) in info.operands {
        let mut word = || *rest.next().unwrap_or_else(|| panic!("{words:?} lacks an operand"));
        match kind {
            OperandKind::Integer => {
                let value: BigInt = word().parse().expect("an integer");
                write_number(&mut bytes, index(&mut pool.integers, value.into()));
            }
            OperandKind::Float => {
                let value: f64 = word().parse().expect("a float");
                write_number(&mut bytes, index(&mut pool.floats, Float::new(value)));
            }
            OperandKind::Flag => bytes.push(u8::from(word() == "true")),
            OperandKind::Text | OperandKind::Name => {
                write_number(&mut bytes, index(&mut pool.texts, Arc::from(word())));
            }
            OperandKind::Names => {
                let names: Vec<&&str> = rest.by_ref().collect();
                write_number(&mut bytes, names.len() as u32);
                for name in names {
                    write_number(&mut bytes, index(&mut pool.texts, Arc::from(*name)));
                }
            }
            OperandKind::Target => write_number(&mut bytes, target(module, word())),
            OperandKind::Count => write_number(&mut bytes, word().parse().expect("a count")),
            OperandKind::OptionalText => {
                let number = rest.next().map_or(0, |word| index(&mut pool.texts, Arc::from(*word)) + 1);
                write_number(&mut bytes, number);
            }
            OperandKind::Receive => unreachable!("listings have no receive blocks"),
            OperandKind::OptionalCount => {
                write_number(&mut bytes, rest.next().map_or(0, |word| word.parse::<u32>().expect("a count") + 1));
            }
        }
    }
    OpCode::decode(&mut bytes.as_slice(), &pool).expect("the bytes are an instruction")
}

/// Writes a module as a listing; targets are numbers.
pub(super) fn show(module: &Module) -> String {
    let mut shown = String::new();
    for pc in 0..=module.code.len() as u32 {
        if module.bodies.iter().any(|body| body.end == pc) {
            shown += "end\n";
        }
        for body in module.bodies.iter().filter(|body| body.start == pc) {
            shown += &format!("body {}\n", body.name);
        }
        for label in module.labels.iter().filter(|label| label.at == pc) {
            shown += &format!("{}:\n", label.name);
        }
        let Some(op) = module.code.get(pc as usize) else { continue };
        let mut words = Words::default();
        op.encode(&mut Vec::new(), &mut words);
        let target: String = op.targets().map(|target| format!(" {target}")).collect();
        let count = match op {
            OpCode::CallFunction { count: Some(count) } | OpCode::MakeList { count } => format!(" {count}"),
            _ => String::new(),
        };
        shown += &format!("  {pc} {}{target}{count} {}\n", op.mnemonic(), words.0.join(" "));
    }
    shown
}
