//! `--trace`, `--profile` and `--reductions`, also as commands.

use expect_test::expect;
use serde_json::Value;

use crate::Scratch;

const FACTORIAL: &str = "\
PUSH_INT 2
CALL factorial
PRINT
.fn factorial n
    LOAD n
    JZ zero
    LOAD n
    LOAD n
    PUSH_INT 1
    SUB
    CALL factorial
    MUL
    RET
  zero:
    PUSH_INT 1
    RET
.end
";

#[test]
fn a_trace_shows_instructions_with_operands_indented_by_calls() {
    let scratch = Scratch::with("factorial.ttvm", FACTORIAL);
    let output = scratch.run(&["--trace", "factorial.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "2\n"));
    expect![[r#"
        trace:
            0  factorial.ttvm:1         PUSH_INT 2                       []
            1  factorial.ttvm:2         CALL 3 n                         [Int(2)]
            3  factorial.ttvm:5           LOAD n                         []
            4  factorial.ttvm:6           JZ 12                          [Int(2)]
            5  factorial.ttvm:7           LOAD n                         []
            6  factorial.ttvm:8           LOAD n                         [Int(2)]
            7  factorial.ttvm:9           PUSH_INT 1                     [Int(2), Int(2)]
            8  factorial.ttvm:10          SUB                            [Int(2), Int(2), Int(1)]
            9  factorial.ttvm:11          CALL 3 n                       [Int(2), Int(1)]
            3  factorial.ttvm:5             LOAD n                       []
            4  factorial.ttvm:6             JZ 12                        [Int(1)]
            5  factorial.ttvm:7             LOAD n                       []
            6  factorial.ttvm:8             LOAD n                       [Int(1)]
            7  factorial.ttvm:9             PUSH_INT 1                   [Int(1), Int(1)]
            8  factorial.ttvm:10            SUB                          [Int(1), Int(1), Int(1)]
            9  factorial.ttvm:11            CALL 3 n                     [Int(1), Int(0)]
            3  factorial.ttvm:5               LOAD n                     []
            4  factorial.ttvm:6               JZ 12                      [Int(0)]
           12  factorial.ttvm:15              PUSH_INT 1                 []
           13  factorial.ttvm:16              RET                        [Int(1)]
           10  factorial.ttvm:12            MUL                          [Int(1), Int(1)]
           11  factorial.ttvm:13            RET                          [Int(1)]
           10  factorial.ttvm:12          MUL                            [Int(2), Int(1)]
           11  factorial.ttvm:13          RET                            [Int(2)]
            2  factorial.ttvm:3         PRINT                            [Int(2)]
    "#]]
    .assert_eq(&format!("trace:\n{}", output.stderr));
}

#[test]
fn a_trace_goes_on_where_an_exception_is_caught() {
    let program = "TRY handler\nCALL fail\nHALT\nhandler:\nPRINT\n.fn fail\n    PUSH_STR oh\n    THROW\n.end\n";
    let scratch = Scratch::with("caught.ttvm", program);
    let output = scratch.run(&["--trace", "caught.ttvm"]);
    expect![[r#"
        trace:
            0  caught.ttvm:1            TRY 3                            []
            1  caught.ttvm:2            CALL 4                           []
            4  caught.ttvm:7              PUSH_STR "oh"                  []
            5  caught.ttvm:8              THROW                          [Str("oh")]
            3  caught.ttvm:5            PRINT                            [Exception("oh")]
    "#]]
    .assert_eq(&format!("trace:\n{}", output.stderr));
}

fn profile(scratch: &Scratch, words: &[&str]) -> Value {
    let output = scratch.run(words);
    serde_json::from_str(&output.stderr).unwrap_or_else(|error| panic!("{error}: {}", output.stderr))
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn function<'a>(profile: &'a Value, name: &str) -> &'a Value {
    profile["functions"].as_array().unwrap().iter().find(|function| function["name"] == name).unwrap()
}

#[test]
fn a_profile_counts_calls_and_does_not_count_time_of_recursion_twice() {
    let scratch = Scratch::with("factorial.ttvm", FACTORIAL.replace("PUSH_INT 2", "PUSH_INT 200"));
    for words in [["--profile=json", "factorial.ttvm"], ["--json", "factorial.ttvm"]] {
        let profile = profile(&scratch, &words);
        let (main, factorial) = (function(&profile, "main"), function(&profile, "factorial"));
        assert_eq!((number(main, "calls"), number(factorial, "calls")), (1, 201));
        assert_eq!(factorial["place"], "factorial.ttvm:5");
        let whole = number(&profile, "time_ns");
        assert_eq!(number(main, "total_ns"), whole);
        assert!(number(factorial, "total_ns") <= whole);
        assert_eq!(number(main, "own_ns") + number(factorial, "own_ns"), whole);
        assert_eq!(
            number(main, "own_reductions") + number(factorial, "own_reductions"),
            number(&profile, "reductions")
        );
    }
}

#[test]
fn a_profile_survives_exceptions_tail_calls_and_functions_as_values() {
    let program = "\
PUSH_INT 100
STORE n
again:
TRY handler
CALL deep
POP
END_TRY
handler:
POP
LOAD n
PUSH_INT 1
SUB
STORE n
LOAD n
JNZ again
PUSH_INT 50
CALL loop
POP
PUSH_INT 1
MAKE_FUNCTION classic x
CALL_FUNCTION
PRINT
HALT
classic:
LOAD x
RET
.fn deep
    CALL deeper
    RET
.end
.fn deeper
    PUSH_STR oh
    THROW
.end
.fn loop n
    LOAD n
    JZ end
    LOAD n
    PUSH_INT 1
    SUB
    TAIL_CALL loop
  end:
    LOAD n
    RET
.end
";
    let scratch = Scratch::with("all.ttvm", program);
    let profile = profile(&scratch, &["--json", "all.ttvm"]);
    let calls: Vec<u64> =
        ["deep", "deeper", "loop", "classic"].map(|name| number(function(&profile, name), "calls")).into();
    assert_eq!(calls, [100, 100, 51, 1]);
    let own: u64 = profile["functions"].as_array().unwrap().iter().map(|function| number(function, "own_ns")).sum();
    assert_eq!(own, number(&profile, "time_ns"));
    assert_eq!(number(function(&profile, "main"), "total_ns"), own);
}

#[test]
fn a_profile_table_names_each_function() {
    let scratch = Scratch::with("factorial.ttvm", FACTORIAL);
    let output = scratch.run(&["--profile", "factorial.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "2\n"));
    let mut lines = output.stderr.lines();
    assert!(lines.next().unwrap().ends_with("reductions  function"), "{}", output.stderr);
    let row = lines.find(|line| line.ends_with("  factorial (factorial.ttvm:5)")).unwrap();
    assert_eq!(row.split_whitespace().next(), Some("3"));
}

#[test]
fn a_program_that_crashes_has_a_profile_too() {
    let scratch = Scratch::with("crash.ttvm", "CALL f\n.fn f\n    NULL\n    THROW\n.end\n");
    let output = scratch.run(&["--profile", "crash.ttvm"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("Thrown value: Null"), "{}", output.stderr);
    assert!(output.stderr.contains("  f (crash.ttvm:3)"), "{}", output.stderr);
}

#[test]
fn reductions_are_shown_and_the_same_in_a_trace() {
    let scratch = Scratch::with("factorial.ttvm", FACTORIAL);
    let output = scratch.run(&["--reductions", "factorial.ttvm"]);
    assert_eq!(output.stderr, "reductions: 3\n");
    let traced = scratch.run(&["--reductions", "--trace", "factorial.ttvm"]);
    assert!(traced.stderr.ends_with("\nreductions: 3\n"), "{}", traced.stderr);
}

// Rules: L6.16
#[test]
fn profile_is_a_command_too() {
    let scratch = Scratch::with("loop.ttvm", "PUSH_INT 1000\n.fn f\nPUSH_INT 1\nRET\n.end\nCALL f\nADD\nPRINT\n");
    let table = scratch.run(&["profile", "loop.ttvm"]);
    assert_eq!((table.code, table.stdout.as_str()), (0, "1001\n"));
    assert!(table.stderr.contains("calls") && table.stderr.contains("f "), "{}", table.stderr);
    let json = scratch.run(&["profile", "--json", "loop.ttvm"]);
    let profile: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(profile["reductions"], 1);
    assert_eq!(profile["functions"].as_array().unwrap().len(), 2, "{profile}");
}

// Rules: L6.18
#[test]
fn trace_is_a_command_too() {
    let scratch = Scratch::with("add.ttvm", "PUSH_INT 1\nPUSH_INT 2\nADD\nPRINT\n");
    let (command, option) = (scratch.run(&["trace", "add.ttvm"]), scratch.run(&["--trace", "add.ttvm"]));
    assert_eq!(command, option);
    assert!(command.stderr.contains("ADD"), "{}", command.stderr);
}
