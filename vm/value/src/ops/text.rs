//! Values as text: what `PRINT` writes and the debug form that error texts use.
//!
//! Nested values go on a work list, so depth does not matter.

use std::fmt::{self, Write};

use ttvm_isa::Fault;

use crate::{
    list::{Item, Items},
    map::Entries,
    object::Fields,
    text::{Str, StrBuilder},
    value::Value,
};

/// Debug forms in error texts end here, with three dots: an error about a huge list is still a line that
/// can be read, and costs no time in proportion to the list.
const DEBUG_BYTES_MAX: usize = 1 << 16;

/// One of the two ways to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Display,
    Debug,
}

/// What is still to be written of a container.
enum Rest<'a> {
    List { items: Items<'a>, is_first: bool },
    Object { fields: Fields<'a>, is_first: bool },
    Map { entries: Entries<'a>, value: Option<Item<'a>>, is_first: bool },
}

/// Writes what `PRINT` writes.
///
/// # Errors
/// What the output gives.
pub fn write_display(out: &mut impl Write, value: &Value) -> fmt::Result {
    write(out, value, Style::Display)
}

/// Writes the debug form: `Int(1)`, `Str("x")`, `List([..])`.
///
/// # Errors
/// What the output gives.
pub fn write_debug(out: &mut impl Write, value: &Value) -> fmt::Result {
    write(out, value, Style::Debug)
}

/// The str that `TO_STR` gives; a str itself is not copied.
///
/// # Errors
/// [`Fault::Limit`] when it is too long or there is no memory.
pub fn to_str(value: &Value) -> Result<Str, Fault> {
    if let Value::Str(text) = value {
        return Ok(text.clone());
    }
    let mut builder = StrBuilder::new();
    // An error of the builder is kept in it.
    let _ = write_display(&mut builder, value);
    builder.finish()
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
        let mut piece = Bounded { text: String::new() };
        if write_debug(&mut piece, value).is_err() {
            piece.text.push_str("...");
        }
        text.push_str(&piece.text);
    }
    text
}

/// A text that takes no more than [`DEBUG_BYTES_MAX`].
struct Bounded {
    text: String,
}

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = DEBUG_BYTES_MAX - self.text.len();
        if piece.len() <= room {
            self.text.push_str(piece);
            return Ok(());
        }
        self.text.push_str(&piece[..piece.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

fn write(out: &mut impl Write, value: &Value, style: Style) -> fmt::Result {
    let mut work = Vec::new();
    begin(out, value, style, &mut work)?;
    while let Some(rest) = work.last_mut() {
        match rest.next(out, style)? {
            Some(Item::Value(value)) => begin(out, value, style, &mut work)?,
            Some(Item::Int(int)) => write_int(out, int, style)?,
            Some(Item::Float(float)) => write_float(out, float, style)?,
            None => {
                out.write_str(rest.closing(style))?;
                work.pop();
            }
        }
    }
    Ok(())
}

impl<'a> Rest<'a> {
    /// Writes what stands before the next element or value, and gives that; none at the end.
    fn next(&mut self, out: &mut impl Write, style: Style) -> Result<Option<Item<'a>>, fmt::Error> {
        let mut separate = |is_first: &mut bool| {
            if std::mem::replace(is_first, false) { Ok(()) } else { out.write_str(", ") }
        };
        match self {
            Self::List { items, is_first } => {
                let Some(item) = items.next() else { return Ok(None) };
                separate(is_first)?;
                Ok(Some(item))
            }
            Self::Object { fields, is_first } => {
                let Some((name, value)) = fields.next() else { return Ok(None) };
                separate(is_first)?;
                match style {
                    Style::Display => write!(out, "{}: ", name.as_str())?,
                    Style::Debug => write!(out, "{:?}: ", name.as_str())?,
                }
                Ok(Some(Item::Value(value)))
            }
            Self::Map { entries, value, is_first } => {
                if let Some(value) = value.take() {
                    out.write_str(": ")?;
                    return Ok(Some(value));
                }
                let Some((key, of_key)) = entries.next() else { return Ok(None) };
                separate(is_first)?;
                *value = Some(of_key);
                Ok(Some(key))
            }
        }
    }

    const fn closing(&self, style: Style) -> &'static str {
        match (self, style) {
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
        Value::Bytes(bytes) => write!(out, "Bytes({})", bytes.len()),
        Value::I64Array(array) => write!(out, "I64Array({})", array.len()),
        Value::F64Array(array) => write!(out, "F64Array({})", array.len()),
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
        _ => out.write_str("undefined"),
    }
}

fn write_debug_leaf(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
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
        _ => out.write_str("Undefined"),
    }
}
