//! Objects: order, size, shared snapshots.

use proptest::prelude::*;

use super::{balanced, display, int, outcome, s};
use crate::{
    Object, Value,
    ops::{compare::equals, objects},
};

fn as_object(value: &Value) -> &Object {
    match value {
        Value::Object(object) => object,
        other => panic!("no object: {other:?}"),
    }
}

#[test]
fn an_object_of_given_fields_is_the_one_they_would_be_set_in() {
    balanced(|| {
        let fields = [("signal", s("down")), ("pid", int(7)), ("reason", s("normal"))];
        let name = |value: &Value| match s(value.as_str().unwrap()) {
            Value::Str(name) => name,
            other => panic!("no str: {other:?}"),
        };
        let made = Object::from_fields(fields.clone().map(|(field, value)| (name(&s(field)), value))).unwrap();
        let mut set = Object::new();
        for (field, value) in fields {
            set.set(&name(&s(field)), value).unwrap();
        }
        assert_eq!(display(&Value::Object(made.clone())), "{signal: down, pid: 7, reason: normal}");
        assert!(equals(&Value::Object(made.clone()), &Value::Object(set)));
        let grown = objects::set_field(Value::Object(made), &s("more"), int(1)).unwrap();
        assert_eq!(display(&grown), "{signal: down, pid: 7, reason: normal, more: 1}");
    });
}

#[test]
fn fields_keep_their_order_and_overwriting_keeps_the_place() {
    let mut value = objects::make_object();
    for (name, field) in [("z", 1), ("a", 2), ("m", 3), ("a", 4)] {
        value = objects::set_field(value, &s(name), int(field)).unwrap();
    }
    assert_eq!(display(&value), "{z: 1, a: 4, m: 3}");
    assert_eq!(display(&objects::keys(&value).unwrap()), "[z, a, m]");
    assert_eq!(outcome(objects::get_field(&value, &s("m"))), "Int(3)");
    assert_eq!(outcome(objects::get_field(&value, &s("none"))), "Null");
    assert!(objects::has_field(&value, &s("z")).unwrap());
    let value = objects::delete_field(value, &s("z")).unwrap();
    let value = objects::delete_field(value, &s("none")).unwrap();
    let value = objects::set_field(value, &s("z"), int(9)).unwrap();
    assert_eq!(display(&value), "{a: 4, m: 3, z: 9}");
}

#[test]
fn equality_ignores_order() {
    let build = |names: &[&str]| {
        names.iter().fold(objects::make_object(), |object, name| {
            objects::set_field(object, &s(name), int(name.len() as i64)).unwrap()
        })
    };
    assert!(equals(&build(&["a", "bb"]), &build(&["bb", "a"])));
    assert!(!equals(&build(&["a", "bb"]), &build(&["a", "cc"])));
    assert!(!equals(&build(&["a"]), &build(&["a", "bb"])));
}

#[test]
fn a_missing_object_is_named_in_the_error() {
    assert_eq!(outcome(objects::get_field(&int(1), &s("x"))), "! GET_FIELD expects an object but got Int(1)");
    assert_eq!(outcome(objects::set_field(Value::Null, &s("x"), int(1))), "! SET_FIELD expects an object but got Null");
    assert_eq!(outcome(objects::keys(&s("x"))), "! KEYS expects an object but got Str(\"x\")");
}

#[test]
fn a_hundred_thousand_fields_with_snapshots() {
    balanced(|| {
        let mut value = objects::make_object();
        let mut snapshots = Vec::new();
        for index in 0..100_000 {
            value = objects::set_field(value, &s(&format!("field {index}")), int(index)).unwrap();
            if index % 1000 == 0 {
                snapshots.push(value.clone());
            }
        }
        for index in 0..100_000 {
            value = objects::set_field(value, &s(&format!("field {index}")), int(-index)).unwrap();
        }
        assert_eq!(as_object(&value).len(), 100_000);
        assert_eq!(outcome(objects::get_field(&value, &s("field 99999"))), "Int(-99999)");
        assert_eq!(outcome(objects::get_field(&snapshots[50], &s("field 1"))), "Int(1)");
        assert_eq!(as_object(&snapshots[50]).len(), 50_001);
        let mut smaller = value;
        for index in 0..99_990 {
            smaller = objects::delete_field(smaller, &s(&format!("field {index}"))).unwrap();
        }
        assert_eq!(as_object(&smaller).len(), 10);
        assert!(display(&smaller).starts_with("{field 99990: -99990, field 99991: -99991"));
    });
}

#[derive(Clone, Debug)]
enum Step {
    Set(u8, i64),
    Delete(u8),
    Snapshot,
}

fn step(names: u8) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..names, any::<i64>()).prop_map(|(name, value)| Step::Set(name, value)),
        3 => (0..names).prop_map(Step::Delete),
        1 => Just(Step::Snapshot),
    ]
}

fn check(value: &Value, model: &[(u8, i64)]) {
    let expected: Vec<String> = model.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(display(value), format!("{{{}}}", expected.join(", ")));
    for (name, field) in model {
        assert_eq!(outcome(objects::get_field(value, &s(&name.to_string()))), format!("Int({field})"));
    }
    assert_eq!(as_object(value).len(), model.len());
    assert!(!objects::has_field(value, &s("none")).unwrap());
}

fn run_steps(steps: Vec<Step>) {
    let mut model: Vec<(u8, i64)> = Vec::new();
    let mut value = objects::make_object();
    let mut snapshots = Vec::new();
    for step in steps {
        match step {
            Step::Set(name, new) => {
                match model.iter_mut().find(|(other, _)| *other == name) {
                    Some(field) => field.1 = new,
                    None => model.push((name, new)),
                }
                value = objects::set_field(value, &s(&name.to_string()), int(new)).unwrap();
            }
            Step::Delete(name) => {
                model.retain(|(other, _)| *other != name);
                value = objects::delete_field(value, &s(&name.to_string())).unwrap();
            }
            Step::Snapshot => snapshots.push((value.clone(), model.clone())),
        }
    }
    check(&value, &model);
    for (value, model) in &snapshots {
        check(value, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn objects_behave_like_ordered_fields_and_snapshots_never_change(
        steps in prop_oneof![
            prop::collection::vec(step(12), 0..100),
            prop::collection::vec(step(40), 0..400),
            prop::collection::vec(step(255), 0..1500),
        ],
    ) {
        balanced(|| run_steps(steps));
    }
}
