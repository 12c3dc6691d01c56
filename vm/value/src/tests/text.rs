//! What values print as, and their debug forms.

#![expect(unsafe_code, reason = "makes function values and literals")]

use ttvm_isa::Names;

use super::{big, debug, display, float, int, ints_up_to, list, s};
use crate::{
    Barrier, Closure, Exception, FunctionObject, FunctionRef, Future, List, Pid, Ref, Resource, ResourceKind, Stream,
    Value,
    ops::{maps, objects, text},
};

#[test]
fn scalars_print_as_the_language_says() {
    for (value, shown, debugged) in [
        (int(42), "42", "Int(42)"),
        (big("-99999999999999999999"), "-99999999999999999999", "Int(-99999999999999999999)"),
        (float(1.0), "1", "Float(1.0)"),
        (float(0.1), "0.1", "Float(0.1)"),
        (float(-0.0), "-0", "Float(-0.0)"),
        (float(f64::INFINITY), "inf", "Float(inf)"),
        (float(f64::NAN), "NaN", "Float(NaN)"),
        (Value::Null, "null", "Null"),
        (Value::Bool(true), "true", "Bool(true)"),
        (s("a \"b\"\n"), "a \"b\"\n", "Str(\"a \\\"b\\\"\\n\")"),
        (Value::bytes(b"abc").unwrap(), "Bytes(3)", "Bytes(3)"),
        (Value::Pid(Pid::new(3, 77)), "3", "Pid(3)"),
        (Value::Ref(Ref(7)), "#Ref<7>", "Ref(7)"),
        (Value::Barrier(Barrier(Pid::new(8, 3))), "#Barrier<8>", "Barrier(8)"),
        (Value::Future(Future(Pid::new(9, 3))), "#Future<9>", "Future(9)"),
        (Value::Stream(Stream(Pid::new(10, 3))), "#Stream<10>", "Stream(10)"),
        (Value::Resource(Resource::new(ResourceKind::Conn, 1)), "#Conn<1>", "Conn(1)"),
        (Value::Resource(Resource::new(ResourceKind::Socket, 2)), "#Socket<2>", "Socket(2)"),
        (Value::Resource(Resource::new(ResourceKind::Database, 3)), "#Database<3>", "Database(3)"),
        (crate::ops::arrays::array_i64(&int(4)).unwrap(), "I64Array(4)", "I64Array(4)"),
    ] {
        assert_eq!(display(&value), shown);
        assert_eq!(debug(&value), debugged);
    }
    assert_eq!(display(&float(1e300)).len(), 301);
    assert_eq!(display(&float(1e-7)), "0.0000001");
}

#[test]
fn collections_print_their_strs_without_quotes() {
    let map = maps::map_put(maps::map_new(), list(&[int(1)]), s("v")).unwrap();
    let object = objects::set_field(objects::make_object(), &s("k"), map).unwrap();
    let object = objects::set_field(object, &s("k2"), Value::Null).unwrap();
    let value = list(&[s("a"), int(1), float(2.0), object, list(&[])]);
    assert_eq!(display(&value), "[a, 1, 2, {k: #{[1]: v}, k2: null}, []]");
    assert_eq!(
        debug(&value),
        "List([Str(\"a\"), Int(1), Float(2.0), Object({\"k\": Map({List([Int(1)]): Str(\"v\")}), \"k2\": Null}), List([])])"
    );
    assert_eq!(display(&list(&[int(1), int(2)])), "[1, 2]");
}

#[test]
fn functions_closures_and_exceptions_print() {
    let object = FunctionObject {
        instruction: 85,
        parameters: Names::from(["a".into(), "b".into()]),
        module: 0,
        names_captures: false,
        code: 0,
    };
    // SAFETY: the object outlives the values of this test.
    let function = unsafe { FunctionRef::new(&object) };
    assert_eq!(display(&Value::Function(function)), "function@85 (a, b)");
    assert_eq!(debug(&Value::Function(function)), "Function(85)");
    let closure = Value::Closure(Closure::new(function, [int(1)].into_iter()).unwrap());
    assert_eq!(display(&closure), "closure@85 (a, b) [captured: 1]");
    assert_eq!(debug(&closure), "Closure(85)");
    let exception = Value::Exception(Exception::thrown(s("bad"), 12, List::new()));
    assert_eq!(display(&exception), "Exception: bad\nStack trace:\n  at instruction 12");
    assert_eq!(debug(&exception), "Exception(\"bad\")");
}

#[test]
fn deep_values_print_without_recursion() {
    let value = (0..1_000_000).fold(list(&[]), |value, _| list(&[value]));
    let shown = text::to_str(&value).unwrap();
    assert_eq!(shown.len(), 2_000_002);
    assert!(shown.starts_with("[[[") && shown.ends_with("]]]"));
}

#[test]
fn reports_of_long_values_are_cut_off() {
    let value = (0..1_000_000).fold(list(&[]), |value, _| list(&[value]));
    assert!(display(&value).len() < 2 << 20 && display(&value).ends_with('…'));
}

#[test]
fn debug_forms_in_errors_end_somewhere() {
    let value = ints_up_to(1_000_000);
    let shown = text::debug_text(&value);
    assert!(shown.len() < 70_000 && shown.ends_with("..."));
}
