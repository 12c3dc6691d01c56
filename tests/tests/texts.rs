//! What the assembler, the verifier and the bytecode file promise to each other, shown on small texts and on all
//! case files. Not here: what running programs do (the case files), and each diagnostic (`assembler/tests`).

use std::{fs, path::Path};

use ttvm_assembler::{Assembly, assemble, disassemble, format};
use ttvm_bytecode::{Module, Rule, read, verify, write};
use ttvm_isa::InstructionInfo;
use ttvm_tests::{Ending, Program, find_cases, tiers};

const STEPS_MAX: u64 = 100_000;

/// The errors of a text as `line:column message`.
fn errors(text: &[u8]) -> Vec<String> {
    let Assembly { diagnostics, .. } = assemble("a.ttvm", text);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    errors.map(|error| format!("{} {}", error.spot, error.message)).collect()
}

fn module(text: &str) -> Module {
    assert_eq!(errors(text.as_bytes()), Vec::<String>::new(), "{text}");
    assemble("a.ttvm", text.as_bytes()).module
}

fn case_modules() -> Vec<(String, Module)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let files = find_cases(&root).expect("the cases can be read");
    let texts = files.iter().map(|file| fs::read(file).expect("a case can be read"));
    let assembled = texts.map(|text| (String::from_utf8_lossy(&text).into_owned(), assemble("a.ttvm", &text)));
    assembled.filter(|(_, assembly)| assembly.is_ok()).map(|(text, assembly)| (text, assembly.module)).collect()
}

/// How the program ends when the reference interpreter runs it.
fn ending(text: &str) -> Ending {
    tiers(STEPS_MAX)[0].run(&Program::alone(module(text))).ending
}

// Rules: L1.1
#[test]
fn a_byte_that_is_no_text_is_an_error_at_its_place_and_the_rest_is_read() {
    let found = errors(b"PUSH_STR \"caf\xE9\"\nPUSH_ITN 1\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("1:") && found[1].starts_with("2:"), "{found:?}");
}

// Rules: L1.2
#[test]
fn carriage_returns_before_line_ends_change_nothing() {
    assert_eq!(module("PUSH_STR a b\r\nPRINT\r\nend:\r\n").code, module("PUSH_STR a b\nPRINT\nend:\n").code);
}

// Rules: L1.5 L1.6
#[test]
fn duplicate_and_unknown_labels_show_both_places_and_the_nearest_name() {
    let twice = assemble("a.ttvm", b"again:\nPRINT\nagain:\nHALT\n");
    let error = &twice.diagnostics[0];
    assert_eq!((error.spot.line, error.related[0].spot.line), (3, 1));
    let unknown = assemble("a.ttvm", b"finish:\nJMP finsh\n");
    let error = &unknown.diagnostics[0];
    assert_eq!(error.spot.line, 2);
    assert!(error.help.as_ref().is_some_and(|help| help.contains("finish")), "{error:?}");
}

// Rules: L1.8 L1.9
#[test]
fn all_errors_come_at_once_and_propose_the_nearest_mnemonic() {
    let assembly = assemble("a.ttvm", b"PUSH_ITN 1\nPUSH_INT\nprint\nHALT\n");
    assert_eq!(assembly.diagnostics.iter().map(|error| error.spot.line).collect::<Vec<_>>(), [1, 2, 3]);
    let help = |index: usize| assembly.diagnostics[index].help.clone().unwrap_or_default();
    assert!(help(0).contains("PUSH_INT") && help(2).contains("PRINT"), "{:?}", assembly.diagnostics);
}

// Rules: L1.10
#[test]
fn no_bytes_make_the_assembler_panic() {
    let mut state = 1u64;
    for _ in 0..300 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        let bytes: Vec<u8> = (0..200).map(|_| next()).collect();
        let _ = assemble("a.ttvm", &bytes);
    }
}

// Rules: L1.22-L1.24
#[test]
fn bodies_are_entered_at_their_start_with_their_parameters_and_left_by_returning() {
    let wrong = [
        ".fn f a\nLOAD a\n.end\nPUSH_INT 1\nCALL f a",
        "JMP inside\n.fn f\ninside:\nNULL\n.end",
        ".fn f\nJMP outside\n.end\noutside:\nHALT",
        "JMP 2\n.fn f\nNULL\nNULL\n.end",
        ".fn f\nJMP 0\nNULL\n.end\nJMP 1",
        "CALL 2\n.fn f\nNULL\nNULL\n.end",
        ".fn f\n.end",
        ".fn f\nNULL",
        ".end",
        ".fn f\n.fn g\nNULL\n.end\n.end",
    ];
    for text in wrong {
        assert!(!errors(text.as_bytes()).is_empty(), "{text}");
    }
}

