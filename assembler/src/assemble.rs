//! Text to module: reads a source line by line, then resolves what names mean.
//!
//! Every line is read once. What it can only mean when the whole file is known (targets, constants and imports
//! defined further down) waits in `deferred`, with the instruction's place kept in the code. A line with an
//! error counts as one instruction, so that one mistake does not make others.

use std::{collections::HashMap, mem};

use ttvm_bytecode::Module;
use ttvm_isa::{OpCode, OperandKind, Text};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    grammar::{BlockKind, DIRECTIVES, Failure, Instruction, Statement, Word, is_end, known_words, parse_line},
    limits::Limits,
    problem::Problem,
    source::{SourceLine, Span, is_blank, lines},
};

mod block;
mod computation;
mod directive;
mod literal;
mod names;
mod receive;
mod settings;
mod supervisor;
mod target;

#[cfg(test)]
mod limit_tests;

use self::{
    block::Blocks,
    computation::Callback,
    literal::{Literals, Reading},
    names::NameTable,
    receive::Receive,
    supervisor::Supervised,
};

/// What became of a text.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// The program; where there are errors, only what could be read of it.
    pub module: Module,
    /// Everything there is to say about the text, in its order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Assembly {
    /// Whether the module is what the text says.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.has_errors()
    }

    /// Whether a diagnostic is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Assembles the text of a `.ttvm` file, whatever its bytes are.
///
/// ```
/// let assembly = ttvm_assembler::assemble("hello.ttvm", b"PUSH_STR hello\nPRNT");
/// assert_eq!(assembly.module.code.len(), 2);
/// let said = assembly.diagnostics[0].to_string();
/// assert_eq!(said, "2:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)");
/// ```
///
/// `source_name` is how messages at run time call the file, unless it names itself with `.source`.
#[must_use]
pub fn assemble(source_name: &str, text: &[u8]) -> Assembly {
    assemble_within(source_name, text, &Limits::REAL)
}

/// Assembles within other limits than the real ones.
pub(crate) fn assemble_within(source_name: &str, text: &[u8], limits: &Limits) -> Assembly {
    let mut assembler = Assembler::new(source_name, text, limits);
    match u64::try_from(text.len()) {
        Ok(bytes) if bytes > limits.source_bytes_max => {
            let start = Span { start: 0, end: 0, line: 1, line_start: 0 };
            let bytes_max = limits.source_bytes_max;
            assembler.diagnostics.report(start, &Problem::SourceTooLarge { bytes, bytes_max });
        }
        _ => {
            for line in lines(text) {
                assembler.line(&line);
            }
            assembler.finish();
        }
    }
    Assembly { module: assembler.module, diagnostics: assembler.diagnostics.finish() }
}

/// An instruction that cannot be understood before the end of the file.
struct Deferred<'a> {
    /// Its place in the code.
    index: u32,
    /// The body it is in.
    body: Option<u32>,
    line: SourceLine<'a>,
    instruction: Instruction<'a>,
}

/// How text lines are numbered for the module: as they come, unless `.line` says otherwise.
#[derive(Clone, Copy)]
enum Numbering {
    /// Text line `text_line` is line `number` of the source, and so on from there.
    From { text_line: u32, number: u32 },
    /// Not known.
    Unknown,
}

struct Assembler<'a> {
    limits: &'a Limits,
    diagnostics: Diagnostics<'a>,
    module: Module,
    blocks: Blocks<'a>,
    names: NameTable<'a>,
    literals: Literals<'a>,
    /// Import prefixes with the place of each.
    prefixes: HashMap<Text, Span>,
    /// What `.export` directives name, in order.
    exports: Vec<(Text, Span)>,
    deferred: Vec<Deferred<'a>>,
    receives: Vec<Receive<'a>>,
    supervised: Vec<Supervised>,
    /// Supervisors, and the children of the present one, with the place of each.
    supervisor_names: HashMap<Text, Span>,
    child_names: HashMap<Text, Span>,
    /// Computations with the place of each, and the functions they name.
    computation_names: HashMap<Text, Span>,
    callbacks: Vec<Callback>,
    /// Instructions with a word that must mean something, and where it stands.
    checked_words: Vec<(u32, Span)>,
    numbering: Numbering,
    source_span: Option<Span>,
    /// Whether the limit of instructions was reached and reported.
    is_full: bool,
}

