//! The lines of blocks that are no code: `.receive`, `.supervisor` and `.computation`.

use super::{
    DIRECTIVES, Failure,
    computation::{self, Item},
    end,
    receive::{self, After, Case},
    supervisor::{self, Settings},
    word::{bare_word, blanks},
};
use crate::problem::Problem;

/// A kind of block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Receive,
    Supervisor,
    Computation,
}

impl BlockKind {
    /// The directive that begins it.
    pub(crate) const fn directive(self) -> &'static str {
        match self {
            Self::Receive => ".receive",
            Self::Supervisor => ".supervisor",
            Self::Computation => ".computation",
        }
    }

    /// The words its lines begin with.
    pub(crate) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Receive => &["case", "after", ".end"],
            Self::Supervisor => &["child", ".end"],
            Self::Computation => computation::WORDS,
        }
    }
}

/// A line of a block as far as it could be read.
#[derive(Debug)]
pub(crate) struct BlockLine<'a> {
    pub statement: Result<Option<BlockStatement<'a>>, Failure<'a>>,
    /// The comment with its semicolon; unknown when the statement cannot be read.
    pub comment: Option<&'a str>,
}

/// What a line of a block says.
#[derive(Clone, Debug)]
pub(crate) enum BlockStatement<'a> {
    Case(Case<'a>),
    After(After<'a>),
    Child(Settings<'a>),
    /// What a line of a `.computation` block says.
    Items(Vec<Item<'a>>),
    /// `.end`, as written.
    End(&'a str),
    /// A directive that only stands outside: the block has no `.end`.
    Outside,
}

/// Reads a line of a block.
pub(crate) fn parse_block_line(kind: BlockKind, text: &str, digits_max: usize) -> BlockLine<'_> {
    read(kind, text, digits_max).unwrap_or_else(|failure| BlockLine { statement: Err(failure), comment: None })
}

fn read(kind: BlockKind, text: &str, digits_max: usize) -> Result<BlockLine<'_>, Failure<'_>> {
    let (input, ()) = blanks(text).expect("there may be no blanks");
    let Ok((behind, first)) = bare_word(input) else {
        return Ok(BlockLine { statement: Ok(None), comment: Some(input).filter(|rest| rest.starts_with(';')) });
    };
    // No blank need follow: `case[X]` begins with the word `case`.
    let length = input.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(input.len());
    let word = if kind.words().contains(&&input[..length]) { &input[..length] } else { first.raw };
    match (kind, word) {
        (BlockKind::Receive, "case") => receive::case(input, digits_max),
        (BlockKind::Receive, "after") => receive::after(input, digits_max),
        (BlockKind::Supervisor, "child") => supervisor::child(word, &input[length..], digits_max),
        (BlockKind::Computation, word) if word != ".end" && kind.words().contains(&word) => {
            computation::line(input, digits_max)
        }
        (_, ".end") => {
            let (behind, ()) = blanks(behind).expect("there may be no blanks");
            match end(".end", || "nothing".to_owned(), behind) {
                Ok((rest, ())) => {
                    let statement = Ok(Some(BlockStatement::End(first.raw)));
                    Ok(BlockLine { statement, comment: Some(rest).filter(|rest| rest.starts_with(';')) })
                }
                Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure),
                Err(nom::Err::Incomplete(_)) => unreachable!("only complete parsers are used"),
            }
        }
        (_, word) if DIRECTIVES.contains(&word) => {
            Ok(BlockLine { statement: Ok(Some(BlockStatement::Outside)), comment: None })
        }
        (_, word) => {
            let problem = Problem::UnknownBlockLine {
                block: kind.directive(),
                word: word.to_owned(),
                nearest: None,
                is_code: false,
            };
            Err(Failure { at: first.raw, problem: Some(problem) })
        }
    }
}
