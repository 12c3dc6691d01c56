//! Operands as values of their kinds, and instructions made of them.
//!
//! The instruction table generates [`OpCode`] and its byte codec; going through that codec, any instruction can be
//! made from operands and taken apart again without a list of instructions here.

use std::sync::Arc;

use ttvm_isa::{
    Float, InstructionInfo, Integer, OpCode, OperandKind, Text,
    codec::{Constants, Intern, read_number, write_code, write_number},
    receive::ReceiveTable,
};

/// One operand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Integer(Integer),
    Float(Float),
    Flag(bool),
    /// A string or a name.
    Text(Text),
    Names(Vec<Text>),
    /// A target or a count.
    Number(u32),
    OptionalNumber(Option<u32>),
    OptionalText(Option<Text>),
    Receive(Arc<ReceiveTable>),
}

/// The largest count that may be left out: the codec needs one number to say "none".
pub(crate) const OPTIONAL_COUNT_MAX: u32 = u32::MAX - 1;

/// The operands' constants, numbered in order.
#[derive(Default)]
struct Pool {
    constants: Vec<Operand>,
}

impl Pool {
    fn push(&mut self, constant: Operand) -> u32 {
        self.constants.push(constant);
        u32::try_from(self.constants.len() - 1).expect("an instruction has at most PARAMETERS_MAX constants")
    }

    fn get(&self, index: u32) -> Option<&Operand> {
        self.constants.get(usize::try_from(index).ok()?)
    }
}

impl Intern for Pool {
    fn integer(&mut self, value: &Integer) -> u32 {
        self.push(Operand::Integer(value.clone()))
    }

    fn float(&mut self, value: Float) -> u32 {
        self.push(Operand::Float(value))
    }

    fn text(&mut self, value: &Text) -> u32 {
        self.push(Operand::Text(value.clone()))
    }
}

impl Constants for Pool {
    fn integer(&self, index: u32) -> Option<Integer> {
        match self.get(index) {
            Some(Operand::Integer(integer)) => Some(integer.clone()),
            _ => None,
        }
    }

    fn float(&self, index: u32) -> Option<Float> {
        match self.get(index) {
            Some(Operand::Float(float)) => Some(*float),
            _ => None,
        }
    }

