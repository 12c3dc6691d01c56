//! Random modules for property tests, behind the feature `testing`.
//!
//! They keep what [`Module`]'s fields promise and nothing more: few of them verify. Instructions come from the
//! instruction table, so a new row is tested without a change here. Files made by hand are in `testing/files.rs`.

pub mod computation;
pub mod files;
pub mod receive;
pub mod supervisor;

use num_bigint::{BigInt, Sign};
use proptest::{collection::vec, prelude::*, sample::select};
use ttvm_isa::{
    Float, InstructionInfo, Integer, OpCode, OperandKind, Text,
    codec::{Constants, write_code, write_number},
    info::INSTRUCTIONS,
    receive::ReceiveTable,
};

use crate::{Body, BodyKind, Import, Label, Module};

/// An integer literal, small or big, often at the edge between both.
pub fn integer() -> BoxedStrategy<Integer> {
    let near_edge = (any::<bool>(), -3i64..3).prop_map(|(high, distance)| {
        let edge = if high { i64::MAX } else { i64::MIN };
        Integer::from(BigInt::from(edge) + distance)
    });
    let big = (any::<bool>(), vec(any::<u8>(), 9..40)).prop_map(|(minus, bytes)| {
        let sign = if minus { Sign::Minus } else { Sign::Plus };
        Integer::from(BigInt::from_bytes_le(sign, &bytes))
    });
    prop_oneof![
        4 => (-5i64..20).prop_map(Integer::from),
        2 => any::<i64>().prop_map(Integer::from),
        1 => near_edge,
        1 => big,
    ]
    .boxed()
}

/// A float literal: any bits, and the special ones more often.
pub fn float() -> BoxedStrategy<Float> {
    let special = select(vec![0.0, -0.0, 1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE]);
    prop_oneof![special, any::<u64>().prop_map(f64::from_bits)].prop_map(Float::new).boxed()
}

/// A string literal: any characters, few of them.
pub fn text() -> BoxedStrategy<Text> {
    prop_oneof![3 => name(), 1 => vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect::<String>().into())]
        .boxed()
}

/// A name, from few so that they repeat.
pub fn name() -> BoxedStrategy<Text> {
    select(vec!["a", "b", "n", "acc", "loop", "größe", "two words", ""]).prop_map(Text::from).boxed()
}

/// Any instruction of the table with any operands; targets lie below `targets`, or rarely anywhere.
pub fn instruction(targets: u32) -> BoxedStrategy<OpCode> {
    (0..INSTRUCTIONS.len()).prop_flat_map(move |row| instruction_of(&INSTRUCTIONS[row], targets)).boxed()
}

/// The given instruction with any operands.
pub fn instruction_of(info: &'static InstructionInfo, targets: u32) -> BoxedStrategy<OpCode> {
    let operands: Vec<_> = info.operands.iter().map(|(_, kind)| operand(*kind, targets)).collect();
    operands.prop_map(move |operands| build(info, &operands)).boxed()
}

/// A module whose bodies and labels are in order, with up to `instructions` instructions.
pub fn module(instructions: usize) -> BoxedStrategy<Module> {
    (0..=instructions).prop_flat_map(module_of_length).boxed()
}

fn module_of_length(length: usize) -> BoxedStrategy<Module> {
    let end = u32::try_from(length).expect("tests ask for few instructions");
    let code = vec(instruction(end + 1), length);
    let lines = vec(prop_oneof![4 => 0u32..100, 1 => any::<u32>()], length);
    let labels = vec((name(), 0..=end, any::<Option<prop::sample::Index>>()), 0..6);
    let imports = vec((text(), name()).prop_map(|(path, prefix)| Import { path, prefix }), 0..3);
    let blocks = (supervisor::supervisors(), computation::computations());
    (text(), code, lines, bodies(end), labels, vec(name(), 0..4), imports, blocks)
        .prop_map(|(source, code, lines, bodies, mut labels, exports, imports, (supervisors, computations))| {
            labels.sort_by_key(|(_, at, _)| *at);
            let labels = labels.into_iter().map(|(name, at, body)| {
                let body = body.filter(|_| !bodies.is_empty()).map(|body| body.index(bodies.len()));
                Label { name, at, body: body.map(|body| u32::try_from(body).expect("there are few bodies")) }
            });
            let labels = labels.collect();
            Module { source, code, lines, bodies, labels, exports, imports, supervisors, computations }
        })
        .boxed()
}

