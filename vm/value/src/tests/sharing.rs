//! Values that move between threads.

#![expect(unsafe_code, reason = "a marking pass that stops demands that nobody else marks its value")]

use std::{sync::mpsc, thread};

use super::{int, list, s};
use crate::{Marked, Marking, NewObject, Object, SharedValue, Str, Value, known, ops, take_balance};

#[test]
fn marking_counts_each_new_object_once() {
    let inner = list(&[s("a"), s("b")]);
    let value = list(&[inner.clone(), inner, s("c"), int(1)]);
    assert_eq!(value.mark_shared(), 5);
    assert_eq!(value.mark_shared(), 0);
    let forwarded = list(&[value, s("new")]);
    assert_eq!(forwarded.mark_shared(), 2);
    assert_eq!(int(1).mark_shared(), 0);
}

#[test]
fn an_object_made_of_shared_parts_is_shared_and_like_any_other() {
    let part = SharedValue::new(list(&[s("a"), s("b")])).0;
    let mut object = NewObject::new(2).unwrap();
    object.add(SharedValue::fixed(&known::REASON)).unwrap();
    object.add(SharedValue::fixed(&known::PID)).unwrap();
    object.add(part.clone()).unwrap();
    object.add(SharedValue::new(int(7)).0).unwrap();
    let made = object.finish().into_value();
    let fields = [(Str::from_static(&known::REASON), part.into_value()), (Str::from_static(&known::PID), int(7))];
    let wanted = Value::Object(Object::from_fields(fields).unwrap());
    assert!(ops::compare::equals(&made, &wanted));
    assert_eq!((made.mark_shared(), wanted.mark_shared()), (0, 1));
}

#[test]
fn marking_does_not_recurse() {
    let mut value = Value::Null;
    for _ in 0..1_000_000 {
        value = list(&[value]);
    }
    assert_eq!(value.mark_shared(), 1_000_000);
}

#[test]
fn shared_values_are_cloned_and_dropped_on_many_threads() {
    let value = list(&[s("text"), list(&[int(1), s("deep")])]);
    let (shared, marked) = SharedValue::new(value);
    assert_eq!(marked.objects, 4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    let value = shared.to_value();
                    let inner = ops::lists::index(&value, &int(1)).unwrap();
                    assert_eq!(inner.to_string(), "[1, deep]");
                }
            });
        }
    });
    assert_eq!(shared.into_value().to_string(), "[text, [1, deep]]");
}

#[test]
fn an_update_on_another_thread_is_not_seen_here() {
    let value = Value::list((0..2000).map(|index| s(&index.to_string()))).unwrap();
    let kept = value.clone();
    let (shared, _) = SharedValue::new(value);
    let handle = thread::spawn(move || {
        let mut value = shared.into_value();
        for index in 0..2000 {
            value = ops::lists::set_index(value, &int(index), int(0)).unwrap();
        }
        SharedValue::new(value).0
    });
    let other = handle.join().expect("the thread ends in peace").into_value();
    assert_eq!(ops::lists::index(&kept, &int(1999)).unwrap().to_string(), "1999");
    assert_eq!(ops::lists::index(&other, &int(1999)).unwrap().to_string(), "0");
}

#[test]
fn what_is_put_into_a_shared_object_that_became_unique_is_marked_again() {
    let value = list(&[s("old")]);
    value.mark_shared();
    assert!(value.any().unwrap().header().is_shared());
    let value = ops::lists::append(value, s("new")).unwrap();
    assert!(!value.any().unwrap().header().is_shared(), "an object changed in place is of this thread again");
    assert_eq!(value.mark_shared(), 2, "the list and the new str");
}

#[test]
fn a_shared_count_that_reaches_the_top_sticks() {
    let value = s("kept for ever");
    value.mark_shared();
    let copies: Vec<Value> = (0..70_000).map(|_| value.clone()).collect();
    drop(copies);
    let again = value.clone();
    drop(value);
    assert_eq!(again.to_string(), "kept for ever");
    again.any().unwrap().header().unstick();
    // Counted local and stuck, then shared: stays stuck.
    let value = s("also kept");
    let copies: Vec<Value> = (0..70_000).map(|_| value.clone()).collect();
    value.mark_shared();
    drop(copies);
    assert_eq!(value.to_string(), "also kept");
    value.any().unwrap().header().unstick();
}

#[test]
fn messages_passed_around_a_ring_keep_their_content() {
    let (to_second, from_first) = mpsc::channel::<SharedValue>();
    let (to_first, from_second) = mpsc::channel::<SharedValue>();
    let second = thread::spawn(move || {
        for message in from_first {
            let value = ops::lists::append(message.into_value(), s("second")).unwrap();
            to_first.send(SharedValue::new(value).0).unwrap();
        }
    });
    let mut value = list(&[]);
    for _ in 0..1000 {
        to_second.send(SharedValue::new(value).0).unwrap();
        value = ops::lists::append(from_second.recv().unwrap().into_value(), s("first")).unwrap();
    }
    drop(to_second);
    second.join().expect("the thread ends in peace");
    assert_eq!(ops::lists::len(&value).unwrap().to_string(), "2000");
}

