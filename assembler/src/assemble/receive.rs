//! `.receive` blocks: collected line by line, made into a table when the file has been read.
//!
//! The block is one instruction, in the place and with the line of its directive.

use ttvm_isa::{
    OpCode, Text, limits,
    receive::{After as TableAfter, AfterTime, Guard, GuardOperand, Pattern, ReceiveCase, ReceiveError, ReceiveTable},
};

use super::{
    Assembler,
    block::{Content, OpenBlock},
    literal::Constant,
    target::Site,
};
use crate::{
    grammar::{After, BlockKind, Case, Failure, Token, TokenKind},
    problem::Problem,
    source::{SourceLine, Span},
};

/// A `.receive` block.
pub(super) struct Receive<'a> {
    /// The instruction's place in the code, and whether there was room for it.
    index: u32,
    is_placed: bool,
    body: Option<u32>,
    cases: Vec<(SourceLine<'a>, Case<'a>)>,
    after: Option<(SourceLine<'a>, After<'a>)>,
    parts_left: usize,
}

/// What a target belongs to, in messages.
const ARROW: &str = "->";

impl<'a> Assembler<'a> {
    /// `.receive`.
    pub(super) fn begin_receive(&mut self, line: &SourceLine<'a>, word: &'a str) {
        let index = self.next_index();
        let is_placed = self.push(OpCode::Null {}, line);
        let receive = Receive {
            index,
            is_placed,
            body: self.blocks.open_body(),
            cases: Vec::new(),
            after: None,
            parts_left: limits::RECEIVE_PARTS_MAX,
        };
        self.begin_block(BlockKind::Receive, line.span(word), Content::Receive(receive));
    }

    pub(super) fn receive_case(&mut self, open: &mut OpenBlock<'a>, line: &SourceLine<'a>, case: Case<'a>) {
        let Content::Receive(receive) = &mut open.content else { return };
        self.check_tokens(line, case.head.iter());
        self.check_word(line, &case.target);
        let word = case.head[0].raw;
        let limit = if receive.cases.len() == limits::RECEIVE_CASES_MAX {
            Err(ReceiveError::TooManyCases)
        } else {
            case_of(&case).check(&mut receive.parts_left)
        };
        if let Err(reason) = limit {
            open.has_errors = true;
            return self.diagnostics.report(line.span(word), &Problem::ReceiveLimit { reason });
        }
        if let Some((after_line, after)) = &receive.after {
            let first = (after_line.span(after.head[0].raw), "`after` here");
            self.diagnostics.report_related(line.span(word), &Problem::AfterNotLast, &[first]);
        }
        receive.cases.push((*line, case));
    }

    pub(super) fn receive_after(&mut self, open: &mut OpenBlock<'a>, line: &SourceLine<'a>, after: After<'a>) {
        let Content::Receive(receive) = &mut open.content else { return };
        self.check_tokens(line, after.head.iter());
        self.check_word(line, &after.target);
        match &receive.after {
            Some((first_line, first)) => {
                let related = (first_line.span(first.head[0].raw), "`after` here");
                self.diagnostics.report_related(line.span(after.head[0].raw), &Problem::AfterNotLast, &[related]);
            }
            None => receive.after = Some((*line, after)),
        }
    }

    /// What is wrong with targets is only said of blocks that can be read: of others not all is known.
    pub(super) fn end_receive(&mut self, span: Span, has_errors: bool, receive: Receive<'a>) {
        let is_empty = receive.cases.is_empty() && receive.after.is_none();
        if is_empty && !has_errors {
            self.diagnostics.report(span, &Problem::EmptyReceive);
        } else if receive.is_placed && !has_errors {
            self.receives.push(receive);
        }
    }

    /// Makes the tables, now that all labels and constants are known.
    pub(super) fn resolve_receives(&mut self) {
        for receive in std::mem::take(&mut self.receives) {
            let index = receive.index as usize;
            let mut is_whole = true;
            let mut table = ReceiveTable { cases: Vec::with_capacity(receive.cases.len()), after: None };
            for (line, case) in &receive.cases {
                match self.resolve_case(receive.body, line, case) {
                    Ok(case) => table.cases.push(case),
                    Err(failure) => {
                        is_whole = false;
                        self.report_piece(line, &failure);
                    }
                }
            }
            if let Some((line, after)) = &receive.after {
                match self.resolve_after(receive.body, line, after) {
                    Ok(after) => table.after = Some(after),
                    Err(failure) => {
                        is_whole = false;
                        self.report_piece(line, &failure);
                    }
                }
            }
            if is_whole && table.check().is_ok() {
                self.module.code[index] = OpCode::ReceiveMatch { table: table.into() };
            }
        }
    }

