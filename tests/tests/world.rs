//! Files, commands and data formats: programs that touch the real world, run by the engine in a directory of their own.
//!
//! The reference interpreter has no such world; these tests say themselves what must come out.

use std::fs;

use tempfile::TempDir;
use ttvm_assembler::assemble;
use ttvm_tests::{Ending, Program, tiers};

/// What a program prints when the engine runs it; `DIR` in it stands for an empty directory.
fn run(text: &str, directory: &TempDir) -> String {
    run_in("engine", text, directory)
}

/// The same in a tier with this name.
fn run_in(name: &str, text: &str, directory: &TempDir) -> String {
    let path = directory.path().to_str().expect("temporary directories have plain names");
    let text = text.replace("DIR/", &format!("{path}/")).replace("PUSH_STR DIR\n", &format!("PUSH_STR {path}\n"));
    let assembly = assemble("a.ttvm", text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    let tiers = tiers(1_000_000);
    let engine = tiers.iter().find(|tier| tier.name() == name).expect("there is such a tier");
    let observed = engine.run(&Program::alone(assembly.module));
    assert_eq!(observed.ending, Ending::Normal, "{}", observed.stdout);
    observed.stdout.replace(path, "DIR")
}

fn empty_directory() -> TempDir {
    TempDir::new().expect("a directory can be made")
}

// Rules: L3.54
#[test]
fn text_is_written_appended_and_read() {
    let text = "PUSH_STR \"one\"\nPUSH_STR DIR/a\nWRITE_FILE\nPUSH_STR \" and two é\"\nPUSH_STR DIR/a\nAPPEND_FILE\n\
        PUSH_STR DIR/a\nREAD_FILE\nPRINT\nPUSH_STR \"anew\"\nPUSH_STR DIR/a\nWRITE_FILE\nPUSH_STR DIR/a\nREAD_FILE\nPRINT\n";
    assert_eq!(run(text, &empty_directory()), "one and two é\nanew\n");
}

// Rules: L3.55
#[test]
fn bytes_are_written_and_read() {
    let directory = empty_directory();
    let text = "PUSH_INT 255\nPUSH_INT 0\nMAKE_LIST 2\nBYTES_OF\nPUSH_STR DIR/b\nWRITE_BYTES\n\
        PUSH_STR DIR/b\nREAD_BYTES\nDUP\nPRINT\nPUSH_INT 0\nINDEX\nPRINT\n";
    assert_eq!(run(text, &directory), "Bytes(2)\n255\n");
    assert_eq!(fs::read(directory.path().join("b")).expect("the file is there"), [255, 0]);
}

// Rules: L3.56 L3.57
#[test]
fn files_are_found_measured_listed_and_deleted() {
    let directory = empty_directory();
    for name in ["b", "a", "c"] {
        fs::write(directory.path().join(name), "four").expect("a file can be written");
    }
    let text = "PUSH_STR DIR/a\nFILE_EXISTS\nPRINT\nPUSH_STR DIR/a\nFILE_SIZE\nPRINT\nPUSH_STR DIR/a\nDELETE_FILE\n\
        PUSH_STR DIR/a\nFILE_EXISTS\nPRINT\nPUSH_STR DIR\nLIST_DIR\nPRINT\n";
    assert_eq!(run(text, &directory), "true\n4\nfalse\n[b, c]\n");
}

// Rules: L3.58
#[test]
fn what_the_system_refuses_is_an_error_that_names_the_file() {
    let text = "TRY failed\nPUSH_STR DIR/missing\nREAD_FILE\nfailed:\nDUP\nERROR_KIND\nPRINT\nERROR_MESSAGE\nPRINT\n";
    let printed = run(text, &empty_directory());
    assert!(printed.starts_with("file\nFile operation failed on DIR/missing: "), "{printed}");
}

// Rules: L3.63 L3.64
#[cfg(unix)]
#[test]
fn commands_run_without_a_shell_and_give_exit_code_and_output() {
    let text = "PUSH_STR sh\nPUSH_STR -c\nPUSH_STR exit 3\nMAKE_LIST 2\nEXEC\nPRINT\n\
        PUSH_STR echo\nPUSH_STR \"$HOME; two\"\nMAKE_LIST 1\nEXEC_CAPTURE\nDUP\nGET_FIELD stdout\nWRITE\nKEYS\nPRINT\n";
    assert_eq!(run(text, &empty_directory()), "3\n$HOME; two\n[stdout, stderr, exit_code]\n");
}

// Rules: L3.68
#[test]
fn times_are_formatted_in_utc() {
    let text = "PUSH_INT 946684800\nPUSH_STR \"%Y-%m-%d %H:%M:%S\"\nFORMAT_TIME\nPRINT\n";
    assert_eq!(run(text, &empty_directory()), "2000-01-01 00:00:00\n");
}

/// The code of a program that prints kind and message of the error that `code` raises.
fn failing(code: &str) -> String {
    format!("TRY failed\n{code}\nfailed:\nDUP\nERROR_KIND\nPRINT\nERROR_MESSAGE\nPRINT\n")
}

// Rules: L3.83
#[test]
fn csv_is_read_and_written() {
    let text = "PUSH_STR \"name,n\\r\\n\\\"a, b\\\",1\\r\\n\"\nCSV_PARSE\nDUP\nPRINT\nCSV_WRITE\nWRITE\n";
    assert_eq!(run(text, &empty_directory()), "[[name, n], [a, b, 1]]\nname,n\r\n\"a, b\",1\r\n");
    let error = failing("MAKE_LIST 0\nMAKE_LIST 1\nCSV_WRITE");
    assert_eq!(run(&error, &empty_directory()), "argument\nCSV_WRITE: a row without fields has no CSV form\n");
}

// Rules: L3.84
#[test]
fn data_is_compressed_by_either_format_and_comes_back() {
    let text = "PUSH_STR \"text\"\nCOMPRESS\nDECOMPRESS\nPRINT\nPUSH_STR \"text\"\nCOMPRESS \"zstd\"\nDUP\nTYPE_OF\nPRINT\n\
        DECOMPRESS\nPRINT\n";
    assert_eq!(run(text, &empty_directory()), "text\nbytes\ntext\n");
    let error = failing("PUSH_STR x\nBYTES_OF\nDECOMPRESS");
    assert_eq!(run(&error, &empty_directory()), "argument\nDECOMPRESS: the data is neither gzip nor zstd\n");
}

// Rules: L3.85
#[test]
fn data_is_encrypted_and_comes_back_only_with_its_key() {
    let text = "PUSH_STR secret\nPUSH_STR key\nENCRYPT\nPUSH_STR key\nDECRYPT\nPRINT\n";
    assert_eq!(run(text, &empty_directory()), "secret\n");
    let error = failing("PUSH_STR secret\nPUSH_STR key\nENCRYPT\nPUSH_STR other\nDECRYPT");
    let message = "argument\nDECRYPT: the key is another, or the data was changed\n";
    assert_eq!(run(&error, &empty_directory()), message);
}

// Rules: L3.86
#[test]
fn digests_are_hexadecimal() {
    let text = "PUSH_STR abc\nHASH\nPRINT\nPUSH_STR \"\"\nHASH \"blake3\"\nPRINT\n";
    let digests = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\
        af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262\n";
    for name in ["engine", "engine in exact mode"] {
        assert_eq!(run_in(name, text, &empty_directory()), digests, "{name}");
    }
}
