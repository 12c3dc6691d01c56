//! CSV: what RFC 4180 says, what rows may hold, and round trips.

use proptest::{collection::vec, prelude::*};
use ttvm_isa::HostOperation::{CsvParse, CsvWrite};
use ttvm_value::Value;

use crate::asking::{answer, bytes, list, text, world};

fn parsed(source: &str) -> String {
    match world().perform(CsvParse, vec![text(source)]) {
        Ok(rows) => rows.to_string(),
        Err(fault) => fault.to_string(),
    }
}

fn row(fields: impl IntoIterator<Item = Value>) -> Value {
    list(fields)
}

#[test]
fn fields_are_separated_by_commas_and_rows_by_any_line_end() {
    assert_eq!(parsed("a,b\r\nc,d\ne, f \r\n"), "[[a, b], [c, d], [e,  f ]]");
    assert_eq!(parsed("a,b"), "[[a, b]]");
    assert_eq!(parsed(""), "[]");
    assert_eq!(parsed("a\n\nb\n"), "[[a], [b]]");
    assert_eq!(parsed(",\n"), "[[, ]]");
    assert_eq!(parsed("\u{FEFF}a,b\n"), "[[a, b]]");
}

#[test]
fn rows_may_have_different_numbers_of_fields() {
    assert_eq!(parsed("a\nb,c,d\ne,f\n"), "[[a], [b, c, d], [e, f]]");
}

#[test]
fn quotes_hold_commas_line_ends_and_doubled_quotes() {
    let source = text("\"a,b\",\"line\r\nline\",\"say \"\"hi\"\"\",\"\"\r\n");
    assert_eq!(
        answer(CsvParse, [source]),
        r#"List([List([Str("a,b"), Str("line\r\nline"), Str("say \"hi\""), Str("")])])"#
    );
}

#[test]
fn only_fields_that_need_quotes_get_them() {
    let rows = list([
        row([text("plain"), text("with, comma"), text("with \"quotes\""), text("two\nlines"), text("日本")]),
        row([Value::Int(-1), Value::Float(1.5), Value::Bool(true), Value::Null]),
        row([text("")]),
    ]);
    let expected = "plain,\"with, comma\",\"with \"\"quotes\"\"\",\"two\nlines\",日本\r\n-1,1.5,true,\r\n\"\"\r\n";
    assert_eq!(world().perform(CsvWrite, vec![rows]).unwrap().as_str(), Some(expected));
    assert_eq!(answer(CsvWrite, [list([])]), r#"Str("")"#);
}

#[test]
fn what_csv_cannot_say_is_an_error() {
    let written = |rows| answer(CsvWrite, [rows]);
    assert_eq!(written(list([row([])])), "argument: CSV_WRITE: a row without fields has no CSV form");
    assert_eq!(written(list([row([list([])])])), "argument: CSV_WRITE: List([]) has no CSV form");
    assert_eq!(written(list([row([bytes("x")])])), "argument: CSV_WRITE: Bytes(1) has no CSV form");
    assert_eq!(written(list([text("x")])), r#"type: CSV_WRITE expects a list of lists but got List([Str("x")])"#);
    assert_eq!(written(Value::Int(1)), "type: CSV_WRITE expects a list of lists but got Int(1)");
    assert_eq!(answer(CsvParse, [Value::Null]), "type: CSV_PARSE expects a string but got Null");
}

/// Text in which what CSV treats specially is frequent.
fn any_field() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![",", "\"", "\n", "\r", " ", "a", "é", "\u{FEFF}"]).prop_map(str::to_owned);
    vec(prop_oneof![special, any::<char>().prop_map(String::from)], 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(rows in vec(vec(any_field(), 1..5), 0..6)) {
        let rows = list(rows.into_iter().map(|fields| row(fields.into_iter().map(text))));
        let source = world().perform(CsvWrite, vec![rows.clone()]).expect("these rows have a CSV form");
        let back = world().perform(CsvParse, vec![source]).expect("what was written is CSV");
        prop_assert_eq!(format!("{back:?}"), format!("{rows:?}"));
    }

    #[test]
    fn any_text_can_be_read(source in any_field()) {
        prop_assert!(world().perform(CsvParse, vec![text(source)]).is_ok());
    }
}