// Rules: L1.28
#[test]
fn a_program_that_does_not_fit_its_imports_is_refused_before_it_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/language");
    let calls = ["CALL g.area/1", "CALL g.hidden/0", "LOAD g.nothing", "NULL"];
    for call in calls {
        let path = if call == "NULL" { "nowhere.ttvm" } else { "modules/geometry.ttvm" };
        let text = format!(".import \"{path}\" as g\nPUSH_STR ran\nPRINT\nPUSH_INT 1\n{call}\n");
        let program = Program { root: Some(root.clone()), ..Program::alone(module(&text)) };
        for tier in tiers(STEPS_MAX) {
            let observed = tier.run(&program);
            assert!(matches!(observed.ending, Ending::NotLoaded(_)), "{call}: {}: {observed:?}", tier.name());
            assert_eq!(observed.stdout, "");
        }
    }
}

// Rules: L3.75
#[test]
fn a_circle_of_imports_is_an_error_that_names_the_import_that_closes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/language");
    let program = Program { root: Some(root), ..Program::alone(module("IMPORT modules/round.ttvm\n")) };
    for tier in tiers(STEPS_MAX) {
        let message = tier.run(&program).ending.message().map(str::to_owned);
        assert_eq!(message.as_deref(), Some("Circular dependency detected: round.ttvm"), "{}", tier.name());
    }
}

// Rules: L1.30
#[test]
fn every_instruction_that_a_rule_names_is_there() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference");
    let is_word = |word: &str| {
        word.len() > 2
            && word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut seen = 0;
    for page in ["language.md", "processes.md", "supersteps.md"] {
        let text = fs::read_to_string(pages.join(page)).expect("the page is there");
        // Sections 1, 2, 5 and 6 of the language are about texts and files.
        let rules = text
            .lines()
            .filter(|line| ["- **L3.", "- **L4.", "- **P", "- **S"].iter().any(|start| line.starts_with(start)));
        for word in rules.flat_map(|rule| rule.split('`').skip(1).step_by(2)).flat_map(|code| code.split(' ')) {
            if is_word(word) {
                assert!(InstructionInfo::of_mnemonic(word).is_some(), "{page}: {word}");
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "only {seen} words were found");
}

// Rules: L1.32
#[test]
fn formatting_keeps_the_program_and_is_done_at_once() {
    for (text, module) in case_modules() {
        let formatted = format(text.as_bytes()).expect("a text that assembles can be formatted");
        assert_eq!(format(formatted.as_bytes()).as_ref(), Ok(&formatted));
        let again = assemble("a.ttvm", formatted.as_bytes()).module;
        assert_eq!(again.code, module.code, "{formatted}");
    }
}

// Rules: L3.29
#[test]
fn a_jump_to_itself_pays_and_never_ends() {
    for tier in tiers(STEPS_MAX) {
        let observed = tier.run(&Program::alone(module("here:\nJMP here\n")));
        assert!(matches!(observed.ending, Ending::GaveUp(_)), "{}: {observed:?}", tier.name());
    }
}

// Rules: L4.46
#[test]
fn reductions_are_paid_for_calls_backward_jumps_and_work_and_alike_everywhere() {
    let programs = [
        ("PUSH_INT 1\nPUSH_INT 2\nADD\nPRINT\n", 0),
        ("JMP over\nover:\nNULL\nJZ next\nnext:\n", 0),
        ("CALL f\nMAKE_FUNCTION f\nCALL_FUNCTION 0\nHALT\n.fn f\nNULL\n.end\n", 2),
        // Taken twice, not taken once.
        ("PUSH_INT 3\nagain:\nPUSH_INT 1\nSUB\nDUP\nJNZ again\n", 2),
        // 320 elements, 16 for a reduction.
        ("PUSH_INT 0\nPUSH_INT 320\nRANGE\n", 20),
        // A failure costs nothing but the way to its handler.
        ("TRY e\nPUSH_INT 0\nPUSH_FLOAT 320.0\nRANGE\ne:\n", 1),
    ];
    for (text, reductions) in programs {
        for tier in tiers(STEPS_MAX) {
            let observed = tier.run(&Program::alone(module(text)));
            assert_eq!(
                (&observed.ending, observed.reductions),
                (&Ending::Normal, reductions),
                "{}: {text}",
                tier.name()
            );
        }
    }
}

// Rules: L5.1 L5.3-L5.5
#[test]
fn every_case_survives_the_file_and_the_text_of_the_disassembler() {
    for (text, module) in case_modules() {
        let bytes = write(&module).expect("an assembled module can be written");
        assert_eq!(bytes, write(&module.clone()).expect("as before"), "the same input gives the same bytes");
        assert_eq!(read(&bytes).as_ref(), Ok(&module), "{text}");
        let again = assemble("other.ttvm", disassemble(&module).as_bytes());
        assert!(again.is_ok(), "{:?}", again.diagnostics);
        assert_eq!(write(&again.module).as_ref(), Ok(&bytes), "{text}");
    }
}

// Rules: L5.2
#[test]
fn the_codes_fixed_by_history_are_kept() {
    let code = |mnemonic: &str| InstructionInfo::of_mnemonic(mnemonic).map(|info| info.code);
    assert_eq!(
        (code("PUSH_INT"), code("ADD"), code("JMP"), code("HALT")),
        (Some(1), Some(0x10), Some(0x30), Some(0xFF))
    );
    let fixed = "SPAWN REGISTER UNREGISTER WHEREIS SENDNAMED MONITOR LINK UNLINK START_SUPERVISOR SUPERVISE_CHILD \
                 RESTART_CHILD YIELD RECEIVE SEND";
    for (number, mnemonic) in (0x80..).zip(fixed.split(' ')) {
        assert_eq!(code(mnemonic), Some(number), "{mnemonic}");
    }
    for code in 0x80..=0x9F {
        let info = InstructionInfo::of_code(code).expect("0x80-0x9F belong to the instructions of processes");
        assert!(info.family.starts_with("Processes"), "{}", info.mnemonic);
    }
}

// Rules: L5.6
#[test]
fn a_file_with_any_bit_flipped_is_refused_with_a_reason() {
    let bytes = write(&module("PUSH_STR hello\nPRINT\n")).expect("it can be written");
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1 << bit;
            let error = read(&damaged).expect_err("the checksum covers every byte");
            assert!(!error.to_string().is_empty());
        }
        assert!(read(&bytes[..position]).is_err(), "cut off at {position}");
    }
}

