//! What the data instructions do, as functions over values: a file for each family of the instruction table.
//!
//! Functions that update take the value they update, so that it is changed in place when nobody else holds
//! it. Those that compare give a bool; the engine makes 1 or 0 of it where the table says so. All errors have
//! the texts that programs rely on. Nothing here recurses on the native stack for nested values.

pub mod compare;
pub mod logic;
pub mod order;

pub mod arithmetic;
pub mod bits;
pub mod rounding;

pub mod arrays;
pub mod convert;
pub mod errors;
pub mod lists;
pub mod maps;
pub mod objects;
pub mod size;
pub mod strings;
pub mod text;
pub mod time;

mod expect;
mod sorting;
