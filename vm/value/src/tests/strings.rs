//! Strs: characters, building, searching.

use proptest::prelude::*;

use super::{balanced, big, display, int, list, outcome, s};
use crate::{Value, ops::strings as t};

#[test]
fn building_ten_megabytes_piece_by_piece_is_linear() {
    balanced(|| {
        let piece = s("0123456789");
        let mut text = s("");
        for _ in 0..1_000_000 {
            text = t::concat(text, &piece).unwrap();
        }
        assert_eq!(outcome(t::str_len(&text)), "Int(10000000)");
    });
}

#[test]
fn extending_a_str_does_not_change_other_holders() {
    let old = s("abc");
    let new = t::concat(old.clone(), &s("def")).unwrap();
    let newer = t::concat(new.clone(), &old).unwrap();
    assert_eq!((display(&old), display(&new), display(&newer)), ("abc".into(), "abcdef".into(), "abcdefabc".into()));
    assert_eq!(outcome(t::concat(s("a"), &int(1))), "! CONCAT expects two strings but got Str(\"a\"), Int(1)");
}

#[test]
fn positions_count_characters() {
    let text = s("aäb€😀c");
    assert_eq!(outcome(t::str_len(&text)), "Int(6)");
    assert_eq!(outcome(t::find(&text, &s("😀"))), "Int(4)");
    assert_eq!(outcome(t::find(&text, &s("x"))), "Int(-1)");
    assert_eq!(outcome(t::find(&text, &s(""))), "Int(0)");
    assert_eq!(outcome(t::substr(&text, &int(1), &int(3))), "Str(\"äb€\")");
    assert_eq!(outcome(t::chars(&s("a€"))), "List([Str(\"a\"), Str(\"€\")])");
}

#[test]
fn substr_leaves_out_what_lies_outside() {
    let of = |start, length| outcome(t::substr(&s("hello"), &int(start), &int(length)));
    assert_eq!(of(1, 3), "Str(\"ell\")");
    assert_eq!(of(-2, 4), "Str(\"he\")");
    assert_eq!(of(3, 100), "Str(\"lo\")");
    assert_eq!(of(10, 1), "Str(\"\")");
    assert_eq!(of(2, -1), "Str(\"\")");
    assert_eq!(of(i64::MIN, i64::MAX), "Str(\"\")");
    assert_eq!(of(0, i64::MAX), "Str(\"hello\")");
    assert_eq!(outcome(t::substr(&s("hello"), &int(1), &big("99999999999999999999"))), "Str(\"ello\")");
    let (far, back) = (big("-99999999999999999999"), big("100000000000000000001"));
    assert_eq!(outcome(t::substr(&s("hello"), &far, &back)), "Str(\"he\")");
    assert_eq!(outcome(t::substr(&int(1), &int(1), &int(1))), "! SUBSTR expects a string but got Int(1)");
}

#[test]
fn splitting_joining_replacing() {
    assert_eq!(outcome(t::split(&s("a,b,,c"), &s(","))), "List([Str(\"a\"), Str(\"b\"), Str(\"\"), Str(\"c\")])");
    assert_eq!(outcome(t::split(&s(""), &s(","))), "List([Str(\"\")])");
    assert_eq!(outcome(t::split(&s("aä"), &s(""))), "List([Str(\"a\"), Str(\"ä\")])");
    assert_eq!(outcome(t::join(&list(&[int(1), s("x"), Value::Null]), &s("-"))), "Str(\"1-x-null\")");
    assert_eq!(outcome(t::join(&list(&[]), &s("-"))), "Str(\"\")");
    assert_eq!(outcome(t::replace(&s("aXbX"), &s("X"), &s("€€"))), "Str(\"a€€b€€\")");
    assert_eq!(outcome(t::replace(&s("abc"), &s("x"), &s("y"))), "Str(\"abc\")");
    assert_eq!(outcome(t::replace(&s("abc"), &s(""), &s("y"))), "! REPLACE: the str to replace is empty");
    assert_eq!(outcome(t::join(&int(1), &s("-"))), "! JOIN expects a list but got Int(1)");
}

#[test]
fn cases_and_white_space_are_unicode() {
    assert_eq!(outcome(t::upper(&s("straße"))), "Str(\"STRASSE\")");
    assert_eq!(outcome(t::lower(&s("ÄΣ"))), "Str(\"äς\")");
    assert_eq!(outcome(t::trim(&s("\u{2003} a b \n"))), "Str(\"a b\")");
    assert_eq!(outcome(t::trim(&s("ab"))), "Str(\"ab\")");
}

#[test]
fn formats_fill_places_and_keep_braces() {
    let of = |pattern: &str, values: &[Value]| outcome(t::format(&s(pattern), &list(values)));
    assert_eq!(of("{} + {} = {}", &[int(1), int(2), s("ä")]), "Str(\"1 + 2 = ä\")");
    assert_eq!(of("{{}} {{{}}}", &[int(1)]), "Str(\"{} {1}\")");
    assert_eq!(of("{}", &[]), "! FORMAT: 1 place for 0 elements");
    assert_eq!(of("none", &[int(1)]), "! FORMAT: 0 places for 1 element");
    assert_eq!(of("a { b", &[]), "! FORMAT: a single brace (write {{ or }} for a brace)");
    assert_eq!(of("}", &[]), "! FORMAT: a single brace (write {{ or }} for a brace)");
    assert_eq!(of("{ä", &[]), "! FORMAT: a single brace (write {{ or }} for a brace)");
}

proptest! {
    #[test]
    fn appending_pieces_gives_their_concatenation(pieces in prop::collection::vec(".{0,20}", 0..40), snapshots in any::<u64>()) {
        balanced(|| {
            let mut expected = String::new();
            let mut text = s("");
            let mut kept = Vec::new();
            for (index, piece) in pieces.iter().enumerate() {
                if snapshots >> (index % 64) & 1 == 1 {
                    kept.push((text.clone(), expected.clone()));
                }
                text = t::concat(text, &s(piece)).unwrap();
                expected.push_str(piece);
            }
            kept.push((text, expected));
            for (text, expected) in &kept {
                assert_eq!(&display(text), expected);
                assert_eq!(outcome(t::str_len(text)), format!("Int({})", expected.chars().count()));
            }
        });
    }

    #[test]
    fn substr_is_a_range_of_the_characters(text in ".{0,12}", start in -5..15_i64, length in -3..15_i64) {
        let expected: String = text
            .chars()
            .enumerate()
            .filter(|(index, _)| (start..start + length).contains(&(*index as i64)))
            .map(|(_, character)| character)
            .collect();
        prop_assert_eq!(display(&t::substr(&s(&text), &int(start), &int(length)).unwrap()), expected);
    }
}
