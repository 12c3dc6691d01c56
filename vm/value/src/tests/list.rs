//! Lists: packing, chunks, shared snapshots.

use proptest::prelude::*;

use super::{balanced, big, display, float, int, ints_up_to, list, outcome, s};
use crate::{Value, list::List, ops::lists};

fn as_list(value: &Value) -> &List {
    match value {
        Value::List(list) => list,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn values_are_taken_into_a_general_list_and_numbers_are_left_for_packing() {
    balanced(|| {
        let mut values = [s("ping"), int(1), float(0.5)];
        let taken = Value::List(List::take_general(&mut values).unwrap());
        assert_eq!(display(&taken), "[ping, 1, 0.5]");
        assert!(values.iter().all(Value::is_undefined));
        for first in [int(1), float(1.0)] {
            let mut values = [first, s("x")];
            assert!(List::take_general(&mut values).is_none());
            assert!(!values.iter().any(Value::is_undefined), "nothing was taken");
        }
        assert!(List::take_general(&mut []).is_none());
    });
}

#[test]
fn homogeneous_lists_are_packed_and_widen_once() {
    let mut value = list(&[]);
    for index in 0..10 {
        value = lists::append(value, int(index)).unwrap();
    }
    assert_eq!(as_list(&value).as_ints(), Some([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].as_slice()));
    value = lists::set_index(value, &int(3), float(0.5)).unwrap();
    assert!(as_list(&value).as_ints().is_none());
    value = lists::set_index(value, &int(3), int(3)).unwrap();
    assert!(as_list(&value).as_ints().is_none(), "a widened list stays so");
    assert_eq!(display(&value), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
    assert!(as_list(&list(&[float(1.0), float(2.0)])).as_floats().is_some());
}

#[test]
fn equality_and_text_do_not_depend_on_packing() {
    let packed = list(&[int(1), int(2)]);
    let widened =
        lists::set_index(lists::set_index(packed.clone(), &int(0), Value::Null).unwrap(), &int(0), int(1)).unwrap();
    assert!(crate::ops::compare::equals(&packed, &widened));
    assert!(crate::ops::compare::total_cmp(&packed, &widened).is_eq());
    assert_eq!(display(&packed), display(&widened));
}

#[test]
fn updating_a_big_list_that_somebody_holds_does_not_copy_it() {
    balanced(|| {
        let original = ints_up_to(100_000);
        let mut snapshots = Vec::new();
        let mut value = original.clone();
        for index in 0..1000 {
            value = lists::set_index(value, &int(index * 97), s("new")).unwrap();
            value = lists::append(value, float(0.5)).unwrap();
            snapshots.push(value.clone());
        }
        assert_eq!(as_list(&original).as_ints().map(<[i64]>::len), Some(100_000));
        assert_eq!(display(&lists::index(&snapshots[10], &int(10 * 97)).unwrap()), "new");
        assert_eq!(display(&lists::index(&snapshots[9], &int(10 * 97)).unwrap()), "970");
        assert_eq!(display(&lists::len(&snapshots[999]).unwrap()), "101000");
    });
}

#[test]
fn a_chunked_list_grows_over_many_levels() {
    let mut value = ints_up_to(1024);
    let kept = value.clone();
    for index in 1024..40_000 {
        value = lists::append(value, int(index)).unwrap();
    }
    let items: Vec<i64> = as_list(&value)
        .iter()
        .map(|item| match item.to_value() {
            Value::Int(int) => int,
            _ => -1,
        })
        .collect();
    assert_eq!(items, (0..40_000).collect::<Vec<i64>>());
    assert_eq!(as_list(&kept).len(), 1024);
    assert!(as_list(&value).as_ints().is_none(), "it is chunked");
    let sorted = lists::sort(lists::reverse(value).unwrap()).unwrap();
    assert_eq!(as_list(&sorted).as_ints().map(<[i64]>::len), Some(40_000), "what is made anew is packed again");
}

#[test]
fn indexes_outside_are_errors_with_the_index_as_written() {
    let value = list(&[int(1), int(2), int(3)]);
    assert_eq!(outcome(lists::index(&value, &int(3))), "! Index 3 out of bounds for list of length 3");
    assert_eq!(outcome(lists::index(&value, &int(-1))), "! Index -1 out of bounds for list of length 3");
    let huge = big("123456789012345678901234567890");
    assert_eq!(
        outcome(lists::index(&value, &huge)),
        "! Index 123456789012345678901234567890 out of bounds for list of length 3"
    );
    assert_eq!(outcome(lists::index(&value, &s("x"))), "! INDEX expects an integer index but got Str(\"x\")");
    assert_eq!(outcome(lists::index(&int(5), &int(0))), "! INDEX expects a list but got Int(5)");
    assert_eq!(outcome(lists::set_index(list(&[]), &int(0), int(1))), "! Index 0 out of bounds for list of length 0");
    assert_eq!(outcome(lists::set_index(s("abc"), &int(0), int(1))), "! SET_INDEX expects a list but got Str(\"abc\")");
    assert_eq!(outcome(lists::append(int(1), int(1))), "! APPEND expects a list but got Int(1)");
    assert_eq!(outcome(lists::len(&int(1))), "! LEN expects a list or object but got Int(1)");
}

#[test]
fn index_reads_every_sequence() {
    assert_eq!(outcome(lists::index(&s("äbc"), &int(0))), "Str(\"ä\")");
    assert_eq!(outcome(lists::index(&s("äbc"), &int(2))), "Str(\"c\")");
    assert_eq!(outcome(lists::index(&s("äbc"), &int(3))), "! Index 3 out of bounds for list of length 3");
    assert_eq!(outcome(lists::index(&Value::bytes(&[7, 255]).unwrap(), &int(1))), "Int(255)");
    assert_eq!(outcome(lists::index(&crate::ops::arrays::array_f64(&int(2)).unwrap(), &int(1))), "Float(0.0)");
}

#[test]
fn slices_leave_out_what_lies_outside() {
    let value = list(&[int(0), int(1), int(2), int(3)]);
    let slice = |start, end| outcome(lists::slice(&value, &int(start), &int(end)));
    assert_eq!(slice(1, 3), "List([Int(1), Int(2)])");
    assert_eq!(slice(-5, 2), "List([Int(0), Int(1)])");
    assert_eq!(slice(2, 100), "List([Int(2), Int(3)])");
    assert_eq!(slice(3, 1), "List([])");
    assert_eq!(outcome(lists::slice(&Value::bytes(b"abc").unwrap(), &int(1), &int(3))), "Bytes(2)");
    assert_eq!(outcome(lists::slice(&s("abc"), &int(1), &int(3))), "! SLICE expects a list but got Str(\"abc\")");
}

#[test]
fn ranges_concatenation_and_search() {
    assert_eq!(outcome(lists::range(&int(2), &int(5))), "List([Int(2), Int(3), Int(4)])");
    assert_eq!(outcome(lists::range(&int(5), &int(2))), "List([])");
    let near = big("9223372036854775809");
    assert_eq!(
        outcome(lists::range(&int(i64::MAX), &near)),
        "List([Int(9223372036854775807), Int(9223372036854775808)])"
    );
    assert_eq!(outcome(lists::range(&int(1), &s("x"))), "! RANGE expects two integers but got Int(1), Str(\"x\")");
    let joined = lists::list_concat(list(&[int(1)]), &list(&[s("a")])).unwrap();
    assert_eq!(display(&joined), "[1, a]");
    assert_eq!(display(&lists::list_concat(joined.clone(), &joined).unwrap()), "[1, a, 1, a]");
    assert!(lists::contains(&joined, &s("a")).unwrap());
    assert!(!lists::contains(&joined, &float(1.0)).unwrap(), "EQ tells ints from floats");
    assert!(!lists::contains(&list(&[float(f64::NAN)]), &float(f64::NAN)).unwrap());
    assert!(lists::contains(&s("hello"), &s("ell")).unwrap());
}

#[test]
fn sorting_is_stable_and_by_the_total_order() {
    let value = list(&[s("b"), Value::Null, float(2.0), int(2), Value::Bool(true), int(-1), list(&[]), s("a")]);
    assert_eq!(display(&lists::sort(value).unwrap()), "[-1, 2, 2, true, null, a, b, []]");
    let floats = list(&[float(f64::NAN), float(1.0), float(0.0), float(-0.0), float(f64::NEG_INFINITY)]);
    assert_eq!(display(&lists::sort(floats).unwrap()), "[-inf, -0, 0, 1, NaN]");
}

/// What a test does to a list.
#[derive(Clone, Debug)]
enum Step {
    Append(i64),
    AppendText(u8),
    AppendFloat(f64),
    Set(usize, i64),
    SetText(usize, u8),
    Snapshot,
    Extend(Vec<i64>),
    Slice(usize, usize),
    Reverse,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<i64>().prop_map(Step::Append),
        1 => any::<u8>().prop_map(Step::AppendText),
        1 => any::<f64>().prop_filter("NaN differs from itself", |float| !float.is_nan()).prop_map(Step::AppendFloat),
        4 => (any::<usize>(), any::<i64>()).prop_map(|(index, int)| Step::Set(index, int)),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(index, text)| Step::SetText(index, text)),
        4 => Just(Step::Snapshot),
        2 => prop::collection::vec(any::<i64>(), 0..600).prop_map(Step::Extend),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(start, end)| Step::Slice(start, end)),
        1 => Just(Step::Reverse),
    ]
}

