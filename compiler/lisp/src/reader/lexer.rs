//! Text to tokens, with the place of each.

use super::atom::{atom, integer};
use crate::{datum::DatumKind, error::Errors, problem::Problem, source::Span};

/// A piece of the text that means something by itself.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    Open(char),
    Close(char),
    Quote,
    /// `#;`.
    Skip,
    Atom(DatumKind),
    /// Something that goes on to the end of the text; reported.
    Unclosed,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
}

const QUASIQUOTE_HELP: &str = "build the list with `list` and `append`";

/// Whether a character ends a word.
fn is_delimiter(character: char) -> bool {
    character.is_whitespace() || "()[]{}\"';`,".contains(character)
}

impl<'a> Lexer<'a> {
    /// A byte order mark at the beginning belongs to no token.
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Self { text, at, line: 1, column: 1 }
    }

    /// The next token and its place.
    pub(super) fn next(&mut self, errors: &mut Errors) -> Option<(Token, Span)> {
        loop {
            if let Some(unclosed) = self.skip_blanks(errors) {
                return Some((Token::Unclosed, unclosed));
            }
            let start = self.here();
            let first = self.peek()?;
            let token = match first {
                '(' | '[' => self.single(Token::Open(first)),
                ')' | ']' => self.single(Token::Close(first)),
                '\'' => self.single(Token::Quote),
                '"' => self.string(errors),
                '#' => self.sharp(errors),
                // What follows a backquote is read as if it were quoted, which it nearly is.
                '`' => {
                    self.advance();
                    self.unknown(start, "quasiquotation is", Some(QUASIQUOTE_HELP), errors);
                    Token::Quote
                }
                ',' => {
                    self.advance();
                    self.unknown(start, "quasiquotation is", Some(QUASIQUOTE_HELP), errors);
                    continue;
                }
                '{' | '}' => {
                    self.advance();
                    self.unknown(start, "braces are", Some("objects are written `(object \"key\" value)`"), errors);
                    continue;
                }
                _ => {
                    let word = self.word();
                    Token::Atom(atom(word, start.up_to(self.offset()), errors))
                }
            };
            return Some((token, start.up_to(self.offset())));
        }
    }

    /// Reports what began at `start` as no part of the language.
    fn unknown(&self, start: Span, what: &str, help: Option<&'static str>, errors: &mut Errors) {
        let what = what.to_owned();
        errors.report(start.up_to(self.offset()), Problem::UnknownSyntax { what, help });
    }

    fn single(&mut self, token: Token) -> Token {
        self.advance();
        token
    }

    /// Skips blanks and comments. Gives the place of a block comment that never ends.
    fn skip_blanks(&mut self, errors: &mut Errors) -> Option<Span> {
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with(char::is_whitespace) {
                self.advance();
            } else if rest.starts_with(';') {
                while self.peek().is_some_and(|character| character != '\n') {
                    self.advance();
                }
            } else if rest.starts_with("#|") {
                let start = self.here();
                if !self.skip_block_comment() {
                    errors.report(start.up_to(start.start + 2), Problem::Unclosed { opening: "#|", closing: "|#" });
                    return Some(start);
                }
            } else {
                return None;
            }
        }
    }

    /// Skips a block comment with those inside it; false if it never ends.
    fn skip_block_comment(&mut self) -> bool {
        let mut depth = 0usize;
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with("#|") {
                depth += 1;
                self.advance();
                self.advance();
            } else if rest.starts_with("|#") {
                depth -= 1;
                self.advance();
                self.advance();
                if depth == 0 {
                    return true;
                }
            } else if self.advance().is_none() {
                return false;
            }
        }
    }

    /// What begins with `#`.
    fn sharp(&mut self, errors: &mut Errors) -> Token {
        let start = self.here();
        let rest = &self.text[self.at..];
        if rest.starts_with("#;") {
            self.advance();
            self.advance();
            return Token::Skip;
        }
        if rest.starts_with("#(") {
            self.advance();
            self.unknown(start, "`#(` is", Some("write `'(...)` or `(list ...)`"), errors);
            return Token::Quote;
        }
        if rest.starts_with("#\\") {
            self.advance();
            self.advance();
            return Token::Atom(self.character(start, errors));
        }
        let word = self.word();
        let span = start.up_to(self.offset());
        let kind = match word {
            "#t" | "#true" => DatumKind::Flag(true),
            "#f" | "#false" => DatumKind::Flag(false),
            _ if word.starts_with("#x") => integer(word, 16, span, errors),
            _ if word.starts_with("#b") => integer(word, 2, span, errors),
            _ => {
                let what = format!("`{}` is", ttvm_diagnostics::excerpt(word));
                errors.report(
                    span,
                    Problem::UnknownSyntax { what, help: Some("`#` begins `#t #f #x1F #b101 #\\a #; #|`") },
                );
                DatumKind::Broken
            }
        };
        Token::Atom(kind)
    }

    /// A character behind `#\`: a string of that character.
    fn character(&mut self, start: Span, errors: &mut Errors) -> DatumKind {
        let begin = self.at;
        if self.advance().is_none() {
            errors.report(start, Problem::NothingBehind { prefix: "#\\" });
            return DatumKind::Broken;
        }
        while self.peek().is_some_and(|character| !is_delimiter(character)) {
            self.advance();
        }
        let word = &self.text[begin..self.at];
        let text = match word {
            "space" => " ",
            "newline" => "\n",
            "tab" => "\t",
            "return" => "\r",
            "null" => "\0",
            _ => word,
        };
        if text.chars().count() != 1 {
            let what = format!("the character `#\\{}` is", ttvm_diagnostics::excerpt(word));
            let help = Some("named characters are `space newline tab return null`");
            errors.report(start.up_to(self.offset()), Problem::UnknownSyntax { what, help });
            return DatumKind::Broken;
        }
        DatumKind::Text(text.to_owned())
    }

    fn string(&mut self, errors: &mut Errors) -> Token {
        let start = self.here();
        self.advance();
        let mut value = String::new();
        loop {
            let place = self.here();
            match self.advance() {
                None => {
                    errors.report(start.up_to(start.start + 1), Problem::UnclosedString);
                    return Token::Unclosed;
                }
                Some('"') => break,
                Some('\\') => match self.escape() {
                    Some(character) => value.push(character),
                    None => {
                        let span = place.up_to(self.offset());
                        let escape = self.text[span.spot().span].to_owned();
                        errors.report(span, Problem::UnknownEscape { escape });
                    }
                },
                Some(character) => value.push(character),
            }
        }
        let found_max = ttvm_isa::limits::TEXT_BYTES_MAX as usize;
        if value.len() > found_max {
            let problem = Problem::TooLong { what: "string", found: value.len(), unit: "bytes", found_max };
            errors.report(start.up_to(self.offset()), problem);
            return Token::Atom(DatumKind::Broken);
        }
        Token::Atom(DatumKind::Text(value))
    }

    /// What stands behind a backslash; passes over as much as it understands.
    fn escape(&mut self) -> Option<char> {
        match self.peek()? {
            'u' => {
                self.advance();
                let rest = self.text[self.at..].strip_prefix('{')?;
                let length = rest.bytes().take(7).position(|byte| byte == b'}')?;
                let digits = &rest[..length];
                if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                for _ in 0..digits.len() + 2 {
                    self.advance();
                }
                u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
            }
            known @ ('n' | 't' | 'r' | '0' | '\\' | '"') => {
                self.advance();
                Some(match known {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '0' => '\0',
                    other => other,
                })
            }
            _ => {
                self.advance();
                None
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let begin = self.at;
        while self.peek().is_some_and(|character| !is_delimiter(character)) {
            self.advance();
        }
        &self.text[begin..self.at]
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(character)
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.at).expect("limits::SOURCE_BYTES_MAX fits in 32 bits and longer sources are refused first")
    }

    fn here(&self) -> Span {
        let start = self.offset();
        Span { start, end: start, line: self.line, column: self.column }
    }
}
