//! How far keys lie from where their hashes say, and keys that collide.

use super::{Cell, Place, Slot, free, hash, hash_word, place_int, put, slots_mut};
use crate::{Map, Value, map::Node};

/// The steps to find each of these keys in a table that is three quarters full, on average.
fn steps(keys: impl Iterator<Item = i64>) -> f64 {
    let mut table = free::<i64>(8192).unwrap();
    let cells = slots_mut::<i64>(&mut table).unwrap();
    let keys: Vec<i64> = keys.take(6144).collect();
    keys.iter().for_each(|key| put(cells, [*key, 0]));
    let steps = keys.iter().map(|key| match place_int(cells, *key, hash_word(*key as u64)) {
        Place::Found(index) => (index.wrapping_sub(i64::home(key.hash(), 8192)) & 8191) + 1,
        Place::Free(_) => panic!("{key} is there"),
    });
    steps.sum::<usize>() as f64 / keys.len() as f64
}

#[test]
fn keys_of_all_patterns_are_found_in_few_steps() {
    for shift in 0..50 {
        let steps = steps((0..).map(|number: i64| number << shift));
        assert!(steps < 4.0, "multiples of 2^{shift}: {steps}");
    }
    for stride in [3, 10, 1000, 4096, 0x9E37_79B9, 1_000_003, i64::MAX / 7, 0x6A09_E667_F3BC_C909] {
        let steps = steps((0..).map(|number: i64| number.wrapping_mul(stride)));
        assert!(steps < 4.0, "multiples of {stride}: {steps}");
    }
    let squares = steps((0..).map(|number: i64| number * number));
    let halves = steps((0..).map(|number: i64| ((number % 64) << 48) | (number / 64)));
    let reversed = steps((0..).map(|number: i64| number.reverse_bits() ^ 1));
    assert!(squares < 4.0 && halves < 4.0 && reversed < 4.0, "{squares} {halves} {reversed}");
}

#[test]
fn keys_whose_hashes_are_equal_in_all_slot_bits_are_kept_apart() {
    let mut map = Map::new();
    let colliding: Vec<i64> = (0..).filter(|key: &i64| hash_word(*key as u64) & 8191 == 5).take(500).collect();
    for key in &colliding {
        assert!(map.insert(Value::Int(*key), Value::Int(-*key)).unwrap().is_none());
    }
    let Node::Hashed([_, Value::Map(table), _]) = map.node() else { panic!("it is one hashed node") };
    let cells: &[Slot<i64>] = table.0.of::<i64>().expect("ints are packed").as_chunks().0;
    assert_eq!(cells.iter().filter(|[key, _]: &&Slot<i64>| *key != super::FREE_INT).count(), 500);
    for (index, key) in colliding.iter().enumerate() {
        if index % 3 == 0 {
            assert!(matches!(map.remove(&Value::Int(*key)), Ok(Some(Value::Int(value))) if value == -*key));
        }
    }
    for (index, key) in colliding.iter().enumerate() {
        assert_eq!(map.contains(&Value::Int(*key)), index % 3 != 0);
    }
}

#[test]
fn equal_keys_have_equal_hashes_and_containers_none() {
    let nan = hash(&Value::Float(f64::NAN));
    assert!(nan.is_some() && nan == hash(&Value::Float(-f64::NAN)));
    assert_eq!(hash(&Value::str("text").unwrap()), hash(&Value::str("text").unwrap()));
    assert_ne!(hash(&Value::Float(0.0)), hash(&Value::Float(-0.0)));
    assert_eq!(hash(&Value::list([].into_iter()).unwrap()), None);
    assert_eq!(hash(&Value::Undefined), None);
}
