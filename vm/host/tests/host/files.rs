//! Files and directories.

use std::{fs, path::Path};

use tempfile::tempdir;
use ttvm_isa::HostOperation::{
    AppendFile, DeleteFile, FileExists, FileSize, ListDir, ReadBytes, ReadFile, WriteBytes, WriteFile,
};
use ttvm_value::Value;

use crate::asking::{answer, list, text};

fn path(directory: &Path, name: &str) -> Value {
    text(directory.join(name).to_str().expect("temporary directories have UTF-8 names"))
}

fn bytes(bytes: &[u8]) -> Value {
    Value::bytes(bytes).expect("a few bytes")
}

#[test]
fn what_is_written_is_read_back() {
    let directory = tempdir().unwrap();
    let file = path(directory.path(), "file");
    assert_eq!(answer(WriteFile, [text("grüße\n"), file.clone()]), "Null");
    assert_eq!(answer(ReadFile, [file.clone()]), r#"Str("grüße\n")"#);
    assert_eq!(answer(FileSize, [file]), "Int(8)");
}

#[test]
fn writing_begins_the_file_anew_and_appending_goes_on_behind() {
    let directory = tempdir().unwrap();
    let file = path(directory.path(), "file");
    answer(WriteFile, [text("a long first content"), file.clone()]);
    answer(WriteFile, [text("a"), file.clone()]);
    assert_eq!(answer(AppendFile, [text("b"), file.clone()]), "Null");
    assert_eq!(answer(AppendFile, [bytes(b"c"), file.clone()]), "Null");
    assert_eq!(answer(ReadFile, [file]), r#"Str("abc")"#);
}

#[test]
fn appending_creates_the_file() {
    let directory = tempdir().unwrap();
    let file = path(directory.path(), "file");
    assert_eq!(answer(AppendFile, [text("x"), file.clone()]), "Null");
    assert_eq!(answer(ReadFile, [file]), r#"Str("x")"#);
}

#[test]
fn bytes_need_not_be_text() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("file");
    let argument = path(directory.path(), "file");
    assert_eq!(answer(WriteBytes, [bytes(&[0, 255, 128]), argument.clone()]), "Null");
    assert_eq!(fs::read(&file).unwrap(), [0, 255, 128]);
    assert_eq!(answer(ReadBytes, [argument.clone()]), "Bytes(3)");
    assert_eq!(
        answer(ReadFile, [argument.clone()]),
        format!(
            "file: File operation failed on {}: not UTF-8 at byte 1; use READ_BYTES to read it as bytes",
            file.display()
        ),
    );
    assert_eq!(answer(WriteFile, [bytes(&[254]), argument]), "Null");
    assert_eq!(fs::read(&file).unwrap(), [254]);
}

#[test]
fn a_list_of_ints_is_written_as_bytes() {
    let directory = tempdir().unwrap();
    let file = path(directory.path(), "file");
    let numbers = |numbers: &[i64]| list(numbers.iter().map(|number| Value::Int(*number)));
    assert_eq!(answer(WriteBytes, [numbers(&[0, 10, 255]), file.clone()]), "Null");
    assert_eq!(fs::read(directory.path().join("file")).unwrap(), [0, 10, 255]);
    assert_eq!(
        answer(WriteBytes, [numbers(&[256]), file.clone()]),
        "argument: WRITE_BYTES: a byte is an integer from 0 to 255, not 256"
    );
    assert_eq!(
        answer(WriteBytes, [list([text("x")]), file.clone()]),
        r#"type: WRITE_BYTES expects bytes or a list of integers but got Str("x")"#
    );
    assert_eq!(
        answer(WriteBytes, [text("x"), file.clone()]),
        r#"type: WRITE_BYTES expects bytes or a list of integers but got Str("x")"#
    );
    assert_eq!(fs::read(directory.path().join("file")).unwrap(), [0, 10, 255], "a refused write changes nothing");
}

#[test]
fn a_file_exists_until_it_is_deleted() {
    let directory = tempdir().unwrap();
    let file = path(directory.path(), "file");
    assert_eq!(answer(FileExists, [file.clone()]), "Bool(false)");
    answer(WriteFile, [text(""), file.clone()]);
    assert_eq!(answer(FileExists, [file.clone()]), "Bool(true)");
    assert_eq!(answer(FileExists, [path(directory.path(), "file/below")]), "Bool(false)");
    assert_eq!(answer(FileExists, [path(directory.path(), "")]), "Bool(true)");
    assert_eq!(answer(DeleteFile, [file.clone()]), "Null");
    assert_eq!(answer(FileExists, [file]), "Bool(false)");
}

#[test]
fn a_directory_lists_its_names_sorted() {
    let directory = tempdir().unwrap();
    for name in ["b", "a.txt", "B", "ä"] {
        answer(WriteFile, [text(""), path(directory.path(), name)]);
    }
    fs::create_dir(directory.path().join("c")).unwrap();
    assert_eq!(
        answer(ListDir, [path(directory.path(), "")]),
        r#"List([Str("B"), Str("a.txt"), Str("b"), Str("c"), Str("ä")])"#
    );
}

#[test]
fn a_missing_file_is_an_error_in_the_systems_words() {
    let directory = tempdir().unwrap();
    let missing = path(directory.path(), "missing/file");
    for (operation, arguments) in [
        (ReadFile, vec![missing.clone()]),
        (WriteFile, vec![text("x"), missing.clone()]),
        (AppendFile, vec![text("x"), missing.clone()]),
        (ReadBytes, vec![missing.clone()]),
        (WriteBytes, vec![bytes(b"x"), missing.clone()]),
        (FileSize, vec![missing.clone()]),
        (DeleteFile, vec![missing.clone()]),
        (ListDir, vec![missing.clone()]),
    ] {
        let answer = crate::asking::shown(&crate::asking::world().perform(operation, arguments));
        let expected = format!("file: File operation failed on {}: No such file", missing.as_str().unwrap());
        assert!(answer.starts_with(&expected), "{answer}");
    }
}

#[test]
fn a_directory_is_no_file() {
    let directory = tempdir().unwrap();
    for operation in [ReadFile, ReadBytes, FileSize, DeleteFile] {
        let answer = answer(operation, [path(directory.path(), "")]);
        assert!(answer.to_lowercase().contains("is a directory"), "{answer}");
    }
}

#[test]
fn a_path_is_a_str_without_zero_bytes() {
    assert_eq!(answer(ReadFile, [Value::Int(1)]), "type: READ_FILE expects a string but got Int(1)");
    assert_eq!(answer(WriteFile, [text("x"), Value::Null]), "type: WRITE_FILE expects a string but got Null");
    assert_eq!(
        answer(WriteFile, [Value::Int(1), text("x")]),
        "type: WRITE_FILE expects a string or bytes but got Int(1)"
    );
    assert!(answer(ReadFile, [text("a\0b")]).starts_with("file: File operation failed on a\0b: "));
}

#[cfg(unix)]
#[test]
fn names_and_links_that_lead_nowhere_are_told() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let directory = tempdir().unwrap();
    std::os::unix::fs::symlink("nowhere", directory.path().join("link")).unwrap();
    assert_eq!(answer(FileExists, [path(directory.path(), "link")]), "Bool(false)");
    fs::write(directory.path().join(OsStr::from_bytes(b"\xFF")), "").unwrap();
    let listed = answer(ListDir, [path(directory.path(), "")]);
    assert!(listed.ends_with(r#": the name "\xFF" in it is not UTF-8"#), "{listed}");
}
