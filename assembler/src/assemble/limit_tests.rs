//! Tests of the limits, with small ones in place of the real ones: at the limit and one past it.

use super::{Assembly, assemble_within};
use crate::{DiagnosticCode, limits::Limits};

const SMALL: Limits = Limits {
    source_bytes_max: 100,
    text_bytes_max: 5,
    instructions_max: 3,
    integer_digits_max: 4,
    parameters_max: 2,
    diagnostics_max: 2,
};

fn codes(text: &str) -> Vec<DiagnosticCode> {
    let Assembly { diagnostics, .. } = assemble_within("x", text.as_bytes(), &SMALL);
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_size_of_a_file_has_a_limit() {
    assert_eq!(codes(&";".repeat(100)), []);
    assert_eq!(codes(&";".repeat(101)), [DiagnosticCode::SourceTooLarge]);
}

#[test]
fn the_length_of_strings_and_names_has_a_limit() {
    assert_eq!(codes("PUSH_STR \"12345\""), []);
    assert_eq!(codes("PUSH_STR \"123456\""), [DiagnosticCode::TextTooLong]);
    assert_eq!(codes("STORE x23456"), [DiagnosticCode::TextTooLong]);
    assert_eq!(codes("LABEL x23456"), [DiagnosticCode::TextTooLong]);
    assert_eq!(codes("CALL 0 x23456"), [DiagnosticCode::TextTooLong]);
    assert_eq!(codes(".test x23456\nNULL\n.end"), [DiagnosticCode::TextTooLong]);
}

#[test]
fn the_number_of_instructions_has_a_limit() {
    assert_eq!(codes("NULL\nNULL\nNULL"), []);
    assert_eq!(codes("NULL\nNULL\nNULL\nJMP 0\nNULL\n.fn f\nNULL\n.end"), [DiagnosticCode::TooManyInstructions]);
}

#[test]
fn the_digits_of_an_integer_have_a_limit() {
    assert_eq!(codes("PUSH_INT -9_999\nMAKE_LIST 9999"), []);
    assert_eq!(codes("PUSH_INT 10000"), [DiagnosticCode::IntegerTooLong]);
    assert_eq!(codes("JMP 00000"), [DiagnosticCode::IntegerTooLong]);
}

#[test]
fn the_number_of_parameters_has_a_limit() {
    assert_eq!(codes("CALL 0 a b"), []);
    assert_eq!(codes("CALL 0 a b c"), [DiagnosticCode::TooManyParameters]);
    assert_eq!(codes(".fn f a b\nNULL\n.end"), []);
    assert_eq!(codes(".fn f a b c\nNULL\n.end"), [DiagnosticCode::TooManyParameters]);
    assert_eq!(codes(".import x as m\nCALL m.f/2\nCALL_IMPORT m f 2"), []);
    assert_eq!(codes(".import x as m\nCALL m.f/3"), [DiagnosticCode::TooManyParameters]);
    assert_eq!(codes(".import x as m\nCALL_IMPORT m f 3"), [DiagnosticCode::TooManyParameters]);
}

#[test]
fn the_number_of_shown_diagnostics_has_a_limit() {
    assert_eq!(codes("FOO\nFOO"), [DiagnosticCode::UnknownMnemonic; 2]);
    let errors = [DiagnosticCode::UnknownMnemonic, DiagnosticCode::UnknownMnemonic, DiagnosticCode::TooManyDiagnostics];
    assert_eq!(codes("FOO\nFOO\nFOO"), errors);
}

#[test]
fn many_warnings_are_no_error() {
    let assembly = assemble_within("x", b"NULL x\nNULL x\nNULL x", &SMALL);
    assert_eq!(assembly.diagnostics.len(), 3);
    assert!(assembly.is_ok());
}
