//! Maps against a model, with shared snapshots.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{balanced, display, float, int, list, outcome, s};
use crate::{Map, Value, ops::maps, take_balance};

fn texts(map: &Map) -> Vec<(String, String)> {
    map.iter().map(|(key, value)| (display(&key.to_value()), display(&value.to_value()))).collect()
}

#[test]
fn keys_of_all_kinds_are_kept_in_the_total_order() {
    let mut value = maps::map_new();
    for key in [s("b"), float(1.0), int(1), Value::Null, list(&[int(1)]), Value::Bool(false), s("a")] {
        value = maps::map_put(value, key.clone(), key).unwrap();
    }
    assert_eq!(display(&value), "#{1: 1, 1: 1, false: false, null: null, a: a, b: b, [1]: [1]}");
    assert_eq!(outcome(maps::map_size(&value)), "Int(7)");
    assert_eq!(outcome(maps::map_get(&value, &float(1.0))), "Float(1.0)");
    assert_eq!(outcome(maps::map_get(&value, &int(1))), "Int(1)");
    assert_eq!(outcome(maps::map_get(&value, &int(2))), "Null");
    assert!(maps::map_has(&value, &list(&[int(1)])).unwrap());
    let value = maps::map_remove(value, &s("b")).unwrap();
    assert!(!maps::map_has(&value, &s("b")).unwrap());
    assert_eq!(display(&maps::map_keys(&value).unwrap()), "[1, 1, false, null, a, [1]]");
    assert_eq!(outcome(maps::map_get(&int(1), &int(1))), "! MAP_GET expects a map but got Int(1)");
    assert_eq!(outcome(maps::map_put(int(1), int(1), int(1))), "! MAP_PUT expects a map but got Int(1)");
}

#[test]
fn nan_is_a_key_like_others() {
    let value = maps::map_put(maps::map_new(), float(f64::NAN), int(1)).unwrap();
    let value = maps::map_put(value, float(f64::NAN), int(2)).unwrap();
    assert_eq!(outcome(maps::map_get(&value, &float(f64::NAN))), "Int(2)");
    assert_eq!(outcome(maps::map_size(&value)), "Int(1)");
}

#[test]
fn a_hundred_thousand_keys_come_and_go() {
    balanced(|| {
        let mut map = Map::new();
        let key = |index: i64| (index * 7919) % 100_003;
        for index in 0..100_003 {
            assert!(map.insert(int(key(index)), int(index)).unwrap().is_none());
        }
        assert_eq!(map.len(), 100_003);
        assert!(map.iter().map(|(key, _)| display(&key.to_value())).eq((0..100_003).map(|key| key.to_string())));
        let full = map.clone();
        for index in 0..100_003 {
            assert!(map.remove(&int(key(index))).unwrap().is_some());
            assert!(map.remove(&int(key(index))).unwrap().is_none());
        }
        assert!(map.is_empty());
        assert_eq!(full.len(), 100_003);
    });
}

/// A map of the ints from `first` on, each with itself as its value.
fn counted(first: i64, count: i64) -> Map {
    let mut map = Map::new();
    for key in first..first + count {
        assert!(map.insert(int(key), int(key)).unwrap().is_none());
    }
    map
}

/// Whether the map has exactly these ints, in this order.
fn has_ints(map: &Map, keys: impl Iterator<Item = i64> + Clone) -> bool {
    map.len() == keys.clone().count()
        && map.iter().map(|(key, _)| display(&key.to_value())).eq(keys.clone().map(|key| key.to_string()))
        && keys.clone().all(|key| map.contains(&int(key)))
}

#[test]
fn consecutive_ints_are_kept_in_order_whatever_is_done_with_them() {
    balanced(|| {
        let full = counted(-5, 3000);
        assert!(has_ints(&full, -5..2995));
        for outside in [int(-6), int(2995), int(i64::MIN), int(i64::MAX), float(1.0), s("a")] {
            assert!(!full.contains(&outside));
            let mut map = full.clone();
            assert!(map.insert(outside.clone(), int(0)).unwrap().is_none());
            assert_eq!((map.len(), full.len()), (3001, 3000));
            assert!(map.contains(&outside) && map.contains(&int(-5)) && map.contains(&int(2994)));
        }
        for removed in [-5, 0, 1500, 2993, 2994] {
            let (mut own, mut shared) = (counted(-5, 3000), full.clone());
            for map in [&mut own, &mut shared] {
                assert_eq!(map.remove(&int(removed)).unwrap().map(|old| display(&old)), Some(removed.to_string()));
                assert!(map.remove(&int(removed)).unwrap().is_none());
                assert!(has_ints(map, (-5..2995).filter(|key| *key != removed)));
                assert!(map.insert(int(removed), int(0)).unwrap().is_none());
                assert!(has_ints(map, -5..2995));
            }
        }
        assert!(has_ints(&full, -5..2995));
    });
}

