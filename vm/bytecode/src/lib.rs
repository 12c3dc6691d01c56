//! The program file: [`Module`], its `.ttb` form, and the verifier that alone makes runnable modules.

pub mod module;

pub use crate::module::{Body, BodyKind, Import, Label, Module};
