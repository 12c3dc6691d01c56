//! Conversions and sizes.

use super::{big, display, float, int, list, outcome, s};
use crate::{
    Value,
    ops::{convert as c, size::flat_size},
};

#[test]
fn ints_are_read_as_the_assembler_reads_them() {
    for (text, expected) in [
        ("42", "Int(42)"),
        (" -7\n", "Int(-7)"),
        ("+7", "Int(7)"),
        ("0x_f", "! TO_INT: cannot read \"0x_f\" as an int"),
        ("0xFf", "Int(255)"),
        ("-0b101", "Int(-5)"),
        ("1_000_000", "Int(1000000)"),
        ("-9223372036854775808", "Int(-9223372036854775808)"),
        ("9223372036854775808", "Int(9223372036854775808)"),
        ("123456789012345678901234567890", "Int(123456789012345678901234567890)"),
        ("", "! TO_INT: cannot read \"\" as an int"),
        ("-", "! TO_INT: cannot read \"-\" as an int"),
        ("_1", "! TO_INT: cannot read \"_1\" as an int"),
        ("1.5", "! TO_INT: cannot read \"1.5\" as an int"),
        ("12x", "! TO_INT: cannot read \"12x\" as an int"),
        ("--1", "! TO_INT: cannot read \"--1\" as an int"),
        ("0x", "! TO_INT: cannot read \"0x\" as an int"),
        ("ä", "! TO_INT: cannot read \"ä\" as an int"),
    ] {
        assert_eq!(outcome(c::to_int(&s(text))), expected);
    }
    let digits = "9".repeat(100_001);
    assert_eq!(outcome(c::to_int(&s(&digits))), "! Limit reached: at most 100000 decimal digits");
}

#[test]
fn ints_of_other_types() {
    assert_eq!(outcome(c::to_int(&float(-1.9))), "Int(-1)");
    assert_eq!(outcome(c::to_int(&float(1e19))), "Int(10000000000000000000)");
    assert_eq!(outcome(c::to_int(&float(f64::NAN))), "! TO_INT: there is no int for NaN");
    assert_eq!(outcome(c::to_int(&Value::Bool(true))), "Int(1)");
    assert_eq!(outcome(c::to_int(&Value::Null)), "! TO_INT expects a number, bool or string but got Null");
}

#[test]
fn floats_of_other_types() {
    assert_eq!(outcome(c::to_float(&int(3))), "Float(3.0)");
    assert_eq!(outcome(c::to_float(&s(" 1e3 "))), "Float(1000.0)");
    assert_eq!(outcome(c::to_float(&s("x"))), "! TO_FLOAT: cannot read \"x\" as a float");
    assert_eq!(outcome(c::to_float(&Value::Bool(false))), "Float(0.0)");
    assert_eq!(outcome(c::to_float(&list(&[]))), "! TO_FLOAT expects a number, bool or string but got List([])");
}

#[test]
fn strs_bytes_and_type_names() {
    assert_eq!(outcome(c::to_str(&list(&[int(1), s("a")]))), "Str(\"[1, a]\")");
    assert_eq!(outcome(c::bytes_of(&s("ä"))), "Bytes(2)");
    assert_eq!(outcome(c::bytes_of(&list(&[int(0), int(255)]))), "Bytes(2)");
    assert_eq!(outcome(c::bytes_of(&list(&[int(256)]))), "! BYTES_OF: 256 is no byte (0 to 255)");
    assert_eq!(outcome(c::bytes_of(&int(1))), "! BYTES_OF expects a string or a list but got Int(1)");
    for (value, name) in [
        (int(1), "int"),
        (big("99999999999999999999"), "int"),
        (float(1.0), "float"),
        (s(""), "str"),
        (list(&[]), "list"),
        (crate::ops::maps::map_new(), "map"),
        (crate::ops::objects::make_object(), "object"),
        (crate::ops::arrays::array_f64(&int(0)).unwrap(), "array"),
        (Value::Null, "null"),
        (Value::Bool(true), "bool"),
    ] {
        assert_eq!(display(&c::type_of(&value)), name);
    }
}

#[test]
fn flat_sizes_are_those_that_costs_name() {
    assert_eq!(flat_size(&int(5)), 0);
    assert_eq!(flat_size(&s(&"x".repeat(80))), 10);
    assert_eq!(flat_size(&list(&[int(1), int(2)])), 2);
    assert_eq!(flat_size(&big("18446744073709551616")), 2);
    assert_eq!(flat_size(&crate::ops::arrays::array_f64(&int(7)).unwrap()), 7);
    let object = crate::ops::objects::set_field(crate::ops::objects::make_object(), &s("a"), int(1)).unwrap();
    assert_eq!(flat_size(&object), 1);
}
