//! What there is to say about a wrong text or word, the same for every translator and for the machine.
//!
//! | file | what |
//! |---|---|
//! | `diagnostic.rs` | [`Diagnostic`]: one message with its code, its place, other places and a way out |
//! | `code.rs` | [`Code`]: the stable number of a kind of message, and [`define_codes!`], the table of them |
//! | `nearest.rs` | [`Proposer`], [`advice()`]: which known word a misspelt one was probably meant to be |
//! | `excerpt.rs` | [`excerpt()`]: pieces of a text within a message |
//!
//! Never here: what can be wrong (each translator knows its own), and how messages look on a terminal.

#![forbid(unsafe_code)]

mod code;
mod diagnostic;
mod excerpt;
mod nearest;

pub use crate::{
    code::{Code, Severity},
    diagnostic::{Diagnostic, Related, Spot},
    excerpt::excerpt,
    nearest::{Proposer, advice, nearest},
};