impl<'a> Assembler<'a> {
    fn new(source_name: &str, text: &'a [u8], limits: &'a Limits) -> Self {
        Self {
            limits,
            diagnostics: Diagnostics::new(text, limits.diagnostics_max),
            module: Module { source: source_name.into(), ..Module::default() },
            blocks: Blocks::default(),
            names: NameTable::default(),
            literals: Literals::new(limits),
            prefixes: HashMap::new(),
            exports: Vec::new(),
            deferred: Vec::new(),
            receives: Vec::new(),
            supervised: Vec::new(),
            supervisor_names: HashMap::new(),
            child_names: HashMap::new(),
            computation_names: HashMap::new(),
            callbacks: Vec::new(),
            checked_words: Vec::new(),
            numbering: Numbering::From { text_line: 1, number: 1 },
            source_span: None,
            is_full: false,
        }
    }

    fn line(&mut self, line: &SourceLine<'a>) {
        if line.is_broken {
            self.diagnostics.report(line.broken_span(), &Problem::InvalidUtf8);
        }
        if self.blocks.is_skipping() {
            if is_end(line.text) {
                self.blocks.stop_skipping();
            }
            return;
        }
        if self.block_line(line) {
            return;
        }
        let parsed = parse_line(line.text);
        if let Some(label) = parsed.label {
            self.label(line, label);
        }
        match parsed.statement {
            Ok(None) => {}
            Ok(Some(Statement::Label(name))) => self.label(line, name),
            Ok(Some(Statement::Instruction(instruction))) => self.instruction(line, instruction),
            Ok(Some(Statement::Directive(word, directive))) => self.directive(line, word, directive),
            Err(failure) => self.failure(line, failure),
        }
    }

    /// Reports why a line cannot be read, and lets it count as an instruction unless it begins like a directive.
    fn failure(&mut self, line: &SourceLine<'a>, failure: Failure<'a>) {
        let is_directive = line.text.trim_start_matches(is_blank).starts_with('.');
        let span = line.span(failure.at);
        let problem =
            failure.problem.unwrap_or_else(|| Problem::UnknownMnemonic { word: failure.at.to_owned(), nearest: None });
        let is_broken_block = is_directive && begins_block(line.text).is_some();
        if is_broken_block {
            self.blocks.start_skipping();
        } else if is_directive {
            self.blocks.expect_surplus_end(line.text);
        }
        // What stands before a broken byte may be cut off anywhere: one message for the line is enough.
        if !line.is_broken {
            let problem = with_proposal(problem, &mut self.diagnostics);
            self.diagnostics.report(span, &problem);
        }
        if !is_directive || is_broken_block {
            self.push(OpCode::Null {}, line);
        }
    }

    fn label(&mut self, line: &SourceLine<'a>, name: Word<'a>) {
        let span = line.span(name.raw);
        self.check_word(line, &name);
        let at = self.next_index();
        // `@` before a name without quotes keeps the label out of the module.
        let is_recorded = name.is_quoted || !name.raw.starts_with('@');
        let body = self.blocks.open_body();
        if let Err(earlier) = self.names.define_label(name.value.clone(), span, at, body, is_recorded) {
            let problem = Problem::DuplicateName { name: name.value.into_owned() };
            self.diagnostics.report_related(span, &problem, &[(earlier, "first here")]);
        }
    }

    fn instruction(&mut self, line: &SourceLine<'a>, instruction: Instruction<'a>) {
        if let Some(words) = instruction.ignored {
            let problem = Problem::WordsIgnored { mnemonic: instruction.info.mnemonic, words: words.to_owned() };
            self.diagnostics.report(line.span(words), &problem);
        }
        self.check_words(line, &instruction);
        let index = self.next_index();
        self.note_word(line, index, &instruction);
        match self.literals.read_instruction(&instruction) {
            Ok(Reading::Complete(op)) => {
                self.push(op, line);
            }
            Ok(Reading::Incomplete) => {
                if self.push(OpCode::Null {}, line) {
                    let body = self.blocks.open_body();
                    self.deferred.push(Deferred { index, body, line: *line, instruction });
                }
            }
            Err(failure) => {
                self.report_piece(line, &failure);
                self.push(OpCode::Null {}, line);
            }
        }
    }

