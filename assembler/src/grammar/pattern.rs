//! Patterns and guards of `.receive` blocks.
//!
//! Reading goes down a level for each bracket, so levels are counted; what the finished case may hold is checked against
//! the same limits by `ReceiveCase::check`.

use ttvm_isa::{
    Float, Integer, Text, limits,
    receive::{
        Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveError, Rest, is_plain_binding, is_plain_variable,
    },
};

use super::{
    Failure,
    token::{Token, TokenKind},
};
use crate::{
    number::{self, IntegerError},
    problem::Problem,
};

const PATTERN: &str = "a pattern";
const GUARD: &str = "a comparison or a variable";
const SIDE: &str = "a variable or a literal";
const VARIABLE: &str = "the name of a variable";

/// Tokens being read.
pub(super) struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
    digits_max: usize,
    level: usize,
}

type Read<'a, T> = Result<T, Failure<'a>>;

impl<'t, 'a> Reader<'t, 'a> {
    /// Reads from the second token on; the first says what follows.
    pub(super) fn new(tokens: &'t [Token<'a>], digits_max: usize) -> Self {
        Self { tokens, at: 1, digits_max, level: 0 }
    }

    /// Reads all tokens.
    pub(super) fn from_start(tokens: &'t [Token<'a>], digits_max: usize) -> Self {
        Self { tokens, at: 0, digits_max, level: 0 }
    }

    /// The token to be read next.
    pub(super) fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Option<&'t Token<'a>> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Takes the next token if it is this sign or word.
    pub(super) fn take(&mut self, raw: &str) -> bool {
        let is_next = self.peek().is_some_and(|token| token.is(raw));
        self.at += usize::from(is_next);
        is_next
    }

    /// Says that something else should come next.
    pub(super) fn expected<T>(&self, expected: &'static str) -> Read<'a, T> {
        let (at, found) = match self.peek() {
            Some(token) => (token.raw, Some(token.raw.to_owned())),
            None => (self.tokens.last().map_or("", |last| last.raw), None),
        };
        Err(Failure { at, problem: Some(Problem::BlockSyntax { expected, found }) })
    }

    fn expect(&mut self, raw: &str, expected: &'static str) -> Read<'a, ()> {
        if self.take(raw) { Ok(()) } else { self.expected(expected) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<'a, T>) -> Read<'a, T> {
        if self.level == limits::RECEIVE_DEPTH_MAX {
            let at = self.peek().or(self.tokens.last()).map_or("", |token| token.raw);
            return Err(Failure { at, problem: Some(Problem::ReceiveLimit { reason: ReceiveError::TooDeep }) });
        }
        self.level += 1;
        let result = read(self);
        self.level -= 1;
        result
    }

    /// The name of a variable.
    fn variable(&mut self, meant: impl Fn(&Token<'_>) -> Option<Text>) -> Read<'a, Text> {
        match self.peek().and_then(meant) {
            Some(name) => {
                self.at += 1;
                Ok(name)
            }
            None => self.expected(VARIABLE),
        }
    }

    /// A variable, or nothing for `_`.
    fn variable_or_any(&mut self) -> Read<'a, Option<Text>> {
        if self.take("_") { Ok(None) } else { self.variable(binding).map(Some) }
    }

    pub(super) fn pattern(&mut self) -> Read<'a, Pattern> {
        self.deeper(Self::pattern_here)
    }

    fn pattern_here(&mut self) -> Read<'a, Pattern> {
        let Some(token) = self.peek() else { return self.expected(PATTERN) };
        if let Some(name) = binding(token) {
            self.at += 1;
            return Ok(Pattern::Bind(name));
        }
        if let Some(literal) = self.literal()? {
            return Ok(match literal {
                GuardOperand::Integer(value) => Pattern::Integer(value),
                GuardOperand::Float(value) => Pattern::Float(value),
                GuardOperand::Text(value) => Pattern::Text(value),
                GuardOperand::Flag(value) => Pattern::Flag(value),
                GuardOperand::Null => Pattern::Null,
                GuardOperand::Variable(_) => unreachable!("variables are no literals"),
            });
        }
        if let Some(kind) = PatternKind::ALL.iter().find(|kind| token.is(kind.word())) {
            self.at += 1;
            return Ok(Pattern::Typed { kind: *kind, name: self.variable_or_any()? });
        }
        match token.raw {
            "_" => self.at += 1,
            "^" => {
                self.at += 1;
                return self.variable(variable).map(Pattern::Equal);
            }
            "[" => return self.list(),
            "{" => return self.object(),
            "exit" => {
                self.at += 1;
                let (from, reason) = (Box::new(self.pattern()?), Box::new(self.pattern()?));
                return Ok(Pattern::Exit { from, reason });
            }
            "down" => {
                self.at += 1;
                let (reference, pid) = (Box::new(self.pattern()?), Box::new(self.pattern()?));
                return Ok(Pattern::Down { reference, pid, reason: Box::new(self.pattern()?) });
            }
            "signal" => {
                self.at += 1;
                return self.signal();
            }
            _ => return self.expected(PATTERN),
        }
        Ok(Pattern::Any)
    }

    fn signal(&mut self) -> Read<'a, Pattern> {
        let Some(TokenKind::Text(name)) = self.peek().map(|token| &token.kind) else {
            return self.expected("the name of a signal in quotes");
        };
        self.at += 1;
        Ok(Pattern::Signal((**name).into()))
    }

    fn list(&mut self) -> Read<'a, Pattern> {
        self.at += 1;
        let (mut items, mut rest) = (Vec::new(), None);
        if self.take("]") {
            return Ok(Pattern::List { items, rest });
        }
        loop {
            if self.take("|") {
                rest = Some(self.variable_or_any()?.map_or(Rest::Any, Rest::Bind));
                self.expect("]", "`]`")?;
                break;
            }
            items.push(self.pattern()?);
            if self.take("]") {
                break;
            }
            if !self.take(",") && !self.peek().is_some_and(|token| token.is("|")) {
                return self.expected("`,`, `|` or `]`");
            }
        }
        Ok(Pattern::List { items, rest })
    }

    fn object(&mut self) -> Read<'a, Pattern> {
        self.at += 1;
        let mut fields: Vec<(Text, Pattern)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        if self.take("}") {
            return Ok(Pattern::Object(fields));
        }
        loop {
            let Some(token) = self.peek() else { return self.expected("the name of a field") };
            let name: Text = match &token.kind {
                TokenKind::Text(name) => (**name).into(),
                TokenKind::Word => token.raw.into(),
                TokenKind::Number | TokenKind::Name(_) | TokenKind::Sign => {
                    return self.expected("the name of a field");
                }
            };
            if !names.insert(name.clone()) {
                let problem = Problem::DuplicateField { name: name.to_string() };
                return Err(Failure { at: token.raw, problem: Some(problem) });
            }
            self.at += 1;
            self.expect(":", "`:` and a pattern")?;
            fields.push((name, self.pattern()?));
            if self.take("}") {
                return Ok(Pattern::Object(fields));
            }
            self.expect(",", "`,` or `}`")?;
        }
    }

    /// The literal that comes next, if one does.
    fn literal(&mut self) -> Read<'a, Option<GuardOperand>> {
        let Some(token) = self.peek() else { return Ok(None) };
        let literal = match (&token.kind, token.raw) {
            (TokenKind::Text(value), _) => GuardOperand::Text((**value).into()),
            (TokenKind::Number, raw) => match number_of(raw, self.digits_max) {
                Ok(Some(number)) => number,
                Ok(None) => return self.expected("a number"),
                Err(problem) => return Err(Failure { at: raw, problem: Some(problem) }),
            },
            (TokenKind::Word, "true") => GuardOperand::Flag(true),
            (TokenKind::Word, "false") => GuardOperand::Flag(false),
            (TokenKind::Word, "null") => GuardOperand::Null,
            (TokenKind::Word, "inf") => GuardOperand::Float(Float::new(f64::INFINITY)),
            (TokenKind::Word, "NaN") => GuardOperand::Float(Float::new(f64::NAN)),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(literal))
    }

    pub(super) fn guard(&mut self) -> Read<'a, Guard> {
        self.joined("or", Guard::Either, |reader| {
            reader.joined("and", Guard::All, |reader| reader.deeper(Self::single_guard))
        })
    }

    fn joined(
        &mut self,
        word: &str,
        join: impl Fn(Vec<Guard>) -> Guard,
        part: impl Fn(&mut Self) -> Read<'a, Guard>,
    ) -> Read<'a, Guard> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(word) {
            parts.push(part(self)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => join(parts),
        })
    }

    fn single_guard(&mut self) -> Read<'a, Guard> {
        if self.take("not") {
            return self.deeper(Self::single_guard).map(|guard| Guard::Not(Box::new(guard)));
        }
        if self.take("(") {
            let guard = self.guard()?;
            self.expect(")", "`)`")?;
            return Ok(guard);
        }
        let start = self.at;
        let left = self.side(GUARD)?;
        let comparison = self.peek().and_then(|token| Comparison::ALL.iter().find(|known| token.is(known.symbol())));
        match (comparison, left) {
            (Some(comparison), left) => {
                self.at += 1;
                Ok(Guard::Compare { comparison: *comparison, left, right: self.side(SIDE)? })
            }
            (None, GuardOperand::Variable(name)) => Ok(Guard::Truth(name)),
            (None, _) if self.peek().is_none_or(|token| token.is("->")) => {
                self.at = start;
                self.expected(GUARD)
            }
            (None, _) => self.expected("`==`, `!=`, `<`, `<=`, `>` or `>=`"),
        }
    }

    fn side(&mut self, expected: &'static str) -> Read<'a, GuardOperand> {
        if let Some(name) = self.peek().and_then(variable) {
            self.at += 1;
            return Ok(GuardOperand::Variable(name));
        }
        match self.literal()? {
            Some(literal) => Ok(literal),
            None => self.expected(expected),
        }
    }
}

