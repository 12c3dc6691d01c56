//! The program file: [`Module`], its `.ttb` form, and the verifier that alone makes runnable modules.

pub mod analysis;
pub mod module;
pub mod verify;

pub use crate::analysis::{ExactReason, Handler, Point, Region};
pub use crate::module::{Body, BodyKind, Import, Label, Module};
pub use crate::verify::{Captured, Function, Rule, VerifiedModule, VerifyError, verify};
