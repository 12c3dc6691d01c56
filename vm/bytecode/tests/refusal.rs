//! Every reason to refuse a file or a module, with the place and the words of its error.

use std::sync::Arc;

use num_bigint::BigInt;
use ttvm_bytecode::{
    Body, BodyKind, ConstantError, Import, Label, Module, OrderError, ReadError, Record, Section, WriteError, checksum,
    read,
    testing::files::{CONTENT_OFFSET, EMPTY_METADATA, FRAME_BYTES, file},
    write,
};
use ttvm_isa::{Float, Integer, Names, OpCode, Text, codec::DecodeError, limits};

/// Offset of the metadata in a file without constants and code.
const METADATA: u64 = CONTENT_OFFSET + 2 * FRAME_BYTES;

/// Checks what the reader says of a file.
fn check(bytes: &[u8], error: ReadError, text: &str) {
    let found = read(bytes).expect_err("the file is wrong");
    assert_eq!(found, error);
    assert_eq!(found.to_string(), text);
}

/// Checks what the reader says of a constant pool.
fn check_constants(constants: &[u8], error: ReadError, text: &str) {
    check(&file([constants, &[], EMPTY_METADATA, &[]]), error, text);
}

/// Checks what the reader says of metadata.
fn check_metadata(metadata: &[u8], error: ReadError, text: &str) {
    check(&file([&[], &[], metadata, &[]]), error, text);
}

/// A small integer of the pool.
fn small(value: i64) -> Vec<u8> {
    [&[1], &value.to_le_bytes()[..]].concat()
}

#[test]
fn a_file_with_another_beginning_is_no_bytecode() {
    let text = "byte 0, header: this is no ttvm bytecode, which begins with [89, 74, 74, 62, 0D, 0A, 1A, 0A]";
    check(b"PUSH_INT 1\n", ReadError::NotBytecode, text);
    check(b"\x89PNG\r\n\x1a\n", ReadError::NotBytecode, text);
}

#[test]
fn a_file_cut_in_the_header_is_truncated() {
    let truncated = |offset, remaining| ReadError::Truncated { section: Section::Header, offset, remaining };
    check(b"", truncated(0, 0), "byte 0, header: what begins here needs more than the 0 bytes that are left");
    let bytes = file([&[]; 4]);
    check(&bytes[..7], truncated(0, 7), "byte 0, header: what begins here needs more than the 7 bytes that are left");
    check(&bytes[..9], truncated(8, 1), "byte 8, header: what begins here needs more than the 1 bytes that are left");
}

#[test]
fn a_version_to_come_is_refused_before_the_checksum_is_looked_at() {
    let mut bytes = file([&[]; 4]);
    bytes[8] = 2;
    let text = "byte 8, header: the file has format version 2, this program reads 1";
    check(&bytes, ReadError::UnsupportedVersion { version: 2 }, text);
}

#[test]
fn unknown_features_are_named() {
    let mut bytes = file([&[]; 4]);
    bytes[10] = 0b1100;
    bytes[13] = 0x80;
    let text = "byte 10, header: the file needs features unknown to this program: flag 2, flag 3, flag 31";
    check(&bytes, ReadError::UnknownFeatures { flags: 0x8000_000C }, text);
}

#[test]
fn a_section_that_reaches_beyond_the_file_is_truncated() {
    let mut bytes = file([&[], &[0xFF], EMPTY_METADATA, &[2]]);
    let length_of_code = usize::try_from(CONTENT_OFFSET).expect("small") + 1;
    bytes[length_of_code + 3] = 0xFF;
    let error = ReadError::Truncated { section: Section::Code, offset: 24, remaining: 25 };
    check(&bytes, error, "byte 24, code: what begins here needs more than the 25 bytes that are left");
}

#[test]
fn sections_in_another_order_are_refused() {
    let mut bytes = file([&[]; 4]);
    bytes[14] = 2;
    let error = ReadError::UnexpectedSection { offset: 14, expected: Section::Constants, found: 2 };
    check(&bytes, error, "byte 14: the section \"constant pool\" should begin here, but the section's kind is 2");
}