/// Bodies within `0..=end`, in order.
fn bodies(end: u32) -> BoxedStrategy<Vec<Body>> {
    let kind = select(vec![BodyKind::Function, BodyKind::Test]);
    let head = (kind, text(), vec(name(), 0..4));
    vec((head, 0..=end, 0..=end), 0..4)
        .prop_map(|items| {
            let mut edges: Vec<u32> = items.iter().flat_map(|(_, first, second)| [*first, *second]).collect();
            edges.sort_unstable();
            let bodies = items.into_iter().zip(edges.chunks_exact(2)).map(|(((kind, name, parameters), ..), edges)| {
                Body { kind, name, parameters: parameters.into(), start: edges[0], end: edges[1] }
            });
            bodies.collect()
        })
        .boxed()
}

/// An operand on its way into an instruction.
#[derive(Clone, Debug)]
enum Operand {
    Integer(Integer),
    Float(Float),
    Text(Text),
    Names(Vec<Text>),
    /// A target, a count or an optional count in its encoded form.
    Number(u32),
    Flag(bool),
    OptionalText(Option<Text>),
    Receive(ReceiveTable),
}

fn operand(kind: OperandKind, targets: u32) -> BoxedStrategy<Operand> {
    let number = prop_oneof![4 => 0u32..8, 1 => any::<u32>()];
    match kind {
        OperandKind::Integer => integer().prop_map(Operand::Integer).boxed(),
        OperandKind::Float => float().prop_map(Operand::Float).boxed(),
        OperandKind::Flag => any::<bool>().prop_map(Operand::Flag).boxed(),
        OperandKind::Text => text().prop_map(Operand::Text).boxed(),
        OperandKind::Name => name().prop_map(Operand::Text).boxed(),
        OperandKind::Names => vec(name(), 0..4).prop_map(Operand::Names).boxed(),
        OperandKind::Target => prop_oneof![9 => 0..targets.max(1), 1 => any::<u32>()].prop_map(Operand::Number).boxed(),
        OperandKind::Count | OperandKind::OptionalCount => number.prop_map(Operand::Number).boxed(),
        OperandKind::OptionalText => proptest::option::of(text()).prop_map(Operand::OptionalText).boxed(),
        OperandKind::Receive => receive::table(targets).prop_map(Operand::Receive).boxed(),
    }
}

/// The constants of one instruction, looked up by their place.
#[derive(Default)]
struct LocalPool(Vec<Operand>);

impl LocalPool {
    fn add(&mut self, bytes: &mut Vec<u8>, operand: Operand) {
        write_number(bytes, u32::try_from(self.0.len()).expect("an instruction has few operands"));
        self.0.push(operand);
    }
}

impl Constants for LocalPool {
    fn integer(&self, index: u32) -> Option<Integer> {
        match self.0.get(index as usize)? {
            Operand::Integer(integer) => Some(integer.clone()),
            _ => None,
        }
    }

    fn float(&self, index: u32) -> Option<Float> {
        match self.0.get(index as usize)? {
            Operand::Float(float) => Some(*float),
            _ => None,
        }
    }

    fn text(&self, index: u32) -> Option<Text> {
        match self.0.get(index as usize)? {
            Operand::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

/// Makes the instruction by way of its encoding: the only way that knows no instruction by name, save for the one that
/// has a table.
fn build(info: &InstructionInfo, operands: &[Operand]) -> OpCode {
    if let [Operand::Receive(table)] = operands {
        return OpCode::ReceiveMatch { table: table.clone().into() };
    }
    let mut pool = LocalPool::default();
    let mut bytes = Vec::new();
    write_code(&mut bytes, info.code);
    for operand in operands {
        match operand {
            Operand::Integer(_) | Operand::Float(_) | Operand::Text(_) => pool.add(&mut bytes, operand.clone()),
            Operand::Names(names) => {
                write_number(&mut bytes, u32::try_from(names.len()).expect("there are few names"));
                for name in names {
                    pool.add(&mut bytes, Operand::Text(name.clone()));
                }
            }
            Operand::Number(number) => write_number(&mut bytes, *number),
            Operand::Flag(flag) => bytes.push(u8::from(*flag)),
            Operand::OptionalText(None) => write_number(&mut bytes, 0),
            Operand::OptionalText(Some(text)) => {
                write_number(&mut bytes, u32::try_from(pool.0.len() + 1).expect("an instruction has few operands"));
                pool.0.push(Operand::Text(text.clone()));
            }
            Operand::Receive(_) => unreachable!("a table is its instruction's only operand"),
        }
    }
    OpCode::decode(&mut bytes.as_slice(), &pool).expect("the operands are those of the instruction's row")
}
