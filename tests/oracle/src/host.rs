//! What the reference interpreter asks of the world: modules and host operations.

use ttvm_bytecode::VerifiedModule;
use ttvm_isa::{Fault, HostOperation};

use crate::value::Value;

/// The world outside the reference interpreter.
pub trait OracleHost {
    /// Finds the module that `importer` (the source name of the importing module) means by `path`.
    ///
    /// The `source` of the module it gives tells modules apart: one file, one name, whatever the path.
    ///
    /// # Errors
    /// Why there is no such module.
    fn load(&mut self, importer: &str, path: &str) -> Result<VerifiedModule, ImportProblem>;

    /// Performs a host operation; operations without a result give null.
    ///
    /// # Errors
    /// A fault of the program, or that this host cannot do it.
    fn perform(&mut self, operation: HostOperation, arguments: Vec<Value>) -> Result<Value, HostProblem>;

    /// Nanoseconds since the program began.
    fn now(&self) -> u64;

    /// Lets time pass until so many nanoseconds after the program began.
    fn advance_to(&mut self, nanoseconds: u64);
}

/// Why a module cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ImportProblem {
    /// What is wrong with it.
    pub reason: String,
}

/// Why a host operation gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostProblem {
    /// The program sees this error.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The host cannot do this; the run ends without a verdict.
    #[error("{} is not supported here", .0.mnemonic())]
    Unsupported(HostOperation),
}
