//! Digests, compared with published test vectors.

use ttvm_isa::HostOperation::Hash;
use ttvm_value::Value;

use crate::asking::{answer, bytes, text};

#[test]
fn sha256_is_what_fips_180_says() {
    let abc = r#"Str("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"#;
    assert_eq!(answer(Hash, [text("abc")]), abc);
    assert_eq!(answer(Hash, [text("abc"), text("sha256")]), abc);
    assert_eq!(answer(Hash, [bytes("abc")]), abc);
    let empty = r#"Str("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")"#;
    assert_eq!(answer(Hash, [text("")]), empty);
}

#[test]
fn blake3_is_what_its_authors_say() {
    let empty = r#"Str("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")"#;
    assert_eq!(answer(Hash, [text(""), text("blake3")]), empty);
}

#[test]
fn other_algorithms_and_other_data_are_errors() {
    assert_eq!(answer(Hash, [text(""), text("md5")]), "argument: HASH: the algorithm is sha256 or blake3, not \"md5\"");
    assert_eq!(answer(Hash, [Value::Int(1)]), "type: HASH expects a string or bytes but got Int(1)");
}
