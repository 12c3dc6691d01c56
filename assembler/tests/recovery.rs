//! All mistakes of a file are reported at once, and one mistake does not make others.

use expect_test::{Expect, expect};
use ttvm_assembler::{Spot, assemble};
use ttvm_isa::limits;

fn check(text: impl AsRef<[u8]>, expected: Expect) {
    let assembly = assemble("test.ttvm", text.as_ref());
    let lines: Vec<String> = assembly.diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn all_mistakes_of_a_file_come_in_its_order() {
    check(
        "JMP nowhere\nPUSH_INT\nPRNT\nADD x\n.fn f\nCALL f a\nlabel x\n.const N z\n",
        expect![[r#"
            1:5: error A0302: no label or function is named `nowhere`
            2:1: error A0201: `PUSH_INT` takes an integer, found nothing
            3:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)
            4:5: warning A0104: `ADD` does not take `x`, which is ignored
            5:1: error A0401: `.fn` has no `.end` (help: end it with a line `.end`)
            6:8: error A0305: the function `f` declares its parameters, `CALL` must not name them (help: leave the names out)
            7:1: error A0101: unknown mnemonic `label` (help: mnemonics are upper case: write `LABEL`)
            8:10: error A0203: `.const` takes a number, true, false or a string in quotes as value, found `z`
        "#]],
    );
}

#[test]
fn a_line_that_cannot_be_read_still_counts_as_an_instruction() {
    check(
        ".fn f\nFOO\n.end\nJMP 2\nx: BAR\nJMP x\nJMP 4",
        expect![[r#"
        2:1: error A0101: unknown mnemonic `FOO`
        5:4: error A0101: unknown mnemonic `BAR`
    "#]],
    );
}

#[test]
fn a_nested_body_makes_no_stray_end() {
    check(
        ".fn f\nNULL\n.fn g\nNULL\n.end\nNULL\n.end\n.end",
        expect![[r#"
        3:1: error A0403: `.fn` within `.fn f`; the body around it at 1:1 (help: is an `.end` missing before it? bodies do not nest)
        8:1: error A0402: `.end` ends nothing
    "#]],
    );
}

#[test]
fn a_block_whose_first_line_cannot_be_read_is_one_error() {
    check(
        ".fn f\n.computation 5\n  combine sum\n  case X -> z\n.end\n.end\n.computation\n",
        expect![[r#"
        2:14: error A0502: expected the name of the computation, found `5`
        7:1: error A0502: expected the name of the computation, found nothing
    "#]],
    );
}

#[test]
fn lines_of_computations_each_say_what_is_wrong() {
    check(
        ".computation ranks procesors 4
.end
.computation ranks processors=0 max_supersteps 1 max_supersteps 2
  superstep a compute=f compute=g communicat=h
  superstep a converged=alwys communicate=two
  procesors=5
  processors 4 finalise f
  checkpoint
  checkpoint evry=1
  checkpoint every=1
  on_crash restart=-1
  barrier_timeout 60
  combine=smu
  initialize 5
  superstep 5
  PRINT
.end
.computation ranks
.end
COMPUTE rank
REDUCE smu
AGGREGATE total mx
AGGREGATE total
ALL_REDUCE
.fn two a b c
NULL
.end
",
        expect![[r#"
            1:20: error A0501: `procesors` does not belong in a `.computation` block (help: did you mean `processors`?)
            3:31: error A0509: `processors` takes an integer from 1 to 16777215, found `0`
            3:50: error A0510: `max_supersteps` is given twice; first here at 3:33
            4:23: error A0513: no `.fn` is named `f`
            4:25: error A0510: `compute` is given twice; first here at 4:15
            4:35: error A0508: `superstep` has no setting `communicat` (help: did you mean `communicate`?)
            5:13: error A0301: the name `a` is taken; first here at 4:13
            5:25: error A0513: no `.fn` is named `alwys` (help: did you mean `always`?)
            5:43: error A0511: `communicate` takes a function with 2 parameters, `two` has 3
            6:3: error A0501: `procesors=5` does not belong in a `.computation` block (help: did you mean `processors`?)
            7:16: error A0501: `finalise` does not belong in a `.computation` block (help: did you mean `finalize`?)
            8:3: error A0502: expected `every=`, found nothing
            9:14: error A0508: `checkpoint` has no setting `evry` (help: did you mean `every`?)
            10:3: error A0510: `checkpoint` is given twice; first here at 9:3
            11:20: error A0509: `restart` takes an integer from 0 to 4294967295, found `-1`
            12:19: error A0509: `barrier_timeout` takes a duration from 1ms to 100 years, such as `500ms`, `60s`, `2m` or `1h`, found `60`
            13:11: error A0513: no `.fn` is named `smu` (help: did you mean `sum`?)
            14:14: error A0509: `initialize` takes the name of a function, found `5`
            15:13: error A0502: expected the name of the superstep, found `5`
            16:3: error A0501: `PRINT` does not belong in a `.computation` block (help: is an `.end` missing before it?)
            18:1: error A0514: the computation `ranks` has no `superstep`
            18:14: error A0301: the name `ranks` is taken; first here at 3:14
            20:9: error A0515: no `.computation` is named `rank` (help: did you mean `ranks`?)
            21:8: error A0516: no operation is named `smu` (help: did you mean `sum`?)
            22:17: error A0516: no operation is named `mx` (help: did you mean `max`?)
        "#]],
    );
    check(
        ".computation a\n  superstep s\nPRINT\n.fn f\nNULL\n.end\nPRNT\n",
        expect![[r#"
        1:1: error A0401: `.computation` has no `.end` (help: end it with a line `.end`)
        3:1: error A0501: `PRINT` does not belong in a `.computation` block (help: is an `.end` missing before it?)
        7:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)
    "#]],
    );
}

#[test]
fn a_computation_with_too_many_supersteps_is_an_error() {
    let mut text = String::from(".computation a\n");
    for number in 0..=limits::COMPUTATION_SUPERSTEPS_MAX {
        text.push_str(&format!("  superstep s{number}\n"));
    }
    check(
        text + ".end\n",
        expect![[r#"
        1:1: error A0511: a computation has at most 4096 supersteps, not 4097
    "#]],
    );
}

#[test]
fn an_unreadable_block_directive_makes_no_stray_end() {
    check(
        ".fn\nNULL\n.end\n.func f\nNULL\n.end\n.end",
        expect![[r#"
        1:1: error A0201: `.fn` takes a name and parameters, found nothing
        4:1: error A0103: unknown directive `.func`
        7:1: error A0402: `.end` ends nothing
    "#]],
    );
}

#[test]
fn broken_bytes_are_shown_with_their_column_and_hide_no_label() {
    check(
        b"here: ADD ; \xC3\xA9 \xFF\nJMP here\nPUSH_STR \"\xFF\"\n\xFE",
        expect![[r#"
        1:15: error A0001: the file is not UTF-8 text here
        3:11: error A0001: the file is not UTF-8 text here
        4:1: error A0001: the file is not UTF-8 text here
    "#]],
    );
}

#[test]
fn a_mistake_is_placed_in_characters_and_in_bytes() {
    let assembly = assemble("x", "PUSH_STR é ; ok\n  STORE \"éé\\q\"".as_bytes());
    let diagnostic = &assembly.diagnostics[0];
    assert_eq!(diagnostic.spot, Spot { span: 30..32, line: 2, column: 12 });
}

#[test]
fn control_characters_and_endless_words_are_shown_as_excerpts() {
    check(
        "\u{1}\u{7F}x",
        expect![[r#"
        1:1: error A0101: unknown mnemonic `\u{1}\u{7f}x`
    "#]],
    );
    check(
        "A".repeat(100_000),
        expect![[r#"
        1:1: error A0101: unknown mnemonic `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…`
    "#]],
    );
}

#[test]
fn a_file_of_mistakes_is_cut_short() {
    let assembly = assemble("x", "FOO\nPRINT x\n".repeat(3_000).as_bytes());
    assert_eq!(assembly.diagnostics.len(), 2_001);
    assert_eq!(assembly.diagnostics[2_000].to_string(), "6001:1: warning A0003: 4000 more diagnostics are not shown");
}

#[test]
fn each_line_of_a_block_has_its_own_mistake() {
    check(
        ".receive
  case -> a
  case [1, 2 -> a
  case {\"x\" 1} -> a
  case int -> a
  case ^5 -> a
  case 1x -> a
  case X when -> a
  case X when 5 -> a
  case X when X < -> a
  case X when (X -> a
  case X when X Y -> a
  case X or Y -> a
  case X ->
  case X -> nowhere
  case \"x -> a
  case signal X -> a
  case exit P -> a
  case [X | 5] -> a
  case {5: X} -> a
  case % -> a
  after -5 -> a
  after 1.5 -> a
  after -> a
.end
a:
",
        expect![[r#"
            2:8: error A0502: expected a pattern, found `->`
            3:14: error A0502: expected `,`, `|` or `]`, found `->`
            4:13: error A0502: expected `:` and a pattern, found `1`
            5:12: error A0502: expected the name of a variable, found `->`
            6:9: error A0502: expected the name of a variable, found `5`
            7:8: error A0502: expected a number, found `1x`
            8:15: error A0502: expected a comparison or a variable, found `->`
            9:15: error A0502: expected a comparison or a variable, found `5`
            10:19: error A0502: expected a variable or a literal, found `->`
            11:18: error A0502: expected `)`, found `->`
            12:17: error A0502: expected `->` and a label, found `Y`
            13:10: error A0502: expected `when` and a guard, or `->` and a label, found `or`
            14:10: error A0201: `case` takes a label or an instruction number, found nothing
            16:8: error A0207: the string has no closing quote (help: a string ends on the line it begins on; write a newline as `\n`)
            17:15: error A0502: expected the name of a signal in quotes, found `X`
            18:15: error A0502: expected a pattern, found `->`
            19:13: error A0502: expected the name of a variable, found `5`
            20:9: error A0502: expected the name of a field, found `5`
            21:8: error A0502: expected a word, number, string or sign, found `%`
            22:9: error A0502: expected milliseconds, a variable or infinity, found `-5`
            23:9: error A0502: expected milliseconds, a variable or infinity, found `1.5`
            24:9: error A0502: expected milliseconds, a variable or infinity, found `->`
        "#]],
    );
    check(
        ".supervisor
.end
.supervisor a b
.end
.supervisor c
  child
  child 5
  child x start
  child x start=
  child x start=[a
  child x =a
  child x start=a args=[1 2]
  child x start=a args=[1,]
  child x start=a args=5
  child x start=5 restart=[x]
  child y start=a backoff=0s..1s
  child z start=a backoff=2s..1s
  child x supervisor=c args=[] significant=1
  child x start=a supervisor=c
  child u supervisor=c args=[]
  child \"two words\" start=\"a b\"
  child \"two words\" start=b
.end
.supervisor c period=0s intensity=-1 auto_shutdown=always
.end
",
        expect![[r#"
            1:1: error A0502: expected the name of the supervisor, found nothing
            3:15: error A0502: expected `=` and a value, found nothing
            6:3: error A0502: expected the name of the child, found nothing
            7:9: error A0502: expected the name of the child, found `5`
            8:11: error A0502: expected `=` and a value, found nothing
            9:16: error A0502: expected a value, found nothing
            10:18: error A0502: expected `]`, found nothing
            11:11: error A0502: expected a setting such as `restart=transient`, found `=`
            12:24: error A0509: `args` takes a list of literals such as `[100, "a", null]`, found `[`
            13:9: error A0301: the name `x` is taken; first here at 12:9
            13:24: error A0509: `args` takes a list of literals such as `[100, "a", null]`, found `[`
            14:9: error A0301: the name `x` is taken; first here at 12:9
            14:24: error A0509: `args` takes a list of literals such as `[100, "a", null]`, found `5`
            15:9: error A0301: the name `x` is taken; first here at 12:9
            15:17: error A0509: `start` takes a name, found `5`
            15:27: error A0509: `restart` takes permanent, transient or temporary, found `[`
            16:27: error A0509: `backoff` takes two durations above 0 that do not fall, such as `100ms..30s`, found `0s..1s`
            17:27: error A0509: `backoff` takes two durations above 0 that do not fall, such as `100ms..30s`, found `2s..1s`
            18:9: error A0301: the name `x` is taken; first here at 12:9
            18:44: error A0509: `significant` takes true or false, found `1`
            19:9: error A0301: the name `x` is taken; first here at 12:9
            19:19: error A0511: the child `x` has both `start=` and `supervisor=`
            20:24: error A0511: a supervisor takes no `args=`
            22:9: error A0301: the name `two words` is taken; first here at 21:9
            24:13: error A0301: the name `c` is taken; first here at 5:13
            24:22: error A0509: `period` takes a duration above 0, such as `500ms`, `5s`, `2m` or `1h`, found `0s`
            24:35: error A0509: `intensity` takes an integer from 0 to 4294967295, found `-1`
            24:52: error A0509: `auto_shutdown` takes never, any_significant or all_significant, found `always`
        "#]],
    );
}

#[test]
fn a_block_without_its_end_takes_nothing_else_with_it() {
    check(
        ".receive
  case X -> done
PRINT
POP
done:
.fn f
NULL
.end
.receive
  case X -> done
",
        expect![[r#"
            1:1: error A0401: `.receive` has no `.end` (help: end it with a line `.end`)
            3:1: error A0501: `PRINT` does not belong in a `.receive` block (help: is an `.end` missing before it?)
            9:1: error A0401: `.receive` has no `.end` (help: end it with a line `.end`)
        "#]],
    );
    check(
        ".supervisor shop\n  child a start=f\n.receive\n  case _ -> x\n.end\nx:\n",
        expect![[r#"
        1:1: error A0401: `.supervisor` has no `.end` (help: end it with a line `.end`)
    "#]],
    );
    check(
        ".receive now\n  case _ -> x\n.end\nPRNT\n.supervisor 5\n  child a\n.end\nPRNT\n",
        expect![[r#"
        1:10: error A0202: `.receive` takes nothing, its cases follow on lines of their own, found `now` behind that
        4:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)
        5:13: error A0502: expected the name of the supervisor, found `5`
        8:1: error A0101: unknown mnemonic `PRNT` (help: did you mean `PRINT`?)
    "#]],
    );
}

#[test]
fn targets_of_cases_keep_within_their_body() {
    check(
        "out:\n.fn f\nin:\n.receive\n  case 1 -> in\n  case 2 -> out\n  case 3 -> ot\n  after 5 -> 99\n.end\n.end\n\
         .receive\n  case 1 -> in\n  case 2 -> f\n  after 0 -> out\n.end\n",
        expect![[r#"
            6:13: error A0303: `-> out` would go out of `.fn f`; the target at 1:1 (help: only calls and functions go into a body, and only `RET` or its end out of it)
            7:13: error A0302: no label or function is named `ot` (help: did you mean `out`?)
            8:14: error A0303: `-> 99` would go out of `.fn f` (help: only calls and functions go into a body, and only `RET` or its end out of it)
            12:13: error A0304: the label `in` is local to `.fn f`; this label at 3:1 (help: a label within a body can only be used there)
            13:13: error A0303: `-> f` would go into `.fn f`; the target at 2:5 (help: only calls and functions go into a body, and only `RET` or its end out of it)
        "#]],
    );
}

#[test]
fn constants_stand_in_blocks_where_values_do() {
    check(
        ".const N 5\n.const S \"x\"\n.receive\n  case [N, 1] -> a\n  case ^N when S != N -> a\n  after S -> a\n.end\na:\n",
        expect![[r#"
            4:9: error A0507: `N` is a constant and cannot be bound (help: write `^` before it to compare with its value, or choose another name)
            6:9: error A0211: `after` takes milliseconds, the constant `S` is a string
        "#]],
    );
}

#[test]
fn blocks_are_taken_up_to_their_limits_and_no_further() {
    let cases = |count: usize| format!(".receive\n{}.end\na:\n", "  case _ -> a\n".repeat(count));
    check(cases(4096), expect![[r#""#]]);
    check(
        cases(4097),
        expect![[r#"
        4098:3: error A0503: the `.receive` block has more than 4096 cases
    "#]],
    );
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        let (not, end) = ("not ".repeat(levels / 2 - 1), ")".repeat(levels / 2 - 1));
        let brackets = "not (".repeat(levels / 2 - 1);
        format!(
            ".receive\ncase {open}_{close} -> a\ncase X when {not}X -> a\ncase X when {brackets}X{end} -> a\n.end\na:\n"
        )
    };
    check(nested(64), expect![[r#""#]]);
    check(
        format!(".receive\ncase {}_{} -> a\n.end\na:\n", "[".repeat(64), "]".repeat(64)),
        expect![[r#"
        2:70: error A0503: the `.receive` block has more than 64 levels of patterns or guards
    "#]],
    );
    check(
        format!(".receive\ncase X when {}X -> a\n.end\na:\n", "not ".repeat(64)),
        expect![[r#"
        2:269: error A0503: the `.receive` block has more than 64 levels of patterns or guards
    "#]],
    );
    let wide = |count: usize| format!(".receive\ncase [{}] -> a\n.end\na:\n", vec!["_"; count].join(","));
    check(wide((1 << 16) - 1), expect![[r#""#]]);
    check(
        wide(1 << 16),
        expect![[r#"
        2:1: error A0503: the `.receive` block has more than 65536 patterns and guards
    "#]],
    );
}
