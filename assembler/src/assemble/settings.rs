//! Settings `key=value` of `.supervisor` and `.computation` blocks: each is known and given once, and its value is read.
//!
//! Which settings there are stands in `supervisor.rs` and `computation.rs`.

use std::collections::HashMap;

use ttvm_isa::Text;

use super::Assembler;
use crate::{
    diagnostic::Diagnostics,
    grammar::{Setting, Token, TokenKind},
    problem::Problem,
    source::{SourceLine, Span},
};

/// A setting and how its value is read.
pub(super) type Known<T> = (&'static str, fn(&mut T, &Setting<'_>, usize) -> Result<(), Wrong>);

/// Why a value is wrong.
pub(super) enum Wrong {
    Expected(&'static str),
    Problem(Problem),
}

/// The settings read so far, with the place of each.
pub(super) type Seen = HashMap<&'static str, Span>;

impl<'a> Assembler<'a> {
    /// Reads settings, each once; whether all could be read.
    pub(super) fn read_settings<T>(
        &mut self,
        line: &SourceLine<'a>,
        word: &'static str,
        target: &mut T,
        known: &'static [Known<T>],
        settings: &[Setting<'a>],
        seen: &mut Seen,
    ) -> bool {
        let mut is_whole = true;
        for setting in settings {
            let span = line.span(setting.key.raw);
            let Some((key, read)) = known.iter().find(|(key, _)| *key == setting.key.raw) else {
                let nearest = self.diagnostics.nearest(setting.key.raw, known.iter().map(|(key, _)| *key));
                let setting = setting.key.raw.to_owned();
                self.diagnostics.report(span, &Problem::UnknownSetting { word, setting, nearest });
                is_whole = false;
                continue;
            };
            if !self.is_first(key, span, seen) {
                is_whole = false;
                continue;
            }
            let at = setting.value[0].raw;
            let problem = match read(target, setting, self.limits.integer_digits_max) {
                Ok(()) => continue,
                Err(Wrong::Problem(problem)) => problem,
                Err(Wrong::Expected(expected)) => {
                    Problem::WrongSetting { setting: key, expected, found: at.to_owned() }
                }
            };
            is_whole = false;
            self.diagnostics.report(line.span(at), &problem);
        }
        is_whole
    }

    /// Whether a setting is given for the first time.
    pub(super) fn is_first(&mut self, key: &'static str, span: Span, seen: &mut Seen) -> bool {
        if let Some(earlier) = seen.get(key) {
            let problem = Problem::DuplicateSetting { setting: key };
            self.diagnostics.report_related(span, &problem, &[(*earlier, "first here")]);
            return false;
        }
        seen.insert(key, span);
        true
    }
}

/// Takes a name that nothing else of its kind may have.
pub(super) fn take_name(diagnostics: &mut Diagnostics<'_>, name: Text, span: Span, names: &mut HashMap<Text, Span>) {
    match names.get(&name) {
        Some(earlier) => {
            let problem = Problem::DuplicateName { name: name.to_string() };
            diagnostics.report_related(span, &problem, &[(*earlier, "first here")]);
        }
        None => {
            names.insert(name, span);
        }
    }
}

/// A name, and the values of settings.
pub(super) fn tokens_of<'t, 'a>(
    name: &'t Token<'a>,
    settings: &'t [Setting<'a>],
) -> impl Iterator<Item = &'t Token<'a>> {
    [name].into_iter().chain(settings.iter().flat_map(|setting| &setting.value))
}

/// The name that a word or string stands for.
pub(super) fn name(token: &Token<'_>) -> Text {
    match &token.kind {
        TokenKind::Text(text) => (**text).into(),
        TokenKind::Word | TokenKind::Number | TokenKind::Name(_) | TokenKind::Sign => token.raw.into(),
    }
}

/// The value, if it is no list.
pub(super) fn single<'t, 'a>(setting: &'t Setting<'a>) -> Option<&'t Token<'a>> {
    if let [token] = setting.value.as_slice() { Some(token) } else { None }
}

/// The name that the value is.
pub(super) fn name_of(setting: &Setting<'_>) -> Option<Text> {
    single(setting).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Text(_))).map(name)
}

/// Which of these words the value is.
pub(super) fn word_of<T: Copy>(setting: &Setting<'_>, all: &[T], word: impl Fn(&T) -> &'static str) -> Option<T> {
    let token = single(setting).filter(|token| token.kind == TokenKind::Word)?;
    all.iter().find(|known| word(known) == token.raw).copied()
}

/// The whole number that the value is, if it is none above `max`.
pub(super) fn number_of(setting: &Setting<'_>, max: u64) -> Option<u64> {
    let token = single(setting).filter(|token| token.kind == TokenKind::Number)?;
    token.raw.replace('_', "").parse().ok().filter(|number| *number <= max)
}

/// `500ms`, `5s`, `2m`, `1h` in milliseconds.
pub(super) fn duration(raw: &str) -> Option<u64> {
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    let factor: u64 = match &raw[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    raw[..digits].parse::<u64>().ok()?.checked_mul(factor)
}
