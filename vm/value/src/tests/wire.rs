//! Values as bytes and back.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::{balanced, debug, int, list, order::any_value, s};
use crate::{
    Exception, List, Pid, Str, Value,
    ops::compare::total_cmp,
    wire::{self, NotAValue, NotData},
};

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::write(value, &mut bytes).expect("it is data");
    bytes
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in any_value()) {
        let mut bytes = Vec::new();
        if let Err(NotData { kind }) = wire::write(&value, &mut bytes) {
            prop_assert!(["pid", "ref", "barrier", "future", "stream", "resource"].contains(&kind.as_str()), "{}", kind);
            return Ok(());
        }
        let read = wire::read(&bytes).unwrap();
        prop_assert_eq!(total_cmp(&value, &read), Ordering::Equal);
        prop_assert_eq!(debug(&value), debug(&read));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_another_value(
        value in any_value(), at in any::<prop::sample::Index>(), flip in 1u8..
    ) {
        let mut bytes = Vec::new();
        if wire::write(&value, &mut bytes).is_ok() {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            drop(wire::read(&bytes));
            prop_assert!(wire::read(&bytes[..at]).is_err(), "a part of a value is none");
        }
    }

    #[test]
    fn any_bytes_are_read_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(wire::read(&bytes));
    }
}

#[test]
fn what_is_held_twice_is_written_once() {
    balanced(|| {
        let mut value = list(&[s("leaf"), Value::Null]);
        for _ in 0..60 {
            value = list(&[value.clone(), value]);
        }
        let bytes = written(&value);
        assert!(bytes.len() < 3_000, "{}", bytes.len());
        let mut inner = wire::read(&bytes).unwrap();
        for _ in 0..60 {
            let Value::List(list) = &inner else { panic!("no list") };
            let (first, second) = (list.get(0).unwrap().to_value(), list.get(1).unwrap().to_value());
            let (Value::List(one), Value::List(other)) = (&first, &second) else { panic!("no lists") };
            assert!(one.is_same(other), "read as it was: held twice");
            inner = first;
        }
        assert_eq!(debug(&inner), "List([Str(\"leaf\"), Null])");
    });
}

#[test]
fn deep_values_are_written_and_read_without_a_stack() {
    let mut value = int(1);
    for _ in 0..200_000 {
        value = list(&[value, Value::Null]);
    }
    let read = wire::read(&written(&value)).unwrap();
    assert_eq!(written(&read), written(&value));
}

#[test]
fn exceptions_keep_their_parts() {
    let trace = List::collect([s("at main (x.ttvm:1)")].into_iter()).unwrap();
    let text = |text: &str| Str::new(text).unwrap();
    let exception = Value::Exception(Exception::of_parts(text("it failed"), text("thrown"), 7, trace));
    let Value::Exception(read) = wire::read(&written(&exception)).unwrap() else { panic!("another type") };
    assert_eq!((read.message().as_str(), read.kind().as_str(), read.instruction()), ("it failed", "thrown", 7));
    assert_eq!(read.trace().len(), 1);
}

#[test]
fn what_belongs_to_a_machine_is_refused() {
    let value = list(&[int(1), list(&[Value::Pid(Pid::new(2, 1))])]);
    let error = wire::write(&value, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "a pid cannot be written: it belongs to the machine that made it");
}

#[test]
fn bytes_that_are_no_value_say_why() {
    let why = |bytes: &[u8]| wire::read(bytes).unwrap_err().to_string();
    assert_eq!(why(&[]), "the value ends in the middle, at byte 0");
    assert_eq!(why(&[99]), "no value begins with the byte 99 at byte 0");
    assert_eq!(why(&[0, 0]), "something follows the value, at byte 1");
    assert_eq!(why(&[6, 2, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), "what lies at byte 1 is no text");
    let count = [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
    let error = wire::read(&count).unwrap_err();
    assert_eq!(error, NotAValue::Truncated { at: 9 }, "no room is made for what is not there");
    let again = [16, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(why(&again), "what lies at byte 0 is no number of a complete value");
}
