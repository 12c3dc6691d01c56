//! A small Lisp, translated to the text of the ttvm assembly language ([`compile`]).
//!
//! Here: what a `.lisp` file may say, with every mistake as a [`LispError`] that has a code, a place and, where
//! there is one, a way out. Never here: assembling the result, running it, files and paths.
//!
//! A program goes through `reader` (text to data), `analyse` (data to expressions whose names are resolved), `loops`
//! and `needs` (which loops stay in their function, what functions need from outside), and `generate` (expressions
//! to instructions). The reference page `docs/reference/lisp.md` describes the language and what it cannot do.

#![forbid(unsafe_code)]

mod analyse;
mod builtin;
mod datum;
mod error;
mod generate;
mod loops;
mod names;
mod needs;
mod problem;
mod reader;
mod source;
mod tree;
mod writer;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reference_tests;

pub use crate::error::{LispError, LispErrorCode};
pub use ttvm_diagnostics::{Code, Related, Spot};

use crate::{error::Errors, problem::Problem, source::Span};

/// The functions of the language that are written in itself.
const PRELUDE: &str = include_str!("prelude.lisp");

/// Translates a Lisp program to the text of a `.ttvm` file, which needs no other file.
///
/// `source_name` is how messages at run time call the program; they show its lines, not those of the result.
///
/// # Errors
/// Everything that is wrong with the program, by place, if anything is.
pub fn compile(source_name: &str, text: &str) -> Result<String, Vec<LispError>> {
    let mut errors = Errors::new();
    if text.len() as u64 > ttvm_isa::limits::SOURCE_BYTES_MAX {
        errors.report(Span::START, Problem::SourceTooLarge { bytes: text.len() });
        return Err(errors.finish());
    }
    let read = reader::read(text, &mut errors);
    if !read.is_whole {
        // Where lists begin and end is unclear: all further messages would be about that.
        return Err(errors.finish());
    }
    let prelude = reader::read(PRELUDE, &mut errors);
    let mut program = analyse::analyse(&prelude.data, &read.data, &mut errors);
    let in_place = loops::find_in_place(&program);
    let needs = needs::find(&mut program, &in_place, &mut errors);
    if !errors.is_empty() {
        return Err(errors.finish());
    }
    let output = generate::generate(source_name, &program, &in_place, &needs, &mut errors);
    if errors.is_empty() { Ok(output) } else { Err(errors.finish()) }
}
