//! What is done at once when it is short is what is done in pieces.

use super::{find, find_in_pieces, format_in_pieces, replace, replace_in_pieces, short_format};
use crate::{Value, ops::lists, work::whole};

fn text(text: &str) -> Value {
    Value::str(text).unwrap()
}

#[test]
fn short_patterns_are_filled_as_long_ones_are() {
    let list = |values: Vec<Value>| Value::list(values.into_iter()).unwrap();
    let lists = [
        list(vec![]),
        list(vec![Value::Int(1)]),
        list(vec![text("é"), Value::Float(2.5)]),
        list(vec![list(vec![Value::Null]), text("{}"), text("x")]),
        list(vec![text(&"y".repeat(600))]),
    ];
    let patterns =
        ["", "é", "{}", "a{}é{}", "{{}}", "{{{}}}", "{", "}", "a{", "{}}", "{ }", "{}{}{}", "}}{{", "{é}", "{{{"];
    let (mut short, mut long) = (0, 0);
    for pattern in patterns.map(text) {
        for list in &lists {
            let in_pieces = whole(async |fuel| format_in_pieces(&pattern, list, fuel).await);
            match short_format(&pattern, list) {
                Some(at_once) => {
                    assert_eq!(format!("{at_once:?}"), format!("{in_pieces:?}"), "{pattern:?} {list:?}");
                    short += 1;
                }
                None => long += 1,
            }
        }
    }
    assert!(short >= 6 && long >= 6, "{short} {long}");
}

#[test]
fn short_texts_are_searched_and_changed_as_long_ones_are() {
    let subjects = ["", "a", "aaa", "hello, world", "naïve café", "éé", &"ab".repeat(400), &"xé".repeat(2000)];
    let parts = ["", "a", "aa", "o", "é", "ï", "world!", "b"];
    for subject in subjects.map(text) {
        for part in parts.map(text) {
            let position = whole(async |fuel| find_in_pieces(&subject, &part, fuel).await);
            assert_eq!(format!("{:?}", find(&subject, &part)), format!("{position:?}"), "{subject:?} {part:?}");
            let is_there = whole(async |fuel| lists::contains_in_pieces(&subject, &part, fuel).await);
            assert_eq!(lists::contains(&subject, &part), is_there, "{subject:?} {part:?}");
            for to in ["", "1", "é2"].map(text) {
                let replaced = whole(async |fuel| replace_in_pieces(&subject, &part, &to, fuel).await);
                assert_eq!(format!("{:?}", replace(&subject, &part, &to)), format!("{replaced:?}"));
            }
        }
    }
}

#[test]
fn a_short_list_contains_what_a_long_one_would() {
    let list = |values: Vec<Value>| Value::list(values.into_iter()).unwrap();
    let nested = list(vec![Value::Int(1), text("x")]);
    let lists = [
        list(vec![]),
        list(vec![Value::Int(1), Value::Int(2)]),
        list(vec![Value::Float(0.5), Value::Float(f64::NAN)]),
        list(vec![Value::Int(1), Value::Float(1.0), text("x"), nested.clone(), Value::Null]),
        list(vec![text(&"y".repeat(5000)), Value::Int(3)]),
    ];
    let values = [
        Value::Int(1),
        Value::Int(3),
        Value::Float(1.0),
        Value::Float(f64::NAN),
        text("x"),
        text(&"y".repeat(5000)),
        nested,
        Value::Null,
    ];
    for list in &lists {
        for value in &values {
            let in_pieces = whole(async |fuel| lists::contains_in_pieces(list, value, fuel).await);
            assert_eq!(lists::contains(list, value), in_pieces, "{list:?} {value:?}");
        }
    }
}