#[test]
fn a_wrong_checksum_shows_both() {
    let mut bytes = file([&[], &[], EMPTY_METADATA, &[]]);
    let offset = bytes.len() - 8;
    let computed = u64::from_le_bytes(bytes[offset..].try_into().expect("eight bytes"));
    bytes[offset..].copy_from_slice(&7u64.to_le_bytes());
    let text = format!(
        "byte {offset}, checksum: the file is damaged: \
         its checksum is 0000000000000007, its bytes have {computed:016x}"
    );
    check(&bytes, ReadError::WrongChecksum { offset: offset as u64, stored: 7, computed }, &text);
}

#[test]
fn a_file_that_ends_within_the_checksum_is_truncated() {
    let bytes = file([&[], &[], EMPTY_METADATA, &[]]);
    let (offset, remaining) = (bytes.len() as u64 - 8, 5);
    let text = format!("byte {offset}, checksum: what begins here needs more than the 5 bytes that are left");
    let error = ReadError::Truncated { section: Section::Checksum, offset, remaining };
    check(&bytes[..bytes.len() - 3], error, &text);
}

#[test]
fn bytes_behind_the_lines_of_all_instructions_are_refused() {
    let bytes = file([&[], &[], EMPTY_METADATA, &[1, 2]]);
    let offset = METADATA + 5 + FRAME_BYTES;
    let error = ReadError::TrailingBytes { section: Section::Lines, offset, count: 2 };
    check(&bytes, error, "byte 39, line table: nothing is left to read, but 2 bytes follow");
}

#[test]
fn a_missing_line_is_refused() {
    let bytes = file([&[], &[0xFF, 0xFF], EMPTY_METADATA, &[2]]);
    let error = ReadError::Truncated { section: Section::Lines, offset: 42, remaining: 0 };
    check(&bytes, error, "byte 42, line table: what begins here needs more than the 0 bytes that are left");
}

#[test]
fn numbers_longer_than_they_need_be_are_refused_everywhere() {
    let bad = |section, offset| ReadError::BadNumber { section, offset };
    let rest = "a number is not in its shortest form or exceeds its range";
    // A string length in the pool, a line difference, a metadata count and a string length in the metadata.
    check_constants(
        &[5, 0x81, 0x00, b'a'],
        bad(Section::Constants, CONTENT_OFFSET + 1),
        &format!("byte 20, constant pool: {rest}"),
    );
    let lines = file([&[], &[0xFF], EMPTY_METADATA, &[0x82, 0x00]]);
    check(&lines, bad(Section::Lines, 40), &format!("byte 40, line table: {rest}"));
    check_metadata(
        &[0, 251, 0, 0, 0, 0, 0],
        bad(Section::Metadata, METADATA + 1),
        &format!("byte 30, metadata: {rest}"),
    );
    check_metadata(&[251, 1, 0, b'a'], bad(Section::Metadata, METADATA), &format!("byte 29, metadata: {rest}"));
}

