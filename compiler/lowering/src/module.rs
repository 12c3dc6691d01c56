//! A lowered module: register code and the tables around it, all plain data.

use ttvm_bytecode::VerifiedModule;
use ttvm_isa::{Float, Integer, Names, Text};

use crate::{receive::Receive, register::Instruction};

/// Everything the engine needs to run a module.
#[derive(Clone, Debug)]
pub struct RegisterModule {
    /// What it was made from.
    pub verified: VerifiedModule,
    /// The code of all functions that need no exact mode from the start.
    pub code: Vec<Instruction>,
    /// For each register instruction, where it comes from.
    pub origins: Vec<Origin>,
    /// Constants, each once.
    pub constants: Vec<Constant>,
    /// As many and in the order of [`VerifiedModule::functions`].
    pub functions: Vec<RegisterFunction>,
    /// The calls of all functions.
    pub sites: Vec<CallSite>,
    /// The receive tables of all functions.
    pub receives: Vec<Receive>,
}

/// Where a register instruction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Index of the stack instruction.
    pub pc: u32,
    /// Bit 0: source b (or a of a jump) is a temporary; bit 1: source c (or b of a jump) is one.
    pub temporaries: u8,
}

/// A constant of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An int.
    Integer(Integer),
    /// A float.
    Float(Float),
    /// A string or name.
    Text(Text),
}

/// What a function leaves for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Results {
    /// Nothing.
    None,
    /// One value.
    One,
}

/// A function's register code and the layout of its frames.
#[derive(Clone, Debug)]
pub struct RegisterFunction {
    /// Index of the first instruction; meaningless until lowered if `is_exact`.
    pub entry: u32,
    /// Index after the last instruction.
    pub end: u32,
    /// Cells a frame may use, header included.
    pub frame_cells: u32,
    /// Names of the variables in slots 1, 2, …: parameters first, then captures, then the others.
    pub variables: Vec<Text>,
    /// Names of the parameters.
    pub parameters: Names,
    /// Names that `CAPTURE` remembers, in the order of their hidden variables.
    pub captures: Vec<Text>,
    /// The slot with the order in which captures were made; 0 if the function captures one name at most.
    pub capture_order: u16,
    /// The slot after the last variable and hidden variable.
    pub temporaries: u16,
    /// The slot with the order of variables, for functions that print their scope; 0 if none.
    pub scope_order: u16,
    /// Where errors go, by rising start, the ranges not overlapping.
    pub handlers: Vec<HandlerRange>,
    /// What the function leaves when it returns in fixed slots.
    pub results: Results,
    /// The function runs in exact mode from its first instruction.
    pub is_exact: bool,
    /// The function has an operand stack of its own (`.fn` bodies, and the main code of modules).
    pub owns_stack: bool,
    /// The region it belongs to.
    pub region: u32,
}

/// Instructions whose errors go to one handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerRange {
    /// First instruction.
    pub start: u32,
    /// Instruction after the last.
    pub end: u32,
    /// Where the handler begins.
    pub target: u32,
    /// The slot the exception goes to; temporaries from there on are dropped.
    pub slot: u16,
    /// The stack instruction where the handler begins; the code's length if it is the end.
    pub target_pc: u32,
    /// The operand stack's depth the handler cuts to.
    pub depth: u32,
}

/// Whom a site calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of this module.
    Function(u32),
    /// A function exported by an imported module.
    Import {
        /// The prefix of the `.import` directive.
        prefix: Text,
        /// The function's name.
        name: Text,
        /// How many arguments it is called with.
        arguments: u32,
    },
    /// Whatever the value is.
    Value,
}

/// A call: where it is and how to go on after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// Whom it calls.
    pub callee: Callee,
    /// The function it lies in.
    pub function: u32,
    /// The register instruction to go on with.
    pub return_to: u32,
    /// Distance from the caller's frame to the callee's, in cells.
    pub frame_cells: u16,
    /// The slot the result goes to; 0 if none is expected.
    pub destination: u16,
    /// Index of the stack instruction.
    pub pc: u32,
    /// Where the operands are that stay on the stack during the call, lowest first.
    pub operands: Box<[Kept]>,
}

/// Where an operand is that stays on the stack during a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a slot whose value nothing else reads.
    Slot(u16),
    /// In a variable that is read again.
    Variable(u16),
    /// In the constant table.
    Constant(u32),
}

/// Exact-mode code of one function, made on demand.
#[derive(Clone, Debug)]
pub struct ExactCode {
    /// The code.
    pub code: Vec<Instruction>,
    /// Where it comes from.
    pub origins: Vec<Origin>,
    /// Its calls; numbers in the code are indexes here.
    pub sites: Vec<CallSite>,
    /// Its receive tables; numbers in the code are indexes here.
    pub receives: Vec<Receive>,
    /// For each stack instruction of the region, by rising index, where its code begins.
    pub starts: Vec<(u32, u32)>,
    /// Constants beyond those of the module are not needed: indexes are the module's.
    pub frame_cells: u32,
}

impl ExactCode {
    /// Where the code of a stack instruction begins; the final stop if the region does not reach it.
    #[must_use]
    pub fn start_of(&self, pc: u32) -> u32 {
        match self.starts.binary_search_by_key(&pc, |(pc, _)| *pc) {
            Ok(index) => self.starts[index].1,
            Err(_) => u32::try_from(self.code.len()).unwrap_or(u32::MAX).saturating_sub(1),
        }
    }
}

impl RegisterFunction {
    /// The slot of a variable.
    #[must_use]
    pub fn slot_of(&self, name: &str) -> Option<u16> {
        let index = self.variables.iter().position(|variable| &**variable == name)?;
        u16::try_from(index + 1).ok()
    }

    /// Where an error at this register instruction goes.
    #[must_use]
    pub fn handler_at(&self, instruction: u32) -> Option<&HandlerRange> {
        let after = self.handlers.partition_point(|range| range.start <= instruction);
        self.handlers[..after].last().filter(|range| instruction < range.end)
    }
}
