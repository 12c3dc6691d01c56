//! Words, quoted words and the classic operands that run to the end of the line.
//!
//! All take time linear in the line. Blanks before a word are the caller's to skip.

use std::borrow::Cow;

use nom::{
    Parser as _,
    branch::alt,
    bytes::complete::{is_not, take_while, take_while1},
    character::complete::{anychar, char},
    combinator::{opt, recognize},
    multi::many0_count,
    sequence::pair,
};

use super::{Failure, Parsed, fail};
use crate::{problem::Problem, source::is_blank};

/// A word or the rest of a line.
#[derive(Clone, Debug)]
pub(crate) struct Word<'a> {
    /// As written, quotes included.
    pub raw: &'a str,
    /// What it stands for.
    pub value: Cow<'a, str>,
    /// Whether it stands in quotes, so that it can be no number, constant or sugar.
    pub is_quoted: bool,
    /// Whether it has quotes inside that did not end it and goes on behind the last of them: hardly meant.
    pub goes_on: bool,
}

impl<'a> Word<'a> {
    fn bare(raw: &'a str) -> Self {
        Self { raw, value: Cow::Borrowed(raw), is_quoted: false, goes_on: false }
    }
}

/// Skips blanks, of which there may be none.
pub(super) fn blanks(input: &str) -> Parsed<'_, ()> {
    take_while(is_blank).map(|_| ()).parse(input)
}

/// A run of characters up to a blank or comment.
pub(super) fn bare_word(input: &str) -> Parsed<'_, Word<'_>> {
    take_while1(|character| !is_blank(character) && character != ';').map(Word::bare).parse(input)
}

/// A word, quoted or not.
pub(super) fn word(input: &str) -> Parsed<'_, Word<'_>> {
    alt((quoted_word, bare_word)).parse(input)
}

/// A quoted word with nothing right behind its closing quote.
fn quoted_word(input: &str) -> Parsed<'_, Word<'_>> {
    let (rest, word) = quoted(input)?;
    let behind = rest.trim_start_matches(|character| !is_blank(character) && character != ';');
    let glued = &rest[..rest.len() - behind.len()];
    if glued.is_empty() { Ok((rest, word)) } else { fail(glued, Problem::TextAfterQuote { found: glued.to_owned() }) }
}

/// `"name":`, or nothing if the quotes are followed by anything but a colon.
pub(super) fn quoted_label(input: &str) -> Parsed<'_, Word<'_>> {
    let (rest, word) = quoted(input)?;
    let (rest, _) = char(':').parse(rest)?;
    if rest.is_empty() || rest.starts_with(|character| is_blank(character) || character == ';') {
        return Ok((rest, word));
    }
    let glued = rest.split(is_blank).next().unwrap_or_default();
    fail(glued, Problem::TextAfterQuote { found: glued.to_owned() })
}

/// From a quote to the next one that no backslash precedes.
pub(super) fn quoted(input: &str) -> Parsed<'_, Word<'_>> {
    let (inside, _) = char('"').parse(input)?;
    let piece = alt((recognize(pair(char('\\'), anychar)), is_not("\"\\")));
    let (rest, content) = recognize(many0_count(piece)).parse(inside)?;
    let (rest, closing) = opt(char('"')).parse(rest)?;
    if closing.is_none() {
        return fail(unclosed(input), Problem::UnclosedString);
    }
    let raw = &input[..input.len() - rest.len()];
    Ok((rest, Word { raw, value: unescape(content)?, is_quoted: true, goes_on: false }))
}

/// The rest of the line up to a comment as one operand: in quotes, or bare and trimmed.
pub(super) fn rest_of_line(input: &str) -> Parsed<'_, Word<'_>> {
    if input.starts_with('"') {
        return quoted_rest(input);
    }
    let len = bare_len(input);
    let raw = input[..len].trim_end_matches(is_blank);
    if raw.is_empty() {
        return Err(nom::Err::Error(Failure { at: input, problem: None }));
    }
    Ok((&input[raw.len()..], Word::bare(raw)))
}