fn run_steps(steps: Vec<Step>, start_length: usize) {
    let mut model: Vec<String> = (0..start_length).map(|index| index.to_string()).collect();
    let mut value = Value::list((0..start_length).map(|index| int(index as i64))).unwrap();
    let mut snapshots = Vec::new();
    let texts = |value: &Value| as_list(value).iter().map(|item| display(&item.to_value())).collect::<Vec<_>>();
    for step in steps {
        let place = |index: usize| (!model.is_empty()).then(|| index % model.len());
        match step {
            Step::Append(new) => {
                model.push(new.to_string());
                value = lists::append(value, int(new)).unwrap();
            }
            Step::AppendText(new) => {
                model.push(new.to_string());
                value = lists::append(value, s(&new.to_string())).unwrap();
            }
            Step::AppendFloat(new) => {
                model.push(new.to_string());
                value = lists::append(value, float(new)).unwrap();
            }
            Step::Set(index, new) => {
                let Some(index) = place(index) else { continue };
                model[index] = new.to_string();
                value = lists::set_index(value, &int(index as i64), int(new)).unwrap();
            }
            Step::SetText(index, new) => {
                let Some(index) = place(index) else { continue };
                model[index] = new.to_string();
                value = lists::set_index(value, &int(index as i64), s(&new.to_string())).unwrap();
            }
            Step::Snapshot => snapshots.push((value.clone(), model.clone())),
            Step::Extend(new) => {
                model.extend(new.iter().map(i64::to_string));
                value = lists::list_concat(value, &Value::list(new.into_iter().map(int)).unwrap()).unwrap();
            }
            Step::Slice(start, end) => {
                let (Some(start), Some(end)) = (place(start), place(end)) else { continue };
                let expected = model.get(start..end).unwrap_or_default();
                let slice = lists::slice(&value, &int(start as i64), &int(end as i64)).unwrap();
                assert_eq!(texts(&slice), expected);
            }
            Step::Reverse => {
                model.reverse();
                value = lists::reverse(value).unwrap();
            }
        }
    }
    assert_eq!(texts(&value), model);
    assert_eq!(as_list(&value).len(), model.len());
    for (snapshot, model) in &snapshots {
        assert_eq!(&texts(snapshot), model);
        for index in (0..model.len()).step_by(37) {
            assert_eq!(display(&lists::index(snapshot, &int(index as i64)).unwrap()), model[index]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lists_behave_like_vectors_and_snapshots_never_change(
        steps in prop::collection::vec(step(), 0..60),
        start_length in prop_oneof![Just(0_usize), 0..40_usize, 1000..1100_usize, Just(32 * 32 * 2)],
    ) {
        balanced(|| run_steps(steps, start_length));
    }
}
