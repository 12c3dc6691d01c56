//! JSON: what each side takes, and what is refused.

use num_bigint::BigInt;
use ttvm_isa::{
    HostOperation::{JsonParse, JsonStringify},
    limits::{INTEGER_DIGITS_MAX, JSON_DEPTH_MAX},
};
use ttvm_value::{Exception, F64Array, I64Array, List, Map, Object, Pid, Ref, Str, Value};

use crate::asking::{answer, list, text, world};

fn parsed(source: &str) -> String {
    answer(JsonParse, [text(source)])
}

fn written(value: Value) -> String {
    match world().perform(JsonStringify, vec![value]) {
        Ok(json) => json.as_str().expect("JSON_STRINGIFY gives a str").to_owned(),
        Err(fault) => format!("{}: {fault}", fault.kind()),
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut object = Object::new();
    for (key, value) in fields {
        object.set(&Str::new(key).unwrap(), value).unwrap();
    }
    Value::Object(object)
}

fn nested(depth: usize) -> Value {
    (1..depth).fold(list([]), |inside, level| if level % 2 == 0 { list([inside]) } else { object([("k", inside)]) })
}

#[test]
fn every_kind_of_json_becomes_its_value() {
    assert_eq!(
        parsed(" {\"a\" : [1, -2.5, true, false, null], \"\": {}, \"s\":\"x\\n\\u00e4\\ud83d\\ude00/\\/\"}\r\n"),
        r#"Object({"a": List([Int(1), Float(-2.5), Bool(true), Bool(false), Null]), "": Object({}), "s": Str("x\nä😀//")})"#
    );
    assert_eq!(parsed("[]"), "List([])");
    assert_eq!(parsed("\"\""), r#"Str("")"#);
}

#[test]
fn ints_of_any_size_are_exact() {
    for int in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
    ] {
        assert_eq!(parsed(int), format!("Int({int})"));
        assert_eq!(written(Value::big(int.parse().unwrap()).unwrap()), int);
        assert_eq!(parsed(&format!("[{int}]")), format!("List([Int({int})])"));
    }
    assert_eq!(parsed("-0"), "Int(0)");
}

#[test]
fn floats_stay_floats() {
    for (float, json) in [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (123_456_789.0, "123456789.0"),
    ] {
        assert_eq!(written(Value::Float(float)), json);
        assert_eq!(parsed(json), format!("Float({float:?})"));
    }
    assert_eq!(parsed("1E2"), "Float(100.0)");
    assert_eq!(parsed("-1e-999"), "Float(-0.0)");
    assert_eq!(parsed("0.1000000000000000055511151231257827021181583404541015625"), "Float(0.1)");
}

#[test]
fn numbers_too_large_are_errors() {
    assert_eq!(parsed("[1,\n 1e400]"), "json: Invalid JSON: a number too large for a float at line 2 column 6");
    assert_eq!(
        parsed(&format!("1e{}", "9".repeat(50))),
        "json: Invalid JSON: a number too large for a float at line 1 column 52"
    );
    let most = "9".repeat(INTEGER_DIGITS_MAX);
    assert_eq!(parsed(&most), format!("Int({most})"));
    assert_eq!(written(Value::big(most.parse().unwrap()).unwrap()), most);
    assert!(parsed(&format!("{most}9")).starts_with("json: Invalid JSON: an int of more than 100000 digits at line 1"));
    let too_large = Value::big(most.parse::<BigInt>().unwrap() + 1).unwrap();
    assert_eq!(written(too_large), "json: Invalid JSON: an int of more than 100000 digits");
    let far_too_large = Value::big(BigInt::from(1) << 10_000_000).unwrap();
    assert_eq!(written(far_too_large), "json: Invalid JSON: an int of more than 100000 digits");
}

#[test]
fn objects_keep_their_order_and_the_last_of_equal_keys() {
    assert_eq!(parsed(r#"{"b":1,"a":2,"b":3,"c":4}"#), r#"Object({"b": Int(3), "a": Int(2), "c": Int(4)})"#);
    let value =
        object([("z", Value::Int(1)), ("a", list([Value::Null, Value::Bool(true)])), ("", text("\"\\\n\u{1}ä/"))]);
    assert_eq!(written(value), r#"{"z":1,"a":[null,true],"":"\"\\\n\u0001ä/"}"#);
}

#[test]
fn no_key_has_a_meaning_of_its_own() {
    for key in ["$serde_json::private::Number", "$serde_json::private::RawValue", "__proto__"] {
        let value = object([(key, text("5"))]);
        let json = format!(r#"{{"{key}":"5"}}"#);
        assert_eq!(written(value.clone()), json);
        assert_eq!(parsed(&json), format!("{value:?}"));
        let escaped = format!(r#"{{"\u{:04x}{}":"\u0035"}}"#, u32::from(key.as_bytes()[0]), &key[1..]);
        assert_eq!(parsed(&escaped), format!("{value:?}"));
        assert_eq!(parsed(&format!(r#"{{"{key}":1.5}}"#)), format!(r#"Object({{"{key}": Float(1.5)}})"#));
    }
}

#[test]
fn arrays_and_maps_with_str_keys_are_written() {
    assert_eq!(written(Value::I64Array(I64Array::from_slice(&[1, -2]).unwrap())), "[1,-2]");
    assert_eq!(written(Value::F64Array(F64Array::from_slice(&[1.0, 0.5]).unwrap())), "[1.0,0.5]");
    let mut map = Map::new();
    map.insert(text("b"), Value::Int(1)).unwrap();
    map.insert(text("a"), list([])).unwrap();
    assert_eq!(written(Value::Map(map.clone())), r#"{"a":[],"b":1}"#);
    map.insert(Value::Int(7), Value::Null).unwrap();
    assert_eq!(
        written(Value::Map(map)),
        "json: Invalid JSON: a map with the key Int(7), which is no string, has no JSON form"
    );
    assert_eq!(written(Value::Map(Map::new())), "{}");
}

#[test]
fn what_json_cannot_say_is_an_error_that_names_it() {
    let exception = Exception::thrown(text("boom"), 0, List::new());
    for (value, named) in [
        (Value::Float(f64::NAN), "the float NaN"),
        (Value::Float(f64::NEG_INFINITY), "the float -inf"),
        (Value::F64Array(F64Array::from_slice(&[f64::INFINITY]).unwrap()), "the float inf"),
        (Value::bytes(b"x").unwrap(), "a value of type bytes"),
        (Value::Pid(Pid::new(3, 0)), "a value of type pid"),
        (Value::Ref(Ref(7)), "a value of type ref"),
        (Value::Exception(exception), "a value of type exception"),
    ] {
        assert_eq!(written(value.clone()), format!("json: Invalid JSON: {named} has no JSON form"));
        assert_eq!(written(list([object([("k", value)])])), format!("json: Invalid JSON: {named} has no JSON form"));
    }
}

#[test]
fn nesting_is_limited_on_both_sides() {
    let json = written(nested(JSON_DEPTH_MAX));
    assert_eq!(json.matches(['[', '{']).count(), JSON_DEPTH_MAX);
    assert_eq!(parsed(&json), format!("{:?}", nested(JSON_DEPTH_MAX)));
    let too_deep = "json: Invalid JSON: nested deeper than 512 levels";
    assert_eq!(written(nested(JSON_DEPTH_MAX + 1)), too_deep);
    for (open, close) in [("[", "]"), (r#"{"k":"#, "}")] {
        let levels = |depth: usize, inside: &str| format!("{}{inside}{}", open.repeat(depth), close.repeat(depth));
        for inside in ["1", "1.5", "123456789012345678901234567890", "\"s\"", "null"] {
            assert!(parsed(&levels(JSON_DEPTH_MAX, inside)).contains("512").eq(&false), "{inside} is no level");
        }
        for inside in ["[]", "{}", "[1.5]", r#"{"k":1.5}"#, r#"{"k":{"k":1}}"#] {
            let answer = parsed(&levels(JSON_DEPTH_MAX, inside));
            assert!(answer.starts_with(too_deep), "{inside}: {answer}");
        }
    }
}

#[test]
fn hostile_nesting_is_an_error_on_a_small_stack_too() {
    let hostile = || {
        for source in ["[".repeat(100_000), r#"{"k":"#.repeat(100_000), r#"[{"k":"#.repeat(100_000)] {
            let answer = parsed(&source);
            assert!(answer.starts_with("json: Invalid JSON: nested deeper than 512 levels at line 1"), "{answer}");
        }
        assert_eq!(written(nested(10_000)), "json: Invalid JSON: nested deeper than 512 levels");
    };
    let thread = std::thread::Builder::new().stack_size(1 << 19).spawn(hostile).expect("a thread can be started");
    thread.join().expect("no overflow");
}

#[test]
fn text_that_is_no_json_is_an_error_with_its_place() {
    for (source, error) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("[1,\n2,\n]", "trailing comma at line 3 column 1"),
        ("{\"a\" 1}", "expected `:` at line 1 column 6"),
        ("[1] 2", "trailing characters at line 1 column 5"),
        ("nul", "EOF while parsing a value at line 1 column 3"),
        ("NaN", "expected value at line 1 column 1"),
        ("[01]", "invalid number at line 1 column 3"),
        ("{1:2}", "key must be a string at line 1 column 2"),
        ("\"a\nb\"", "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"),
        ("\"\\ud800\"", "unexpected end of hex escape at line 1 column 8"),
        ("\u{feff}1", "expected value at line 1 column 1"),
    ] {
        assert_eq!(parsed(source), format!("json: Invalid JSON: {error}"), "{source:?}");
    }
}

#[test]
fn only_strs_are_parsed() {
    assert_eq!(answer(JsonParse, [Value::Int(1)]), "type: JSON_PARSE expects a string but got Int(1)");
}
