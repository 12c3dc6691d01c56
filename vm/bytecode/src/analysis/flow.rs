//! What one instruction does to the state of a frame, and where execution goes from it.

use ttvm_isa::{Flow, OpCode};

use super::{code_length, handlers::HandlerStack};
use crate::{module::Module, verify::Captured};

/// A reachable instruction and the state before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The instruction's index.
    pub pc: u32,
    /// Values on the operand stack that belong to this frame.
    pub depth: u32,
    /// The `TRY` whose handler an error here goes to, with the depth it cuts the stack to.
    pub handler: Option<Handler>,
    /// The captures pending.
    pub captured: Captured,
    /// For `CALL_FUNCTION`: how many arguments the callee is taken to have. The machine checks it.
    pub arguments: u32,
    /// For `END_TRY`: whether it disarms a handler. In catch blocks it does not.
    pub ends_armed: bool,
}

/// A handler armed at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The index of the `TRY`.
    pub try_pc: u32,
    /// The operand stack's depth when it ran; the exception goes on top.
    pub depth: u32,
}

/// Why a region must run in exact mode.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExactReason {
    /// An instruction takes more values than the frame surely has.
    Underflow {
        /// The instruction.
        pc: u32,
        /// Values it takes.
        needed: u32,
        /// Values the frame has.
        depth: u32,
    },
    /// Two ways meet with different depths.
    UnevenDepth {
        /// Where they meet.
        pc: u32,
        /// One depth.
        first: u32,
        /// The other.
        second: u32,
    },
    /// Values from before a `TRY` are taken while it is armed.
    BelowTry {
        /// The instruction.
        pc: u32,
    },
    /// Two ways meet with different handlers armed.
    Handlers {
        /// Where they meet.
        pc: u32,
    },
    /// A label function returns with other than 0 or 1 values, or not always the same number.
    Results {
        /// The instruction that returns.
        pc: u32,
        /// Values it leaves.
        count: u32,
    },
    /// A function that it calls runs in exact mode itself.
    Callee {
        /// The call.
        pc: u32,
    },
}

impl ExactReason {
    /// The instruction where it shows.
    #[must_use]
    pub fn pc(&self) -> u32 {
        match *self {
            Self::Underflow { pc, .. }
            | Self::UnevenDepth { pc, .. }
            | Self::BelowTry { pc }
            | Self::Handlers { pc }
            | Self::Results { pc, .. }
            | Self::Callee { pc } => pc,
        }
    }
}

/// The state of a frame before an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub depth: u32,
    pub handlers: HandlerStack,
    /// Number of the pending captures' list, or [`UNKNOWN_CAPTURES`].
    pub captures: u32,
}

/// The number of captures that differ between the ways to an instruction.
pub(crate) const UNKNOWN_CAPTURES: u32 = u32::MAX;

/// Where execution may go from an instruction, calls aside. Reaching the end of the code or of the body
/// is no successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successors {
    /// The next instruction.
    pub fall_through: Option<u32>,
    /// The target of a jump or handler.
    pub target: Option<u32>,
    /// The targets of a receive table, rising, each once.
    pub cases: Box<[u32]>,
}

impl Successors {
    /// All of them: a place may be among them twice.
    pub fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.fall_through.into_iter().chain(self.jumps())
    }

    /// Those that are jumped to.
    pub fn jumps(&self) -> impl Iterator<Item = u32> + '_ {
        self.target.into_iter().chain(self.cases.iter().copied())
    }
}

/// Where execution may go from the instruction at `pc` within a region of `body` (or of no body).
///
/// # Panics
/// If `pc` is outside the code.
#[must_use]
pub fn successors(module: &Module, body: Option<u32>, pc: u32) -> Successors {
    let op = &module.code[pc as usize];
    let target = match op {
        OpCode::Jmp { target }
        | OpCode::Jz { target }
        | OpCode::Jnz { target }
        | OpCode::Try { target }
        | OpCode::ReceiveTimeout { target }
        | OpCode::BarrierTimeout { target } => inside(module, body, *target),
        _ => None,
    };
    let mut cases: Vec<u32> = op.table_targets().filter_map(|target| inside(module, body, target)).collect();
    cases.sort_unstable();
    cases.dedup();
    let falls = match op.info().flow {
        Flow::Next | Flow::Branch | Flow::Call => true,
        Flow::Jump | Flow::Switch | Flow::Return | Flow::Stop => false,
    };
    let fall_through = if falls { inside(module, body, pc + 1) } else { None };
    Successors { fall_through, target, cases: cases.into() }
}

/// The instruction that `target` means within a region; `None` where it means "return" or "stop cleanly".
#[must_use]
pub fn inside(module: &Module, body: Option<u32>, target: u32) -> Option<u32> {
    match body {
        Some(body) => Some(target).filter(|target| *target < module.bodies[body as usize].end),
        None => {
            let target = module.skip_bodies(target);
            Some(target).filter(|target| *target < code_length(module))
        }
    }
}