#[test]
fn a_metadata_number_beyond_its_range_is_refused() {
    // The start of a body, with the mark of a number of 64 bits.
    let metadata = [0, 1, 0, 0, 253, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    let error = ReadError::BadNumber { section: Section::Metadata, offset: METADATA + 2 };
    check_metadata(&metadata, error, "byte 31, metadata: a number is not in its shortest form or exceeds its range");
}

#[test]
fn strings_that_are_no_utf8_are_refused() {
    let bad = |section, offset| ReadError::BadText { section, offset };
    let rest = "a string in what begins here is not UTF-8";
    let error = bad(Section::Constants, CONTENT_OFFSET);
    check_constants(&[5, 1, 0xFF], error, &format!("byte 19, constant pool: {rest}"));
    check_metadata(&[1, 0xFF, 0, 0, 0, 0], bad(Section::Metadata, METADATA), &format!("byte 29, metadata: {rest}"));
}

#[test]
fn an_unknown_kind_of_constant_is_refused() {
    let error = ReadError::UnknownConstantKind { offset: CONTENT_OFFSET, kind: 6 };
    check_constants(&[6], error, "byte 19, constant pool: no kind of constant has the number 6");
}

#[test]
fn a_big_integer_that_fits_in_64_bits_is_refused() {
    let error = ReadError::BadConstant { offset: CONTENT_OFFSET, reason: ConstantError::IntegerNotBig };
    let text = "byte 19, constant pool: a big integer fits in 64 bits and must be a small one";
    check_constants(&[2, 1, 5], error, text);
    check_constants(&[2, 0], error, text);
    check_constants(&[3, 8, 0, 0, 0, 0, 0, 0, 0, 0x80], error, text);
}

#[test]
fn a_big_integer_with_leading_zeros_is_refused() {
    let error = ReadError::IntegerNotShortest { offset: CONTENT_OFFSET };
    let text = "byte 19, constant pool: a big integer has more bytes than it needs";
    check_constants(&[2, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0], error, text);
}

#[test]
fn a_big_integer_of_too_many_digits_is_refused() {
    let error = ReadError::BadConstant { offset: CONTENT_OFFSET, reason: ConstantError::IntegerTooLong };
    let text = "byte 19, constant pool: an integer has more than 100000 digits";
    let one_digit_more = BigInt::from(10).pow(100_000).to_bytes_le().1;
    let length = [0x80 | (one_digit_more.len() & 0x7F) as u8, 0x80 | (one_digit_more.len() >> 7 & 0x7F) as u8, 2];
    check_constants(&[&[2], &length[..], &one_digit_more].concat(), error, text);
    // A length that is too long is refused before its bytes are looked for.
    check_constants(&[2, 0xFF, 0xFF, 0xFF, 0x7F], error, text);
}

#[test]
fn a_string_longer_than_allowed_is_refused_before_its_bytes_are_looked_for() {
    let length = u64::from(limits::TEXT_BYTES_MAX) + 1;
    let error = ReadError::BadConstant { offset: CONTENT_OFFSET, reason: ConstantError::TextTooLong { length } };
    let text = "byte 19, constant pool: a string has 268435457 bytes, at most 268435456 are allowed";
    check_constants(&[5, 0x81, 0x80, 0x80, 0x80, 0x01], error, text);
    let truncated = ReadError::Truncated { section: Section::Constants, offset: CONTENT_OFFSET + 6, remaining: 0 };
    let text = "byte 25, constant pool: what begins here needs more than the 0 bytes that are left";
    check_constants(&[5, 0x80, 0x80, 0x80, 0x80, 0x01], truncated, text);
}

#[test]
fn only_one_nan_is_read() {
    let bits = (-f64::NAN).to_bits() | 1;
    let error = ReadError::BadNan { offset: CONTENT_OFFSET, bits };
    let text = format!("byte 19, constant pool: {bits:016x} is a NaN, which is always written 7ff8000000000000");
    check_constants(&[&[4], &bits.to_le_bytes()[..]].concat(), error, &text);
}

#[test]
fn a_constant_that_was_there_before_is_refused() {
    let constants = [small(1), vec![5, 1, b'a'], small(1)].concat();
    let error = ReadError::DuplicateConstant { offset: CONTENT_OFFSET + 12 };
    check_constants(&constants, error, "byte 31, constant pool: the constant was there before");
}

#[test]
fn a_constant_that_no_instruction_uses_is_refused() {
    let bytes = file([&[small(1), small(2)].concat(), &[0x01, 0], EMPTY_METADATA, &[0]]);
    let error = ReadError::UnusedConstant { offset: CONTENT_OFFSET + 9, index: 1 };
    check(&bytes, error, "byte 28, constant pool: no instruction uses constant 1");
}

#[test]
fn constants_must_be_used_in_their_order() {
    let bytes = file([&[small(1), small(2)].concat(), &[0x01, 1, 0x01, 0], EMPTY_METADATA, &[0, 0]]);
    let error = ReadError::ConstantOutOfOrder { offset: 42, index: 0, constant: 1, expected: 0 };
    check(&bytes, error, "byte 42, code: instruction 0 uses constant 1 before constant 0");
}

#[test]
fn bytes_that_are_no_instruction_are_refused() {
    let bad = |offset, index, reason| ReadError::BadInstruction { offset, index, reason };
    let check_code = |code: &[u8], error, text: &str| check(&file([&small(1), code, EMPTY_METADATA, &[]]), error, text);
    let begin = CONTENT_OFFSET + 9 + FRAME_BYTES;
    check_code(
        &[0x01, 0, 0x00],
        bad(begin + 2, 1, DecodeError::UnknownCode(0)),
        "byte 35, code: instruction 1: no instruction has the code 0x00",
    );
    check_code(
        &[0x01, 0, 0xFE, 0xFF],
        bad(begin + 2, 1, DecodeError::UnknownCode(0xFEFF)),
        "byte 35, code: instruction 1: no instruction has the code 0xFEFF",
    );
    check_code(
        &[0x01, 0, 0xFE],
        bad(begin + 2, 1, DecodeError::Truncated),
        "byte 35, code: instruction 1: the code ends within an instruction",
    );
    check_code(
        &[0x01, 1],
        bad(begin, 0, DecodeError::BadConstant(1)),
        "byte 33, code: instruction 0: constant 1 does not exist or has another type",
    );
    // A string is asked for where the pool has an integer.
    check_code(
        &[0x02, 0],
        bad(begin, 0, DecodeError::BadConstant(0)),
        "byte 33, code: instruction 0: constant 0 does not exist or has another type",
    );
    check_code(
        &[0x30],
        bad(begin, 0, DecodeError::Truncated),
        "byte 33, code: instruction 0: the code ends within an instruction",
    );
    check_code(
        &[0x30, 0x80, 0],
        bad(begin, 0, DecodeError::BadNumber),
        "byte 33, code: instruction 0: a number is not in its shortest form or exceeds 32 bits",
    );
    check_code(
        &[0x0B, 2],
        bad(begin, 0, DecodeError::BadFlag(2)),
        "byte 33, code: instruction 0: a flag is 0 or 1, not 2",
    );
    check_code(
        &[0x32, 0, 0x80, 2],
        bad(begin, 0, DecodeError::TooManyParameters(256)),
        "byte 33, code: instruction 0: 256 parameters, at most 255 are allowed",
    );
}

#[test]
fn an_unknown_kind_of_body_is_refused() {
    let error = ReadError::BadRecord { offset: METADATA + 2, record: Record::Body };
    check_metadata(&[0, 1, 2, 0, 0, 0, 0, 0, 0, 0], error, "byte 31, metadata: the bytes are not a body");
}

#[test]
fn a_label_with_a_half_present_body_is_refused() {
    let error = ReadError::BadRecord { offset: METADATA + 3, record: Record::Label };
    check_metadata(&[0, 0, 1, 0, 0, 2, 0, 0], error, "byte 32, metadata: the bytes are not a label");
}

#[test]
fn lists_and_strings_that_claim_more_than_there_is_are_refused() {
    let truncated = |offset, remaining| ReadError::Truncated { section: Section::Metadata, offset, remaining };
    let huge = [253, 0, 0, 0, 0, 0, 1, 0, 0];
    let text = "byte 29, metadata: what begins here needs more than the 9 bytes that are left";
    check_metadata(&huge, truncated(METADATA, 9), text);
    let text = "byte 30, metadata: what begins here needs more than the 9 bytes that are left";
    check_metadata(&[&[0], &huge[..]].concat(), truncated(METADATA + 1, 9), text);
    let text = "byte 35, metadata: what begins here needs more than the 9 bytes that are left";
    check_metadata(&[&[0, 1, 0, 0, 0, 0], &huge[..]].concat(), truncated(METADATA + 6, 9), text);
}

#[test]
fn metadata_that_goes_on_is_refused() {
    let error = ReadError::TrailingBytes { section: Section::Metadata, offset: METADATA + 5, count: 1 };
    check_metadata(&[0; 6], error, "byte 34, metadata: nothing is left to read, but 1 bytes follow");
}

#[test]
fn a_name_longer_than_allowed_is_refused_in_the_metadata() {
    let length = u64::from(limits::TEXT_BYTES_MAX) + 1;
    let mut metadata = vec![252, 1, 0, 0, 0x10];
    metadata.resize(5 + usize::try_from(length).expect("fits in memory"), b'a');
    metadata.extend_from_slice(&[0; 4]);
    let reason = ConstantError::TextTooLong { length };
    let error = ReadError::TextTooLong { offset: METADATA, record: Record::Source, reason };
    let text = "byte 29, metadata: source name: a string has 268435457 bytes, at most 268435456 are allowed";
    check_metadata(&metadata, error, text);
}

/// Checks that writer and reader refuse the same module for the same reason.
///
/// `metadata` is how the module would be written if it could.
fn check_order(module: &Module, record: Record, index: u64, reason: OrderError, metadata: &[u8], offset: u64) {
    assert_eq!(write(module), Err(WriteError::BadOrder { record, index, reason }));
    check_metadata(
        metadata,
        ReadError::BadOrder { offset: METADATA + offset, reason },
        &format!("byte {}, metadata: {reason}", METADATA + offset),
    );
}

fn body(start: u32, end: u32) -> Body {
    Body { kind: BodyKind::Function, name: "".into(), parameters: Arc::new([]), start, end }
}

fn label(at: u32, body: Option<u32>) -> Label {
    Label { name: "".into(), at, body }
}

#[test]
fn a_body_that_ends_before_it_starts_is_refused() {
    let module = Module { bodies: vec![body(2, 1)], ..Module::default() };
    let reason = OrderError::BodyEndsBeforeStart { start: 2, end: 1 };
    assert_eq!(reason.to_string(), "the body starts at instruction 2 but ends before it, at 1");
    check_order(&module, Record::Body, 0, reason, &[0, 1, 0, 0, 2, 1, 0, 0, 0, 0], 2);
}

#[test]
fn a_body_within_the_previous_one_is_refused() {
    let module = Module { bodies: vec![body(1, 3), body(2, 4)], ..Module::default() };
    let reason = OrderError::BodyBeforePrevious { start: 2, previous_end: 3 };
    assert_eq!(reason.to_string(), "the body starts at instruction 2, before the previous body ends at 3");
    check_order(&module, Record::Body, 1, reason, &[0, 2, 0, 0, 1, 3, 0, 0, 0, 2, 4, 0, 0, 0, 0], 7);
}

#[test]
fn a_body_of_too_many_parameters_is_refused_and_one_of_the_most_allowed_is_not() {
    let parameters = |count: usize| -> Names { vec![Text::from("p"); count].into() };
    let module = |count| {
        let body = Body { parameters: parameters(count), ..body(0, 0) };
        Module { bodies: vec![body], ..Module::default() }
    };
    let most = module(255);
    assert_eq!(read(&write(&most).expect("255 are allowed")), Ok(most));
    let reason = OrderError::TooManyParameters { count: 256 };
    assert_eq!(reason.to_string(), "the body has 256 parameters, at most 255 are allowed");
    let metadata = [&[0, 1, 0, 0, 0, 0, 251, 0, 1], &[1, b'p'].repeat(256)[..], &[0; 3]].concat();
    check_order(&module(256), Record::Body, 0, reason, &metadata, 2);
}

#[test]
fn a_label_before_the_previous_one_is_refused() {
    let module = Module { labels: vec![label(3, None), label(2, None)], ..Module::default() };
    let reason = OrderError::LabelBeforePrevious { at: 2, previous: 3 };
    assert_eq!(reason.to_string(), "the label marks instruction 2, before the previous label's 3");
    check_order(&module, Record::Label, 1, reason, &[0, 0, 2, 0, 3, 0, 0, 2, 0, 0, 0], 6);
}

#[test]
fn a_label_of_a_body_that_does_not_exist_is_refused() {
    let module = Module { bodies: vec![body(0, 0)], labels: vec![label(0, Some(1))], ..Module::default() };
    let reason = OrderError::LabelOfUnknownBody { body: 1, bodies: 1 };
    assert_eq!(reason.to_string(), "the label belongs to body 1, but there are 1");
    check_order(&module, Record::Label, 0, reason, &[0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0], 8);
}

/// Checks what the writer says of a module.
fn check_write(module: &Module, error: WriteError, text: &str) {
    let found = write(module).expect_err("the module cannot be written");
    assert_eq!(found, error);
    assert_eq!(found.to_string(), text);
}

fn one_instruction(instruction: OpCode) -> Module {
    Module { code: vec![OpCode::Pop {}, instruction], lines: vec![0, 0], ..Module::default() }
}

#[test]
fn a_module_without_a_line_for_each_instruction_is_not_written() {
    let module = Module { code: vec![OpCode::Halt {}], ..Module::default() };
    let error = WriteError::LinesDoNotMatch { lines: 0, instructions: 1 };
    check_write(&module, error, "there are 0 source lines for 1 instructions");
}

#[test]
fn constants_that_the_reader_refuses_are_not_written() {
    let check = |integer: BigInt, reason: ConstantError, text: &str| {
        let module = one_instruction(OpCode::PushInt { value: Integer::Big(Arc::new(integer)) });
        check_write(&module, WriteError::BadConstant { index: 1, mnemonic: "PUSH_INT", reason }, text);
    };
    let text = "instruction 1 (PUSH_INT): a big integer fits in 64 bits and must be a small one";
    check(BigInt::from(1), ConstantError::IntegerNotBig, text);
    let text = "instruction 1 (PUSH_INT): an integer has more than 100000 digits";
    check(-BigInt::from(10).pow(100_000), ConstantError::IntegerTooLong, text);
}

#[test]
fn strings_that_are_too_long_are_not_written() {
    let length = u64::from(limits::TEXT_BYTES_MAX) + 1;
    let long: Text = "a".repeat(usize::try_from(length).expect("fits in memory")).into();
    let reason = ConstantError::TextTooLong { length };
    let tail = "a string has 268435457 bytes, at most 268435456 are allowed";

    let module = one_instruction(OpCode::PushStr { value: long.clone() });
    let error = WriteError::BadConstant { index: 1, mnemonic: "PUSH_STR", reason };
    check_write(&module, error, &format!("instruction 1 (PUSH_STR): {tail}"));

    let check = |module: Module, record| {
        let error = WriteError::TextTooLong { record, index: 0, reason };
        check_write(&module, error, &format!("{record} 0: {tail}"));
    };
    let long = || long.clone();
    check(Module { source: long(), ..Module::default() }, Record::Source);
    check(Module { bodies: vec![Body { name: long(), ..body(0, 0) }], ..Module::default() }, Record::Body);
    let parameters = Arc::new([long()]);
    check(Module { bodies: vec![Body { parameters, ..body(0, 0) }], ..Module::default() }, Record::Parameter);
    check(Module { labels: vec![Label { name: long(), ..label(0, None) }], ..Module::default() }, Record::Label);
    check(Module { exports: vec![long()], ..Module::default() }, Record::Export);
    let import = Import { path: "".into(), prefix: long() };
    check(Module { imports: vec![import], ..Module::default() }, Record::Import);
}

#[test]
fn operands_without_an_encoding_are_not_written() {
    let module = one_instruction(OpCode::ArrayF64 { count: Some(u32::MAX) });
    let error = WriteError::OperandOutOfRange { index: 1, mnemonic: "ARRAY_F64" };
    check_write(&module, error, "instruction 1 (ARRAY_F64): an operand is out of range");

    let call =
        |count: usize| one_instruction(OpCode::Call { target: 0, parameters: vec![Text::from("p"); count].into() });
    let error = WriteError::OperandOutOfRange { index: 1, mnemonic: "CALL" };
    check_write(&call(256), error, "instruction 1 (CALL): an operand is out of range");
    assert_eq!(read(&write(&call(255)).expect("255 are allowed")), Ok(call(255)));
}

#[test]
fn every_nan_is_written_as_the_same_bytes() {
    let file = |bits| {
        let value = Float::new(f64::from_bits(bits));
        write(&one_instruction(OpCode::PushFloat { value })).expect("a float can be written")
    };
    assert_eq!(file(0x7FF8_0000_0000_0000), file(0xFFF0_0000_0000_0001));
}

#[test]
fn a_right_checksum_does_not_make_a_wrong_file_right() {
    let mut bytes = file([&[], &[0xFF], EMPTY_METADATA, &[2]]);
    let code = usize::try_from(CONTENT_OFFSET + FRAME_BYTES).expect("small");
    bytes[code] = 0xFE;
    assert!(matches!(read(&bytes), Err(ReadError::WrongChecksum { .. })));
    checksum::seal(&mut bytes);
    assert!(matches!(read(&bytes), Err(ReadError::BadInstruction { .. })));
}
