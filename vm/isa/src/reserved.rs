//! Words that belong to the language but that this version of the machine cannot run yet.
//!
//! The assembler refuses them with an error that says so, instead of taking them for misspelt mnemonics.
//! A word leaves this list when it gets its row in the table.

/// Mnemonics of instructions to come.
pub const RESERVED_MNEMONICS: &[&str] = &[
    // Supersteps.
    "TICK_RUN",
];