    /// Adds an instruction; whether there was room.
    fn push(&mut self, op: OpCode, line: &SourceLine<'a>) -> bool {
        if self.is_full {
            return false;
        }
        let index = self.next_index();
        if index >= self.limits.instructions_max {
            self.is_full = true;
            let problem = Problem::TooManyInstructions { instructions_max: self.limits.instructions_max };
            self.diagnostics.report(line.span(line.text), &problem);
            return false;
        }
        if self.blocks.open_body().is_none() {
            self.names.settle_outer_labels(index);
        }
        self.module.code.push(op);
        self.module.lines.push(self.number(line.number));
        true
    }

    /// The number that the next instruction gets.
    fn next_index(&self) -> u32 {
        u32::try_from(self.module.code.len()).expect("`push` keeps INSTRUCTIONS_MAX")
    }

    fn number(&self, line: u32) -> u32 {
        match self.numbering {
            Numbering::From { text_line, number } => number.saturating_add(line - text_line),
            Numbering::Unknown => 0,
        }
    }

    fn report_piece(&mut self, line: &SourceLine<'a>, failure: &Failure<'_>) {
        if let Some(problem) = &failure.problem {
            self.diagnostics.report(line.span(failure.at), problem);
        }
    }

    fn check_words(&mut self, line: &SourceLine<'a>, instruction: &Instruction<'a>) {
        for (piece, (_, kind)) in instruction.pieces.iter().zip(instruction.info.operands) {
            // Numbers have limits of their own.
            let is_text = matches!(
                kind,
                OperandKind::Text
                    | OperandKind::OptionalText
                    | OperandKind::Name
                    | OperandKind::Names
                    | OperandKind::Target
            );
            for word in piece.words().iter().filter(|_| is_text) {
                self.check_word(line, word);
            }
        }
    }

    /// Reports what is odd about a word whatever it means.
    fn check_word(&mut self, line: &SourceLine<'a>, word: &Word<'a>) {
        if word.goes_on {
            self.diagnostics.report(line.span(word.raw), &Problem::QuotesKept);
        }
        let (bytes, bytes_max) = (word.value.len(), self.limits.text_bytes_max);
        if bytes > bytes_max as usize {
            self.diagnostics.report(line.span(word.raw), &Problem::TextTooLong { bytes, bytes_max });
        }
    }

    /// Does what had to wait for the end of the file.
    fn finish(&mut self) {
        self.end_of_file();
        let code_len = self.next_index();
        self.names.settle_outer_labels(code_len);
        for deferred in mem::take(&mut self.deferred) {
            match self.resolve(&deferred) {
                Ok(op) => self.module.code[deferred.index as usize] = op,
                Err(failure) => self.report_piece(&deferred.line, &failure),
            }
        }
        self.resolve_receives();
        self.check_supervised();
        self.check_computations();
        self.check_exports();
        self.module.labels = self.names.take_labels();
    }
}

/// Adds the nearest known word to a problem with an unknown one.
pub(crate) fn with_proposal(problem: Problem, diagnostics: &mut Diagnostics<'_>) -> Problem {
    match problem {
        Problem::UnknownMnemonic { word, .. } => {
            let upper = word.to_ascii_uppercase();
            let nearest = diagnostics.nearest(&upper, known_words());
            Problem::UnknownMnemonic { word, nearest }
        }
        Problem::UnknownBlockLine { block, word, .. } => {
            let is_code = word.ends_with(':') || known_words().any(|known| known == word);
            let words = BLOCK_KINDS.iter().find(|kind| kind.directive() == block).map_or(&[][..], |kind| kind.words());
            let nearest = diagnostics.nearest(&word.to_ascii_lowercase(), words.iter().copied()).filter(|_| !is_code);
            Problem::UnknownBlockLine { block, word, nearest, is_code }
        }
        Problem::UnknownDirective { word, .. } => {
            let nearest = diagnostics.nearest(&word.to_ascii_lowercase(), DIRECTIVES.iter().copied());
            Problem::UnknownDirective { word, nearest }
        }
        other => other,
    }
}

const BLOCK_KINDS: [BlockKind; 3] = [BlockKind::Receive, BlockKind::Supervisor, BlockKind::Computation];

/// The block that a line begins, whose lines must not be read as code.
pub(crate) fn begins_block(line: &str) -> Option<BlockKind> {
    let word = line.split(is_blank).find(|word| !word.is_empty());
    BLOCK_KINDS.into_iter().find(|kind| word == Some(kind.directive()))
}
