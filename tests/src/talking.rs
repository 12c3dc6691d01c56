//! Programs that talk with peers outside: run in real time and under virtual time, on one scheduler and on several.

use ttvm_assembler::assemble;

use crate::{
    machine_tier::MachineTier,
    program::Program,
    tier::{Ending, Tier},
};

/// What a program prints that ends normally. `PORT` in it stands for a number.
///
/// # Panics
/// If it is no program, or ends otherwise.
#[must_use]
pub fn printed(text: &str, port: u16, tier: &MachineTier) -> String {
    let assembly = assemble("a.ttvm", text.replace("PORT", &port.to_string()).as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let observed = tier.run(&Program::alone(assembly.module));
    assert_eq!(observed.ending, Ending::Normal, "{}: {}{}", tier.name, observed.stdout, observed.stderr);
    observed.stdout
}

/// The ways to run such programs.
#[must_use]
pub fn talking_tiers() -> [MachineTier; 3] {
    [MachineTier::new(1, 0, false), MachineTier::new(2, 0, false), MachineTier::new(1, 0, true).in_exact_mode()]
}

/// Code that prints kind and message of the error that `code` raises. `label` is used once in a program.
#[must_use]
pub fn failing(label: &str, code: &str) -> String {
    format!("TRY {label}\n{code}\n{label}:\nDUP\nERROR_KIND\nPRINT\nERROR_MESSAGE\nPRINT\n")
}
