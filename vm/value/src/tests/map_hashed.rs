//! Maps whose order nobody asked for yet, and how they are put in order: against a model, with snapshots.

use std::{cmp::Ordering, collections::BTreeMap, rc::Rc, thread};

use proptest::prelude::*;

use super::{balanced, big, display, float, int, list, s};
use crate::{Map, Pid, Ref, SharedValue, Value, ops::compare::total_cmp, take_balance};

/// A key of the model, compared as maps compare theirs.
#[derive(Clone)]
struct Key(Rc<Value>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        total_cmp(&self.0, &other.0)
    }
}

type Model = BTreeMap<Key, i64>;

/// The kinds of keys that occur together.
#[derive(Clone, Copy, Debug)]
enum Keys {
    Ints,
    FarInts,
    Texts,
    Mixed,
    WithContainers,
}

/// The key with this number.
fn key(keys: Keys, number: i64) -> Value {
    match keys {
        Keys::Ints => int(number),
        Keys::FarInts => int(if number == 7 { i64::MIN } else { number.wrapping_mul(0x1234_5678_9ABC_DEF1) }),
        Keys::Texts => s(&format!("key {number}")),
        Keys::Mixed => match number % 9 {
            0 => int(number),
            1 => float(number as f64),
            2 => s(&number.to_string()),
            3 => Value::bytes(&number.to_le_bytes()).unwrap(),
            4 => Value::Pid(Pid::from_bits(number as u64)),
            5 => Value::Ref(Ref(number as u64)),
            6 => Value::Bool(number % 2 == 0),
            7 => float([f64::NAN, -0.0, 0.0, f64::INFINITY][(number % 4).unsigned_abs() as usize]),
            _ => Value::Null,
        },
        Keys::WithContainers => match number % 50 {
            0 => list(&[int(number)]),
            1 => big(&format!("1{:030}", number.unsigned_abs())),
            _ => int(number),
        },
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Puts so many keys from a number on, the values of this kind.
    Put(i64, i64, bool),
    Remove(i64, i64),
    /// Keeps the map as it is.
    Snapshot,
    /// Lets go of all that was kept.
    Forget,
    /// Asks for the order.
    Look,
    /// Sends the map to another thread and back.
    Send,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..12_000_i64, prop_oneof![1..40_i64, 200..1500_i64], any::<bool>())
            .prop_map(|(from, count, is_int)| Step::Put(from, count, is_int)),
        6 => (0..12_000_i64, prop_oneof![1..40_i64, 200..3000_i64]).prop_map(|(from, count)| Step::Remove(from, count)),
        2 => Just(Step::Snapshot),
        2 => Just(Step::Forget),
        1 => Just(Step::Look),
        1 => Just(Step::Send),
    ]
}

fn keys() -> impl Strategy<Value = Keys> {
    prop_oneof![
        2 => Just(Keys::Ints),
        2 => Just(Keys::FarInts),
        2 => Just(Keys::Texts),
        2 => Just(Keys::Mixed),
        1 => Just(Keys::WithContainers),
    ]
}

/// A value, from which its number can be told.
fn value(number: i64, is_int: bool) -> Value {
    if is_int { int(number) } else { s(&number.to_string()) }
}

fn has_all(map: &Map, model: &Model) {
    assert_eq!(map.len(), model.len());
    for (key, number) in model {
        assert_eq!(map.get(&key.0).map(|value| display(&value)), Some(number.to_string()));
    }
    assert!(!map.contains(&s("none")) && !map.contains(&int(-1)) && !map.contains(&list(&[s("none")])));
}

fn is_in_order(map: &Map, model: &Model) {
    let entries = map.iter().map(|(key, value)| (key.to_value(), display(&value.to_value())));
    assert!(entries.zip(model).all(|((key, value), (of_model, number))| {
        total_cmp(&key, &of_model.0).is_eq() && value == number.to_string()
    }));
    assert_eq!(map.iter().count(), model.len());
}

