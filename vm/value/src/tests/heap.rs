//! Counts, literals, freeing.

#![expect(unsafe_code, reason = "makes function values and literals")]

use std::sync::Arc;

use num_bigint::BigInt;
use ttvm_isa::Names;

use super::{balanced, int, list, s};
use crate::{
    Closure, Exception, FunctionObject, FunctionRef, Garbage, List, LiteralPool, Map, Object, Value, live_objects, ops,
    reclaim, take_balance,
};

#[test]
fn cloning_and_dropping_frees_everything_once() {
    balanced(|| {
        let inner = list(&[s("a"), s("b"), int(1)]);
        let outer = list(&[inner.clone(), inner.clone(), inner]);
        let copy = outer.clone();
        drop(outer);
        assert_eq!(copy.to_string(), "[[a, b, 1], [a, b, 1], [a, b, 1]]");
    });
}

#[test]
fn every_kind_is_freed() {
    balanced(|| {
        let object =
            FunctionObject { instruction: 7, parameters: Names::from([]), module: 0, names_captures: false, code: 0 };
        // SAFETY: the object outlives the values of this test.
        let function = unsafe { FunctionRef::new(&object) };
        let mut map = Map::new();
        let mut fields = Object::new();
        for index in 0..1000 {
            map.insert(int(index), s("value")).unwrap();
            let Value::Str(name) = s(&format!("field {index}")) else { unreachable!() };
            fields.set(&name, int(index)).unwrap();
        }
        let values = [
            Value::Closure(Closure::new(function, [s("captured")].into_iter()).unwrap()),
            Value::Map(map),
            Value::Object(fields),
            Value::bytes(b"bytes").unwrap(),
            ops::arrays::array_f64(&int(100)).unwrap(),
            ops::arrays::array_i64(&int(100)).unwrap(),
            Value::big(BigInt::from(1) << 1000).unwrap(),
            Value::Exception(Exception::thrown(int(42), 3, List::new())),
        ];
        drop(list(&values));
    });
}

#[test]
fn a_list_nested_four_million_deep_is_dropped_in_pieces() {
    balanced(|| {
        let mut value = Value::Null;
        for _ in 0..4_000_000 {
            value = Value::list(std::iter::once(value)).unwrap();
        }
        let before = live_objects();
        drop(value);
        let freed_at_once = before - live_objects();
        assert!((1000..=1025).contains(&freed_at_once), "one drop freed {freed_at_once} objects");
        let mut pieces = 0;
        while reclaim(100_000) {
            pieces += 1;
        }
        assert!(pieces > 30, "it took {pieces} pieces");
    });
}

#[test]
fn a_wide_list_is_dropped_in_pieces() {
    balanced(|| {
        let row = || list(&[s("x"), s("y")]);
        let value = Value::list((0..100_000).map(|_| row())).unwrap();
        let before = live_objects();
        drop(value);
        assert!(before - live_objects() < 4096);
        assert!(reclaim(10));
        // A second value dropped meanwhile is freed as well.
        drop(list(&[row(), row()]));
    });
}

#[test]
fn what_was_dropped_first_is_counted_apart_from_what_is_dropped_later() {
    balanced(|| {
        let rows = |count: usize| Value::list((0..count).map(|_| list(&[s("x"), s("y")]))).unwrap();
        let _ = take_balance();
        let value = rows(10_000);
        let held = take_balance();
        drop(value);
        let freed_at_once = take_balance();
        let garbage = Garbage::take().expect("most of it waits");
        assert!(Garbage::take().is_none() && !reclaim(0), "it waits apart");
        let other = rows(10_000);
        let other_held = take_balance();
        drop(other);
        let (left, freed) = garbage.reclaim(1_000);
        let (none, freed_later) = left.expect("there is more").reclaim(usize::MAX);
        assert!(none.is_none());
        assert_eq!(held + freed_at_once + freed + freed_later, 0);
        assert!(reclaim(0), "the other waits as before");
        while reclaim(usize::MAX) {}
        assert_eq!(other_held + take_balance(), 0);
    });
}

#[test]
fn what_was_taken_off_and_dropped_waits_again() {
    balanced(|| {
        let value = || Value::list((0..10_000).map(|_| list(&[s("x")]))).unwrap();
        drop(value());
        drop(Garbage::take());
        assert!(reclaim(0));
        let garbage = Garbage::take();
        drop(value());
        let before = live_objects();
        drop(garbage);
        assert!(live_objects() < before - 8_000, "two cannot wait as one");
        assert!(reclaim(0));
    });
}