#[test]
fn consecutive_ints_are_removed_from_either_end() {
    balanced(|| {
        let (mut front, mut back) = (counted(0, 2000), counted(0, 2000));
        for key in 0..2000 {
            assert!(front.remove(&int(key)).unwrap().is_some());
            assert!(back.remove(&int(1999 - key)).unwrap().is_some());
        }
        assert!(front.is_empty() && back.is_empty());
        for map in [&mut front, &mut back] {
            assert!(map.insert(s("a"), int(1)).unwrap().is_none() && map.len() == 1);
        }
    });
}

#[test]
fn consecutive_ints_up_to_the_greatest_one() {
    let mut map = counted(i64::MAX - 2000, 2000);
    assert!(map.insert(int(i64::MAX), int(1)).unwrap().is_none());
    assert!(!map.contains(&int(i64::MIN)) && map.contains(&int(i64::MAX)));
    assert!(map.insert(int(i64::MIN), int(1)).unwrap().is_none());
    assert_eq!((map.len(), map.iter().count()), (2002, 2002));
}

#[test]
fn packed_ints_are_set_in_place_only_where_that_is_what_inserting_does() {
    balanced(|| {
        let mut map = counted(-5, 3000);
        assert!(map.put_packed(-5, 7) && map.put_packed(2994, 8));
        for outside in [-6, 2996, i64::MIN, i64::MAX] {
            assert!(!map.put_packed(outside, 0) && !map.contains(&int(outside)));
        }
        // The next key, as long as there is room for its value.
        let is_done = map.put_packed(2995, 9);
        assert_eq!((map.contains(&int(2995)), map.len()), (is_done, 3000 + usize::from(is_done)));
        let shared = map.clone();
        assert!(!map.put_packed(0, 1));
        assert_eq!(shared.get(&int(-5)).as_ref().map(display), Some("7".to_owned()));
        let mut greatest = counted(i64::MAX - 2000, 2000);
        assert!(greatest.insert(int(i64::MAX), int(1)).unwrap().is_none());
        assert!(!greatest.put_packed(i64::MIN, 0) && !greatest.contains(&int(i64::MIN)));
        assert!(!Map::new().put_packed(0, 0));
    });
}

#[test]
fn updates_of_shared_consecutive_ints_leave_the_others_as_they_were() {
    balanced(|| {
        let mut map = counted(0, 2000);
        let before = map.clone();
        assert_eq!(map.insert(int(7), int(-7)).unwrap().map(|old| display(&old)), Some("7".to_owned()));
        assert!(map.insert(int(2000), int(1)).unwrap().is_none());
        assert_eq!(
            (map.get(&int(7)).as_ref().map(display), before.get(&int(7)).as_ref().map(display)),
            (Some("-7".into()), Some("7".into()))
        );
        assert_eq!((map.len(), before.len()), (2001, 2000));
        assert_eq!(map.insert(int(7), int(8)).unwrap().map(|old| display(&old)), Some("-7".to_owned()));
    });
}

