//! Turns verified stack code into register code. It cannot fail: if it could, a verifier rule would be missing.
//!
//! Operand stack positions become slots of the frame; constants and variable reads are not copied until they
//! are used; results go straight to the variable or call frame they are stored in; comparisons fuse with
//! the jump behind them. See `docs/internals/lowering.md`.
//!
//! Not here: values, frames and what the operations do (the crate `ttvm-engine`).

#![forbid(unsafe_code)]

pub mod builtin;
pub mod module;
pub mod receive;
pub mod register;

mod calls;
mod constants;
mod exact;
mod function;
mod fuse;
mod instructions;
mod processes;
mod stack;
mod variables;

use ttvm_bytecode::VerifiedModule;

pub use crate::{
    builtin::Builtin,
    exact::lower_exact,
    module::{
        CallSite, Callee, Constant, ExactCode, HandlerRange, Kept, Origin, RegisterFunction, RegisterModule, Results,
    },
    receive::Receive,
    register::{Instruction, Op},
};

/// Lowers a module. Functions that run in exact mode from the start get no code here but by [`lower_exact`].
#[must_use]
pub fn lower(verified: VerifiedModule) -> RegisterModule {
    let mut constants = constants::Constants::default();
    constants.add_all(&verified);
    let mut lowered = RegisterModule {
        verified: verified.clone(),
        code: Vec::new(),
        origins: Vec::new(),
        constants: Vec::new(),
        functions: Vec::with_capacity(verified.functions().len()),
        sites: Vec::new(),
        receives: Vec::new(),
    };
    let lookup = function::FunctionLookup::new(&verified);
    for number in 0..verified.functions().len() {
        let number = u32::try_from(number).expect("V10: shared code bounds the number of functions");
        let function = function::lower_function(&verified, number, &lookup, &constants, &mut lowered);
        lowered.functions.push(function);
    }
    lowered.constants = constants.into_list();
    lowered
}