// Rules: L5.7 L5.8
#[test]
fn a_body_that_may_underflow_or_is_uneven_is_refused_with_place_and_rule() {
    for body in ["PUSH_INT 1\nADD", "NULL\nJZ join\nPUSH_INT 1\njoin:\nPUSH_INT 2"] {
        let errors = verify(module(&format!("HALT\n.fn f\n{body}\n.end\n"))).expect_err("a body is checked");
        assert_eq!(errors[0].rule, Rule::V7Depth, "{errors:?}");
        assert!(errors[0].place.starts_with("a.ttvm:"), "{errors:?}");
    }
    let mut broken = module("JMP 0\n.fn f\nNULL\nNULL\n.end\n");
    broken.code[0] = ttvm_isa::OpCode::Jmp { target: 2 };
    assert_eq!(verify(broken).expect_err("a jump into a body")[0].rule, Rule::V4Targets);
}

// Rules: L5.9
#[test]
fn classic_code_that_may_underflow_is_loaded_and_fails_when_it_does() {
    let text = "CALL adder\nHALT\nadder:\nADD\nRET\n";
    assert!(verify(module(text)).is_ok());
    let Ending::Uncaught { message, .. } = ending(text) else { panic!("the stack is empty") };
    assert_eq!(message, "Stack underflow during ADD");
}

// Rules: L1.1 L5.6
#[test]
fn what_fuzzing_kept_is_refused_or_is_its_file() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/text");
    let files = fs::read_dir(corpus).expect("the corpus is part of the repository");
    let mut count = 0;
    for file in files {
        let text = fs::read(file.expect("the corpus can be listed").path()).expect("the corpus can be read");
        let assembly = assemble("fuzz.ttvm", &text);
        if !assembly.has_errors() {
            let bytes = write(&assembly.module).expect("what assembles can be written");
            assert_eq!(read(&bytes).as_ref(), Ok(&assembly.module));
        }
        count += 1;
    }
    assert!(count > 100, "only {count} texts");
}
