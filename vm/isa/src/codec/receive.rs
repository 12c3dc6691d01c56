//! Receive tables as bytes.
//!
//! | part | encoding |
//! |---|---|
//! | table | count of cases, each with pattern, guard and target; then the time, and its target if there is one |
//! | pattern | a tag byte, then what it holds; lists and objects begin with their count |
//! | guard | a tag byte, 0 for none, then what it holds |
//! | time | a tag byte: 0 none, 1 milliseconds (an integer constant), 2 a variable, 3 for ever |
//!
//! Depth and number of parts are counted while reading, so that no bytes lead to deep recursion or more memory than
//! they deserve.

use std::sync::Arc;

use num_bigint::BigInt;

use super::{Constants, DecodeError, Intern, Operand, read_byte, read_number, write_number};
use crate::{
    limits,
    operand::{Integer, Text},
    receive::{
        After, AfterTime, Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, ReceiveError,
        ReceiveTable, Rest, count_part,
    },
};

impl Operand for Arc<ReceiveTable> {
    fn encode(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        write_count(bytes, self.cases.len());
        for case in &self.cases {
            encode_pattern(&case.pattern, bytes, pool);
            match &case.guard {
                None => bytes.push(0),
                Some(guard) => encode_guard(guard, bytes, pool),
            }
            case.target.encode(bytes, pool);
        }
        let Some(after) = &self.after else { return bytes.push(0) };
        match &after.time {
            AfterTime::Milliseconds(milliseconds) => {
                bytes.push(1);
                Integer::from(BigInt::from(*milliseconds)).encode(bytes, pool);
            }
            AfterTime::Variable(name) => {
                bytes.push(2);
                name.encode(bytes, pool);
            }
            AfterTime::Infinity => bytes.push(3),
        }
        after.target.encode(bytes, pool);
    }

    fn decode(bytes: &mut &[u8], pool: &dyn Constants) -> Result<Self, DecodeError> {
        let count = read_number(bytes)? as usize;
        if count > limits::RECEIVE_CASES_MAX {
            return Err(ReceiveError::TooManyCases.into());
        }
        let mut reader = Reader { bytes, pool, parts_left: limits::RECEIVE_PARTS_MAX };
        let cases = (0..count).map(|_| reader.case()).collect::<Result<Vec<_>, _>>()?;
        let table = ReceiveTable { cases, after: reader.after()? };
        table.check()?;
        Ok(Self::new(table))
    }
}

impl From<ReceiveError> for DecodeError {
    fn from(error: ReceiveError) -> Self {
        Self::BadReceive(error)
    }
}

fn write_count(bytes: &mut Vec<u8>, count: usize) {
    write_number(bytes, u32::try_from(count).unwrap_or(u32::MAX));
}

fn encode_pattern(pattern: &Pattern, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
    let mut tagged = |tag: u8, operand: Option<&dyn Encode>| {
        bytes.push(tag);
        if let Some(operand) = operand {
            operand.encode_into(bytes, pool);
        }
    };
    match pattern {
        Pattern::Any => tagged(0, None),
        Pattern::Bind(name) => tagged(1, Some(name)),
        Pattern::Typed { kind, name } => {
            bytes.extend([2, *kind as u8]);
            name.encode(bytes, pool);
        }
        Pattern::Equal(name) => tagged(3, Some(name)),
        Pattern::Integer(value) => tagged(4, Some(value)),
        Pattern::Float(value) => tagged(5, Some(value)),
        Pattern::Text(value) => tagged(6, Some(value)),
        Pattern::Flag(value) => tagged(7, Some(value)),
        Pattern::Null => tagged(8, None),
        Pattern::List { items, rest } => {
            bytes.push(9);
            write_count(bytes, items.len());
            items.iter().for_each(|item| encode_pattern(item, bytes, pool));
            match rest {
                None => bytes.push(0),
                Some(Rest::Any) => bytes.push(1),
                Some(Rest::Bind(name)) => {
                    bytes.push(2);
                    name.encode(bytes, pool);
                }
            }
        }
        Pattern::Object(fields) => {
            bytes.push(10);
            write_count(bytes, fields.len());
            for (name, pattern) in fields {
                name.encode(bytes, pool);
                encode_pattern(pattern, bytes, pool);
            }
        }
        Pattern::Exit { .. } | Pattern::Down { .. } => {
            bytes.push(if matches!(pattern, Pattern::Exit { .. }) { 11 } else { 12 });
            pattern.parts().into_iter().for_each(|part| encode_pattern(part, bytes, pool));
        }
        Pattern::Signal(name) => tagged(13, Some(name)),
    }
}

fn encode_guard(guard: &Guard, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
    match guard {
        Guard::All(parts) | Guard::Either(parts) => {
            bytes.push(if matches!(guard, Guard::All(_)) { 1 } else { 2 });
            write_count(bytes, parts.len());
            parts.iter().for_each(|part| encode_guard(part, bytes, pool));
        }
        Guard::Not(part) => {
            bytes.push(3);
            encode_guard(part, bytes, pool);
        }
        Guard::Compare { comparison, left, right } => {
            bytes.extend([4, *comparison as u8]);
            encode_operand(left, bytes, pool);
            encode_operand(right, bytes, pool);
        }
        Guard::Truth(name) => {
            bytes.push(5);
            name.encode(bytes, pool);
        }
    }
}

fn encode_operand(operand: &GuardOperand, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
    let (tag, operand): (u8, Option<&dyn Encode>) = match operand {
        GuardOperand::Variable(name) => (0, Some(name)),
        GuardOperand::Integer(value) => (1, Some(value)),
        GuardOperand::Float(value) => (2, Some(value)),
        GuardOperand::Text(value) => (3, Some(value)),
        GuardOperand::Flag(value) => (4, Some(value)),
        GuardOperand::Null => (5, None),
    };
    bytes.push(tag);
    if let Some(operand) = operand {
        operand.encode_into(bytes, pool);
    }
}