#[test]
fn a_dead_list_of_literals_is_taken_apart_before_they_are_freed() {
    balanced(|| {
        let mut pool = LiteralPool::new();
        let index = pool.add_text(&Arc::from("constant")).unwrap();
        // SAFETY: the list is dropped before the pool.
        let text = unsafe { pool.get(index) };
        drop(Value::list((0..100_000).map(|_| text.clone())).unwrap());
        drop(text);
        assert!(reclaim(0));
        drop(pool);
        assert!(!reclaim(0));
    });
}

#[test]
fn what_waits_to_be_freed_is_freed_when_the_thread_ends() {
    std::thread::spawn(|| {
        drop(Value::list((0..100_000).map(|_| list(&[s("x")]))).unwrap());
        assert!(reclaim(0));
    })
    .join()
    .expect("the thread ends in peace");
}

#[test]
fn a_value_kept_by_a_thread_local_is_dropped_while_the_thread_ends() {
    use std::cell::RefCell;
    thread_local! {
        static KEPT: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    }
    std::thread::spawn(|| {
        KEPT.with(|kept| kept.borrow_mut().push(list(&[list(&[s("early")])])));
        drop(list(&[s("opens the free lists")]));
        KEPT.with(|kept| kept.borrow_mut().push(Value::list((0..10_000).map(|_| list(&[s("late")]))).unwrap()));
    })
    .join()
    .expect("the thread ends in peace");
}

#[test]
fn a_count_that_reaches_the_top_sticks_and_the_object_is_never_freed() {
    // The top is 2^16 in tests.
    let before = live_objects();
    let value = list(&[s("kept for ever")]);
    let copies: Vec<Value> = (0..70_000).map(|_| value.clone()).collect();
    drop(copies);
    assert_eq!(value.to_string(), "[kept for ever]");
    let again = value.clone();
    // SAFETY: no reference of a stuck object is counted, so one more or less does no harm.
    let stuck = unsafe { std::ptr::read(value.any().unwrap()) };
    drop(value);
    drop(again);
    while reclaim(usize::MAX) {}
    assert_eq!(live_objects(), before + 2, "a stuck object stays, with what it leads to");
    stuck.header().unstick();
    drop(stuck);
    assert_eq!(live_objects(), before);
}

#[test]
fn a_count_one_below_the_top_still_frees() {
    balanced(|| {
        let value = s("freed");
        // 65535 references in all; the top is 65536.
        let copies: Vec<Value> = (0..65_534).map(|_| value.clone()).collect();
        drop(copies);
    });
}

#[test]
fn literals_are_not_counted_and_are_copied_when_updated() {
    balanced(|| {
        let mut pool = LiteralPool::new();
        let hello = pool.add_text(&Arc::from("hello")).unwrap();
        assert_eq!(pool.add_text(&Arc::from("hello")).unwrap(), hello, "equal texts are one literal");
        let large = pool.add_big(&(BigInt::from(1) << 100)).unwrap();
        {
            // SAFETY: the pool outlives these values.
            let (text, number) = unsafe { (pool.get(hello), pool.get(large)) };
            let longer = ops::strings::concat(text.clone(), &s("!")).unwrap();
            assert_eq!((longer.to_string(), text.to_string()), ("hello!".to_owned(), "hello".to_owned()));
            assert!(text.any().unwrap().header().is_literal());
            assert_eq!(number.to_string(), "1267650600228229401496703205376");
            let holder = list(&[text.clone(), text]);
            assert_eq!(holder.mark_shared(), 1, "literals need no mark");
        }
        assert_eq!(pool.len(), 2);
        drop(pool);
    });
}

#[test]
fn values_are_sixteen_bytes_with_the_tag_first() {
    assert_eq!(size_of::<Value>(), 16);
    let tags: Vec<u64> =
        [int(1), Value::Float(1.0), Value::Null, Value::Bool(true), Value::Undefined, s("x"), list(&[])]
            .iter()
            .map(Value::tag)
            .collect();
    assert_eq!(tags, [0, 1, 2, 3, 7, 12, 13]);
}

#[test]
fn taking_a_value_leaves_undefined() {
    let mut value = s("x");
    assert_eq!(value.take().to_string(), "x");
    assert!(value.is_undefined());
}

#[test]
fn what_would_be_too_large_is_a_fault_and_no_abort() {
    let fault = ops::lists::range(&int(0), &int(i64::MAX)).unwrap_err();
    assert_eq!(fault.to_string(), "Limit reached: at most 4294967279 elements in one value");
    let fault = ops::arrays::array_f64(&int(1 << 40)).unwrap_err();
    assert_eq!(fault.to_string(), "Limit reached: at most 4294967279 elements in one value");
}
