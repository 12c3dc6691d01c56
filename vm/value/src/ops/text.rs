//! Values as text: what `PRINT` writes and the debug form that error texts use.
//!
//! Nested values go on a work list, so depth does not matter. Texts that may get long are written in pieces
//! (`TextInPieces`). Here: all but short texts, which `text/short.rs` tries first.

mod short;

use std::fmt::{self, Write};

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

pub(crate) use self::short::ShortText;
pub use self::short::with_short_text;
use super::{compare::is_small, size::tree_size};
use crate::{
    big::Big,
    heap::{NoRoom, share::SharedValue},
    list::{Item, Items},
    map::Entries,
    object::Fields,
    text::{Str, TextInPieces, pieces},
    value::Value,
    work::{Fuel, Task, whole},
};

/// What an element is worth in steps: 20 to 50 ns.
const STEPS_PER_ITEM: u64 = 8;

/// Bytes of a str that are written at once; a step is worth 64 of them.
const PIECE_BYTES: usize = 1 << 14;

/// Ints of more bits are turned to digits elsewhere: that takes time in the square of their length.
const BITS_AT_ONCE: u64 = 1 << 13;

/// Debug forms in error texts end here, with three dots: an error about a huge list is still a line that
/// can be read, and costs no time in proportion to the list.
const DEBUG_BYTES_MAX: usize = 1 << 16;

/// Larger ints have no digits in debug forms.
const DEBUG_BITS_MAX: u64 = 1 << 19;

/// Texts of values in reports end here, with `…`.
const DISPLAY_BYTES_MAX: usize = 1 << 20;

/// One of the two ways to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Display,
    Debug,
}

/// What is still to be written of a container.
enum Rest<'a> {
    List {
        items: Items<'a>,
        is_first: bool,
    },
    Object {
        fields: Fields<'a>,
        is_first: bool,
    },
    Map {
        entries: Entries<'a>,
        value: Option<Item<'a>>,
        is_first: bool,
    },
    /// A long str.
    Text(&'a str),
    /// A long int.
    Number(&'a Big),
}

/// What `PRINT` writes, cut off with `…` when it gets very long.
#[must_use]
pub fn display_text(value: &Value) -> String {
    bounded(value, Style::Display, DISPLAY_BYTES_MAX, "…")
}

/// The debug form for whoever looks at values in tests and tools, cut off when it gets very long.
#[must_use]
pub fn long_debug_text(value: &Value) -> String {
    bounded(value, Style::Debug, DISPLAY_BYTES_MAX, "...")
}

/// The str that `TO_STR` gives; a str itself is not copied.
///
/// # Errors
/// [`Fault::Limit`] when it is too long or there is no memory.
pub fn to_str(value: &Value) -> Result<Str, Fault> {
    short_to_str(value).unwrap_or_else(|| whole(async |fuel| to_str_in_pieces(value, fuel).await))
}

/// The str that `TO_STR` gives if it is short.
#[must_use]
pub fn short_to_str(value: &Value) -> Option<Result<Str, Fault>> {
    match value {
        Value::Str(text) => Some(Ok(text.clone())),
        other => with_short_text(other, "", Str::new),
    }
}

/// The str that `TO_STR` gives, with pauses.
///
/// # Errors
/// As for [`to_str`].
pub async fn to_str_in_pieces(value: &Value, fuel: &Fuel) -> Result<Str, Fault> {
    if let Value::Str(text) = value {
        return Ok(text.clone());
    }
    fits(value, fuel).await?;
    let mut text = TextInPieces::new();
    push_in_pieces(&mut text, value, fuel).await?;
    text.finish(fuel).await
}

/// The str that `PRINT` writes of a value, with what ends it.
///
/// # Errors
/// As for [`to_str`].
pub async fn line_in_pieces(value: &Value, end: &str, fuel: &Fuel) -> Result<Value, Fault> {
    if let (Value::Str(text), "") = (value, end) {
        return Ok(Value::Str(text.clone()));
    }
    fits(value, fuel).await?;
    let mut text = TextInPieces::new();
    push_in_pieces(&mut text, value, fuel).await?;
    text.write_str(end).map_err(|fmt::Error| NoRoom::Elements)?;
    Ok(Value::Str(text.finish(fuel).await?))
}

/// Fails if the text of a value cannot be as short as a str must be. What is shared within the value is looked at once,
/// but written as often as it occurs: that can be more than any memory holds.
pub(super) async fn fits(value: &Value, fuel: &Fuel) -> Result<(), Fault> {
    let is_large = matches!(value, Value::List(_) | Value::Object(_) | Value::Map(_)) && !is_small(value);
    if is_large && tree_size(value, fuel).await > ELEMENTS_MAX as u64 { Err(NoRoom::Elements.into()) } else { Ok(()) }
}

/// Puts what `PRINT` writes at the end of a text.
pub(super) async fn push_in_pieces(text: &mut TextInPieces, value: &Value, fuel: &Fuel) -> Result<(), Fault> {
    fuel.burn(STEPS_PER_ITEM);
    let is_written = match value {
        Value::Str(short) if short.len() <= PIECE_BYTES => Some(text.write_str(short)),
        other if text.push_short(other) => return Ok(()),
        other => with_short_text(other, "", |short| text.write_str(short)),
    };
    if let Some(is_written) = is_written {
        return is_written.map_err(|fmt::Error| NoRoom::Elements.into());
    }
    write_in_pieces(text, value, Style::Display, fuel).await.map_err(|fmt::Error| NoRoom::Elements.into())
}

/// The debug form of a value for an error text, cut off when it gets very long.
#[must_use]
pub fn debug_text(value: &Value) -> String {
    debug_texts(&[value])
}

/// The debug forms of values for an error text, with commas between.
#[must_use]
#[cold]
pub fn debug_texts(values: &[&Value]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&bounded(value, Style::Debug, DEBUG_BYTES_MAX, "..."));
    }
    text
}

