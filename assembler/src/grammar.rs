//! What one line says: label, instruction or directive, and comment, as pieces of the line.
//!
//! Once the mnemonic or directive is known, failures are cuts: the message is about the operand and no other reading
//! is tried. Which operands an instruction takes comes from the instruction table alone. What numbers and names
//! mean is decided in `assemble`.

use std::slice;

use nom::{
    IResult, Parser as _,
    combinator::{cut, opt, rest, verify},
    multi::many0,
    sequence::{preceded, terminated},
};
use ttvm_isa::{InstructionInfo, OperandKind};

mod block;
mod computation;
mod directive;
mod mnemonic;
mod pattern;
mod receive;
mod supervisor;
mod token;
mod word;

pub(crate) use self::{
    block::{BlockKind, BlockStatement, parse_block_line},
    computation::{Head, Item},
    directive::{DIRECTIVES, Directive},
    mnemonic::{LABEL, known_words},
    receive::{After, Case},
    supervisor::{Setting, Settings},
    token::{Token, TokenKind, joined},
    word::Word,
};

use self::word::{bare_word, blanks, rest_of_line, word};
use crate::problem::Problem;

/// Why a line cannot be read, with the piece of the line to blame.
///
/// Without a problem it only means "this is something else", and another reading is tried.
#[derive(Debug)]
pub(crate) struct Failure<'a> {
    pub at: &'a str,
    pub problem: Option<Problem>,
}

impl<'a> nom::error::ParseError<&'a str> for Failure<'a> {
    fn from_error_kind(input: &'a str, _: nom::error::ErrorKind) -> Self {
        Self { at: input, problem: None }
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = IResult<&'a str, T, Failure<'a>>;

/// A failure that no other reading can mend.
fn fail<'a, T>(at: &'a str, problem: Problem) -> Parsed<'a, T> {
    Err(nom::Err::Failure(Failure { at, problem: Some(problem) }))
}

/// An operand as written.
#[derive(Clone, Debug)]
pub(crate) enum Piece<'a> {
    /// One operand.
    Word(Word<'a>),
    /// Zero or more parameter names.
    Names(Vec<Word<'a>>),
    /// An operand that was left out, as its kind allows.
    Absent,
}

/// An instruction as written: as many pieces as the table lists operands.
#[derive(Clone, Debug)]
pub(crate) struct Instruction<'a> {
    pub info: &'static InstructionInfo,
    pub pieces: Vec<Piece<'a>>,
    /// Words behind an instruction that takes none.
    pub ignored: Option<&'a str>,
}

/// What a line says besides its label and comment.
#[derive(Clone, Debug)]
pub(crate) enum Statement<'a> {
    /// `LABEL name`.
    Label(Word<'a>),
    Instruction(Instruction<'a>),
    /// A directive with the word it begins with.
    Directive(&'a str, Directive<'a>),
}

/// A line as far as it could be read.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// The label of `name:`.
    pub label: Option<Word<'a>>,
    pub statement: Result<Option<Statement<'a>>, Failure<'a>>,
    /// The comment with its semicolon; unknown when the statement cannot be read.
    pub comment: Option<&'a str>,
}

/// Reads a line.
pub(crate) fn parse_line(text: &str) -> Line<'_> {
    let (after_label, label) = match preceded(blanks, opt(terminated(label, blanks))).parse(text) {
        Ok(parsed) => parsed,
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => {
            return Line { label: None, statement: Err(failure), comment: None };
        }
        Err(nom::Err::Incomplete(_)) => unreachable!("only complete parsers are used"),
    };
    match (opt(statement), blanks, opt(comment)).parse(after_label) {
        Ok((_, (statement, (), comment))) => Line { label, statement: Ok(statement), comment },
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => {
            Line { label, statement: Err(failure), comment: None }
        }
        Err(nom::Err::Incomplete(_)) => unreachable!("only complete parsers are used"),
    }
}

/// Whether a line within a block that cannot be run ends that block.
pub(crate) fn is_end(text: &str) -> bool {
    let first: Parsed<'_, Word<'_>> = preceded(blanks, bare_word).parse(text);
    first.is_ok_and(|(_, first)| first.raw == ".end")
}

/// `name:` or `"name":`, with the colon right behind the name.
fn label(input: &str) -> Parsed<'_, Word<'_>> {
    if input.starts_with('"') {
        return word::quoted_label(input);
    }
    let (rest, mut label) = verify(bare_word, |word: &Word<'_>| {
        word.raw.len() > 1 && word.raw.ends_with(':') && !word.raw.starts_with('.')
    })
    .parse(input)?;
    label.raw = &label.raw[..label.raw.len() - 1];
    label.value = label.raw.into();
    Ok((rest, label))
}

fn comment(input: &str) -> Parsed<'_, &str> {
    verify(rest, |comment: &str| comment.starts_with(';')).parse(input)
}

fn statement(input: &str) -> Parsed<'_, Statement<'_>> {
    let (after, first) = word(input)?;
    if first.is_quoted {
        return fail(first.raw, Problem::UnknownMnemonic { word: first.raw.to_owned(), nearest: None });
    }
    let operands = after.trim_start_matches(crate::source::is_blank);
    if first.raw.starts_with('.') {
        return directive::directive(first.raw, operands);
    }
    if first.raw == LABEL {
        let label = cut(operand(LABEL, "a name")).parse(operands);
        return label.map(|(rest, name)| (rest, Statement::Label(name)));
    }
    if let Some(info) = mnemonic::lookup(first.raw) {
        return instruction(first.raw, info, operands);
    }
    fail(first.raw, Problem::UnknownMnemonic { word: first.raw.to_owned(), nearest: None })
}

