//! Bodies and blocks: `.fn`, `.test`, blocks whose lines are no code, those this version cannot run, and their `.end`.

use std::borrow::Cow;

use ttvm_bytecode::{Body, BodyKind};
use ttvm_isa::{Names, Text};

use super::{Assembler, computation::Computation, receive::Receive, target::describe, with_proposal};
use crate::{
    grammar::{BlockKind, BlockStatement, Failure, Token, TokenKind, parse_block_line},
    problem::Problem,
    source::{SourceLine, Span, is_blank},
};

/// Directives that have no `.end`.
const NEVER_BLOCKS: &[&str] = &[".end", ".const", ".export", ".import", ".source", ".line"];

/// Which blocks are open.
#[derive(Default)]
pub(super) struct Blocks<'a> {
    open: Option<OpenBody>,
    /// The block within whose lines we are.
    pub(super) inner: Option<OpenBlock<'a>>,
    /// Whether lines are passed over up to the `.end` of a block that cannot be run.
    is_skipping: bool,
    /// How many `.end`s belong to bodies that were reported as nested and closed early, or to blocks whose first
    /// line could not be read.
    surplus_ends: usize,
}

/// A block whose lines are no code.
pub(super) struct OpenBlock<'a> {
    pub kind: BlockKind,
    /// Where its directive stands.
    pub span: Span,
    /// Whether a line of it was wrong: then nothing is said about what it lacks.
    pub has_errors: bool,
    /// Whether an instruction was found in it; of a missing `.end` one message tells.
    has_code: bool,
    pub content: Content<'a>,
}

/// What a block has held so far.
pub(super) enum Content<'a> {
    Receive(Receive<'a>),
    /// The number of a supervisor of the module.
    Supervisor(usize),
    Computation(Computation),
}

#[derive(Clone, Copy, Debug)]
struct OpenBody {
    /// Its number in the module.
    number: u32,
    directive: &'static str,
    /// Where its directive stands.
    span: Span,
}

impl Blocks<'_> {
    /// The body that the next instruction belongs to.
    pub(super) fn open_body(&self) -> Option<u32> {
        self.open.map(|open| open.number)
    }

    pub(super) const fn is_skipping(&self) -> bool {
        self.is_skipping
    }

    pub(super) const fn start_skipping(&mut self) {
        self.is_skipping = true;
    }

    /// Takes into account that a directive that cannot be read may have been the beginning of a block.
    pub(super) fn expect_surplus_end(&mut self, line: &str) {
        let word = line.split(is_blank).find(|word| !word.is_empty());
        if !word.is_some_and(|word| NEVER_BLOCKS.contains(&word)) {
            self.surplus_ends += 1;
        }
    }

    pub(super) const fn stop_skipping(&mut self) {
        self.is_skipping = false;
    }
}

/// What a body is declared with.
pub(super) struct Declaration<'a> {
    pub kind: BodyKind,
    pub name: Cow<'a, str>,
    pub parameters: Names,
    /// Where the name stands.
    pub name_span: Span,
    /// Where the directive stands.
    pub span: Span,
}

impl<'a> Assembler<'a> {
    /// Begins a body; one that is still open ends before it.
    pub(super) fn begin_body(&mut self, declaration: Declaration<'a>) {
        let directive = match declaration.kind {
            BodyKind::Function => ".fn",
            BodyKind::Test => ".test",
        };
        if let Some(open) = self.blocks.open {
            let body = describe(&self.module.bodies[open.number as usize]);
            let problem = Problem::NestedBody { directive, body };
            self.diagnostics.report_related(declaration.span, &problem, &[(open.span, "the body around it")]);
            self.blocks.surplus_ends += 1;
            self.end_body(open, None);
        }
        let number = u32::try_from(self.module.bodies.len()).expect("each body has a line of the source");
        let start = self.next_index();
        let name: Text = (*declaration.name).into();
        if declaration.kind == BodyKind::Function
            && let Err(earlier) = self.names.define_function(declaration.name, declaration.name_span, number)
        {
            let problem = Problem::DuplicateName { name: name.to_string() };
            self.diagnostics.report_related(declaration.name_span, &problem, &[(earlier, "first here")]);
        }
        let Declaration { kind, parameters, span, .. } = declaration;
        self.module.bodies.push(Body { kind, name, parameters, start, end: start });
        self.blocks.open = Some(OpenBody { number, directive, span });
    }

    /// Begins a block whose lines are no code.
    pub(super) fn begin_block(&mut self, kind: BlockKind, span: Span, content: Content<'a>) {
        self.blocks.inner = Some(OpenBlock { kind, span, has_errors: false, has_code: false, content });
    }

