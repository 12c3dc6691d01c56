//! Every instruction that may be computed in advance, on every kind of constant: what the optimizer computes must be
//! what the machine would.

use std::fmt::Write as _;

use ttvm_isa::info::INSTRUCTIONS;
use ttvm_optimizer::Change;
use ttvm_tests::Program;

use crate::check;

/// Instructions that push constants at the edges of what numbers and strs can be.
const CONSTANTS: [&str; 41] = [
    "PUSH_INT 0",
    "PUSH_INT 1",
    "PUSH_INT -1",
    "PUSH_INT 3",
    "PUSH_INT -7",
    "PUSH_INT 64",
    "PUSH_INT 1100",
    "PUSH_INT 9007199254740993",
    "PUSH_INT 9223372036854775807",
    "PUSH_INT -9223372036854775808",
    "PUSH_INT 9223372036854775808",
    "PUSH_INT -18446744073709551617",
    "PUSH_INT 0x8000000000000000000000000000000000000000000000000000000000000000",
    "PUSH_FLOAT 0",
    "PUSH_FLOAT -0.0",
    "PUSH_FLOAT 1",
    "PUSH_FLOAT -1.5",
    "PUSH_FLOAT 0.1",
    "PUSH_FLOAT 0.49999999999999994",
    "PUSH_FLOAT 2.5",
    "PUSH_FLOAT -2.5",
    "PUSH_FLOAT 3",
    "PUSH_FLOAT 9007199254740992",
    "PUSH_FLOAT 9223372036854775807",
    "PUSH_FLOAT -9223372036854775808",
    "PUSH_FLOAT -9223372036854777856",
    "PUSH_FLOAT 1e300",
    "PUSH_FLOAT 5e-324",
    "PUSH_FLOAT 2.220446049250313e-16",
    "PUSH_FLOAT inf",
    "PUSH_FLOAT -inf",
    "PUSH_FLOAT NaN",
    "TRUE",
    "FALSE",
    "PUSH_BOOL true",
    "NULL",
    "PUSH_STR \"\"",
    "PUSH_STR \"a\"",
    "PUSH_STR \"größe\"",
    "PUSH_STR \"12\"",
    "PUSH_STR \" b\\n\"",
];

/// Families whose instructions depend on their operands only.
const FAMILIES: [&str; 5] =
    ["Constants and stack", "Arithmetic", "Comparison", "More mathematics", "Conversions and strings"];

/// Instructions on ways of their own, or that read more than their operands.
const LEFT_OUT: [&str; 2] = ["RANDOM", "RANDOM_SEED"];

/// Does one thing, and shows what it leaves or how it fails.
fn attempt(text: &mut String, number: usize, lines: &[&str], results: u32) {
    writeln!(text, "TRY failed{number}").expect("texts grow");
    for line in lines {
        writeln!(text, "{line}").expect("texts grow");
    }
    for _ in 0..results {
        text.push_str("DUP\nTYPE_OF\nPRINT\nPRINT\n");
    }
    writeln!(text, "END_TRY\nJMP done{number}\nfailed{number}:\nERROR_MESSAGE\nPRINT\ndone{number}:")
        .expect("texts grow");
}

fn check_text(name: &str, text: &str) -> ttvm_optimizer::Report {
    let assembly = ttvm_assembler::assemble(name, text.as_bytes());
    assert!(assembly.is_ok(), "{name}: {:?}", assembly.diagnostics);
    check(&Program::alone(assembly.module), 2_000_000, name)
}

#[test]
fn what_is_computed_in_advance_is_what_the_machine_computes() {
    let mut computed = 0;
    for info in INSTRUCTIONS.iter().filter(|info| FAMILIES.contains(&info.family)) {
        if LEFT_OUT.contains(&info.mnemonic) || !info.operands.is_empty() {
            continue;
        }
        let (mut text, mut number) = (String::new(), 0);
        let mut add = |lines: &[&str]| {
            number += 1;
            attempt(&mut text, number, lines, info.effect.pushes);
        };
        for a in CONSTANTS {
            match info.effect.pops {
                1 => add(&[a, info.mnemonic]),
                2 => CONSTANTS.iter().for_each(|b| add(&[a, b, info.mnemonic])),
                3 => CONSTANTS.iter().step_by(7).for_each(|b| add(&[a, b, "PUSH_INT 1", info.mnemonic])),
                _ => {}
            }
        }
        computed += check_text(info.mnemonic, &text).count(Change::Folded);
    }
    assert!(computed > 20_000, "only {computed} instructions were computed in advance");
}

#[test]
fn branches_and_assertions_on_constants_go_where_they_would() {
    for mnemonic in ["JZ", "JNZ"] {
        let mut text = String::new();
        for (number, constant) in CONSTANTS.iter().enumerate() {
            writeln!(text, "{constant}\n{mnemonic} over{number}\nPUSH_STR {number}\nPRINT\nover{number}:")
                .expect("texts grow");
        }
        let report = check_text(mnemonic, &text);
        assert_eq!(report.count(Change::Decided), CONSTANTS.len(), "{report}");
    }
    let (mut text, mut number) = (String::new(), 0);
    for a in CONSTANTS {
        attempt(&mut text, number, &[a, "ASSERT"], 0);
        for b in CONSTANTS {
            attempt(&mut text, number + 1, &[a, b, "ASSERT_EQ"], 0);
            number += 1;
        }
        number += 1;
    }
    check_text("ASSERT", &text);
}