/// How far bare text reaches: to a semicolon that does not stand between two quotes.
fn bare_len(input: &str) -> usize {
    let mut from = 0;
    while let Some(found) = input[from..].find([';', '"']) {
        let at = from + found;
        if input[at..].starts_with(';') {
            return at;
        }
        from = match input[at + 1..].find('"') {
            Some(closing) => at + 1 + closing + 1,
            // A lone quote, as in `5" pipe`, protects nothing; no further quote follows.
            None => return input[at..].find(';').map_or(input.len(), |semicolon| at + semicolon),
        };
    }
    input.len()
}

/// An operand that begins with a quote.
///
/// Classic programs have quotes within quotes: a quote ends the operand only if nothing but a comment follows.
/// Otherwise it is kept, and from there on a semicolon begins a comment until the next quote.
fn quoted_rest(input: &str) -> Parsed<'_, Word<'_>> {
    let mut from = 1;
    let mut is_inside = true;
    let mut has_inner_quotes = false;
    while let Some(found) = input[from..].find(['"', '\\', ';']) {
        let at = from + found;
        let behind = &input[at + 1..];
        match input.as_bytes()[at] {
            b'\\' => from = at + 1 + behind.chars().next().map_or(0, char::len_utf8),
            b'"' => {
                let next = behind.trim_start_matches(is_blank);
                if next.is_empty() || next.starts_with(';') {
                    let value = unescape(&input[1..at])?;
                    return Ok((behind, Word { raw: &input[..=at], value, is_quoted: true, goes_on: false }));
                }
                is_inside = !is_inside;
                has_inner_quotes = true;
                from = at + 1;
            }
            _ if is_inside => from = at + 1,
            _ => return unfinished(input, at),
        }
    }
    if has_inner_quotes { unfinished(input, input.len()) } else { fail(unclosed(input), Problem::UnclosedString) }
}

/// An operand that begins with a quote and ends, at `end`, without one, as in `"x" y`: as in the classic machine the
/// first quote is dropped and the others are kept.
fn unfinished(input: &str, end: usize) -> Parsed<'_, Word<'_>> {
    let raw = input[..end].trim_end_matches(is_blank);
    let value = unescape(&raw[1..])?;
    Ok((&input[raw.len()..], Word { raw, value, is_quoted: true, goes_on: true }))
}

fn unclosed(input: &str) -> &str {
    input.trim_end_matches(is_blank)
}

/// What the inside of a string stands for.
fn unescape(content: &str) -> Result<Cow<'_, str>, nom::Err<Failure<'_>>> {
    let Some(first) = content.find('\\') else { return Ok(Cow::Borrowed(content)) };
    let mut value = String::with_capacity(content.len());
    value.push_str(&content[..first]);
    let mut left = &content[first..];
    while let Some(escape) = left.strip_prefix('\\') {
        let (character, escape_len) = match escape.as_bytes().first() {
            Some(b'n') => (Some('\n'), 1),
            Some(b't') => (Some('\t'), 1),
            Some(b'r') => (Some('\r'), 1),
            Some(b'0') => (Some('\0'), 1),
            Some(b'\\') => (Some('\\'), 1),
            Some(b'"') => (Some('"'), 1),
            Some(b'u') => unicode_escape(escape),
            _ => (None, escape.chars().next().map_or(0, char::len_utf8)),
        };
        let Some(character) = character else {
            let at = &left[..=escape_len];
            let problem = Some(Problem::UnknownEscape { escape: at.to_owned() });
            return Err(nom::Err::Failure(Failure { at, problem }));
        };
        value.push(character);
        left = &escape[escape_len..];
        let plain_len = left.find('\\').unwrap_or(left.len());
        value.push_str(&left[..plain_len]);
        left = &left[plain_len..];
    }
    Ok(Cow::Owned(value))
}

