//! Encryption: round trips, every kind of tampering, and that nothing repeats.

use proptest::{collection::vec, prelude::*};
use ttvm_isa::HostOperation::{Decrypt, Encrypt};
use ttvm_value::Value;

use crate::asking::{answer, bytes, text, world};

/// Bytes before the encrypted data, and those of the tag behind it.
const HEADER_BYTES: usize = 46;
const TAG_BYTES: usize = 16;

const CHANGED: &str = "argument: DECRYPT: the key is another, or the data was changed";

fn sealed(data: Value, key: &str) -> Vec<u8> {
    match world().perform(Encrypt, vec![data, text(key)]) {
        Ok(Value::Bytes(bytes)) => bytes.to_vec(),
        other => panic!("ENCRYPT answers with {other:?}"),
    }
}

fn opened(sealed: &[u8], key: &str) -> String {
    answer(Decrypt, [bytes(sealed), text(key)])
}

#[test]
fn data_comes_back_as_what_it_was() {
    assert_eq!(opened(&sealed(text("día"), "key"), "key"), r#"Str("día")"#);
    assert_eq!(opened(&sealed(bytes("abc"), "key"), "key"), "Bytes(3)");
    assert_eq!(opened(&sealed(text(""), ""), ""), r#"Str("")"#);
    assert_eq!(sealed(text("abc"), "key").len(), HEADER_BYTES + 3 + TAG_BYTES);
}

#[test]
fn another_key_is_an_error() {
    assert_eq!(opened(&sealed(text("secret"), "key"), "Key"), CHANGED);
}

#[test]
fn the_same_data_is_never_encrypted_alike() {
    let (one, two) = (sealed(text("secret"), "key"), sealed(text("secret"), "key"));
    // Salt, nonce and data all differ.
    assert_ne!(one[6..22], two[6..22]);
    assert_ne!(one[22..46], two[22..46]);
    assert_ne!(one[46..], two[46..]);
}

#[test]
fn a_change_anywhere_is_an_error() {
    let whole = sealed(text("secret"), "key");
    // Kind, salt, nonce, data, tag.
    for place in [5, 6, 22, HEADER_BYTES, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        assert_eq!(opened(&changed, "key"), CHANGED, "byte {place}");
    }
    assert_eq!(opened(&whole[..whole.len() - 1], "key"), CHANGED);
    assert_eq!(opened(&whole[..HEADER_BYTES], "key"), CHANGED);
    assert_eq!(opened(&[&whole[..], b"x"].concat(), "key"), CHANGED);
}

#[test]
fn what_was_not_made_here_is_an_error_that_says_so() {
    let foreign = "argument: DECRYPT: the data was not made by ENCRYPT";
    assert_eq!(opened(b"", "key"), foreign);
    assert_eq!(opened(&[0; 100], "key"), foreign);
    let mut whole = sealed(text("secret"), "key");
    assert_eq!(opened(&whole[..HEADER_BYTES - 1], "key"), foreign);
    whole[4] = 2;
    assert_eq!(opened(&whole, "key"), "argument: DECRYPT: the data has version 2, known is 1");
    assert_eq!(answer(Decrypt, [text("x"), text("key")]), r#"type: DECRYPT expects bytes but got Str("x")"#);
    assert_eq!(answer(Encrypt, [text("x"), Value::Int(1)]), "type: ENCRYPT expects a string or bytes but got Int(1)");
}

proptest! {
    // A key takes tens of milliseconds to derive, on purpose.
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_is_encrypted_comes_back(data in vec(any::<u8>(), 0..300), key in ".{0,20}") {
        match world().perform(Decrypt, vec![bytes(sealed(bytes(&data), &key)), text(&key)]) {
            Ok(Value::Bytes(back)) => prop_assert_eq!(back.to_vec(), data),
            other => prop_assert!(false, "DECRYPT answers with {other:?}"),
        }
    }

    #[test]
    fn any_bytes_are_an_error(mut data in vec(any::<u8>(), 0..100), is_nearly_right: bool) {
        if is_nearly_right {
            data.splice(0..data.len().min(5), *b"TTVE\x01");
        }
        let answered = opened(&data, "key");
        prop_assert!(answered.starts_with("argument: DECRYPT: "), "{answered}");
    }
}
