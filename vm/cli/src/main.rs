//! The command `ttvm`.
//!
//! Here: the way from the command line to an exit code, and what happens when the program itself is at fault.
//! What can be said on the command line is in `arguments.rs`, what each command does in `commands/`, how
//! messages look in `show/`. Never here: how programs are loaded or run (`ttvm-machine`).

#![forbid(unsafe_code)]

mod arguments;
mod builtin_tests;
mod commands;
mod failure;
mod files;
mod lints;
mod live;
mod observe;
mod profile;
mod report;
mod show;
mod source;
mod supersteps;
mod top;
mod trace;

use std::{
    env,
    panic::{self, AssertUnwindSafe},
    process,
};

use clap::Parser;

use crate::arguments::CommandLine;

/// Short-lived objects are what programs make most of: mimalloc halves their cost against the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of a mistake in `ttvm` itself, the one Rust gives to panics.
const INTERNAL_ERROR: i32 = 101;

fn main() {
    panic::set_hook(Box::new(|information| {
        show::line(&format!("internal error: {information}"));
        show::line("this is a mistake in ttvm, not in your program: please report it with the command and the program");
    }));
    let code = panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or(INTERNAL_ERROR);
    process::exit(code);
}

fn command() -> i32 {
    let arguments = match CommandLine::plain_run(env::args_os()).map_or_else(CommandLine::try_parse, Ok) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help that is cut off by a closed pipe helps nobody any more.
            let _ = error.print();
            return error.exit_code();
        }
    };
    match commands::perform(arguments) {
        Ok(code) => code,
        Err(failure) => {
            failure.show();
            failure.exit_code()
        }
    }
}