    fn text(&self, index: u32) -> Option<Text> {
        match self.get(index) {
            Some(Operand::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// The instruction with these operands.
///
/// # Panics
/// Never, if the operands have the kinds of the table, names at most `PARAMETERS_MAX` and optional counts at most
/// [`OPTIONAL_COUNT_MAX`].
pub(crate) fn build(info: &InstructionInfo, operands: Vec<Operand>) -> OpCode {
    assert_eq!(info.operands.len(), operands.len(), "{} has these operands", info.mnemonic);
    if let [Operand::Receive(table)] = operands.as_slice() {
        return OpCode::ReceiveMatch { table: table.clone() };
    }
    let mut pool = Pool::default();
    let mut bytes = Vec::new();
    write_code(&mut bytes, info.code);
    for operand in operands {
        match operand {
            Operand::Flag(flag) => bytes.push(u8::from(flag)),
            Operand::Number(number) => write_number(&mut bytes, number),
            Operand::OptionalNumber(number) => {
                assert!(number.is_none_or(|number| number <= OPTIONAL_COUNT_MAX), "the count can be encoded");
                write_number(&mut bytes, number.map_or(0, |number| number + 1));
            }
            Operand::Names(names) => {
                let count = u32::try_from(names.len()).expect("parameters are limited by PARAMETERS_MAX");
                write_number(&mut bytes, count);
                for name in names {
                    let index = pool.push(Operand::Text(name));
                    write_number(&mut bytes, index);
                }
            }
            Operand::OptionalText(None) => write_number(&mut bytes, 0),
            Operand::OptionalText(Some(text)) => {
                let index = pool.push(Operand::Text(text));
                write_number(&mut bytes, index + 1);
            }
            Operand::Receive(_) => unreachable!("a table is its instruction's only operand"),
            constant @ (Operand::Integer(_) | Operand::Float(_) | Operand::Text(_)) => {
                let index = pool.push(constant);
                write_number(&mut bytes, index);
            }
        }
    }
    OpCode::decode(&mut bytes.as_slice(), &pool).expect("operands of the table's kinds are encoded as it says")
}

/// The operands of an instruction, in the order of the table.
pub(crate) fn operands_of(op: &OpCode) -> Vec<Operand> {
    if let OpCode::ReceiveMatch { table } = op {
        return vec![Operand::Receive(table.clone())];
    }
    let mut pool = Pool::default();
    let mut bytes = Vec::new();
    op.encode(&mut bytes, &mut pool);
    // Constants are numbered in order of use, so they are taken in that order and their indexes only skipped.
    let mut constants = pool.constants.into_iter();
    let mut next_constant = move || constants.next().expect("every constant index was handed out by the pool");
    let mut bytes = &bytes[1..];
    let mut number = move |is_flag: bool| {
        if is_flag {
            let (flag, rest) = bytes.split_first().expect("a flag is one byte");
            bytes = rest;
            return u32::from(*flag);
        }
        read_number(&mut bytes).expect("the codec reads what it wrote")
    };
    let operand = |(_, kind): &(&str, OperandKind)| match kind {
        OperandKind::Integer | OperandKind::Float | OperandKind::Text | OperandKind::Name => {
            number(false);
            next_constant()
        }
        OperandKind::Flag => Operand::Flag(number(true) != 0),
        OperandKind::Target | OperandKind::Count => Operand::Number(number(false)),
        OperandKind::OptionalCount => Operand::OptionalNumber(number(false).checked_sub(1)),
        OperandKind::OptionalText => Operand::OptionalText((number(false) > 0).then(|| match next_constant() {
            Operand::Text(text) => text,
            other => unreachable!("an optional text is a string, not {other:?}"),
        })),
        OperandKind::Receive => unreachable!("a table is its instruction's only operand"),
        OperandKind::Names => {
            let count = number(false);
            let name = |_| {
                number(false);
                match next_constant() {
                    Operand::Text(name) => name,
                    other => unreachable!("names are strings, not {other:?}"),
                }
            };
            Operand::Names((0..count).map(name).collect())
        }
    };
    op.info().operands.iter().map(operand).collect()
}

#[cfg(test)]
mod tests {
    use ttvm_isa::{
        info::INSTRUCTIONS,
        receive::{After, AfterTime},
    };

    use super::*;

    #[test]
    fn every_instruction_of_the_table_is_made_of_its_operands() {
        for info in INSTRUCTIONS {
            let operands: Vec<Operand> = info
                .operands
                .iter()
                .map(|(_, kind)| match kind {
                    OperandKind::Integer => Operand::Integer(Integer::Small(-300)),
                    OperandKind::Float => Operand::Float(Float::new(-0.0)),
                    OperandKind::Flag => Operand::Flag(true),
                    OperandKind::Text | OperandKind::Name => Operand::Text("x".into()),
                    OperandKind::Names => Operand::Names(vec!["a".into(), "b".into()]),
                    OperandKind::Target | OperandKind::Count => Operand::Number(u32::MAX),
                    OperandKind::OptionalCount => Operand::OptionalNumber(Some(OPTIONAL_COUNT_MAX)),
                    OperandKind::OptionalText => Operand::OptionalText(Some("x".into())),
                    OperandKind::Receive => {
                        let after = Some(After { time: AfterTime::Infinity, target: 7 });
                        Operand::Receive(ReceiveTable { cases: Vec::new(), after }.into())
                    }
                })
                .collect();
            let op = build(info, operands.clone());
            assert_eq!(op.info(), info);
            assert_eq!(operands_of(&op), operands, "{}", info.mnemonic);
        }
    }
}
