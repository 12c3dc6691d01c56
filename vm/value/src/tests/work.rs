//! Long operations in pieces: the same results as in one go, shared parts once, and nothing left of what is dropped.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::order::any_value;
use crate::{
    List, Value, live_objects,
    ops::{compare, lists, maps, strings, text},
    reclaim,
    work::{Fuel, Job, Progress, attempt, whole},
};

/// What a job gives, in slices of so many steps, and how many slices it took.
fn in_slices<T: 'static>(steps: u64, work: impl AsyncFnOnce(&Fuel) -> T + 'static) -> (T, usize) {
    let mut job = Job::new(work);
    for slices in 1.. {
        match job.advance(steps) {
            Progress::Done(result) => return (result, slices),
            Progress::Paused => {}
            Progress::Elsewhere(task) => job.answer(task.perform()),
        }
    }
    unreachable!("the loop has no end")
}

fn ints(ints: impl Iterator<Item = i64>) -> Value {
    Value::list(ints.map(Value::Int).collect::<Vec<_>>().into_iter()).unwrap()
}

fn ints_of(of: &[i64]) -> Value {
    ints(of.iter().copied())
}

/// A list that holds the same list twice, and so on, so many levels deep.
fn doubled(leaf: i64, levels: usize) -> Value {
    let leaf = ints([leaf].into_iter());
    (0..levels).fold(leaf, |value, _| Value::list([value.clone(), value].into_iter()).unwrap())
}

#[test]
fn a_sort_in_slices_is_stable_and_gives_what_a_sort_in_one_go_gives() {
    // Equal by the first element alone until the second decides: long comparisons among short ones.
    let pairs: Vec<Value> = (0..3000).map(|n| ints([n % 7, -n].into_iter())).collect();
    let mut wanted = pairs.clone();
    wanted.sort_by(compare::total_cmp);
    let list = Value::list(pairs.into_iter()).unwrap();
    let (sorted, slices) = in_slices(1000, async move |fuel| lists::sort_in_pieces(list, fuel).await.unwrap());
    assert!(slices > 30, "{slices}");
    assert!(compare::equals(&sorted, &Value::list(wanted.into_iter()).unwrap()));
}

