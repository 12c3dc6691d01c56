//! The instruction set of ttvm: what instructions there are, how they look as text and as bytes, what they
//! do to the operand stack, what they cost, which limits hold, and how errors read.
//!
//! Here: definitions that every other crate reads. Never here: anything that runs, parses or checks a program.
//!
//! Add an instruction by adding a row in `table/*.rs`; the compiler then names every place that must know
//! it (see `docs/adding-things.md`).

#![forbid(unsafe_code)]

#[macro_use]
mod table;

pub mod codec;
pub mod cost;
pub mod fault;
pub mod fold;
pub mod host;
pub mod info;
pub mod limits;
pub mod opcode;
pub mod operand;
pub mod permission;
pub mod process;
pub mod receive;
pub mod reference;
pub mod spelling;

pub use crate::{
    fault::{Fault, SuperstepFault},
    fold::FoldOperation,
    host::{HostOperand, HostOperation},
    info::{Effect, Flow, InstructionInfo},
    opcode::OpCode,
    operand::{Float, Integer, Names, OperandKind, Target, Text},
    permission::{Endpoint, Permissions, Reach, Rights},
    process::ProcessOperation,
};
