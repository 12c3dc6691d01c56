//! `--trace`: every instruction with the operands it finds, indented by calls.

use std::collections::HashMap;

use ttvm_bytecode::Module;
use ttvm_isa::OpCode;
use ttvm_machine::{Observer, Output, Pid, Step, Stream};
use ttvm_value::ops::text::debug_text;

use crate::observe::shorten;

/// Operands shown at most, from the top of the stack.
const OPERANDS_MAX: usize = 6;

/// Characters shown of one operand.
const OPERAND_CHARACTERS_MAX: usize = 60;

/// Deeper calls are not indented further.
const INDENTED_CALLS_MAX: usize = 20;

/// Writes a line for each instruction.
pub struct Tracer {
    output: Output,
    /// The positions of the frames there are, by process.
    frames: HashMap<Pid, Vec<usize>>,
    /// Instructions as text, by their address; modules stay where they are.
    texts: HashMap<usize, String>,
}

impl Tracer {
    /// A tracer that writes to the standard error of `output`.
    pub fn new(output: Output) -> Self {
        Self { output, frames: HashMap::new(), texts: HashMap::new() }
    }

    /// Frames of a process below the one at this position.
    fn depth(&mut self, pid: Pid, frame: usize) -> usize {
        let frames = self.frames.entry(pid).or_default();
        while frames.pop_if(|known| *known > frame).is_some() {}
        if frames.last() != Some(&frame) {
            frames.push(frame);
        }
        frames.len() - 1
    }
}

impl Observer for Tracer {
    fn step(&mut self, pid: Pid, step: &Step<'_>) {
        let depth = self.depth(pid, step.frame).min(INDENTED_CALLS_MAX);
        let text = self
            .texts
            .entry(std::ptr::from_ref(step.instruction) as usize)
            .or_insert_with(|| text_of(step.instruction));
        let hidden = step.operands.len().saturating_sub(OPERANDS_MAX);
        let mut operands: Vec<String> = Vec::new();
        if hidden > 0 {
            operands.push(format!("... {hidden} more"));
        }
        operands
            .extend(step.operands[hidden..].iter().map(|value| shorten(&debug_text(value), OPERAND_CHARACTERS_MAX)));
        let instruction = format!("{:indent$}{text}", "", indent = depth * 2);
        // Main is what most programs are; the lines of others begin with their pid.
        let process = if pid.number() == 1 { String::new() } else { format!("<{pid}> ") };
        let line = format!("{process}{:>5}  {:<24} {instruction:<32} [{}]\n", step.pc, step.place, operands.join(", "));
        self.output.write(Stream::Error, &line);
    }
}

/// An instruction as the disassembler writes it, with numbers for targets.
fn text_of(instruction: &OpCode) -> String {
    let module = Module { code: vec![instruction.clone()], lines: vec![0], ..Module::default() };
    let text = ttvm_assembler::disassemble(&module);
    let line = text.lines().map(str::trim).find(|line| line.starts_with(instruction.mnemonic()));
    line.unwrap_or(instruction.mnemonic()).to_owned()
}
