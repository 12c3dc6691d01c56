//! JSON against arbitrary values and arbitrary text.

use num_bigint::BigInt;
use proptest::{collection::vec, prelude::*};
use ttvm_isa::HostOperation::{JsonParse, JsonStringify};
use ttvm_value::{Object, Str, Value};

use crate::asking::{list, text, world};

fn any_text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..8).prop_map(|characters| characters.into_iter().collect())
}

fn any_leaf() -> impl Strategy<Value = Value> {
    let finite = any::<f64>().prop_filter("JSON has no other floats", |float| float.is_finite());
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Value::big(BigInt::from_signed_bytes_le(&bytes)).unwrap()),
        finite.prop_map(Value::Float),
        any_text().prop_map(text),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    any_leaf().prop_recursive(6, 64, 8, |inside| {
        prop_oneof![
            vec(inside.clone(), 0..8).prop_map(list),
            vec((any_text(), inside), 0..8).prop_map(|fields| {
                let mut object = Object::new();
                for (key, value) in fields {
                    object.set(&Str::new(&key).unwrap(), value).unwrap();
                }
                Value::Object(object)
            }),
        ]
    })
}

/// Pieces that make up JSON, so that random text is often nearly valid.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d83d", "0", "-", "1.5", "e", "9", "true", "null", " ",
            "\n", "\"k\":",
        ])
        .prop_map(str::to_owned),
        any_text(),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(value in any_json()) {
        let world = world();
        let json = world.perform(JsonStringify, vec![value.clone()]).expect("these values have a JSON form");
        let back = world.perform(JsonParse, vec![json.clone()]).expect("what was written is JSON");
        // The debug form tells ints from floats, -0.0 from 0.0, and shows the order of keys.
        prop_assert_eq!(format!("{back:?}"), format!("{value:?}"));
        let again = world.perform(JsonStringify, vec![back]).expect("it had a JSON form before");
        prop_assert_eq!(again.as_str(), json.as_str());
    }

    #[test]
    fn any_text_is_json_or_an_error_with_its_place(source in nearly_json()) {
        let world = world();
        match world.perform(JsonParse, vec![text(&source)]) {
            Ok(value) => {
                let json = world.perform(JsonStringify, vec![value.clone()]).expect("what was read can be written");
                let back = world.perform(JsonParse, vec![json]).expect("what was written is JSON");
                prop_assert_eq!(format!("{back:?}"), format!("{value:?}"));
            }
            Err(fault) => {
                prop_assert_eq!(fault.kind(), "json");
                prop_assert!(fault.to_string().contains(" at line "), "{}", fault);
            }
        }
    }
}
