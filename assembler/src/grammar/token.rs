//! The words and signs of `.receive`, `.supervisor` and `.computation` blocks, and how they stand next to each other.
//!
//! Blocks have expressions, so unlike on other lines words need no blanks around them. All takes time linear in the line.

use std::borrow::Cow;

use super::{Failure, word::quoted};
use crate::{problem::Problem, source::is_blank};

/// A word or sign.
#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    /// As written.
    pub raw: &'a str,
    pub kind: TokenKind<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind<'a> {
    /// Letters, digits and `_`, not beginning with a digit.
    Word,
    /// What begins with a digit, or a sign and a digit or `inf`.
    Number,
    /// `"text"`.
    Text(Cow<'a, str>),
    /// `$"name"`: a name that is no word.
    Name(Cow<'a, str>),
    /// Anything else.
    Sign,
}

impl Token<'_> {
    /// Whether it is this sign or word.
    pub(crate) fn is(&self, raw: &str) -> bool {
        matches!(self.kind, TokenKind::Sign | TokenKind::Word) && self.raw == raw
    }
}

/// Signs, longer ones before those they begin with.
const SIGNS: &[&str] = &["->", "==", "!=", "<=", ">=", "<", ">", "[", "]", "{", "}", "(", ")", ",", "|", ":", "^", "="];

const EXPECTED: &str = "a word, number, string or sign";

/// The tokens up to `->`, or else up to a comment or the end, and what follows them.
pub(super) fn tokens(input: &str) -> Result<(Vec<Token<'_>>, &str), Failure<'_>> {
    let mut tokens = Vec::new();
    let mut rest = input.trim_start_matches(is_blank);
    while !rest.is_empty() && !rest.starts_with(';') {
        let (token, behind) = token(rest)?;
        let is_arrow = token.is("->");
        tokens.push(token);
        rest = behind.trim_start_matches(is_blank);
        if is_arrow {
            break;
        }
    }
    Ok((tokens, rest))
}

fn token(input: &str) -> Result<(Token<'_>, &str), Failure<'_>> {
    let of_length = |length: usize, kind| (Token { raw: &input[..length], kind }, &input[length..]);
    let first = input.chars().next().expect("the caller has seen a character");
    if first.is_alphabetic() || first == '_' {
        let is_inside = |character: char| character.is_alphanumeric() || character == '_';
        return Ok(of_length(input.find(|character| !is_inside(character)).unwrap_or(input.len()), TokenKind::Word));
    }
    if let Some(length) = number_length(input) {
        return Ok(of_length(length, TokenKind::Number));
    }
    if first == '"' {
        let (text, length) = quoted_value(input)?;
        return Ok(of_length(length, TokenKind::Text(text)));
    }
    if first == '$' && input[1..].starts_with('"') {
        let (name, length) = quoted_value(&input[1..])?;
        return Ok(of_length(length + 1, TokenKind::Name(name)));
    }
    match SIGNS.iter().find(|sign| input.starts_with(**sign)) {
        Some(sign) => Ok(of_length(sign.len(), TokenKind::Sign)),
        None => {
            let at = &input[..first.len_utf8()];
            let problem = Problem::BlockSyntax { expected: EXPECTED, found: Some(at.to_owned()) };
            Err(Failure { at, problem: Some(problem) })
        }
    }
}

/// The value of a string and its length with quotes.
fn quoted_value(input: &str) -> Result<(Cow<'_, str>, usize), Failure<'_>> {
    match quoted(input) {
        Ok((_, word)) => Ok((word.value, word.raw.len())),
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure),
        Err(nom::Err::Incomplete(_)) => unreachable!("only complete parsers are used"),
    }
}

/// How long the number is that the text begins with, if it does; whether it is a right one is decided later.
fn number_length(input: &str) -> Option<usize> {
    let unsigned = input.strip_prefix(['-', '+']).unwrap_or(input);
    let sign_length = input.len() - unsigned.len();
    let is_number = unsigned.starts_with(|first: char| first.is_ascii_digit());
    let is_infinity = sign_length > 0 && unsigned.starts_with("inf");
    if !is_number && !is_infinity {
        return None;
    }
    let is_exponent = |at: usize| is_number && !unsigned.starts_with("0x") && unsigned[..at].ends_with(['e', 'E']);
    let ends = |(at, character): &(usize, char)| match character {
        '-' | '+' => !is_exponent(*at),
        '_' | '.' => false,
        _ => !character.is_alphanumeric(),
    };
    let length = unsigned.char_indices().find(ends).map_or(unsigned.len(), |(at, _)| at);
    Some(sign_length + length)
}

/// The tokens in canonical form: one blank between them, but none where brackets, commas and marks want none.
pub(crate) fn joined<'a>(tokens: impl IntoIterator<Item = &'a Token<'a>>) -> String {
    let mut text = String::new();
    let mut previous: Option<&Token<'_>> = None;
    for token in tokens {
        let is_sign = |token: &Token<'_>, signs: &[&str]| token.kind == TokenKind::Sign && signs.contains(&token.raw);
        let is_tight = previous.is_none_or(|previous| is_sign(previous, &["[", "{", "(", "^", "="]))
            || is_sign(token, &["]", "}", ")", ",", ":", "="]);
        if !is_tight {
            text.push(' ');
        }
        text.push_str(token.raw);
        previous = Some(token);
    }
    text
}
