//! CSV: `CSV_PARSE` and `CSV_WRITE`, as RFC 4180 has it.
//!
//! Here: what rows become and where they come from. Quoting is the csv crate's.

use std::fmt::Display;

use csv::{ReaderBuilder, StringRecord, Terminator, Writer, WriterBuilder};
use ttvm_isa::{Fault, HostOperation};
use ttvm_value::{List, Value, list::Item, ops::text::debug_text};

use crate::arguments::{bad_argument, mismatch, new_text, text};

/// What some programs write before a text, and readers leave out.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// `CSV_PARSE`
pub(crate) fn parse(operation: HostOperation, [source]: [Value; 1]) -> Result<Value, Fault> {
    let source = text(operation, &source)?;
    // Rows may have different numbers of fields, and what they mean is the program's business.
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.as_bytes());
    let mut rows = List::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| bad_argument(operation, error.to_string()))? {
        let fields = record.iter().map(new_text).collect::<Result<Vec<_>, _>>()?;
        rows.push(Value::list(fields.into_iter())?)?;
    }
    Ok(Value::List(rows))
}

/// `CSV_WRITE`
pub(crate) fn write(operation: HostOperation, [rows]: [Value; 1]) -> Result<Value, Fault> {
    let Value::List(list) = &rows else { return Err(mismatch(operation, "a list of lists", &rows)) };
    let mut writer = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in list.iter().map(Item::to_value) {
        let Value::List(fields) = &row else { return Err(mismatch(operation, "a list of lists", &rows)) };
        write_row(operation, &mut writer, fields)?;
    }
    let bytes = writer.into_inner().map_err(|error| bad_argument(operation, error.to_string()))?;
    let mut text = String::from_utf8(bytes).expect("fields are UTF-8, and so is what stands between them");
    if text.starts_with(BYTE_ORDER_MARK) {
        // Readers drop the first.
        text.insert(0, BYTE_ORDER_MARK);
    }
    new_text(&text)
}

fn write_row(operation: HostOperation, writer: &mut Writer<Vec<u8>>, fields: &List) -> Result<(), Fault> {
    if fields.is_empty() {
        return Err(no_form(operation, "a row without fields"));
    }
    for field in fields.iter().map(Item::to_value) {
        let text = match &field {
            Value::Null => String::new(),
            Value::Str(text) => text.as_str().to_owned(),
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Bool(_) => field.to_string(),
            other => return Err(no_form(operation, debug_text(other))),
        };
        writer.write_field(text).map_err(|error| bad_argument(operation, error.to_string()))?;
    }
    writer.write_record(None::<&[u8]>).map_err(|error| bad_argument(operation, error.to_string()))
}

fn no_form(operation: HostOperation, what: impl Display) -> Fault {
    bad_argument(operation, format!("{what} has no CSV form"))
}
