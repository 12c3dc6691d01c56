//! Instructions in any order: no structure at all, only valid operands.
//!
//! Everything runs inside a try whose handler prints what was left. Either jumps and calls may go backward, and
//! then nothing builds containers, or everything goes forward: otherwise a loop could nest a list into
//! itself and print a text without end.

use ttvm_bytecode::Module;
use ttvm_isa::{Names, OpCode, Text};

use crate::{
    builder::{Builder, Place, float, int, names, text},
    random::Random,
};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// After an error execution goes on at the next multiple of this many instructions.
const SEGMENT: usize = 7;

struct Writer {
    random: Random,
    builder: Builder,
    /// The places of the instructions, and of the end.
    places: Vec<Place>,
    /// The instruction being written.
    at: usize,
    goes_backward: bool,
}

pub(crate) fn module(mut random: Random, size: usize) -> Module {
    let goes_backward = random.chance(50);
    let mut writer = Writer { random, builder: Builder::default(), places: Vec::new(), at: 0, goes_backward };
    writer.places = (0..=size).map(|_| writer.builder.place()).collect();
    let handler = writer.builder.place();
    writer.builder.push(OpCode::Try { target: Builder::to(handler) });
    for name in NAMES {
        writer.push_value();
        writer.builder.push(OpCode::Store { name: name.into() });
    }
    (0..6).for_each(|_| writer.push_value());
    for at in 0..size {
        writer.at = at;
        writer.builder.mark(writer.places[at]);
        if at % SEGMENT == 0 {
            let next = writer.places[(at + SEGMENT).min(size)];
            writer.builder.push(OpCode::Try { target: Builder::to(next) });
        }
        writer.instruction();
    }
    let end = writer.places[size];
    writer.builder.mark(end);
    writer.builder.extend([OpCode::DumpScope {}, OpCode::Print {}, OpCode::Print {}, OpCode::Print {}]);
    writer.builder.mark(handler);
    writer.builder.extend([OpCode::Dup {}, OpCode::Print {}, OpCode::ErrorTrace {}, OpCode::Print {}]);
    writer.builder.extend([OpCode::DumpScope {}, OpCode::Print {}, OpCode::Halt {}]);
    writer.builder.finish()
}

impl Writer {
    /// A valid target; the end of the code in rare cases.
    fn target(&mut self) -> u32 {
        let first = if self.goes_backward { 0 } else { self.at + 1 };
        let place = first + self.random.below(self.places.len() - first);
        Builder::to(self.places[place])
    }

    fn name(&mut self) -> Text {
        self.random.one_of(&NAMES).into()
    }

    fn parameters(&mut self) -> Names {
        let count = self.random.below(3);
        names(&NAMES[..count])
    }

    fn push_value(&mut self) {
        let value = self.random.small();
        let op = match self.random.below(6) {
            0 => text("t"),
            1 => float(value as f64 / 4.0),
            2 => self.random.one_of(&[OpCode::Null {}, OpCode::True {}, OpCode::False {}]),
            _ => int(value),
        };
        self.builder.push(op);
    }

    fn instruction(&mut self) {
        match self.random.below(20) {
            0..=4 => self.push_value(),
            5..=8 => self.data(),
            9 | 10 => {
                let name = self.name();
                let op = self.random.one_of(&[
                    OpCode::Store { name: name.clone() },
                    OpCode::Load { name: name.clone() },
                    OpCode::Load { name: name.clone() },
                    OpCode::Delete { name: name.clone() },
                    OpCode::Capture { name },
                ]);
                self.builder.push(op);
            }
            11..=14 => self.control(),
            15 if !self.goes_backward => self.container(),
            16 => self.builder.push(OpCode::Print {}),
            _ => {
                let op = self.random.one_of(&[
                    OpCode::Dup {},
                    OpCode::Pop {},
                    OpCode::Swap {},
                    OpCode::Over {},
                    OpCode::Rot {},
                ]);
                self.builder.push(op);
            }
        }
    }

    fn control(&mut self) {
        let target = self.target();
        let parameters = self.parameters();
        let op = match self.random.below(16) {
            0 => OpCode::Jmp { target },
            1 | 2 => OpCode::Jz { target },
            3 => OpCode::Jnz { target },
            4 | 5 => OpCode::Call { target, parameters },
            6 => OpCode::TailCall { target, parameters },
            7 => OpCode::MakeFunction { target, parameters },
            8 => OpCode::MakeLambda { target, parameters },
            9 => OpCode::CallFunction { count: Some(self.random.below(3) as u32).filter(|_| self.random.chance(30)) },
            10 | 11 => OpCode::Try { target },
            12 => OpCode::EndTry {},
            13 => OpCode::Throw {},
            14 => OpCode::Catch {},
            _ => OpCode::Ret {},
        };
        self.builder.push(op);
    }

    fn data(&mut self) {
        let op = self.random.one_of(&[
            OpCode::Add {},
            OpCode::Sub {},
            OpCode::Mul {},
            OpCode::Div {},
            OpCode::AddF {},
            OpCode::DivF {},
            OpCode::Rem {},
            OpCode::Neg {},
            OpCode::Abs {},
            OpCode::Max {},
            OpCode::Eq {},
            OpCode::Gt {},
            OpCode::Le {},
            OpCode::NeF {},
            OpCode::EqNum {},
            OpCode::Cmp {},
            OpCode::Not {},
            OpCode::And {},
            OpCode::Or {},
            OpCode::Sqrt {},
            OpCode::Round {},
            OpCode::BitXor {},
            OpCode::Random {},
            OpCode::RandomSeed {},
            OpCode::TypeOf {},
            OpCode::ToStr {},
            OpCode::ToInt {},
            OpCode::Concat {},
            OpCode::Len {},
            OpCode::Assert {},
            OpCode::AssertEq {},
            OpCode::ErrorMessage {},
            OpCode::ErrorKind {},
            OpCode::Write {},
        ]);
        self.builder.push(op);
    }

    fn container(&mut self) {
        let name = self.name();
        let count = self.random.below(3) as u32;
        let op = self.random.one_of(&[
            OpCode::MakeList { count },
            OpCode::MakeObject {},
            OpCode::MapNew {},
            OpCode::Append {},
            OpCode::Index {},
            OpCode::SetIndex {},
            OpCode::Sort {},
            OpCode::Reverse {},
            OpCode::SetField { name: name.clone() },
            OpCode::GetField { name: name.clone() },
            OpCode::HasField { name },
            OpCode::Keys {},
            OpCode::MapPut {},
            OpCode::MapGet {},
            OpCode::MapKeys {},
            OpCode::Contains {},
            OpCode::ArrayI64 { count: None },
            OpCode::ArrayF64 { count: Some(count) },
            OpCode::ArraySum {},
            OpCode::DumpScope {},
        ]);
        self.builder.push(op);
    }
}