/// The text of a value up to some length, with what stands for the rest.
fn bounded(value: &Value, style: Style, bytes_max: usize, rest: &str) -> String {
    if !value.is_heap() {
        // A few words: without the machinery for long texts, which costs twice as much as the words.
        let mut text = String::new();
        let written = begin(&mut text, value, style, &mut Vec::new());
        debug_assert!(written.is_ok(), "a String takes everything");
        return text;
    }
    let mut piece = Bounded { text: String::new(), bytes_max };
    if whole(async |fuel| write_in_pieces(&mut piece, value, style, fuel).await).is_err() {
        piece.text.push_str(rest);
    }
    piece.text
}

/// A text that takes no more than some bytes.
struct Bounded {
    text: String,
    bytes_max: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = self.bytes_max - self.text.len();
        if piece.len() <= room {
            self.text.push_str(piece);
            return Ok(());
        }
        self.text.push_str(&piece[..piece.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

async fn write_in_pieces(out: &mut impl Write, value: &Value, style: Style, fuel: &Fuel) -> fmt::Result {
    let mut work = Vec::new();
    begin(out, value, style, &mut work)?;
    while let Some(rest) = work.last_mut() {
        if fuel.burn(STEPS_PER_ITEM) {
            fuel.pause().await;
        }
        match rest.next(out, style)? {
            Next::Item(Item::Value(value)) => begin(out, value, style, &mut work)?,
            Next::Item(Item::Int(int)) => write_int(out, int, style)?,
            Next::Item(Item::Float(float)) => write_float(out, float, style)?,
            Next::Piece(bytes) => drop(fuel.burn(bytes as u64 / 64)),
            Next::Digits(number) => {
                let digits = digits_in_pieces(number, fuel).await.map_err(|_| fmt::Error)?;
                work.pop();
                for piece in pieces(digits.as_str().unwrap_or_default()) {
                    out.write_str(piece)?;
                    fuel.spend(piece.len() as u64 / 64).await;
                }
            }
            Next::End => {
                out.write_str(rest.closing(style))?;
                work.pop();
            }
        }
    }
    Ok(())
}

/// The digits of a long int, as a str.
async fn digits_in_pieces(number: &Big, fuel: &Fuel) -> Result<Value, Fault> {
    let (number, _) = SharedValue::new(Value::BigInt(number.clone()));
    fuel.elsewhere(Task::new(move || match number.value() {
        Value::BigInt(number) => Value::str(&number.number().to_string()),
        other => Ok(other.clone()),
    }))
    .await
}

/// What comes next of a container, long str or long int.
enum Next<'a> {
    Item(Item<'a>),
    /// So many bytes were written.
    Piece(usize),
    Digits(&'a Big),
    End,
}

impl<'a> Rest<'a> {
    /// Writes what stands before the next element or value, and gives that.
    fn next(&mut self, out: &mut impl Write, style: Style) -> Result<Next<'a>, fmt::Error> {
        let mut separate = |is_first: &mut bool| {
            if std::mem::replace(is_first, false) { Ok(()) } else { out.write_str(", ") }
        };
        match self {
            Self::List { items, is_first } => {
                let Some(item) = items.next() else { return Ok(Next::End) };
                separate(is_first)?;
                Ok(Next::Item(item))
            }
            Self::Object { fields, is_first } => {
                let Some((name, value)) = fields.next() else { return Ok(Next::End) };
                separate(is_first)?;
                match style {
                    Style::Display => write!(out, "{}: ", name.as_str())?,
                    Style::Debug => write!(out, "{:?}: ", name.as_str())?,
                }
                Ok(Next::Item(Item::Value(value)))
            }
            Self::Map { entries, value, is_first } => {
                if let Some(value) = value.take() {
                    out.write_str(": ")?;
                    return Ok(Next::Item(value));
                }
                let Some((key, of_key)) = entries.next() else { return Ok(Next::End) };
                separate(is_first)?;
                *value = Some(of_key);
                Ok(Next::Item(key))
            }
            Self::Text(rest) => {
                let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES.min(rest.len())));
                *rest = behind;
                out.write_str(piece)?;
                Ok(if piece.is_empty() { Next::End } else { Next::Piece(piece.len()) })
            }
            Self::Number(number) => Ok(Next::Digits(number)),
        }
    }

    const fn closing(&self, style: Style) -> &'static str {
        match (self, style) {
            (Self::Text(_) | Self::Number(_), _) => "",
            (Self::List { .. }, Style::Display) => "]",
            (Self::List { .. }, Style::Debug) => "])",
            (_, Style::Display) => "}",
            (_, Style::Debug) => "})",
        }
    }
}

