//! The assembly language: text to [`Module`](ttvm_bytecode::Module) ([`assemble`]), module to text
//! ([`disassemble`]), and the canonical layout of a text ([`format()`]).
//!
//! Here: what a `.ttvm` file may say, with every mistake as a [`Diagnostic`] that has a code, a place and, where
//! there is one, a way out. Never here: whether a program is safe to run (the verifier of `ttvm-bytecode`), how
//! diagnostics look on a terminal, or files and paths.
//!
//! A line goes through `grammar` (what it says), then `assemble` (what it means); the reference page
//! `docs/reference/syntax.md` describes both, `docs/reference/diagnostics.md` lists the codes.

#![forbid(unsafe_code)]

mod assemble;
mod bodies;
mod columns;
mod diagnostic;
mod disassemble;
mod format;
mod grammar;
mod limits;
mod number;
mod operand;
mod problem;
mod source;

#[cfg(test)]
mod property_tests;

pub use crate::{
    assemble::{Assembly, assemble},
    diagnostic::{Diagnostic, DiagnosticCode},
    disassemble::disassemble,
    format::format,
};
pub use ttvm_diagnostics::{Code, Related, Severity, Spot};
