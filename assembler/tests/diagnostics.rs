//! Every diagnostic code with an example and what is said about it: the page `docs/reference/diagnostics.md`, which
//! this test writes when run with `UPDATE_EXPECT=1`.

use std::{fmt::Write as _, ops::Range};

use expect_test::expect_file;
use ttvm_assembler::{Code as _, Diagnostic, DiagnosticCode, Severity, assemble};

const INTRODUCTION: &str = "# Diagnostics of the assembler

Every message about a `.ttvm` text has a code that keeps its meaning. Errors keep the program from running; with
warnings it runs, but hardly means what it says. All messages of a file come at once (at most 1000 errors and 1000
warnings), in the order of the file.

This page is written by the test `assembler/tests/diagnostics.rs` (`UPDATE_EXPECT=1 cargo test -p ttvm-assembler`):
each example is assembled, and below it stands what the assembler says.
";

/// What is there to say about a code, and a text that earns it; none where the text would be too large for a page.
struct Entry {
    code: &'static str,
    explanation: &'static str,
    example: Option<&'static [u8]>,
}

const fn entry(code: &'static str, explanation: &'static str, example: &'static str) -> Entry {
    Entry { code, explanation, example: Some(example.as_bytes()) }
}

const fn entry_without_example(code: &'static str, explanation: &'static str) -> Entry {
    Entry { code, explanation, example: None }
}