fn write_int(out: &mut impl Write, int: i64, style: Style) -> fmt::Result {
    match style {
        Style::Display => write!(out, "{int}"),
        Style::Debug => write!(out, "Int({int})"),
    }
}

fn write_float(out: &mut impl Write, float: f64, style: Style) -> fmt::Result {
    match style {
        Style::Display => write!(out, "{float}"),
        Style::Debug => write!(out, "Float({float:?})"),
    }
}

/// Writes a value, or the beginning of a container, the rest of which goes on the work list.
fn begin<'a>(out: &mut impl Write, value: &'a Value, style: Style, work: &mut Vec<Rest<'a>>) -> fmt::Result {
    let is_debug = style == Style::Debug;
    match value {
        Value::Int(int) => write_int(out, *int, style),
        Value::Float(float) => write_float(out, *float, style),
        Value::List(list) => {
            work.push(Rest::List { items: list.iter(), is_first: true });
            out.write_str(if is_debug { "List([" } else { "[" })
        }
        Value::Object(object) => {
            work.push(Rest::Object { fields: object.iter(), is_first: true });
            out.write_str(if is_debug { "Object({" } else { "{" })
        }
        Value::Map(map) => {
            work.push(Rest::Map { entries: map.iter(), value: None, is_first: true });
            out.write_str(if is_debug { "Map({" } else { "#{" })
        }
        Value::Str(text) if !is_debug && text.len() > PIECE_BYTES => {
            work.push(Rest::Text(text));
            Ok(())
        }
        Value::BigInt(number) if !is_debug && number.bits() > BITS_AT_ONCE => {
            work.push(Rest::Number(number));
            Ok(())
        }
        other if is_debug => write_debug_leaf(out, other),
        other => write_display_leaf(out, other),
    }
}

fn write_display_leaf(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::BigInt(big) => write!(out, "{}", big.number()),
        Value::Null => out.write_str("null"),
        Value::Bool(condition) => write!(out, "{condition}"),
        Value::Pid(pid) => write!(out, "{pid}"),
        Value::Ref(reference) => write!(out, "{reference}"),
        Value::Barrier(barrier) => write!(out, "{barrier}"),
        Value::Future(future) => write!(out, "{future}"),
        Value::Stream(stream) => write!(out, "{stream}"),
        Value::Resource(resource) => write!(out, "{resource}"),
        Value::Function(function) => write!(out, "function@{function}"),
        Value::Closure(closure) => {
            write!(out, "closure@{} [captured: {}]", closure.function(), closure.captured_count())
        }
        Value::Str(text) => out.write_str(text),
        Value::Exception(exception) => write!(
            out,
            "Exception: {}\nStack trace:\n  at instruction {}",
            exception.message(),
            exception.instruction()
        ),
        Value::Bytes(bytes) => write!(out, "Bytes({})", bytes.len()),
        Value::I64Array(array) => write!(out, "I64Array({})", array.len()),
        Value::F64Array(array) => write!(out, "F64Array({})", array.len()),
        _ => out.write_str("undefined"),
    }
}

fn write_debug_leaf(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        // Nobody reads so many digits, and making them takes long.
        Value::BigInt(big) if big.bits() > DEBUG_BITS_MAX => write!(out, "Int(of {} bits)", big.bits()),
        Value::BigInt(big) => write!(out, "Int({})", big.number()),
        Value::Null => out.write_str("Null"),
        Value::Bool(condition) => write!(out, "Bool({condition})"),
        Value::Pid(pid) => write!(out, "{pid:?}"),
        Value::Ref(reference) => write!(out, "{reference:?}"),
        Value::Barrier(barrier) => write!(out, "{barrier:?}"),
        Value::Future(future) => write!(out, "{future:?}"),
        Value::Stream(stream) => write!(out, "{stream:?}"),
        Value::Resource(resource) => write!(out, "{resource:?}"),
        Value::Function(function) => write!(out, "Function({})", function.object().instruction),
        Value::Closure(closure) => write!(out, "Closure({})", closure.function().object().instruction),
        Value::Str(text) => write!(out, "Str({:?})", text.as_str()),
        Value::Exception(exception) => write!(out, "Exception({:?})", exception.message().as_str()),
        Value::Bytes(_) | Value::I64Array(_) | Value::F64Array(_) => write_display_leaf(out, value),
        _ => out.write_str("Undefined"),
    }
}
