//! Futures that read and write real files, and what is left of futures and streams when they are over.

use std::fs;

use tempfile::TempDir;
use ttvm_assembler::assemble;
use ttvm_tests::{Ending, MachineTier, Program, Tier};

/// What a program prints in every tier; `DIR` in it stands for an empty directory, which `look` then sees.
fn check(text: &str, expected: &str, look: impl Fn(&TempDir)) {
    let tiers = [
        MachineTier::new(1, 0, false),
        MachineTier::new(2, 0, false),
        MachineTier::new(8, 0, true),
        MachineTier::new(1, 3, true).in_exact_mode(),
    ];
    for tier in tiers {
        let directory = TempDir::new().expect("a directory can be made");
        let path = directory.path().to_str().expect("temporary directories have plain names");
        let assembly = assemble("a.ttvm", text.replace("DIR/", &format!("{path}/")).as_bytes());
        assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
        let observed = tier.run(&Program::alone(assembly.module));
        assert_eq!(observed.ending, Ending::Normal, "{}: {}{}", tier.name, observed.stdout, observed.stderr);
        assert_eq!(observed.stdout, expected, "{}", tier.name);
        look(&directory);
    }
}

// Rules: L3.81
#[test]
fn what_a_future_writes_another_one_reads() {
    let text = "PUSH_STR \"one é\"\nPUSH_STR DIR/a\nASYNC_WRITE\nAWAIT\nPRINT\n\
        PUSH_STR DIR/a\nASYNC_READ\nAWAIT\nPRINT\n\
        PUSH_STR \"bytes\"\nBYTES_OF\nPUSH_STR DIR/b\nASYNC_WRITE\nAWAIT\nPRINT\n";
    check(text, "null\none é\nnull\n", |directory| {
        assert_eq!(fs::read_to_string(directory.path().join("a")).expect("it was written"), "one é");
        assert_eq!(fs::read_to_string(directory.path().join("b")).expect("it was written"), "bytes");
    });
}

// Rules: L3.81
#[test]
fn a_program_does_not_end_before_what_it_began_to_write_is_written() {
    check("PUSH_STR \"all of it\"\nPUSH_STR DIR/a\nASYNC_WRITE\nPOP\n", "", |directory| {
        assert_eq!(fs::read_to_string(directory.path().join("a")).expect("it was written"), "all of it");
    });
}

// Rules: L3.81 L3.82
#[test]
fn nothing_is_left_of_futures_that_were_awaited_and_of_those_whose_maker_has_ended() {
    let text = "
.fn make main
    PUSH_INT 0
    STORE i
  again:
    PUSH_STR DIR/missing
    ASYNC_READ
    POP
    PUSH_STR pause
    STREAM_CREATE
    PUSH_STR value
    STREAM_WRITE
    POP
    LOAD i
    PUSH_INT 1
    ADD
    STORE i
    LOAD i
    PUSH_INT 100
    LT
    JNZ again
    PUSH_STR ready
    LOAD main
    SEND
.end
.fn await_many
    PUSH_INT 0
    STORE i
  again:
    PUSH_STR content
    PUSH_STR DIR/a
    ASYNC_WRITE
    AWAIT
    POP
    LOAD i
    PUSH_INT 1
    ADD
    STORE i
    LOAD i
    PUSH_INT 100
    LT
    JNZ again
.end
    SELF
    PUSH_STR make
    SPAWN 1
    POP
    RECEIVE
    PRINT
    CALL await_many
    POP
  wait:
    PUSH_INT 1
    SLEEP
    PROCESSES
    LEN
    PUSH_INT 1
    GT
    JNZ wait
    PROCESSES
    PRINT
";
    check(text, "ready\n[1]\n", |_| {});
}
