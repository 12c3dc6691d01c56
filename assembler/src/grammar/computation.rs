//! The lines of a `.computation` block: settings, and supersteps with settings of their own. What they mean is decided in
//! `assemble`.

use super::{
    Failure,
    block::{BlockLine, BlockStatement},
    pattern::Reader,
    supervisor::{Setting, Settings, value},
    token::{Token, TokenKind, tokens},
};
use crate::problem::Problem;

/// What a line says; it may say several things.
#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    /// `processors 4` or, signed, `processors=4`.
    Setting { setting: Setting<'a>, is_signed: bool },
    /// `superstep NAME key=value …`
    Superstep(Settings<'a>),
    /// `checkpoint every=10`
    Group { word: Token<'a>, settings: Vec<Setting<'a>> },
}

/// The line `.computation`.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    pub name: Token<'a>,
    pub items: Vec<Item<'a>>,
}

/// What the words of the block are followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Value,
    NameAndSettings,
    Settings,
}

pub(crate) const SUPERSTEP: &str = "superstep";

/// The words that lines begin with, for proposals; `.end` is the block's.
pub(super) const WORDS: &[&str] = &[
    "initialize",
    SUPERSTEP,
    "finalize",
    "processors",
    "max_supersteps",
    "barrier_timeout",
    "checkpoint",
    "on_crash",
    "combine",
    ".end",
];

fn shape(word: &str) -> Option<Shape> {
    match word {
        "initialize" | "finalize" | "processors" | "max_supersteps" | "barrier_timeout" | "combine" => {
            Some(Shape::Value)
        }
        SUPERSTEP => Some(Shape::NameAndSettings),
        "checkpoint" | "on_crash" => Some(Shape::Settings),
        _ => None,
    }
}

/// Reads the line `.computation`, behind the directive.
pub(super) fn head<'a>(word: &'a str, input: &'a str, digits_max: usize) -> Result<(Head<'a>, &'a str), Failure<'a>> {
    let (behind, rest) = tokens(input)?;
    let all: Vec<Token<'a>> = [Token { raw: word, kind: TokenKind::Word }].into_iter().chain(behind).collect();
    let mut reader = Reader::new(&all, digits_max);
    let name = name(&mut reader, "the name of the computation")?;
    Ok((Head { name, items: items(&mut reader)? }, rest))
}

/// Reads a line of the block.
pub(super) fn line(input: &str, digits_max: usize) -> Result<BlockLine<'_>, Failure<'_>> {
    let (all, rest) = tokens(input)?;
    let items = items(&mut Reader::from_start(&all, digits_max))?;
    let comment = Some(rest).filter(|rest| rest.starts_with(';'));
    Ok(BlockLine { statement: Ok(Some(BlockStatement::Items(items))), comment })
}

fn name<'a>(reader: &mut Reader<'_, 'a>, expected: &'static str) -> Result<Token<'a>, Failure<'a>> {
    match reader.peek() {
        Some(name) if matches!(name.kind, TokenKind::Word | TokenKind::Text(_)) => {
            reader.next();
            Ok(name.clone())
        }
        _ => reader.expected(expected),
    }
}

fn items<'a>(reader: &mut Reader<'_, 'a>) -> Result<Vec<Item<'a>>, Failure<'a>> {
    let mut items = Vec::new();
    while let Some(word) = reader.peek() {
        if word.kind != TokenKind::Word {
            return reader.expected("a setting such as `processors 4`");
        }
        let Some(shape) = shape(word.raw) else {
            let (block, word_text) = (".computation", word.raw.to_owned());
            let problem = Problem::UnknownBlockLine { block, word: word_text, nearest: None, is_code: false };
            return Err(Failure { at: word.raw, problem: Some(problem) });
        };
        let word = word.clone();
        reader.next();
        items.push(match shape {
            Shape::Value => {
                let is_signed = reader.take("=");
                Item::Setting { setting: Setting { key: word, value: value(reader)? }, is_signed }
            }
            Shape::NameAndSettings => {
                let name = name(reader, "the name of the superstep")?;
                Item::Superstep(Settings { word, name, settings: settings(reader)? })
            }
            Shape::Settings => {
                let settings = settings(reader)?;
                if settings.is_empty() {
                    return reader.expected(if word.raw == "checkpoint" { "`every=`" } else { "`restart=`" });
                }
                Item::Group { word, settings }
            }
        });
    }
    Ok(items)
}

/// Reads `key=value` up to what is a setting of the block itself.
fn settings<'a>(reader: &mut Reader<'_, 'a>) -> Result<Vec<Setting<'a>>, Failure<'a>> {
    let mut settings = Vec::new();
    while let Some(key) = reader.peek() {
        if key.kind != TokenKind::Word || shape(key.raw).is_some() {
            break;
        }
        reader.next();
        if !reader.take("=") {
            return reader.expected("`=` and a value");
        }
        settings.push(Setting { key: key.clone(), value: value(reader)? });
    }
    Ok(settings)
}
