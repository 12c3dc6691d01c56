//! The one place where the instructions of the language are defined, split by family.
//!
//! A row says: mnemonic, code, variant and operands, stack effect (top of stack last), cost, flow and a
//! line of documentation. [`crate::opcode`] turns the rows into the type [`crate::OpCode`] and its codec;
//! [`crate::info`] turns them into data; everything else (parser, disassembler, verifier, costs,
//! trace names, reference page, proposals for misspelt mnemonics) is an ordinary function over that data.
//!
//! Each family macro hands its rows on to the next one; the last hands all rows to the caller's macro.
//! Codes rise within a family, are never reused, and are checked for duplicates when this crate compiles.

/// Passes the rows collected so far to the next family, or to the callback when none is left.
macro_rules! chain {
    ({ } $callback:ident { $($rows:tt)* }) => { $callback! { $($rows)* } };
    ({ $first:ident $($rest:ident)* } $callback:ident { $($rows:tt)* }) => {
        $first! { chain { $($rest)* } $callback { $($rows)* } }
    };
}

#[macro_use]
mod core;
#[macro_use]
mod arithmetic;
#[macro_use]
mod control;
#[macro_use]
mod world;
#[macro_use]
mod outside;
#[macro_use]
mod collections;
#[macro_use]
mod processes;
#[macro_use]
mod channels;
#[macro_use]
mod supersteps;

/// Calls `$callback!` with every row of the instruction table.
macro_rules! with_instructions {
    ($callback:ident) => {
        chain! {
            {
                table_core table_arithmetic table_control table_world table_outside table_collections table_processes
                table_channels table_supersteps
            }
            $callback { }
        }
    };
}
