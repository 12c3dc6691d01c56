//! Exceptions and assertions.

use ttvm_isa::Fault;

use super::{balanced, display, int, list, outcome, s};
use crate::{Exception, List, Value, ops::errors as e};

#[test]
fn throwing_follows_its_rules() {
    balanced(|| {
        let of = |value| Value::Exception(Exception::thrown(value, 5, List::new()));
        let thrown = of(s("bad"));
        assert_eq!(outcome(e::error_message(&thrown)), "Str(\"bad\")");
        assert_eq!(outcome(e::error_kind(&thrown)), "Str(\"thrown\")");
        assert_eq!(outcome(e::error_message(&of(int(42)))), "Str(\"Thrown value: Int(42)\")");
        assert_eq!(outcome(e::error_message(&of(list(&[s("x")])))), "Str(\"Thrown value: List([Str(\\\"x\\\")])\")");
        let again = Exception::thrown(thrown, 99, List::new());
        assert_eq!(again.instruction(), 5, "an exception is thrown again unchanged");
    });
}

#[test]
fn faults_become_exceptions_with_their_kind_and_trace() {
    let Value::List(trace) = list(&[s("at main (a.ttvm:3)")]) else { unreachable!() };
    let exception = Exception::from_fault(&Fault::DivisionByZero, 7, List::new());
    assert_eq!(
        display(&Value::Exception(exception.clone())),
        "Exception: Division by zero\nStack trace:\n  at instruction 7"
    );
    let traced = Value::Exception(exception.clone().with_trace(trace));
    assert_eq!(outcome(e::error_kind(&traced)), "Str(\"arithmetic\")");
    assert_eq!(outcome(e::error_trace(&traced)), "List([Str(\"at main (a.ttvm:3)\")])");
    assert!(exception.trace().is_empty(), "the other holder keeps its trace");
    assert_eq!(outcome(e::error_kind(&int(1))), "! ERROR_KIND expects an exception but got Int(1)");
}

#[test]
fn assertions_name_what_differs() {
    assert!(e::assert_true(&int(1)).is_ok());
    assert_eq!(e::assert_true(&Value::Null).unwrap_err().to_string(), "Assertion failed");
    assert!(e::assert_equal(&list(&[int(1)]), &list(&[int(1)])).is_ok());
    assert_eq!(
        e::assert_equal(&int(1), &s("1")).unwrap_err().to_string(),
        "Assertion failed: Int(1) is not equal to Str(\"1\")"
    );
}
