//! Random programs that the verifier accepts, for tests that run each in two ways and compare.
//!
//! A seed, a size and a style give one program, on every machine. Programs print what they compute, so that a
//! wrong value shows; they need no input, files or modules. Most end; a test still sets a limit of steps. Programs of many
//! processes are texts ([`process_program`]), and so are scripts that another machine can play, too ([`process_script`], [`supervision`]).
//! Not here: running them.

#![forbid(unsafe_code)]

mod builder;
mod classic;
mod processes;
mod random;
mod scripts;
mod soup;
mod structured;
mod trees;

use ttvm_bytecode::Module;

pub use crate::{
    processes::program as process_program,
    scripts::script as process_script,
    trees::{Supervision, supervision},
};

use crate::random::Random;

/// What kind of program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `.fn` bodies with typed variables, counted loops, calls downward and tries: faults are rare and caught.
    Structured,
    /// Label functions on a shared operand stack: any number of results, underflow, function values, closures, and
    /// tries in every shape.
    Classic,
    /// Instructions in any order with any valid target.
    Soup,
}

impl Style {
    /// Every style.
    pub const ALL: [Self; 3] = [Self::Structured, Self::Classic, Self::Soup];
}

/// The program of a seed; `size` is roughly its number of statements (of instructions for [`Style::Soup`]).
#[must_use]
pub fn module(seed: u64, size: usize, style: Style) -> Module {
    let random = Random::new(seed);
    let mut module = match style {
        Style::Structured => structured::module(random, size),
        Style::Classic => classic::module(random, size),
        Style::Soup => soup::module(random, size),
    };
    module.source = format!("{style:?}-{seed}-{size}.ttvm").into();
    // Every instruction has a line of its own, so that traces tell them apart.
    module.lines = (1u32..).take(module.code.len()).collect();
    module
}