const ENTRIES: &[Entry] = &[
    Entry {
        code: "A0001",
        explanation: "Texts are UTF-8. What stands before the byte on its line is read all the same.",
        example: Some(b"PUSH_STR \"caf\xE9\"\nPRINT"),
    },
    entry_without_example("A0002", "A text has at most 1 GiB (`SOURCE_BYTES_MAX`)."),
    entry_without_example("A0003", "After 1000 errors (or warnings) further ones are only counted."),
    entry(
        "A0101",
        "The first word of a line is no mnemonic; the nearest one is proposed. Mnemonics are upper case.",
        "PUSH_ITN 1\nprint",
    ),
    entry("A0103", "No directive has this name; the nearest one is proposed.", ".exprt f"),
    entry(
        "A0104",
        "Classic programs have words behind instructions that take none; they are ignored.",
        "PUSH_INT 1\nPRINT loudly",
    ),
    entry("A0201", "An instruction or directive lacks an operand.", "PUSH_INT\n.import \"m\" as"),
    entry("A0202", "There is more on the line than the instruction or directive takes.", "PUSH_INT 1 2"),
    entry("A0203", "An operand cannot be read as what it should be.", "PUSH_INT seven\nPUSH_BOOL yes"),
    entry("A0204", "A count, target or line number does not fit in 32 bits, or is negative.", "MAKE_LIST -1"),
    entry_without_example("A0205", "An integer has at most 100000 decimal digits (`INTEGER_DIGITS_MAX`)."),
    entry_without_example("A0206", "A string or name has at most 256 MiB (`TEXT_BYTES_MAX`)."),
    entry("A0207", "A string must end on its line.", "PUSH_STR \"hello\nPRINT"),
    entry("A0208", "A backslash in quotes begins an escape, and only these are known.", "PUSH_STR \"C:\\dir\""),
    entry(
        "A0209",
        "A string begins with a quote but goes on behind the last quote on the line. As in classic programs, the \
         first quote is dropped and the others are kept.",
        "PUSH_STR \"yes\" or no",
    ),
    entry("A0210", "A quoted word ends with its quote; a blank must follow.", "CALL \"f\"x"),
    entry(
        "A0211",
        "A constant stands for an operand of another kind. An integer constant may stand for a float.",
        ".const PI 3.14\nPUSH_INT PI\nPUSH_STR PI",
    ),
    entry(
        "A0212",
        "A function or call has at most 255 parameters (`PARAMETERS_MAX`).",
        ".import \"std/list\" as list\nCALL list.concat/300",
    ),
    entry("A0213", "Parameters of one function or call differ.", ".fn f a a\nLOAD a\nRET\n.end"),
    entry(
        "A0301",
        "Functions and labels outside bodies share one namespace; the labels of a body have one of their own.",
        "loop:\nPUSH_INT 1\nLABEL loop\nHALT",
    ),
    entry(
        "A0302",
        "A target is neither a label or function nor the number of an instruction.",
        "loop:\nPUSH_INT 1\nJMP lop",
    ),
    entry(
        "A0303",
        "Jumps and handlers stay within their body, or outside all bodies; numbers cannot cross the border even in \
         calls.",
        ".fn f\nJMP done\nRET\n.end\ndone:\nJMP f\nCALL 0",
    ),
    entry(
        "A0304",
        "A label within a body is known only there, and is nothing that could be called.",
        ".fn f\nagain:\nJMP again\n.end\nJMP again\nCALL again",
    ),
    entry("A0305", "A declared function has its parameters from its `.fn`.", ".fn f a\nLOAD a\nRET\n.end\nCALL f a"),
    entry("A0306", "A constant is defined once.", ".const N 1\n.const N 2"),
    entry("A0307", "An import prefix stands for one module.", ".import \"a\" as m\n.import \"b\" as m"),
    entry("A0308", "No `.import` has this prefix.", ".import \"std/list\" as list\nCALL_IMPORT lst map 2"),
    entry(
        "A0309",
        "A call of an imported function says how many arguments it takes from the stack, and nothing more.",
        ".import \"std/list\" as list\nCALL list.map\nCALL list.map/2 xs f",
    ),
    entry(
        "A0310",
        "`.export` names functions declared with `.fn`. Variables are exported by the instruction `EXPORT`.",
        ".export halv\n.fn halve\nNULL\nRET\n.end",
    ),
    entry("A0311", "A function is exported once.", ".export f\n.export f\n.fn f\nNULL\nRET\n.end"),
    entry("A0401", "A body has no `.end`.", ".fn f\nNULL\nRET"),
    entry("A0402", "There is an `.end` but nothing to end.", "PUSH_INT 1\n.end"),
    entry("A0403", "Bodies do not nest; most often an `.end` is missing.", ".fn f\nNULL\nRET\n.fn g\nNULL\nRET\n.end"),
    entry("A0404", "A body has at least one instruction.", ".fn f\n.end"),
    entry_without_example("A0405", "A module has at most 16777216 instructions (`INSTRUCTIONS_MAX`)."),
    entry("A0406", "A text says once which source it comes from.", ".source \"a.ttvm\"\n.source \"b.ttvm\""),
    entry(
        "A0501",
        "A `.receive` block has lines `case` and `after`, a `.supervisor` block lines `child`, and a `.computation` block \
         its settings and supersteps; most often an `.end` is missing.",
        ".receive\n  cas X -> got_it\n  case X -> got_it\n.end\ngot_it:\n.supervisor shop\n  child db start=main\nPRINT\n\
         .end\n.computation ranks\n  superstep share\n  procesors 4\n.end",
    ),
    entry(
        "A0502",
        "A line of a block does not have the form that `case`, `after`, `child`, a setting or a guard has.",
        ".receive\n  case [A, B when A < 3 -> add\n  case {\"n\": 5} when and -> add\n  case X\n  after soon! -> \
         late\n.end\nadd:\nlate:\n.supervisor shop\n  child db start main\n.end",
    ),
    entry(
        "A0503",
        "A `.receive` block has at most 4096 cases (`RECEIVE_CASES_MAX`) and 65536 patterns and guards \
         (`RECEIVE_PARTS_MAX`), which nest at most 64 levels deep (`RECEIVE_DEPTH_MAX`).",
        ".receive\n  case [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[X -> deep\n.end\ndeep:",
    ),
    entry(
        "A0504",
        "An object pattern names each field once.",
        ".receive\n  case {\"n\": A, \"n\": B} -> got_it\n.end\ngot_it:",
    ),
    entry(
        "A0505",
        "A `.receive` block has at most one `after`, on its last line.",
        ".receive\n  after 10 -> late\n  case _ -> late\n  after 20 -> late\n.end\nlate:",
    ),
    entry("A0506", "A `.receive` block has a case or an `after`.", ".receive\n.end"),
    entry(
        "A0507",
        "A constant stands for its value behind `^`, in guards and behind `after`. A pattern that would make a variable of \
         its name hardly means what it says.",
        ".const LIMIT 5\n.receive\n  case LIMIT -> at_limit\n  case N when N > LIMIT -> at_limit\n.end\nat_limit:",
    ),
    entry(
        "A0508",
        "A `.supervisor`, `child` or `superstep` has other settings; the nearest is proposed.",
        ".supervisor shop intensty=3\n  child db start=main restrat=transient\n.end",
    ),
    entry(
        "A0509",
        "A setting takes certain words, a duration, a number or a list.",
        ".supervisor shop strategy=one_by_one period=60\n  child db start=main args=[x] shutdown=soon backoff=1s\n.end",
    ),
    entry("A0510", "Each setting is given once.", ".supervisor shop intensity=3 intensity=4\n.end"),
    entry(
        "A0511",
        "What settings say together must be possible: a child has something to run, with as many arguments as it takes; \
         only a child that may end for good, of a supervisor that cares, is significant; a simple_one_for_one supervisor \
         has one child; no supervisor is inside of itself; the functions of a computation have the parameters that it \
         gives them.",
        ".fn main a\nNULL\n.end\n.supervisor shop\n  child db\n  child cache start=main\n  child log start=writer \
         significant=true\n  child inner supervisor=shop\n.end\n.supervisor pool strategy=simple_one_for_one\n.end\n\
         .computation ranks\n  superstep share compute=main\n.end",
    ),
    entry(
        "A0512",
        "No `.supervisor` has this name.",
        ".supervisor shop\n  child inner supervisor=innr\n.end\n.supervisor inner\n.end",
    ),
    entry(
        "A0513",
        "A computation is made of functions of its own module.",
        ".computation ranks\n  superstep share communicate=sned\n.end\n.fn send state number\nNULL\n.end",
    ),
    entry("A0514", "A computation has at least one superstep.", ".computation ranks\n.end"),
    entry(
        "A0515",
        "A module with computations names one of them in `COMPUTE`.",
        "NULL\nNULL\nCOMPUTE rank\n.computation ranks\n  superstep share\n.end",
    ),
    entry("A0516", "The operations that fold values have fixed names.", "PUSH_INT 1\nALL_REDUCE smu\nALL_REDUCE mean"),
];