/// What an instruction takes, read by the kinds in the table.
fn instruction<'a>(mnemonic: &'a str, info: &'static InstructionInfo, input: &'a str) -> Parsed<'a, Statement<'a>> {
    let mut instruction = Instruction { info, pieces: Vec::with_capacity(info.operands.len()), ignored: None };
    // History: `CALL_FUNCTION` once took nothing, so what is no count behind it is ignored like behind the others.
    let ignores_words = info.operands.is_empty() || (info.mnemonic == "CALL_FUNCTION" && !starts_with_digit(input));
    if ignores_words {
        let (rest, words) = opt(rest_of_line).parse(input)?;
        instruction.pieces.extend(info.operands.iter().map(|_| Piece::Absent));
        instruction.ignored = words.map(|words| words.raw);
        return Ok((rest, Statement::Instruction(instruction)));
    }
    let mut input = input;
    for (index, (_, kind)) in info.operands.iter().enumerate() {
        let is_last = index + 1 == info.operands.len();
        let (rest, piece) = piece(info.mnemonic, *kind, is_last, input)
            .map_err(|error| error.map(|failure| blame_mnemonic(failure, mnemonic)))?;
        instruction.pieces.push(piece);
        (input, ()) = blanks(rest)?;
    }
    end(info.mnemonic, || describe(info), input)?;
    Ok((input, Statement::Instruction(instruction)))
}

fn starts_with_digit(input: &str) -> bool {
    input.starts_with(|first: char| first.is_ascii_digit())
}

/// Puts the blame for a missing operand on the mnemonic: where it is missing, nothing can be shown.
fn blame_mnemonic<'a>(failure: Failure<'a>, mnemonic: &'a str) -> Failure<'a> {
    match failure.problem {
        Some(Problem::MissingOperand { .. }) => Failure { at: mnemonic, ..failure },
        _ => failure,
    }
}

fn describe(info: &InstructionInfo) -> String {
    let kinds: Vec<&str> = info.operands.iter().map(|(_, kind)| kind.describe()).collect();
    kinds.join(", ")
}

fn piece<'a>(mnemonic: &'static str, kind: OperandKind, is_last: bool, input: &'a str) -> Parsed<'a, Piece<'a>> {
    match kind {
        OperandKind::Names => many0(terminated(word, blanks)).map(Piece::Names).parse(input),
        OperandKind::OptionalText => opt(rest_of_line).map(|word| word.map_or(Piece::Absent, Piece::Word)).parse(input),
        OperandKind::Receive => fail(input, Problem::MissingOperand { word: mnemonic, expected: kind.describe() }),
        OperandKind::OptionalCount => opt(word).map(|word| word.map_or(Piece::Absent, Piece::Word)).parse(input),
        // The last string, name or label of a line may contain spaces without quotes.
        OperandKind::Text | OperandKind::Name | OperandKind::Target if is_last => {
            operand(mnemonic, kind.describe()).map(Piece::Word).parse(input)
        }
        OperandKind::Integer
        | OperandKind::Float
        | OperandKind::Flag
        | OperandKind::Text
        | OperandKind::Name
        | OperandKind::Target
        | OperandKind::Count => one_word(mnemonic, kind.describe()).map(Piece::Word).parse(input),
    }
}

/// The rest of the line as one operand, which must be there.
fn operand<'a>(
    taker: &'static str,
    expected: &'static str,
) -> impl nom::Parser<&'a str, Output = Word<'a>, Error = Failure<'a>> {
    required(rest_of_line, taker, expected)
}

/// One word, which must be there.
fn one_word<'a>(
    taker: &'static str,
    expected: &'static str,
) -> impl nom::Parser<&'a str, Output = Word<'a>, Error = Failure<'a>> {
    required(word, taker, expected)
}

fn required<'a>(
    mut parser: impl nom::Parser<&'a str, Output = Word<'a>, Error = Failure<'a>>,
    taker: &'static str,
    expected: &'static str,
) -> impl nom::Parser<&'a str, Output = Word<'a>, Error = Failure<'a>> {
    move |input: &'a str| match parser.parse(input) {
        Err(nom::Err::Error(_)) => fail(input, Problem::MissingOperand { word: taker, expected }),
        other => other,
    }
}

/// Nothing more but a comment.
fn end<'a>(taker: &'static str, expected: impl Fn() -> String, input: &'a str) -> Parsed<'a, ()> {
    match rest_of_line(input) {
        Ok((_, extra)) => {
            let found = extra.raw.to_owned();
            fail(extra.raw, Problem::UnexpectedOperand { word: taker, expected: expected(), found })
        }
        Err(nom::Err::Error(_)) => Ok((input, ())),
        Err(error) => Err(error),
    }
}

impl<'a> Piece<'a> {
    /// The words it consists of.
    pub(crate) fn words(&self) -> &[Word<'a>] {
        match self {
            Self::Word(word) => slice::from_ref(word),
            Self::Names(words) => words,
            Self::Absent => &[],
        }
    }
}

impl<'a> Instruction<'a> {
    /// All words of the operands.
    pub(crate) fn words(&self) -> impl Iterator<Item = &Word<'a>> {
        self.pieces.iter().flat_map(Piece::words)
    }
}
