//! The text of the result: lines of assembly with their places in the program, depths of the operand stack, and
//! which code can be reached. What cannot be reached is not written.

use std::{collections::HashMap, fmt::Write as _};

use ttvm_isa::{
    Flow,
    info::{INSTRUCTIONS, InstructionInfo},
    spelling::{push_name, push_quoted},
};

use crate::source::Span;

/// A place in the result to jump to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(u32);

#[derive(Debug)]
pub(crate) struct Writer {
    text: String,
    instructions: HashMap<&'static str, &'static InstructionInfo>,
    /// For each label the depth of the operand stack at it, once something goes there.
    depths: Vec<Option<u32>>,
    depth: u32,
    depth_max: u32,
    is_reachable: bool,
    /// The margin of labels: functions indent theirs.
    label_margin: &'static str,
    /// Where the text of the present function's code begins.
    code_start: usize,
    /// The line that the next line of text counts as, if known.
    next_line: Option<u32>,
    /// The place that was last noted beside an instruction.
    noted: Option<(u32, u32)>,
    /// Whether instructions have places in the program.
    has_places: bool,
    count: usize,
}

impl Writer {
    pub(crate) fn new(source_name: &str) -> Self {
        let mut text = String::from(".source ");
        push_quoted(&mut text, source_name);
        text.push('\n');
        Self {
            text,
            instructions: INSTRUCTIONS.iter().map(|info| (info.mnemonic, info)).collect(),
            depths: Vec::new(),
            depth: 0,
            depth_max: 0,
            is_reachable: true,
            label_margin: "",
            code_start: 0,
            next_line: None,
            noted: None,
            has_places: true,
            count: 0,
        }
    }

    /// Begins a function, or the code outside functions if there is no name.
    pub(crate) fn begin<'n>(
        &mut self,
        name: Option<&str>,
        parameters: impl Iterator<Item = &'n str>,
        has_places: bool,
    ) {
        self.text.push('\n');
        if let Some(name) = name {
            self.text.push_str(".fn ");
            push_name(&mut self.text, name);
            for parameter in parameters {
                self.text.push(' ');
                push_name(&mut self.text, parameter);
            }
            self.text.push('\n');
        }
        self.label_margin = if name.is_some() { "  " } else { "" };
        (self.depth, self.depth_max, self.is_reachable) = (0, 0, true);
        (self.next_line, self.noted, self.has_places) = (None, None, has_places);
        self.code_start = self.text.len();
    }

    /// Ends a function; `start` is the label of its first instruction.
    pub(crate) fn end(&mut self, start: Label) {
        if self.depths[start.0 as usize].is_some() {
            let line = format!("{}@{}:\n", self.label_margin, start.0);
            self.text.insert_str(self.code_start, &line);
        }
        self.text.push_str(".end\n");
    }

    /// The deepest operand stack of the present function.
    pub(crate) const fn depth_max(&self) -> u32 {
        self.depth_max
    }

    /// How many instructions have been written.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Writes an instruction as the table has it: a mnemonic and perhaps a constant operand.
    pub(crate) fn plain(&mut self, span: Span, instruction: &str) {
        let mnemonic = instruction.split(' ').next().unwrap_or(instruction);
        let info = self.instructions[mnemonic];
        let pops = match instruction.strip_prefix("MAKE_LIST ") {
            Some(count) => count.parse().expect("the count was written by us"),
            None => info.effect.pops,
        };
        self.instruction(span, instruction, pops, info.effect.pushes, info.flow);
    }

    /// Writes an instruction with a name as its operand.
    pub(crate) fn named(&mut self, span: Span, mnemonic: &str, name: &str) {
        let mut text = format!("{mnemonic} ");
        push_name(&mut text, name);
        self.plain(span, &text);
    }

    /// Writes an instruction whose effect depends on its operand: it takes `pops` values and leaves one.
    pub(crate) fn gathering(&mut self, span: Span, text: &str, pops: usize) {
        let pops = u32::try_from(pops).expect("an argument takes a byte of source, and offsets are 32-bit");
        let mnemonic = text.split(' ').next().unwrap_or(text);
        let flow = self.instructions[mnemonic].flow;
        self.instruction(span, text, pops, 1, flow);
    }

    /// Writes a jump or branch.
    pub(crate) fn jump(&mut self, span: Span, mnemonic: &str, label: Label) {
        // Afterwards nothing may be reachable any more.
        let is_taken = self.is_reachable;
        self.plain(span, &format!("{mnemonic} @{}", label.0));
        if is_taken {
            self.depths[label.0 as usize].get_or_insert(self.depth);
        }
    }

    /// Writes the beginning of a `TRY`: its handler finds the error on the stack.
    pub(crate) fn arm(&mut self, span: Span, handler: Label) {
        self.plain(span, &format!("TRY @{}", handler.0));
        if self.is_reachable {
            self.depths[handler.0 as usize] = Some(self.depth + 1);
        }
    }

    pub(crate) fn new_label(&mut self) -> Label {
        let label = Label(u32::try_from(self.depths.len()).expect("a label takes a byte of source"));
        self.depths.push(None);
        label
    }

    /// Puts a label here. A label that is jumped to from further down must be reached from above too.
    pub(crate) fn place(&mut self, label: Label) {
        if self.is_reachable {
            self.depths[label.0 as usize].get_or_insert(self.depth);
        }
        let Some(depth) = self.depths[label.0 as usize] else { return };
        debug_assert!(!self.is_reachable || self.depth == depth, "the ways to @{} differ in depth", label.0);
        self.depth = depth;
        self.is_reachable = true;
        let line = format!("{}@{}:\n", self.label_margin, label.0);
        self.line(&line);
    }

    fn instruction(&mut self, span: Span, text: &str, pops: u32, pushes: u32, flow: Flow) {
        if !self.is_reachable {
            return;
        }
        let line = if self.has_places { span.line } else { 0 };
        if self.next_line != Some(line) {
            writeln!(self.text, ".line {line}").expect("writing to a String cannot fail");
            self.next_line = Some(line);
        }
        self.text.push_str("    ");
        self.text.push_str(text);
        if self.has_places && self.noted != Some((span.line, span.column)) {
            write!(self.text, "  ; {}:{}", span.line, span.column).expect("writing to a String cannot fail");
            self.noted = Some((span.line, span.column));
        }
        self.line("\n");
        self.count += 1;
        debug_assert!(self.depth >= pops, "{text} finds {} values", self.depth);
        self.depth = self.depth - pops + pushes;
        self.depth_max = self.depth_max.max(self.depth);
        self.is_reachable = matches!(flow, Flow::Next | Flow::Branch | Flow::Call);
    }

    /// Appends the rest of a line.
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        // Line 0 stands for all lines that are not known.
        self.next_line = self.next_line.map(|line| if line == 0 { 0 } else { line + 1 });
    }
}
