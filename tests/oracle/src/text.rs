//! Values as text: what `PRINT` and `TO_STR` write, and the debug forms of error messages.

use std::fmt::{self, Display, Write};

use crate::value::Value;

/// Writes a value as `PRINT` does.
pub(crate) struct Printed<'a>(pub &'a Value);

/// Writes a value as error messages and `DUMP_SCOPE` do.
pub(crate) struct Debugged<'a>(pub &'a Value);

/// An error names no more than this of one operand, so that an error about a huge list can be read.
const DEBUG_BYTES_MAX: usize = 1 << 16;

/// Larger ints have no digits in debug forms.
const DEBUG_BITS_MAX: u64 = 1 << 19;

/// The debug forms of the operands that an error names.
pub(crate) fn debug_forms(values: &[&Value]) -> String {
    let form = |value: &&Value| {
        let form = Debugged(value).to_string();
        if form.len() <= DEBUG_BYTES_MAX {
            return form;
        }
        format!("{}...", &form[..form.floor_char_boundary(DEBUG_BYTES_MAX)])
    };
    let forms: Vec<String> = values.iter().map(form).collect();
    forms.join(", ")
}

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Int(int) => int.fmt(f),
            Value::Float(float) => float.fmt(f),
            Value::Bool(bool) => bool.fmt(f),
            Value::Null => f.write_str("null"),
            Value::Str(text) => f.write_str(text),
            Value::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Value::List(items) => {
                f.write_char('[')?;
                separated(f, items.iter(), |f, item| Printed(item).fmt(f))?;
                f.write_char(']')
            }
            Value::Object(object) => {
                f.write_char('{')?;
                separated(f, object.iter(), |f, (name, value)| write!(f, "{name}: {}", Printed(value)))?;
                f.write_char('}')
            }
            Value::Map(map) => {
                f.write_str("#{")?;
                separated(f, map.iter(), |f, (key, value)| write!(f, "{}: {}", Printed(&key.0), Printed(value)))?;
                f.write_char('}')
            }
            Value::I64Array(array) => write!(f, "I64Array({})", array.len()),
            Value::F64Array(array) => write!(f, "F64Array({})", array.len()),
            Value::Pid(number) => number.fmt(f),
            Value::Reference(number) => write!(f, "#Ref<{number}>"),
            Value::Function(function) => {
                let word = if function.captured.is_some() { "closure" } else { "function" };
                write!(f, "{word}@{} (", function.entry)?;
                separated(f, function.parameters.iter(), |f, name| f.write_str(name))?;
                match &function.captured {
                    Some(captured) => write!(f, ") [captured: {}]", captured.len()),
                    None => f.write_char(')'),
                }
            }
            Value::Exception(exception) => {
                write!(f, "Exception: {}\nStack trace:\n  at instruction {}", exception.message, exception.instruction)
            }
        }
    }
}

impl Display for Debugged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Int(int) if int.bits() > DEBUG_BITS_MAX => write!(f, "Int(of {} bits)", int.bits()),
            Value::Int(int) => write!(f, "Int({int})"),
            Value::Float(float) => write!(f, "Float({float:?})"),
            Value::Bool(bool) => write!(f, "Bool({bool})"),
            Value::Null => f.write_str("Null"),
            Value::Str(text) => write!(f, "Str({text:?})"),
            Value::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Value::List(items) => {
                f.write_str("List([")?;
                separated(f, items.iter(), |f, item| Debugged(item).fmt(f))?;
                f.write_str("])")
            }
            Value::Object(object) => {
                f.write_str("Object({")?;
                separated(f, object.iter(), |f, (name, value)| write!(f, "{name:?}: {}", Debugged(value)))?;
                f.write_str("})")
            }
            Value::Map(map) => {
                f.write_str("Map({")?;
                separated(f, map.iter(), |f, (key, value)| write!(f, "{}: {}", Debugged(&key.0), Debugged(value)))?;
                f.write_str("})")
            }
            Value::I64Array(array) => write!(f, "I64Array({})", array.len()),
            Value::F64Array(array) => write!(f, "F64Array({})", array.len()),
            Value::Pid(number) => write!(f, "Pid({number})"),
            Value::Reference(number) => write!(f, "Ref({number})"),
            Value::Function(function) => {
                let word = if function.captured.is_some() { "Closure" } else { "Function" };
                write!(f, "{word}({})", function.entry)
            }
            Value::Exception(exception) => write!(f, "Exception({:?})", exception.message),
        }
    }
}

/// Writes items with `, ` between them.
fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
    mut write_item: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write_item(f, item)?;
    }
    Ok(())
}
