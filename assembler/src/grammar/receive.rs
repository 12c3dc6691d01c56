//! The lines of a `.receive` block.

use nom::Parser as _;
use ttvm_isa::receive::{AfterTime, Guard, Pattern};

use super::{
    Failure, Word,
    block::{BlockLine, BlockStatement},
    operand,
    pattern::{Reader, milliseconds_of, variable},
    token::{Token, TokenKind, tokens},
    word::blanks,
};

/// `case PATTERN [when GUARD] -> target`.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    /// Everything before the arrow.
    pub head: Vec<Token<'a>>,
    pub pattern: Pattern,
    pub guard: Option<Guard>,
    pub target: Word<'a>,
}

/// `after TIME -> target`.
#[derive(Clone, Debug)]
pub(crate) struct After<'a> {
    /// Everything before the arrow.
    pub head: Vec<Token<'a>>,
    pub time: AfterTime,
    pub target: Word<'a>,
}

const CASE_FORM: &str = "`->` and a label";
const TIME: &str = "milliseconds, a variable or infinity";
const TARGET: &str = "a label or an instruction number";

/// Reads a line that begins with `case`.
pub(super) fn case(input: &str, digits_max: usize) -> Result<BlockLine<'_>, Failure<'_>> {
    let (mut head, rest) = tokens(input)?;
    let mut reader = Reader::new(&head, digits_max);
    let pattern = reader.pattern()?;
    let guard = if reader.take("when") { Some(reader.guard()?) } else { None };
    if !reader.take("->") {
        return reader.expected(if guard.is_some() { CASE_FORM } else { "`when` and a guard, or `->` and a label" });
    }
    let (target, comment) = target("case", rest, &head)?;
    head.pop();
    Ok(BlockLine { statement: Ok(Some(BlockStatement::Case(Case { head, pattern, guard, target }))), comment })
}

/// Reads a line that begins with `after`.
pub(super) fn after(input: &str, digits_max: usize) -> Result<BlockLine<'_>, Failure<'_>> {
    let (mut head, rest) = tokens(input)?;
    let mut reader = Reader::new(&head, digits_max);
    let time = match reader.peek() {
        Some(token) if token.is("infinity") => Some(AfterTime::Infinity),
        Some(Token { raw, kind: TokenKind::Number }) => milliseconds_of(raw, digits_max).map(AfterTime::Milliseconds),
        Some(token) => variable(token).map(AfterTime::Variable),
        None => None,
    };
    let Some(time) = time else { return reader.expected(TIME) };
    reader.next();
    if !reader.take("->") {
        return reader.expected(CASE_FORM);
    }
    let (target, comment) = target("after", rest, &head)?;
    head.pop();
    Ok(BlockLine { statement: Ok(Some(BlockStatement::After(After { head, time, target }))), comment })
}

/// The target behind the arrow, and a comment behind that.
fn target<'a>(
    taker: &'static str,
    input: &'a str,
    head: &[Token<'a>],
) -> Result<(Word<'a>, Option<&'a str>), Failure<'a>> {
    let (rest, target) = match operand(taker, TARGET).parse(input) {
        Ok(parsed) => parsed,
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => {
            // Where it is missing nothing can be shown: the arrow is to blame.
            let at = if failure.at.is_empty() { head.last().map_or(failure.at, |arrow| arrow.raw) } else { failure.at };
            return Err(Failure { at, ..failure });
        }
        Err(nom::Err::Incomplete(_)) => unreachable!("only complete parsers are used"),
    };
    let (rest, ()) = blanks(rest).expect("there may be no blanks");
    Ok((target, Some(rest).filter(|rest| rest.starts_with(';'))))
}