/// The variable that a token names where a pattern binds, if it does.
fn binding(token: &Token<'_>) -> Option<Text> {
    variable(token).filter(|name| token.kind != TokenKind::Word || is_plain_binding(name))
}

/// The variable that a token names, if it does.
pub(super) fn variable(token: &Token<'_>) -> Option<Text> {
    match &token.kind {
        TokenKind::Name(name) => Some((**name).into()),
        TokenKind::Word if is_plain_variable(token.raw) => Some(token.raw.into()),
        TokenKind::Word | TokenKind::Number | TokenKind::Text(_) | TokenKind::Sign => None,
    }
}

/// The number that a token is, if it is one.
pub(super) fn number_of(raw: &str, digits_max: usize) -> Result<Option<GuardOperand>, Problem> {
    match number::integer(raw, digits_max) {
        Ok(integer) => Ok(Some(GuardOperand::Integer(integer))),
        Err(IntegerError::NotAnInteger) => Ok(number::float(raw).map(GuardOperand::Float)),
        Err(IntegerError::TooLong { digits }) => Err(Problem::IntegerTooLong { digits, digits_max }),
    }
}

/// The number of milliseconds that a token is, if it is one.
pub(super) fn milliseconds_of(raw: &str, digits_max: usize) -> Option<u64> {
    match number::integer(raw, digits_max) {
        Ok(Integer::Small(small)) => u64::try_from(small).ok(),
        Ok(Integer::Big(big)) => u64::try_from(&*big).ok(),
        Err(IntegerError::NotAnInteger | IntegerError::TooLong { .. }) => None,
    }
}
