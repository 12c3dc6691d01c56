//! The instruction table as data, for everything that is an ordinary function over it.

use crate::{codec::PREFIX, cost::Cost, operand::OperandKind};

/// Where execution may go after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// To the next instruction.
    Next,
    /// To the target only.
    Jump,
    /// To the next instruction or the target.
    Branch,
    /// To one of the targets of its table.
    Switch,
    /// Into a function, and later to the next instruction.
    Call,
    /// Out of the current function.
    Return,
    /// Nowhere: the process ends or an exception is thrown.
    Stop,
}

/// A row of the instruction table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionInfo {
    /// The word in the program text.
    pub mnemonic: &'static str,
    /// The number in the bytecode; never reused.
    pub code: u16,
    /// The family the reference page lists it under.
    pub family: &'static str,
    /// Names and kinds of the operands, in order.
    pub operands: &'static [(&'static str, OperandKind)],
    /// What it does to the operand stack.
    pub effect: Effect,
    /// What it costs in reductions.
    pub cost: Cost,
    /// Where execution goes next.
    pub flow: Flow,
    /// One line of documentation.
    pub doc: &'static str,
}

/// A stack effect such as `a b -> r`, top of the stack last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The effect as the table writes it.
    pub text: &'static str,
    /// How many values it takes; 0 where the text says `..`, `vn` or `[n]` (see [`crate::OpCode::effect`]).
    pub pops: u32,
    /// How many values it leaves.
    pub pushes: u32,
}

impl Effect {
    const fn parse(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut counts, mut side, mut index) = ([0, 0], 0, 0);
        while index < bytes.len() {
            let at_word_start = bytes[index] != b' ' && (index == 0 || bytes[index - 1] == b' ');
            if at_word_start && bytes[index] == b'-' && index + 1 < bytes.len() && bytes[index + 1] == b'>' {
                side = 1;
            } else if at_word_start && bytes[index] != b'.' && bytes[index] != b'[' {
                counts[side] += 1;
            }
            index += 1;
        }
        Self { text, pops: counts[0], pushes: counts[1] }
    }
}

macro_rules! define_table {
    ($( family $family:literal { $(
        $mnemonic:ident = $code:literal $variant:ident { $($operand:ident : $kind:ident),* }
            $effect:literal $cost:ident $flow:ident $doc:literal;
    )* } )*) => {
        /// Every instruction, family by family.
        pub static INSTRUCTIONS: &[InstructionInfo] = &[
            $($(
                InstructionInfo {
                    mnemonic: stringify!($mnemonic),
                    code: $code,
                    family: $family,
                    operands: &[ $( (stringify!($operand), OperandKind::$kind) ),* ],
                    effect: Effect::parse($effect),
                    cost: define_table!(@cost $cost),
                    flow: define_table!(@flow $flow),
                    doc: $doc,
                },
            )*)*
        ];

        const CODES: &[&[u16]] = &[ $( &[ $( $code ),* ] ),* ];
        const DOCS: &[&str] = &[ $($( $doc ),*),* ];
    };
    (@cost free) => { Cost::Free };
    (@cost call) => { Cost::Call };
    (@cost jump) => { Cost::BackwardJump };
    (@cost inputs) => { Cost::Inputs };
    (@cost result) => { Cost::Result };
    (@cost last) => { Cost::Last };
    (@cost count) => { Cost::Count };
    (@cost sort) => { Cost::Sort };
    (@cost compare) => { Cost::Compare };
    (@cost product) => { Cost::Product };
    (@cost power) => { Cost::Power };
    (@cost deep) => { Cost::Deep };
    (@cost message) => { Cost::Message };
    (@flow next) => { Flow::Next };
    (@flow jump) => { Flow::Jump };
    (@flow branch) => { Flow::Branch };
    (@flow switch) => { Flow::Switch };
    (@flow call) => { Flow::Call };
    (@flow return) => { Flow::Return };
    (@flow stop) => { Flow::Stop };
}

with_instructions!(define_table);

/// One-byte codes, then those with [`PREFIX`].
const PLACES: usize = 2 * 0x100;

/// Where [`INDEX_OF_CODE`] has a code, if it can be one.
const fn place_of_code(code: u16) -> Option<usize> {
    match code.to_be_bytes() {
        [0, lower] => Some(lower as usize),
        [PREFIX, lower] => Some(0x100 + lower as usize),
        _ => None,
    }
}