#[test]
fn every_code_has_an_example_that_earns_it() {
    let mut page = String::from(INTRODUCTION);
    for code in DiagnosticCode::ALL {
        let entry = ENTRIES.iter().find(|entry| entry.code == code.as_str());
        let entry = entry.unwrap_or_else(|| panic!("{code} has no entry in the table of this test"));
        let severity = code.severity();
        write!(page, "\n## {code}: {}\n\n*{severity}* · {}\n", code.title(), entry.explanation).expect("a String");
        let Some(example) = entry.example else { continue };
        let diagnostics = assemble("example.ttvm", example).diagnostics;
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.code == *code), "{code}: {diagnostics:?}");
        let shown = String::from_utf8_lossy(example);
        write!(page, "\n```\n{shown}\n```\n\n```\n").expect("a String");
        for diagnostic in &diagnostics {
            page.push_str(&render(example, diagnostic));
        }
        page.push_str("```\n");
    }
    assert_eq!(ENTRIES.len(), DiagnosticCode::ALL.len(), "an entry belongs to no code");
    expect_file!["../../docs/reference/diagnostics.md"].assert_eq(&page);
}

/// The message, the line with a caret, related places and help.
fn render(text: &[u8], diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, spot, message, .. } = diagnostic;
    let mut shown = format!("{spot}: {} {code}: {message}\n", code.severity());
    push_place(&mut shown, text, &spot.span, diagnostic.label.as_deref().unwrap_or_default());
    for related in &diagnostic.related {
        push_place(&mut shown, text, &related.spot.span, &related.message);
    }
    if let Some(help) = &diagnostic.help {
        shown.push_str(&format!("    help: {help}\n"));
    }
    shown
}

fn push_place(shown: &mut String, text: &[u8], span: &Range<usize>, label: &str) {
    let start = text[..span.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end = text[span.start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |len| span.start + len);
    let line = String::from_utf8_lossy(&text[start..end]);
    let before = String::from_utf8_lossy(&text[start..span.start]).chars().count();
    let width = String::from_utf8_lossy(&text[span.clone()]).chars().count().max(1);
    let carets = format!("{}{} {label}", " ".repeat(before), "^".repeat(width));
    shown.push_str(&format!("    | {line}\n    | {}\n", carets.trim_end()));
}

#[test]
fn codes_rise_and_warnings_are_few() {
    let codes: Vec<&str> = DiagnosticCode::ALL.iter().map(|code| code.as_str()).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    let warnings = DiagnosticCode::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    assert_eq!(warnings.map(|code| code.as_str()).collect::<Vec<_>>(), ["A0003", "A0104", "A0209"]);
}
