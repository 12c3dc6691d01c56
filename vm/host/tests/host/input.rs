//! Standard input.

use ttvm_isa::HostOperation::{ReadChar, ReadInput, ReadLine};

use crate::asking::{ask, world_reading};

#[test]
fn lines_come_without_their_ends() {
    let world = world_reading(b"one\ntwo\r\n\nf\rour");
    let lines: Vec<_> = (0..6).map(|_| ask(&world, ReadLine, [])).collect();
    assert_eq!(lines, [r#"Str("one")"#, r#"Str("two")"#, r#"Str("")"#, r#"Str("f\rour")"#, "Null", "Null"]);
}

#[test]
fn characters_are_unicode_scalar_values() {
    let world = world_reading("aä€😀\r\n".as_bytes());
    let characters: Vec<_> = (0..7).map(|_| ask(&world, ReadChar, [])).collect();
    assert_eq!(
        characters,
        [r#"Str("a")"#, r#"Str("ä")"#, r#"Str("€")"#, r#"Str("😀")"#, r#"Str("\r")"#, r#"Str("\n")"#, "Null"]
    );
}

#[test]
fn all_ways_of_reading_share_one_buffer() {
    let world = world_reading("äb\ncd\nrest\nof it".as_bytes());
    assert_eq!(ask(&world, ReadChar, []), r#"Str("ä")"#);
    assert_eq!(ask(&world, ReadLine, []), r#"Str("b")"#);
    assert_eq!(ask(&world, ReadChar, []), r#"Str("c")"#);
    assert_eq!(ask(&world, ReadLine, []), r#"Str("d")"#);
    assert_eq!(ask(&world, ReadInput, []), r#"Str("rest\nof it")"#);
    assert_eq!(ask(&world, ReadInput, []), r#"Str("")"#);
    assert_eq!(ask(&world, ReadLine, []), "Null");
}

#[test]
fn a_line_that_is_not_utf_8_is_an_error_and_the_next_one_is_read() {
    let world = world_reading(b"a\xFFb\nnext\n");
    assert_eq!(ask(&world, ReadLine, []), "host: READ_LINE: the input is not UTF-8 (after 1 bytes)");
    assert_eq!(ask(&world, ReadLine, []), r#"Str("next")"#);
}

#[test]
fn a_broken_character_is_an_error_that_takes_no_byte_of_the_next_one() {
    // A lone continuation, the first half of a character, an overlong form, half of a surrogate pair, and a
    // character that the end cuts off.
    let world = world_reading(b"\x80\xE2\x82x\xC0\xAFy\xED\xA0\x80z\xF0\x9F");
    let mut read = Vec::new();
    loop {
        match ask(&world, ReadChar, []) {
            end if end == "Null" => break,
            error if error.starts_with("host: READ_CHAR: the input is not UTF-8") => read.push("error".to_owned()),
            character => read.push(character),
        }
    }
    let errors = |count| vec!["error".to_owned(); count];
    let character = |character: &str| vec![format!("Str({character:?})")];
    let expected =
        [errors(2), character("x"), errors(2), character("y"), errors(1), character("z"), errors(1)].concat();
    assert_eq!(read, expected);
}

#[test]
fn input_that_is_not_utf_8_is_an_error() {
    let world = world_reading(b"abc\xFF");
    assert_eq!(ask(&world, ReadInput, []), "host: READ_INPUT: the input is not UTF-8 (after 3 bytes)");
    assert_eq!(ask(&world, ReadLine, []), "Null");
}
