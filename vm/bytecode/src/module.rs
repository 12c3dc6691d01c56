//! A program as data: the instructions of one source file and everything tools need around them.
//!
//! A `Module` promises nothing; only the verifier turns one into a [`crate::VerifiedModule`] that can run.

use ttvm_isa::{Names, OpCode, Text};

use crate::{computation::ComputationSpec, supervisor::SupervisorSpec};

/// One source file, assembled.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Module {
    /// The name of the source file as the user wrote it, for messages.
    pub source: Text,
    /// All instructions of the file, bodies of functions and tests included.
    pub code: Vec<OpCode>,
    /// The 1-based source line of each instruction; 0 where unknown. As long as `code`.
    pub lines: Vec<u32>,
    /// The bodies declared with `.fn` and `.test`, by rising `start`, never overlapping.
    pub bodies: Vec<Body>,
    /// The labels outside and inside bodies, by rising `at`, for messages, disassembly and calls by name.
    pub labels: Vec<Label>,
    /// Names of the `.fn` bodies that `.export` directives name, in order of the directives.
    pub exports: Vec<Text>,
    /// The `.import` directives, in order.
    pub imports: Vec<Import>,
    /// The `.supervisor` blocks, in order.
    pub supervisors: Vec<SupervisorSpec>,
    /// The `.computation` blocks, in order.
    pub computations: Vec<ComputationSpec>,
}

/// What a body was declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// `.fn name a b`: has an operand stack of its own and returns one value.
    Function,
    /// `.test "title"`: run by `ttvm test` in a fresh machine.
    Test,
}

/// A `.fn` or `.test` block. Execution from outside passes over it; inside, reaching `end` returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Function or test.
    pub kind: BodyKind,
    /// The function's name or the test's title.
    pub name: Text,
    /// Parameter names; empty for tests.
    pub parameters: Names,
    /// Index of the first instruction.
    pub start: u32,
    /// Index after the last instruction; may equal `start`.
    pub end: u32,
}

/// A name for an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The name; within a body it is local to it.
    pub name: Text,
    /// The index of the instruction it marks; the code's length means "stop cleanly".
    pub at: u32,
    /// The index in [`Module::bodies`] of the body it belongs to, if any.
    pub body: Option<u32>,
}

/// `.import "path" as prefix`: links the module's exported functions when the program is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The path as written.
    pub path: Text,
    /// The prefix its functions are called with.
    pub prefix: Text,
}

impl Module {
    /// The body whose instructions include `index`. Bodies must not be empty, as the verifier demands.
    #[must_use]
    pub fn body_of(&self, index: u32) -> Option<(usize, &Body)> {
        let number = self.bodies.partition_point(|body| body.start <= index).checked_sub(1)?;
        let body = &self.bodies[number];
        (index < body.end).then_some((number, body))
    }

    /// The function that a call to `index` enters: one that starts there.
    #[must_use]
    pub fn function_at(&self, index: u32) -> Option<&Body> {
        let (_, body) = self.body_of(index)?;
        (body.start == index && body.kind == BodyKind::Function).then_some(body)
    }

    /// Where execution outside bodies continues when it reaches `index`: behind the bodies that start there.
    /// The code's length means "stop cleanly".
    #[must_use]
    pub fn skip_bodies(&self, index: u32) -> u32 {
        let first = self.bodies.partition_point(|body| body.start < index);
        let mut index = index;
        for body in &self.bodies[first..] {
            if body.start != index {
                break;
            }
            index = body.end;
        }
        index
    }

    /// `file:line` of an instruction, or just the file where the line is unknown.
    #[must_use]
    pub fn place(&self, index: u32) -> String {
        match self.lines.get(index as usize) {
            Some(0) | None => self.source.to_string(),
            Some(line) => format!("{}:{line}", self.source),
        }
    }
}