    fn resolve_case(
        &mut self,
        body: Option<u32>,
        line: &SourceLine<'a>,
        case: &Case<'a>,
    ) -> Result<ReceiveCase, Failure<'a>> {
        let mut made = case_of(case);
        let bound = made.bound();
        for token in words(&case.head) {
            let is_bound = bound.iter().any(|name| **name == *token.raw);
            if is_bound && self.literals.value_of(token.raw).is_some() {
                let problem = Problem::BoundConstant { name: token.raw.to_owned() };
                return Err(Failure { at: token.raw, problem: Some(problem) });
            }
        }
        let written: Vec<&str> = words(&case.head).map(|token| token.raw).collect();
        let value = |name: &Text| self.literals.value_of(name).filter(|_| written.contains(&&**name)).cloned();
        put_into_pattern(&mut made.pattern, &value);
        if let Some(guard) = &mut made.guard {
            put_into_guard(guard, &value);
        }
        let site = Site { body, line: *line, mnemonic: ARROW, is_call: false };
        made.target = self.jump_target(&site, &case.target)?;
        Ok(made)
    }

    fn resolve_after(
        &mut self,
        body: Option<u32>,
        line: &SourceLine<'a>,
        after: &After<'a>,
    ) -> Result<TableAfter, Failure<'a>> {
        let mut time = after.time.clone();
        if let [_, Token { raw, kind: TokenKind::Word }] = after.head.as_slice()
            && let Some(constant) = self.literals.value_of(raw)
        {
            let milliseconds = match constant {
                Constant::Integer(integer) => integer.to_string().parse().ok(),
                Constant::Float(_) | Constant::Flag(_) | Constant::Text(_) => None,
            };
            time = AfterTime::Milliseconds(milliseconds.ok_or_else(|| Failure {
                at: raw,
                problem: Some(Problem::WrongConstant {
                    word: "after",
                    expected: "milliseconds",
                    name: (*raw).to_owned(),
                    kind: constant.kind(),
                }),
            })?);
        }
        let site = Site { body, line: *line, mnemonic: ARROW, is_call: false };
        Ok(TableAfter { time, target: self.jump_target(&site, &after.target)? })
    }
}

/// The case with a target to be found.
fn case_of(case: &Case<'_>) -> ReceiveCase {
    ReceiveCase { pattern: case.pattern.clone(), guard: case.guard.clone(), target: 0 }
}

fn words<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t Token<'a>> {
    tokens.iter().filter(|token| token.kind == TokenKind::Word)
}

/// Puts constants in place of their names behind `^`.
fn put_into_pattern(pattern: &mut Pattern, value: &impl Fn(&Text) -> Option<Constant>) {
    if let Pattern::Equal(name) = pattern {
        if let Some(constant) = value(name) {
            *pattern = match constant {
                Constant::Integer(integer) => Pattern::Integer(integer),
                Constant::Float(float) => Pattern::Float(float),
                Constant::Flag(flag) => Pattern::Flag(flag),
                Constant::Text(text) => Pattern::Text(text),
            };
        }
        return;
    }
    pattern.parts_mut().into_iter().for_each(|part| put_into_pattern(part, value));
}

/// Puts constants in place of their names. The names that a pattern binds are none.
fn put_into_guard(guard: &mut Guard, value: &impl Fn(&Text) -> Option<Constant>) {
    match guard {
        Guard::All(parts) | Guard::Either(parts) => parts.iter_mut().for_each(|part| put_into_guard(part, value)),
        Guard::Not(part) => put_into_guard(part, value),
        Guard::Compare { left, right, .. } => {
            for side in [left, right] {
                if let GuardOperand::Variable(name) = side
                    && let Some(constant) = value(name)
                {
                    *side = match constant {
                        Constant::Integer(integer) => GuardOperand::Integer(integer),
                        Constant::Float(float) => GuardOperand::Float(float),
                        Constant::Flag(flag) => GuardOperand::Flag(flag),
                        Constant::Text(text) => GuardOperand::Text(text),
                    };
                }
            }
        }
        // By itself a name is a variable: the truth of a constant is known to who writes it.
        Guard::Truth(_) => {}
    }
}