/// For each code, one more than the row's index; 0 where no instruction has the code.
static INDEX_OF_CODE: [u16; PLACES] = {
    let mut table = [0; PLACES];
    let (mut family, mut row) = (0, 0);
    while family < CODES.len() {
        let mut index = 0;
        while index < CODES[family].len() {
            let code = CODES[family][index];
            assert!(code != 0 && code != PREFIX as u16, "0 and the prefix of two-byte codes are no codes");
            let Some(place) = place_of_code(code) else { panic!("a code has neither one byte nor the prefix") };
            assert!(table[place] == 0, "two instructions have the same code");
            assert!(index == 0 || CODES[family][index - 1] < code, "codes must rise within a family");
            assert!(!DOCS[row].is_empty(), "an instruction has no documentation");
            row += 1;
            table[place] = row as u16;
            index += 1;
        }
        family += 1;
    }
    table
};

impl InstructionInfo {
    /// The row of the instruction with this code.
    #[must_use]
    pub fn of_code(code: u16) -> Option<&'static Self> {
        let row = INDEX_OF_CODE[place_of_code(code)?];
        INSTRUCTIONS.get(usize::from(row.checked_sub(1)?))
    }

    /// The row of the instruction with this mnemonic, spelt exactly so.
    #[must_use]
    pub fn of_mnemonic(mnemonic: &str) -> Option<&'static Self> {
        INSTRUCTIONS.iter().find(|info| info.mnemonic == mnemonic)
    }

    /// The mnemonic of the row with this index, see [`InstructionInfo::index`].
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn mnemonic_of(index: usize) -> &'static str {
        INSTRUCTIONS[index].mnemonic
    }

    /// The instruction's place in [`INSTRUCTIONS`]: a dense number for tables beside it.
    #[must_use]
    pub fn index(&self) -> usize {
        let place = place_of_code(self.code).expect("the table of codes has a place for every row");
        usize::from(INDEX_OF_CODE[place]) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_count_the_words_on_both_sides() {
        let effect = |mnemonic: &str| {
            let info = InstructionInfo::of_mnemonic(mnemonic).expect("a mnemonic of the table");
            (info.effect.pops, info.effect.pushes)
        };
        assert_eq!(effect("ADD"), (2, 1));
        assert_eq!(effect("ROT"), (3, 3));
        assert_eq!(effect("JMP"), (0, 0));
        assert_eq!(effect("SUBSTR"), (3, 1));
        assert_eq!(effect("PRINT"), (1, 0));
        assert_eq!(effect("PUSH_INT"), (0, 1));
    }

    #[test]
    fn codes_of_one_byte_and_of_two_have_rows_of_their_own() {
        for (row, info) in INSTRUCTIONS.iter().enumerate() {
            assert_eq!(InstructionInfo::of_code(info.code), Some(info));
            assert_eq!(info.index(), row);
        }
        for code in [0, 0x00FE, 0x0100, 0x01FF, 0xFDFF, 0xFEFF, 0xFF00, 0xFFFF] {
            assert_eq!(InstructionInfo::of_code(code), None, "0x{code:04X}");
        }
    }

    #[test]
    fn the_codes_fixed_by_history_are_kept() {
        let fixed = [
            (0x01, "PUSH_INT"),
            (0x02, "PUSH_STR"),
            (0x03, "TRUE"),
            (0x04, "FALSE"),
            (0x05, "NULL"),
            (0x06, "NOT"),
            (0x07, "AND"),
            (0x08, "OR"),
            (0x09, "DUP"),
            (0x10, "ADD"),
            (0x11, "SUB"),
            (0x12, "CONCAT"),
            (0x20, "EQ"),
            (0x21, "GT"),
            (0x22, "LT"),
            (0x23, "NE"),
            (0x24, "GE"),
            (0x25, "LE"),
            (0x30, "JMP"),
            (0x31, "JZ"),
            (0x32, "CALL"),
            (0x33, "RET"),
            (0x40, "PRINT"),
            (0x50, "STORE"),
            (0x51, "LOAD"),
            (0x52, "DELETE"),
            (0x60, "MAKE_LIST"),
            (0x61, "LEN"),
            (0x62, "INDEX"),
            (0x70, "DUMP_SCOPE"),
            (0x72, "READ_FILE"),
            (0x73, "WRITE_FILE"),
            (0xFF, "HALT"),
        ];
        for (code, mnemonic) in fixed {
            assert_eq!(InstructionInfo::of_code(code).map(|info| info.mnemonic), Some(mnemonic));
        }
    }
}