/// The character of `u{1F600}`, one to six hexadecimal digits, and the length of the escape.
fn unicode_escape(escape: &str) -> (Option<char>, usize) {
    const DIGITS_MAX: usize = 6;
    let Some(after_brace) = escape.strip_prefix("u{") else { return (None, 1) };
    let digits_len = after_brace.bytes().take_while(u8::is_ascii_hexdigit).take(DIGITS_MAX).count();
    if !after_brace[digits_len..].starts_with('}') {
        return (None, "u{".len() + digits_len);
    }
    let code = u32::from_str_radix(&after_brace[..digits_len], 16).ok();
    (code.and_then(char::from_u32), "u{}".len() + digits_len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(input: &str) -> String {
        match rest_of_line(input) {
            Ok((left, word)) => format!("{:?} {} then {left:?}", word.value, word.goes_on),
            Err(nom::Err::Failure(failure)) => {
                format!("{:?} at {:?}", failure.problem.expect("failures have problems").code(), failure.at)
            }
            Err(_) => "nothing".to_owned(),
        }
    }

    #[test]
    fn bare_text_runs_to_the_comment_and_is_trimmed() {
        assert_eq!(rest("hello  world \t; c"), r#""hello  world" false then " \t; c""#);
        assert_eq!(rest("; c"), "nothing");
        assert_eq!(rest(""), "nothing");
    }

    #[test]
    fn quotes_within_bare_text_are_kept_and_protect_semicolons() {
        assert_eq!(rest(r#"say "a;b" now ; c"#), r#""say \"a;b\" now" false then " ; c""#);
        assert_eq!(rest(r#"5" pipe ; c"#), r#""5\" pipe" false then " ; c""#);
        assert_eq!(rest(r"back\slash"), r#""back\\slash" false then """#);
    }

    #[test]
    fn a_quote_ends_the_operand_only_before_a_comment_or_the_end() {
        assert_eq!(rest(r#""a;b" ; c"#), r#""a;b" false then " ; c""#);
        assert_eq!(rest(r#""say "hi" now""#), r#""say \"hi\" now" false then """#);
        assert_eq!(rest(r#""" ; empty"#), r#""" false then " ; empty""#);
        assert_eq!(rest(r#""a" and "b""#), r#""a\" and \"b" false then """#);
    }

    #[test]
    fn text_behind_an_inner_quote_goes_on_as_the_classic_machine_read_it() {
        assert_eq!(rest(r#""x" y"#), r#""x\" y" true then """#);
        assert_eq!(rest(r#""x" y ; c"#), r#""x\" y" true then " ; c""#);
    }

    #[test]
    fn escapes_are_read_in_quotes() {
        assert_eq!(rest(r#""\n\t\r\0\\\"\u{1F600}\u{41}""#), format!("{:?} false then \"\"", "\n\t\r\0\\\"😀A"));
    }

    #[test]
    fn unknown_escapes_are_shown_as_a_whole() {
        assert_eq!(rest(r#""a\qb""#), r#"UnknownEscape at "\\q""#);
        assert_eq!(rest(r#""\é""#), r#"UnknownEscape at "\\é""#);
        assert_eq!(rest(r#""\u{D800}""#), r#"UnknownEscape at "\\u{D800}""#);
        assert_eq!(rest(r#""\u{1234567}""#), r#"UnknownEscape at "\\u{123456""#);
        assert_eq!(rest(r#""\u{}""#), r#"UnknownEscape at "\\u{}""#);
        assert_eq!(rest(r#""\u41""#), r#"UnknownEscape at "\\u""#);
    }

    #[test]
    fn an_open_string_is_refused() {
        assert_eq!(rest(r#""abc "#), r#"UnclosedString at "\"abc""#);
        assert_eq!(rest(r#""abc\""#), r#"UnclosedString at "\"abc\\\"""#);
        assert_eq!(rest(r#"""#), r#"UnclosedString at "\"""#);
    }
}