/// Ints that lie apart as far as any do, near each other, or both.
fn scattered_ints() -> impl Strategy<Value = Vec<i64>> {
    let int = (any::<i64>(), 0..63_u32).prop_map(|(int, shift)| int >> shift);
    (prop::collection::vec(int, 1..100), 1..200_usize, any::<bool>()).prop_map(|(few, times, is_sorted)| {
        let mut ints: Vec<i64> = (0..few.len() * times)
            .map(|index| few[index % few.len()].wrapping_mul((index * index % times) as i64 + 1))
            .collect();
        if is_sorted {
            ints.sort_unstable_by(|a, b| b.cmp(a));
        }
        ints
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn many_ints_and_floats_are_sorted_by_the_total_order(ints in scattered_ints(), steps in 5000u64..50_000) {
        let floats = ints.iter().map(|int| Value::Float(f64::from_bits(int.cast_unsigned())));
        let floats = Value::list(floats.collect::<Vec<_>>().into_iter()).unwrap();
        for list in [ints_of(&ints), floats] {
            let Value::List(elements) = list.clone() else { unreachable!("it was made as a list") };
            let mut wanted: Vec<Value> = elements.iter().map(crate::list::Item::to_value).collect();
            wanted.sort_by(compare::total_cmp);
            let (sorted, _) = in_slices(steps, async move |fuel| lists::sort_in_pieces(list, fuel).await.unwrap());
            let wanted = Value::list(wanted.into_iter()).unwrap();
            prop_assert_eq!(compare::total_cmp(&sorted, &wanted), Ordering::Equal);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn many_strs_are_sorted_by_their_bytes(
        few in prop::collection::vec("[ab\\x00é]{0,12}", 1..60),
        common in "[a-z]{0,20}",
        count in 1..20_000_usize,
        steps in 5000u64..50_000,
    ) {
        let part = |index: usize| few[index % few.len()].as_str();
        let mut wanted: Vec<String> =
            (0..count).map(|n| format!("{common}{}{}", part(n * n), part(n / few.len()))).collect();
        let strs = wanted.iter().map(|text| Value::str(text).unwrap()).collect::<Vec<_>>();
        let list = Value::list(strs.into_iter()).unwrap();
        wanted.sort_unstable();
        let (sorted, _) = in_slices(steps, async move |fuel| lists::sort_in_pieces(list, fuel).await.unwrap());
        let Value::List(sorted) = sorted else { unreachable!("sorting gives a list") };
        let sorted: Vec<Value> = sorted.iter().map(crate::list::Item::to_value).collect();
        prop_assert!(sorted.iter().filter_map(Value::as_str).eq(wanted.iter().map(String::as_str)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn small_values_compare_and_print_as_larger_ones_do(a in any_value(), b in any_value()) {
        for other in [&a, &b] {
            let long = whole(async |fuel| compare::total_cmp_in_pieces(&a, other, fuel).await);
            prop_assert_eq!(compare::small_cmp(&a, other), Some(long));
            let long = whole(async |fuel| compare::equals_in_pieces(&a, other, fuel).await);
            prop_assert_eq!(compare::small_equals(&a, other), Some(long));
        }
        prop_assert!(compare::is_small(&a));
        let short = text::with_short_text(&a, "!", str::to_owned);
        let long = whole(async |fuel| text::line_in_pieces(&a, "!", fuel).await.unwrap());
        prop_assert_eq!(short.as_deref(), long.as_str().filter(|long| long.len() <= 512));
    }
}

#[test]
fn what_is_compared_directly_is_small() {
    for (value, is_small) in [
        (ints(0..100), true),
        (ints(0..200), false),
        (doubled(1, 4), true),
        (doubled(1, 60), false),
        (Value::str(&"a".repeat(4096)).unwrap(), true),
        (Value::str(&"a".repeat(20_000)).unwrap(), false),
        ((0..100).fold(Value::Null, |value, _| Value::list([value].into_iter()).unwrap()), true),
        ((0..1_000_000).fold(Value::Null, |value, _| Value::list([value].into_iter()).unwrap()), false),
    ] {
        assert_eq!(compare::is_small(&value), is_small);
        // For `EQ` a list may differ from itself, so it is looked through.
        assert!(!is_small || compare::small_equals(&value, &value) == Some(true));
    }
}

proptest! {
    #[test]
    fn sorting_in_slices_of_any_length_sorts(numbers in prop::collection::vec(-50i64..50, 0..4000), steps in 1u64..5000) {
        let list = ints(numbers.iter().copied());
        let mut wanted = numbers;
        wanted.sort_unstable();
        let (sorted, _) = in_slices(steps, async move |fuel| lists::sort_in_pieces(list, fuel).await.unwrap());
        prop_assert!(compare::equals(&sorted, &ints(wanted.into_iter())));
    }

    #[test]
    fn reversing_twice_in_slices_changes_nothing(count in 0i64..5000, steps in 1u64..5000) {
        let list = ints(0..count);
        let (reversed, _) = in_slices(steps, async move |fuel| {
            lists::reverse_in_pieces(list, fuel).await.unwrap()
        });
        if count > 0 {
            prop_assert!(compare::equals(&lists::index(&reversed, &Value::Int(0)).unwrap(), &Value::Int(count - 1)));
        }
        prop_assert!(compare::equals(&lists::reverse(reversed).unwrap(), &ints(0..count)));
    }
}

#[test]
fn values_that_share_their_parts_compare_in_steps_in_proportion_to_their_objects() {
    let (a, b, c) = (doubled(1, 60), doubled(1, 60), doubled(2, 60));
    let steps = 20_000;
    assert_eq!(attempt(steps, async |fuel| compare::equals_in_pieces(&a, &b, fuel).await), Some(true));
    assert_eq!(attempt(steps, async |fuel| compare::equals_in_pieces(&a, &a, fuel).await), Some(true));
    assert_eq!(attempt(steps, async |fuel| compare::equals_in_pieces(&a, &c, fuel).await), Some(false));
    let ordering = attempt(steps, async |fuel| compare::total_cmp_in_pieces(&a, &b, fuel).await);
    assert_eq!(ordering, Some(Ordering::Equal));
    // A NaN far within makes a value differ from itself.
    let nan = Value::list([Value::Float(f64::NAN)].into_iter()).unwrap();
    let nans = (0..60).fold(nan, |value, _| Value::list([value.clone(), value].into_iter()).unwrap());
    assert!(!compare::equals(&nans, &nans));
}

#[test]
fn a_text_longer_than_any_memory_is_refused_in_steps_in_proportion_to_the_objects() {
    let value = doubled(1, 60);
    let text = attempt(20_000, async |fuel| text::to_str_in_pieces(&value, fuel).await);
    assert!(text.is_some_and(|text| text.is_err()));
    assert!(value.to_string().len() < 2 << 20, "reports are cut off");
    assert!(format!("{value:?}").len() < 2 << 20, "debug forms are cut off");
}

#[test]
fn marking_looks_at_each_shared_part_once() {
    assert_eq!(doubled(1, 60).mark_shared(), 61);
}

#[test]
fn a_sort_that_is_dropped_on_the_way_leaves_nothing() {
    while reclaim(usize::MAX) {}
    let before = live_objects();
    let list = Value::list(
        (0..5000).map(|n| Value::str(&format!("{}", n * 7919 % 5000)).unwrap()).collect::<Vec<_>>().into_iter(),
    );
    let list = list.unwrap();
    let mut job = Job::new(async move |fuel| lists::sort_in_pieces(list, fuel).await);
    for _ in 0..5 {
        assert!(matches!(job.advance(3000), Progress::Paused));
    }
    drop(job);
    while reclaim(usize::MAX) {}
    assert_eq!(live_objects(), before);
}

#[test]
fn occurrences_are_found_wherever_pieces_end() {
    for length in (1 << 14) - 3..(1 << 14) + 3 {
        let text = Value::str(&format!("{}needle{}", "ä".repeat(length), "ö".repeat(40_000))).unwrap();
        let found = strings::find(&text, &Value::str("needle").unwrap()).unwrap();
        assert!(compare::equals(&found, &Value::Int(length as i64)));
    }
}

#[test]
fn a_map_of_consecutive_keys_becomes_a_tree_in_slices() {
    let map =
        (0..100_000).fold(maps::map_new(), |map, key| maps::map_put(map, Value::Int(key), Value::Int(key)).unwrap());
    let (key, value) = (Value::Float(0.5), Value::Null);
    let Value::Map(mut prepared) = map.clone() else { unreachable!("it was made as a map") };
    assert!(prepared.is_copied_for(&key, &value));
    let (mut prepared, slices) = in_slices(5000, async move |fuel| {
        prepared.prepare_in_pieces(&Value::Float(0.5), &Value::Null, fuel).await.unwrap();
        prepared
    });
    assert!(slices > 80, "{slices}");
    assert!(!prepared.is_copied_for(&key, &value));
    assert!(compare::equals(&Value::Map(prepared), &map));
}

#[test]
fn a_list_joined_of_different_kinds_holds_them_all() {
    let mut list = List::from_ints([0, 1, 2].into_iter()).unwrap();
    list.push(Value::Null).unwrap();
    let joined = lists::list_concat(ints(0..2000), &Value::List(list)).unwrap();
    assert!(compare::equals(&lists::len(&joined).unwrap(), &Value::Int(2004)));
    assert!(compare::equals(&lists::index(&joined, &Value::Int(2003)).unwrap(), &Value::Null));
}