#[test]
fn who_keeps_consecutive_ints_and_derives_many_maps_from_them_pays_for_a_tree_once() {
    balanced(|| {
        let mut kept = counted(0, 20_000);
        let mut entries = kept.iter();
        let before: Vec<_> = entries.by_ref().take(5000).map(|(_, value)| value.to_value()).collect();
        let _ = take_balance();
        let mut first = kept.clone();
        assert!(first.insert(int(7), int(-7)).unwrap().is_some());
        let of_the_tree = take_balance();
        for number in 0..1000 {
            let _ = take_balance();
            let mut derived = kept.clone();
            assert!(!derived.is_copied_for(&int(number), &s("x")) && !derived.may_be_spread());
            match number % 3 {
                0 => assert!(derived.insert_at_once(int(number), s("x")).unwrap().unwrap().is_some()),
                1 => assert!(derived.insert(int(-number), int(1)).unwrap().is_none()),
                _ => assert!(derived.remove(&int(number)).unwrap().is_some()),
            }
            let changed = derived.get(&int(number)).map(|value| display(&value));
            let expected = [Some("x".to_owned()), Some(number.to_string()), None][number as usize % 3].clone();
            assert_eq!(changed, expected);
            let others = derived.get(&int(19_999)).map(|value| display(&value));
            assert_eq!(others, Some("19999".to_owned()), "{number}");
            let bytes = take_balance();
            assert!(bytes < of_the_tree / 20, "{bytes} of {of_the_tree}");
        }
        assert_eq!(entries.count(), 15_000);
        assert!(before.iter().map(display).eq((0..5000).map(|number| number.to_string())));
        // Changed itself it is no longer what the tree says.
        drop(first);
        assert!(!kept.put_packed(5, 6));
        assert!(kept.insert(int(5), int(6)).unwrap().is_some());
        assert!(kept.put_packed(20_000, 1));
        let mut derived = kept.clone();
        assert!(derived.may_be_spread());
        assert!(derived.remove(&int(0)).unwrap().is_some());
        assert_eq!((derived.get(&int(5)).as_ref().map(display), derived.len()), (Some("6".to_owned()), 20_000));
        assert_eq!((kept.get(&int(0)).as_ref().map(display), kept.len()), (Some("0".to_owned()), 20_001));
    });
}

#[derive(Clone, Debug)]
enum Step {
    Put(i64, i64),
    PutRange(i64, i64),
    PutText(u8, i64),
    Remove(i64),
    RemoveRange(i64, i64),
    Snapshot,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (-200..200_i64, any::<i64>()).prop_map(|(key, value)| Step::Put(key, value)),
        3 => (-2000..2000_i64, 0..300_i64).prop_map(|(from, count)| Step::PutRange(from, count)),
        2 => (any::<u8>(), any::<i64>()).prop_map(|(key, value)| Step::PutText(key, value)),
        6 => (-200..200_i64).prop_map(Step::Remove),
        3 => (-2000..2000_i64, 0..300_i64).prop_map(|(from, count)| Step::RemoveRange(from, count)),
        2 => Just(Step::Snapshot),
    ]
}

/// Keys of the model: ints before strs, as in the total order.
type Model = BTreeMap<(bool, i64, String), i64>;

fn check(map: &Map, model: &Model) {
    let expected: Vec<_> = model
        .iter()
        .map(|((is_text, key, text), value)| (if *is_text { text.clone() } else { key.to_string() }, value.to_string()))
        .collect();
    assert_eq!(map.len(), expected.len());
    assert_eq!(texts(map), expected);
    for (is_text, key, text) in model.keys() {
        let key = if *is_text { s(text) } else { int(*key) };
        assert!(map.contains(&key));
    }
    assert!(!map.contains(&int(5000)) && !map.contains(&s("none")));
}

fn run_steps(steps: Vec<Step>) {
    let (mut map, mut model) = (Map::new(), Model::new());
    let mut snapshots = Vec::new();
    for step in steps {
        match step {
            Step::Put(key, value) => {
                let old = map.insert(int(key), int(value)).unwrap().map(|old| display(&old));
                assert_eq!(old, model.insert((false, key, String::new()), value).map(|old| old.to_string()));
            }
            Step::PutRange(from, count) => {
                for key in from..from + count {
                    map.insert(int(key), int(-key)).unwrap();
                    model.insert((false, key, String::new()), -key);
                }
            }
            Step::PutText(key, value) => {
                map.insert(s(&key.to_string()), int(value)).unwrap();
                model.insert((true, 0, key.to_string()), value);
            }
            Step::Remove(key) => {
                let old = map.remove(&int(key)).unwrap().map(|old| display(&old));
                assert_eq!(old, model.remove(&(false, key, String::new())).map(|old| old.to_string()));
            }
            Step::RemoveRange(from, count) => {
                for key in from..from + count {
                    map.remove(&int(key)).unwrap();
                    model.remove(&(false, key, String::new()));
                }
            }
            Step::Snapshot => snapshots.push((map.clone(), model.clone())),
        }
    }
    check(&map, &model);
    for (map, model) in &snapshots {
        check(map, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn maps_behave_like_sorted_maps_and_snapshots_never_change(steps in prop::collection::vec(step(), 0..50)) {
        balanced(|| run_steps(steps));
    }
}
