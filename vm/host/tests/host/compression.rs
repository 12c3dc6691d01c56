//! Compression: both formats, damage, and input that would become too much.

use proptest::{collection::vec, prelude::*};
use ttvm_isa::{
    HostOperation::{Compress, Decompress},
    limits::DECOMPRESSED_BYTES_MAX,
};
use ttvm_value::Value;

use crate::asking::{answer, bytes, text, world};

fn compressed(data: Value, format: &str) -> Value {
    world().perform(Compress, vec![data, text(format)]).unwrap()
}

fn raw(value: &Value) -> Vec<u8> {
    let Value::Bytes(bytes) = value else { panic!("{value:?} is not bytes") };
    bytes.to_vec()
}

#[test]
fn a_str_comes_back_as_a_str_and_other_bytes_as_bytes() {
    for format in ["gzip", "zstd"] {
        assert_eq!(answer(Decompress, [compressed(text("día"), format)]), r#"Str("día")"#);
        assert_eq!(answer(Decompress, [compressed(bytes([255, 0]), format)]), "Bytes(2)");
        assert_eq!(answer(Decompress, [compressed(text(""), format)]), r#"Str("")"#);
    }
}

#[test]
fn without_a_format_it_is_gzip() {
    let plain = world().perform(Compress, vec![text("x")]).unwrap();
    assert_eq!(raw(&plain), raw(&compressed(text("x"), "gzip")));
    assert!(raw(&plain).starts_with(&[0x1F, 0x8B]));
    assert!(raw(&compressed(text("x"), "zstd")).starts_with(&[0x28, 0xB5, 0x2F, 0xFD]));
    assert_eq!(
        answer(Compress, [text("x"), text("zip")]),
        "argument: COMPRESS: the format is gzip or zstd, not \"zip\""
    );
}

#[test]
fn what_other_tools_have_joined_is_read_whole() {
    for format in ["gzip", "zstd"] {
        let mut joined = raw(&compressed(text("one "), format));
        joined.extend(raw(&compressed(text("two"), format)));
        assert_eq!(answer(Decompress, [bytes(joined)]), r#"Str("one two")"#);
    }
}

#[test]
fn data_that_is_cut_off_or_changed_is_an_error() {
    for format in ["gzip", "zstd"] {
        let whole = raw(&compressed(text("some text that is long enough to be compressed"), format));
        let cut = answer(Decompress, [bytes(&whole[..whole.len() - 3])]);
        assert!(cut.starts_with("argument: DECOMPRESS: the data is damaged: "), "{cut}");
    }
    let mut changed = raw(&compressed(text("some text that is long enough to be compressed"), "gzip"));
    let checksum = changed.len() - 6;
    changed[checksum] ^= 1;
    let answered = answer(Decompress, [bytes(changed)]);
    assert!(answered.starts_with("argument: DECOMPRESS: the data is damaged: "), "{answered}");
}

#[test]
fn what_is_not_compressed_is_an_error() {
    let neither = "argument: DECOMPRESS: the data is neither gzip nor zstd";
    assert_eq!(answer(Decompress, [bytes("plain")]), neither);
    assert_eq!(answer(Decompress, [bytes("")]), neither);
    assert_eq!(answer(Decompress, [text("x")]), r#"type: DECOMPRESS expects bytes but got Str("x")"#);
    assert_eq!(answer(Compress, [Value::Int(1)]), "type: COMPRESS expects a string or bytes but got Int(1)");
}

#[test]
fn a_few_bytes_that_would_become_too_many_are_an_error() {
    let max = usize::try_from(DECOMPRESSED_BYTES_MAX).unwrap();
    // zstd alone: its answer to zeros is quick and tiny.
    let at_limit = compressed(bytes(vec![0; max]), "zstd");
    assert!(raw(&at_limit).len() < 100_000);
    let one_more = [raw(&at_limit), raw(&compressed(text("x"), "zstd"))].concat();
    assert_eq!(
        answer(Decompress, [bytes(one_more)]),
        format!("limit: Limit reached: at most {DECOMPRESSED_BYTES_MAX} bytes of decompressed data")
    );
    // Gzip's pieces are quick one by one.
    let piece = raw(&compressed(bytes(vec![0; 1 << 20]), "gzip"));
    let many = piece.repeat(max / (1 << 20) + 1);
    assert!(many.len() < 300_000);
    assert_eq!(
        answer(Decompress, [bytes(many)]),
        format!("limit: Limit reached: at most {DECOMPRESSED_BYTES_MAX} bytes of decompressed data")
    );
    // Bytes of zero are UTF-8.
    assert!(matches!(world().perform(Decompress, vec![at_limit]), Ok(Value::Str(text)) if text.len() == max));
}

proptest! {
    #[test]
    fn what_is_compressed_comes_back(data in vec(any::<u8>(), 0..2_000), is_zstd: bool) {
        let format = if is_zstd { "zstd" } else { "gzip" };
        let back = world().perform(Decompress, vec![compressed(bytes(&data), format)]).unwrap();
        match back {
            Value::Str(text) => prop_assert_eq!(text.as_bytes(), &data[..]),
            other => prop_assert_eq!(raw(&other), data),
        }
    }

    #[test]
    fn any_bytes_are_data_or_an_error(mut data in vec(any::<u8>(), 0..200), is_zstd: bool) {
        let magic: &[u8] = if is_zstd { &[0x28, 0xB5, 0x2F, 0xFD] } else { &[0x1F, 0x8B, 8, 0] };
        data.splice(0..0, magic.iter().copied());
        let answered = answer(Decompress, [bytes(data)]);
        prop_assert!(["Str(", "Bytes(", "argument: ", "limit: "].iter().any(|start| answered.starts_with(start)));
    }
}