fn run_steps(keys: Keys, steps: Vec<Step>) {
    let (mut map, mut model) = (Map::new(), Model::new());
    let mut snapshots = Vec::new();
    for step in steps {
        match step {
            // In steps of 7919, so that the keys do not rise.
            Step::Put(from, count, is_int) => {
                for number in (0..count).map(|turn| (from + turn * 7919) % 12_000) {
                    let old = map.insert(key(keys, number), value(number, is_int)).unwrap();
                    let before = model.insert(Key(Rc::new(key(keys, number))), number);
                    assert_eq!(old.map(|old| display(&old)), before.map(|before| before.to_string()));
                }
            }
            Step::Remove(from, count) => {
                for number in (0..count).map(|turn| (from + turn * 7919) % 12_000) {
                    let old = map.remove(&key(keys, number)).unwrap();
                    let before = model.remove(&Key(Rc::new(key(keys, number))));
                    assert_eq!(old.map(|old| display(&old)), before.map(|before| before.to_string()));
                }
            }
            Step::Snapshot => snapshots.push((map.clone(), model.clone())),
            Step::Forget => snapshots.clear(),
            Step::Look => is_in_order(&map, &model),
            Step::Send => {
                let (shared, _) = SharedValue::new(Value::Map(map));
                let there = thread::spawn(move || (shared.value().to_string().len(), shared));
                let (length, shared) = there.join().expect("the thread ends in peace");
                assert!(length >= 3);
                let Value::Map(back) = shared.into_value() else { unreachable!() };
                map = back;
            }
        }
        assert_eq!(map.len(), model.len());
    }
    for (map, model) in snapshots.iter().chain([&(map, model)]) {
        has_all(map, model);
        is_in_order(map, model);
        has_all(map, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn maps_of_all_sizes_behave_like_sorted_maps_whoever_holds_or_looks_at_them(
        keys in keys(),
        steps in prop::collection::vec(step(), 0..24),
    ) {
        balanced(|| run_steps(keys, steps));
    }
}

/// A map of these keys, each with its number as its value, put in by one holder.
fn filled(keys: impl Iterator<Item = Value>) -> Map {
    let mut map = Map::new();
    for (number, key) in keys.enumerate() {
        map.insert(key, int(number as i64)).unwrap();
    }
    map
}

#[test]
fn keys_that_are_equal_as_numbers_are_different_keys_in_large_maps() {
    let mut map = filled((0..1000).map(|number| int(number * 3)));
    for key in [float(3.0), float(0.0), float(-0.0), float(f64::NAN), Value::Bool(true), s("3"), int(i64::MIN)] {
        assert!(!map.contains(&key));
        assert!(map.insert(key.clone(), s("new")).unwrap().is_none());
        assert!(map.insert(key.clone(), s("again")).unwrap().is_some());
    }
    assert!(map.contains(&float(-f64::NAN)), "NaN is one key");
    assert_eq!(map.get(&int(3)).map(|value| display(&value)), Some("1".to_owned()));
    assert_eq!(map.len(), 1007);
    let first: Vec<String> = map.iter().take(4).map(|(key, _)| format!("{:?}", key.to_value())).collect();
    assert_eq!(first, [format!("Int({})", i64::MIN), "Int(0)".into(), "Float(-0.0)".into(), "Float(0.0)".into()]);
}

#[test]
fn a_copy_sees_none_of_the_changes_of_another() {
    balanced(|| {
        for count in [20, 40, 1000, 20_000] {
            let mut map = filled((0..count).map(|number| int(number * 5)));
            let before = map.clone();
            let other = map.clone();
            for number in 0..count / 2 {
                map.insert(int(number * 5), s("new")).unwrap();
                map.remove(&int((number + count / 2) * 5)).unwrap();
            }
            assert_eq!(map.len(), (count - count / 2) as usize);
            for kept in [before, other] {
                assert_eq!(kept.len(), count as usize);
                assert!((0..count).all(|number| {
                    kept.get(&int(number * 5)).map(|value| display(&value)) == Some(number.to_string())
                }));
            }
        }
    });
}

#[test]
fn copies_of_a_map_with_many_tables_are_changed_apart() {
    balanced(|| {
        let count = 200_000;
        // Everywhere, so that each table is split again and again.
        let scattered = |number: i64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64);
        let mut map = filled((0..count).map(|number| int(scattered(number))));
        let before = map.clone();
        for number in (0..count).step_by(997) {
            assert!(map.insert(int(scattered(number)), s("new")).unwrap().is_some());
            assert!(map.insert(int(scattered(count + number)), s("added")).unwrap().is_none());
            assert!(map.remove(&int(scattered(number + 1))).unwrap().is_some());
        }
        assert_eq!((map.len(), before.len()), (count as usize, count as usize));
        for number in 0..count {
            let kept = before.get(&int(scattered(number))).map(|value| display(&value));
            assert_eq!(kept, Some(number.to_string()));
            let changed = map.get(&int(scattered(number))).map(|value| display(&value));
            let expected = match number % 997 {
                0 => Some("new".to_owned()),
                1 => None,
                _ => Some(number.to_string()),
            };
            assert_eq!(changed, expected);
        }
        let keys = |map: &Map| map.iter().map(|(key, _)| key.to_value()).collect::<Vec<_>>();
        assert!(keys(&map).is_sorted_by(|a, b| crate::ops::compare::total_cmp(a, b).is_lt()));
        assert_eq!(keys(&before).len(), count as usize);
    });
}

/// The key with a number.
type KeyOf = fn(i64) -> i64;

/// Keys so many that a node has a directory of its children, by how they lie.
const WIDE: [(&str, KeyOf); 5] = [
    ("everywhere", |number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64)),
    ("more and more of them towards 0", |number| {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64) >> (number % 60)
    }),
    ("in heaps far apart", |number| ((number % 5 - 2) << 61) + number * 7919 % (1 << 20) * 3),
    ("down from the greatest", |number| i64::MAX - number * 40_503 % 1_000_003 * 2),
    ("up from the least that is packed", |number| i64::MIN + 1 + number * 40_503 % 1_000_003 * 2),
];