/// No test uses a value while a pass over it stands still.
fn begin(value: Value, values_max: usize) -> Result<(SharedValue, Marked), Marking> {
    // SAFETY: see above.
    unsafe { Marking::begin(value, &mut { values_max }) }
}

#[test]
fn a_marking_pass_stops_and_goes_on() {
    let value = list(&(0..100).map(|number| list(&[s(&number.to_string()), s("x")])).collect::<Vec<_>>());
    let held = value.clone();
    let mut marking = begin(value, 10).expect_err("there are 401 values to look at");
    let mut passes = 1;
    let (message, marked) = loop {
        passes += 1;
        match marking.advance(10) {
            Ok(done) => break done,
            Err(further) => marking = further,
        }
    };
    assert!((30..=50).contains(&passes), "{passes}");
    assert_eq!(marked.objects, 301);
    assert!(marked.bytes >= 301 * 32);
    assert_eq!(held.mark_shared(), 0, "everything is marked");
    assert_eq!(begin(message.into_value(), 1).expect("it is shared already").1, Marked::default());
}

#[test]
fn values_that_are_marked_one_after_the_other_share_what_may_be_looked_at() {
    let rows = || list(&(0..100).map(|number| list(&[s(&number.to_string())])).collect::<Vec<_>>());
    let mut left = 700;
    // SAFETY: nobody uses the values meanwhile.
    let marked = [(); 3].map(|()| unsafe { Marking::begin(rows(), &mut left) }.map(|(_, marked)| marked.objects).ok());
    assert_eq!((marked, left), ([Some(201), Some(201), None], 0));
}

#[test]
fn what_leads_to_nothing_new_is_marked_alone() {
    let (flat, nested) = (list(&[int(1), Value::Null]), list(&[s("x")]));
    let many = list(&vec![Value::Null; 100]);
    assert_eq!([&flat, &flat, &int(1)].map(Value::mark_alone), [Some(1), Some(0), Some(0)]);
    assert_eq!([&nested, &many].map(Value::mark_alone), [None, None]);
    assert_eq!((nested.mark_shared(), many.mark_shared()), (2, 1), "they were left as they are");
    assert_eq!(list(&[nested]).mark_alone(), Some(1));
}

#[test]
fn flat_values_are_marked_at_once_whatever_their_size() {
    let ints = Value::list((0..100_000i32).map(|number| int(i64::from(number)))).unwrap();
    let (_, marked) = begin(ints, 1).expect("packed ints lead nowhere");
    assert_eq!(marked.objects, 1);
    assert!(marked.bytes >= 800_000);
    assert_eq!(begin(Value::Int(1), 0).expect("no object").1, Marked::default());
}

#[test]
fn a_pass_that_is_dropped_is_finished_and_frees_its_value() {
    let before = crate::live_objects();
    let value = list(&(0..100).map(|number| s(&number.to_string())).collect::<Vec<_>>());
    let held = value.clone();
    drop(begin(value, 10).expect_err("there are 100 strs"));
    assert_eq!(held.mark_shared(), 0, "the pass was finished, so that nothing marked leads to what is not");
    drop(held);
    assert_eq!(crate::live_objects(), before);
}

#[test]
fn the_balance_is_what_was_made_and_never_shared() {
    let _ = take_balance();
    let value = list(&[s("some text"), s("more text")]);
    let made = take_balance();
    assert!(made > 0);
    drop(value.clone());
    assert_eq!(take_balance(), 0, "references are no objects");
    drop(value);
    assert_eq!(take_balance(), -made);
    let value = list(&[s("some text"), s("more text")]);
    let (message, marked) = begin(value, 100).expect("it is small");
    assert_eq!(take_balance(), 0, "what is sent leaves the account");
    assert_eq!(i64::try_from(marked.bytes), Ok(made));
    let value = ops::lists::set_index(message.into_value(), &int(0), Value::Null).unwrap();
    let taken_back = take_balance();
    assert!(taken_back > 0, "a shared list changed in place belongs to this thread again");
    drop(value);
    assert_eq!(take_balance(), -taken_back, "its str stays shared until it is freed");
    let mut text = s("x");
    let _ = take_balance();
    for _ in 0..18 {
        text = ops::strings::concat(text.clone(), &text).unwrap();
    }
    let grown = take_balance();
    assert!((1 << 17..1 << 20).contains(&grown), "{grown}");
    drop(text);
    assert!(take_balance() <= -(1 << 18));
}
