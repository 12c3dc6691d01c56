//! The program file: [`Module`], its `.ttb` form, and the verifier that alone makes runnable modules.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod checksum;
pub mod computation;
mod constants;
pub mod format;
pub mod module;
pub mod reader;
pub mod supervisor;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verify;
pub mod writer;

pub use crate::analysis::{ExactReason, Handler, Point, Region};
pub use crate::computation::ComputationSpec;
pub use crate::constants::ConstantError;
pub use crate::format::{OrderError, Record, Section};
pub use crate::module::{Body, BodyKind, Import, Label, Module};
pub use crate::reader::{ReadError, is_bytecode, read};
pub use crate::supervisor::SupervisorSpec;
pub use crate::verify::{Captured, Function, Rule, VerifiedModule, VerifyError, verify};
pub use crate::writer::{WriteError, write};