fn is_like(map: &Map, model: &BTreeMap<i64, i64>, near: impl Iterator<Item = i64>, keys: &str) {
    assert_eq!(map.len(), model.len(), "{keys}");
    for key in near.flat_map(|key| [key.wrapping_sub(1), key, key.wrapping_add(1)]) {
        let value = model.get(&key).copied();
        assert_eq!(map.get(&int(key)).map(|value| display(&value)), value.map(|value| value.to_string()), "{keys}");
        if let Some(packed) = map.get_packed(key) {
            assert_eq!(packed, value, "{keys}: {key}");
        }
    }
}

#[test]
fn ints_are_found_below_wide_nodes_wherever_they_lie() {
    let count = 250_000;
    for (keys, key) in WIDE {
        balanced(|| {
            let (mut map, mut model) = (Map::new(), BTreeMap::new());
            for number in 0..count {
                map.insert(int(key(number)), int(number)).unwrap();
                model.insert(key(number), number);
            }
            is_like(&map, &model, (0..count).step_by(3).map(key).chain([i64::MIN, 0, i64::MAX]), keys);
            // Whole tables go, and with them children of the wide node.
            let gone: Vec<i64> = model.keys().copied().skip(20_000).take(60_000).collect();
            for key in &gone {
                assert_eq!(map.remove(&int(*key)).unwrap().is_some(), model.remove(key).is_some());
            }
            is_like(&map, &model, (0..count).step_by(7).map(key), keys);
            for key in gone {
                map.insert(int(key), int(1)).unwrap();
                model.insert(key, 1);
            }
            is_like(&map, &model, (0..count).step_by(7).map(key), keys);
            let in_order = map.iter().map(|(key, _)| display(&key.to_value()));
            assert!(in_order.eq(model.keys().map(ToString::to_string)), "{keys}");
        });
    }
}

#[test]
fn a_wide_node_may_get_separators_that_are_no_ints() {
    balanced(|| {
        let scattered = |number: i64| number * 40_503 % 1_000_003;
        let mut map = filled((0..250_000).map(|number| int(scattered(number))));
        for number in 0..100_000 {
            map.insert(float(scattered(number) as f64 + 0.5), int(-number)).unwrap();
        }
        assert_eq!(map.len(), 350_000);
        for number in 0..100_000 {
            let key = scattered(number);
            assert_eq!(map.get(&int(key)).map(|value| display(&value)), Some(number.to_string()));
            assert_eq!(map.get(&float(key as f64 + 0.5)).map(|value| display(&value)), Some((-number).to_string()));
        }
    });
}

#[test]
fn what_one_iteration_puts_in_order_another_one_may_look_at_meanwhile() {
    balanced(|| {
        let map = filled((0..30_000).map(|number| int(number * 5)));
        let mut copy = map.clone();
        let mut entries = map.iter();
        for number in 0..30_000 {
            let (key, value) = entries.next().unwrap();
            assert_eq!(display(&key.to_value()), (number * 5).to_string());
            // The other one changes what this one has not reached yet, what it is at, and what lies behind it.
            copy.insert(int((number * 7919 % 30_000) * 5), s("new")).unwrap();
            assert_eq!(display(&value.to_value()), number.to_string());
        }
        assert!(entries.next().is_none());
    });
}

#[test]
fn a_map_that_is_sent_is_in_order_and_was_counted_whole() {
    let _ = take_balance();
    let map = filled((0..20_000).map(|number| int(number * 3)));
    let held = map.clone();
    let (shared, marked) = SharedValue::new(Value::Map(map));
    assert!(marked.objects > 20_000 / 31, "its leaves");
    assert_eq!(take_balance(), 0, "what is sent leaves the account");
    let there = thread::spawn(move || {
        let Value::Map(mut map) = shared.into_value() else { unreachable!() };
        for number in 0..20_000 {
            map.insert(int(number * 3), int(-1)).unwrap();
        }
        map.len()
    });
    assert!(
        (0..20_000).all(|number| held.get(&int(number * 3)).map(|value| display(&value)) == Some(number.to_string()))
    );
    assert_eq!(there.join().expect("the thread ends in peace"), 20_000);
}

#[test]
fn a_window_of_rising_keys_takes_no_memory_for_what_left_it() {
    balanced(|| {
        let _ = take_balance();
        let mut map = Map::new();
        let mut most = 0;
        let mut bytes = 0;
        for number in 0..300_000_i64 {
            map.insert(int(number * 2), s("value")).unwrap();
            if number >= 1000 {
                assert!(map.remove(&int((number - 1000) * 2)).unwrap().is_some());
            }
            if number % 1000 == 0 {
                bytes += take_balance();
                most = most.max(bytes);
            }
        }
        assert_eq!(map.len(), 1000);
        assert!(most < 2_000_000, "{most}");
    });
}

#[test]
fn a_map_that_is_emptied_gives_its_memory_back() {
    balanced(|| {
        let _ = take_balance();
        let mut map = filled((0..100_000).map(|number| s(&number.to_string())));
        let full = take_balance();
        for number in 0..99_990 {
            assert!(map.remove(&s(&number.to_string())).unwrap().is_some());
        }
        let left = full + take_balance();
        assert!(left < full / 20, "{left} of {full}");
        assert_eq!(map.iter().count(), 10);
    });
}