/// The half of [`Operand`] that can be called without knowing the type.
trait Encode {
    fn encode_into(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern);
}

impl<T: Operand> Encode for T {
    fn encode_into(&self, bytes: &mut Vec<u8>, pool: &mut dyn Intern) {
        self.encode(bytes, pool);
    }
}

struct Reader<'a, 'b> {
    bytes: &'a mut &'b [u8],
    pool: &'a dyn Constants,
    parts_left: usize,
}

impl Reader<'_, '_> {
    fn read<T: Operand>(&mut self) -> Result<T, DecodeError> {
        T::decode(self.bytes, self.pool)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        read_byte(self.bytes)
    }

    fn case(&mut self) -> Result<ReceiveCase, DecodeError> {
        let pattern = self.pattern(1)?;
        let guard = match self.byte()? {
            0 => None,
            tag => Some(self.guard(tag, 1)?),
        };
        Ok(ReceiveCase { pattern, guard, target: self.read()? })
    }

    fn after(&mut self) -> Result<Option<After>, DecodeError> {
        let time = match self.byte()? {
            0 => return Ok(None),
            1 => AfterTime::Milliseconds(self.milliseconds()?),
            2 => AfterTime::Variable(self.read()?),
            3 => AfterTime::Infinity,
            tag => return Err(ReceiveError::BadTag(tag).into()),
        };
        Ok(Some(After { time, target: self.read()? }))
    }

    fn milliseconds(&mut self) -> Result<u64, DecodeError> {
        let index = read_number(self.bytes)?;
        let milliseconds = match self.pool.integer(index) {
            Some(Integer::Small(small)) => u64::try_from(small).ok(),
            Some(Integer::Big(big)) => u64::try_from(&*big).ok(),
            None => None,
        };
        milliseconds.ok_or(DecodeError::BadConstant(index))
    }

    fn pattern(&mut self, level: usize) -> Result<Pattern, DecodeError> {
        count_part(level, &mut self.parts_left)?;
        Ok(match self.byte()? {
            0 => Pattern::Any,
            1 => Pattern::Bind(self.read()?),
            2 => {
                let number = self.byte()?;
                let kind = *PatternKind::ALL.get(usize::from(number)).ok_or(ReceiveError::BadTag(number))?;
                Pattern::Typed { kind, name: self.read()? }
            }
            3 => Pattern::Equal(self.read()?),
            4 => Pattern::Integer(self.read()?),
            5 => Pattern::Float(self.read()?),
            6 => Pattern::Text(self.read()?),
            7 => Pattern::Flag(self.read()?),
            8 => Pattern::Null,
            9 => {
                let count = read_number(self.bytes)?;
                let items = (0..count).map(|_| self.pattern(level + 1)).collect::<Result<_, _>>()?;
                Pattern::List { items, rest: self.rest()? }
            }
            10 => {
                let count = read_number(self.bytes)?;
                let mut field =
                    |_| -> Result<(Text, Pattern), DecodeError> { Ok((self.read()?, self.pattern(level + 1)?)) };
                Pattern::Object((0..count).map(&mut field).collect::<Result<_, _>>()?)
            }
            11 => Pattern::Exit { from: self.boxed(level)?, reason: self.boxed(level)? },
            12 => Pattern::Down { reference: self.boxed(level)?, pid: self.boxed(level)?, reason: self.boxed(level)? },
            13 => Pattern::Signal(self.read()?),
            tag => return Err(ReceiveError::BadTag(tag).into()),
        })
    }

    fn boxed(&mut self, level: usize) -> Result<Box<Pattern>, DecodeError> {
        self.pattern(level + 1).map(Box::new)
    }

    fn rest(&mut self) -> Result<Option<Rest>, DecodeError> {
        Ok(match self.byte()? {
            0 => None,
            1 => Some(Rest::Any),
            2 => Some(Rest::Bind(self.read()?)),
            tag => return Err(ReceiveError::BadTag(tag).into()),
        })
    }

    fn guard(&mut self, tag: u8, level: usize) -> Result<Guard, DecodeError> {
        count_part(level, &mut self.parts_left)?;
        Ok(match tag {
            1 | 2 => {
                let count = read_number(self.bytes)?;
                let parts = (0..count).map(|_| self.guard_part(level)).collect::<Result<_, _>>()?;
                if tag == 1 { Guard::All(parts) } else { Guard::Either(parts) }
            }
            3 => Guard::Not(Box::new(self.guard_part(level)?)),
            4 => {
                let number = self.byte()?;
                let comparison = *Comparison::ALL.get(usize::from(number)).ok_or(ReceiveError::BadTag(number))?;
                Guard::Compare { comparison, left: self.operand()?, right: self.operand()? }
            }
            5 => Guard::Truth(self.read()?),
            tag => return Err(ReceiveError::BadTag(tag).into()),
        })
    }

    fn guard_part(&mut self, level: usize) -> Result<Guard, DecodeError> {
        let tag = self.byte()?;
        self.guard(tag, level + 1)
    }

    fn operand(&mut self) -> Result<GuardOperand, DecodeError> {
        Ok(match self.byte()? {
            0 => GuardOperand::Variable(self.read()?),
            1 => GuardOperand::Integer(self.read()?),
            2 => GuardOperand::Float(self.read()?),
            3 => GuardOperand::Text(self.read()?),
            4 => GuardOperand::Flag(self.read()?),
            5 => GuardOperand::Null,
            tag => return Err(ReceiveError::BadTag(tag).into()),
        })
    }
}