    /// Reads a line within a block whose lines are no code. `false` if there is no such block, or it ends without its
    /// `.end` before this line.
    pub(super) fn block_line(&mut self, line: &SourceLine<'a>) -> bool {
        let Some(mut open) = self.blocks.inner.take() else { return false };
        let parsed = parse_block_line(open.kind, line.text, self.limits.integer_digits_max);
        match parsed.statement {
            Ok(None) => {}
            Ok(Some(BlockStatement::Case(case))) => self.receive_case(&mut open, line, case),
            Ok(Some(BlockStatement::After(after))) => self.receive_after(&mut open, line, after),
            Ok(Some(BlockStatement::Child(child))) => self.supervisor_child(&mut open, line, &child),
            Ok(Some(BlockStatement::Items(items))) => {
                if let Content::Computation(computation) = &mut open.content {
                    self.computation_items(computation, line, &items);
                }
            }
            Ok(Some(BlockStatement::End(_))) => {
                self.end_inner(open);
                return true;
            }
            Ok(Some(BlockStatement::Outside)) => {
                self.diagnostics.report(open.span, &Problem::MissingEnd { directive: open.kind.directive() });
                open.has_errors = true;
                self.end_inner(open);
                return false;
            }
            Err(failure) => self.block_failure(&mut open, line, failure),
        }
        self.blocks.inner = Some(open);
        true
    }

    fn block_failure(&mut self, open: &mut OpenBlock<'a>, line: &SourceLine<'a>, failure: Failure<'a>) {
        open.has_errors = true;
        // What stands before a broken byte may be cut off anywhere: one message for the line is enough.
        let Some(problem) = failure.problem.filter(|_| !line.is_broken) else { return };
        let problem = with_proposal(problem, &mut self.diagnostics);
        if matches!(problem, Problem::UnknownBlockLine { is_code: true, .. })
            && std::mem::replace(&mut open.has_code, true)
        {
            return;
        }
        self.diagnostics.report(line.span(failure.at), &problem);
    }

    fn end_inner(&mut self, open: OpenBlock<'a>) {
        match open.content {
            Content::Receive(receive) => self.end_receive(open.span, open.has_errors, receive),
            Content::Supervisor(number) => self.end_supervisor(open.span, open.has_errors, number),
            Content::Computation(computation) => self.end_computation(open.span, open.has_errors, &computation),
        }
    }

    /// Reports texts of a block that are longer than texts may be.
    pub(super) fn check_tokens<'t>(&mut self, line: &SourceLine<'a>, tokens: impl Iterator<Item = &'t Token<'a>>)
    where
        'a: 't,
    {
        for token in tokens {
            let bytes = match &token.kind {
                TokenKind::Text(text) | TokenKind::Name(text) => text.len(),
                TokenKind::Word | TokenKind::Number | TokenKind::Sign => token.raw.len(),
            };
            let bytes_max = self.limits.text_bytes_max;
            if bytes > bytes_max as usize {
                self.diagnostics.report(line.span(token.raw), &Problem::TextTooLong { bytes, bytes_max });
            }
        }
    }

    /// `.end`.
    pub(super) fn end_block(&mut self, line: &SourceLine<'a>, word: &'a str) {
        match self.blocks.open.take() {
            Some(open) => self.end_body(open, Some(line.span(word))),
            None => match self.blocks.surplus_ends.checked_sub(1) {
                Some(left) => self.blocks.surplus_ends = left,
                None => self.diagnostics.report(line.span(word), &Problem::StrayEnd),
            },
        }
    }

    fn end_body(&mut self, open: OpenBody, end_span: Option<Span>) {
        let end = self.next_index();
        let body = &mut self.module.bodies[open.number as usize];
        body.end = end;
        if body.start == end && !self.is_full {
            let problem = Problem::EmptyBody { body: describe(body) };
            let related: Vec<_> = end_span.map(|span| (span, "ends here")).into_iter().collect();
            self.diagnostics.report_related(open.span, &problem, &related);
        }
    }

    /// Ends what is still open.
    pub(super) fn end_of_file(&mut self) {
        if let Some(mut open) = self.blocks.inner.take() {
            self.diagnostics.report(open.span, &Problem::MissingEnd { directive: open.kind.directive() });
            open.has_errors = true;
            self.end_inner(open);
        }
        if let Some(open) = self.blocks.open.take() {
            let problem = Problem::MissingEnd { directive: open.directive };
            self.diagnostics.report(open.span, &problem);
            let end = self.next_index();
            self.module.bodies[open.number as usize].end = end;
        }
    }
}
