//! The lines of a `.supervisor` block: names and settings `key=value`. What they mean is decided in `assemble`.

use super::{
    Failure,
    block::{BlockLine, BlockStatement},
    pattern::Reader,
    token::{Token, TokenKind, tokens},
};

/// `key=value`.
#[derive(Clone, Debug)]
pub(crate) struct Setting<'a> {
    pub key: Token<'a>,
    /// One token, or a list with its brackets.
    pub value: Vec<Token<'a>>,
}

/// A name and settings: the line `.supervisor` or `child`.
#[derive(Clone, Debug)]
pub(crate) struct Settings<'a> {
    /// The word the line begins with.
    pub word: Token<'a>,
    pub name: Token<'a>,
    pub settings: Vec<Setting<'a>>,
}

/// Reads a line that begins with `child`.
pub(super) fn child<'a>(word: &'a str, input: &'a str, digits_max: usize) -> Result<BlockLine<'a>, Failure<'a>> {
    let (settings, rest) = settings(word, input, digits_max, "the name of the child")?;
    let comment = Some(rest).filter(|rest| rest.starts_with(';'));
    Ok(BlockLine { statement: Ok(Some(BlockStatement::Child(settings))), comment })
}

/// Reads name and settings behind the first word of a line.
pub(super) fn settings<'a>(
    word: &'a str,
    input: &'a str,
    digits_max: usize,
    name_expected: &'static str,
) -> Result<(Settings<'a>, &'a str), Failure<'a>> {
    let (behind, rest) = tokens(input)?;
    let word = Token { raw: word, kind: TokenKind::Word };
    let all: Vec<Token<'a>> = [word.clone()].into_iter().chain(behind).collect();
    let mut reader = Reader::new(&all, digits_max);
    let name = match reader.peek() {
        Some(name) if matches!(name.kind, TokenKind::Word | TokenKind::Text(_)) => name.clone(),
        _ => return reader.expected(name_expected),
    };
    reader.next();
    let mut settings = Vec::new();
    while let Some(key) = reader.peek() {
        if key.kind != TokenKind::Word {
            return reader.expected("a setting such as `restart=transient`");
        }
        reader.next();
        if !reader.take("=") {
            return reader.expected("`=` and a value");
        }
        settings.push(Setting { key: key.clone(), value: value(&mut reader)? });
    }
    Ok((Settings { word, name, settings }, rest))
}

/// One word, number or string, or a list with its brackets.
pub(super) fn value<'a>(reader: &mut Reader<'_, 'a>) -> Result<Vec<Token<'a>>, Failure<'a>> {
    let mut value = Vec::new();
    match reader.peek() {
        Some(token) if token.is("[") => {
            while let Some(token) = reader.next() {
                value.push(token.clone());
                if token.is("]") {
                    return Ok(value);
                }
            }
            reader.expected("`]`")
        }
        Some(token) if token.kind != TokenKind::Sign => {
            reader.next();
            value.push(token.clone());
            Ok(value)
        }
        _ => reader.expected("a value"),
    }
}
