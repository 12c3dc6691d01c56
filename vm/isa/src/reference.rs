//! The instruction table as a page for people: `docs/reference/instructions.md`.
//!
//! Here: the page's text, a pure function of the table. Never here: files; a test of the tests crate compares
//! the page with this text and rewrites it when asked to.

use std::fmt::Write;

use crate::{
    info::{INSTRUCTIONS, InstructionInfo},
    operand::OperandKind,
};

const INTRODUCTION: &str = "\
# Instructions

Made from the instruction table (`vm/isa/src/table/*.rs`) by `vm/isa/src/reference.rs`; do not edit. Rewrite it with
`TTVM_BLESS=1 cargo test -p ttvm-tests --test rules`.

*Stack* is what the instruction takes and leaves, the top of the stack last. *Cost* is in reductions; the size of a value is the number of its
elements or fields, an eighth of the bytes of a str or bytes, the 64-bit digits of an int that does not fit in 64 bits, and 0 for everything else.
*Code* is the instruction's number in a `.ttb` file: one byte, or two if the first is 0xFE. The rules behind the words are in [language.md](language.md).
";

/// The text of the reference page of all instructions.
#[must_use]
pub fn reference_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut family = "";
    for info in INSTRUCTIONS {
        if info.family != family {
            family = info.family;
            add(
                &mut page,
                &format!("\n## {family}\n\n| instruction | stack | cost | code | |\n|---|---|---|---|---|\n"),
            );
        }
        add(&mut page, &row(info));
    }
    page
}

fn add(page: &mut String, text: &str) {
    page.write_str(text).expect("writing to a String cannot fail");
}

fn row(info: &InstructionInfo) -> String {
    let operands: String = info.operands.iter().map(|(name, kind)| operand(name, *kind)).collect();
    let effect = info.effect.text;
    let cost = info.cost.describe();
    let doc = info.doc.replace('|', "\\|");
    format!("| `{}{operands}` | `{effect}` | {cost} | 0x{:02X} | {doc} |\n", info.mnemonic, info.code)
}

/// An operand as it is written behind the mnemonic.
fn operand(name: &str, kind: OperandKind) -> String {
    match kind {
        OperandKind::Names => " a b ..".to_owned(),
        OperandKind::OptionalCount | OperandKind::OptionalText => format!(" [{name}]"),
        // Written as a block of its own.
        OperandKind::Receive => String::new(),
        OperandKind::Integer
        | OperandKind::Float
        | OperandKind::Flag
        | OperandKind::Text
        | OperandKind::Name
        | OperandKind::Target
        | OperandKind::Count => format!(" {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_has_its_place_on_the_page() {
        let page = reference_page();
        for info in INSTRUCTIONS {
            let row = page.lines().find(|line| line.contains(&format!("| 0x{:02X} |", info.code)));
            assert!(row.is_some_and(|row| row.contains(info.mnemonic) && row.contains(info.effect.text)));
        }
    }
}
