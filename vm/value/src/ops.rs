//! What the data instructions do, as functions over values: a file for each family of the instruction table.
//!
//! Functions that update take the value they update, so that it is changed in place when nobody else holds
//! it. All errors have the texts that programs rely on. Nothing here recurses on the native stack for
//! nested values.

pub mod compare;
pub mod text;

mod expect;
