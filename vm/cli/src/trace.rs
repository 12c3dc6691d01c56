//! `--trace`: every instruction with the operands it finds, indented by calls.

use std::collections::HashMap;

use ttvm_bytecode::Module;
use ttvm_isa::OpCode;
use ttvm_machine::{Observer, Output, Step, Stream};
use ttvm_value::ops::text::debug_text;

/// Operands shown at most, from the top of the stack.
const OPERANDS_MAX: usize = 6;

/// Characters shown of one operand.
const OPERAND_CHARACTERS_MAX: usize = 60;

/// Deeper calls are not indented further.
const INDENTED_CALLS_MAX: usize = 20;

/// Writes a line for each instruction.
pub struct Tracer {
    output: Output,
    /// The positions of the frames there are.
    frames: Vec<usize>,
    /// Instructions as text, by their address; modules stay where they are.
    texts: HashMap<*const OpCode, String>,
}

impl Tracer {
    /// A tracer that writes to the standard error of `output`.
    pub fn new(output: Output) -> Self {
        Self { output, frames: Vec::new(), texts: HashMap::new() }
    }

    /// Frames below the one at this position.
    fn depth(&mut self, frame: usize) -> usize {
        while self.frames.pop_if(|known| *known > frame).is_some() {}
        if self.frames.last() != Some(&frame) {
            self.frames.push(frame);
        }
        self.frames.len() - 1
    }
}

impl Observer for Tracer {
    fn step(&mut self, step: &Step<'_>) {
        let depth = self.depth(step.frame).min(INDENTED_CALLS_MAX);
        let text = self.texts.entry(step.instruction).or_insert_with(|| text_of(step.instruction));
        let hidden = step.operands.len().saturating_sub(OPERANDS_MAX);
        let mut operands: Vec<String> = Vec::new();
        if hidden > 0 {
            operands.push(format!("... {hidden} more"));
        }
        operands.extend(step.operands[hidden..].iter().map(|value| shorten(&debug_text(value))));
        let instruction = format!("{:indent$}{text}", "", indent = depth * 2);
        let line = format!("{:>5}  {:<24} {instruction:<32} [{}]\n", step.pc, step.place, operands.join(", "));
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

fn shorten(text: &str) -> String {
    match text.char_indices().nth(OPERAND_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
