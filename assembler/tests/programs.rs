//! What programs mean: texts and the modules they assemble to, shown by their disassembly.

use expect_test::{Expect, expect};
use ttvm_assembler::{assemble, disassemble};

/// Assembles a text that may have warnings but no errors.
fn check(text: &str, expected: Expect) {
    let assembly = assemble("test.ttvm", text.as_bytes());
    let mut shown = String::new();
    for diagnostic in &assembly.diagnostics {
        shown.push_str(&format!("{diagnostic}\n"));
    }
    assert!(assembly.is_ok(), "{shown}");
    let disassembly = disassemble(&assembly.module);
    let again = assemble("other.ttvm", disassembly.as_bytes());
    assert_eq!(again.diagnostics, [], "{disassembly}");
    assert_eq!(again.module, assembly.module, "{disassembly}");
    shown.push_str(&disassembly);
    expected.assert_eq(&shown);
}

#[test]
fn classic_code_with_labels_is_read() {
    check(
        r#"
; count down
PUSH_INT 3
STORE n
LABEL my loop   ; a name with a space
LOAD "n"
JZ end
LOAD n
PRINT
CATCH err
PUSH_STR hello  world ; comment
PUSH_STR say "a;b" now
MAKELIST 2
DUMPSCOPE
JMP my loop
end:"#,
        expect![[r#"
            10:7: warning A0104: `CATCH` does not take `err`, which is ignored
            .source "test.ttvm"

                PUSH_INT 3
                STORE n
            LABEL "my loop"
                LOAD n
                JZ end
                LOAD n
                PRINT
                CATCH
                PUSH_STR "hello  world"
                PUSH_STR "say \"a;b\" now"
                MAKE_LIST 2
                DUMP_SCOPE
                JMP "my loop"
            end:
        "#]],
    );
}

#[test]
fn functions_bring_their_parameters_and_keep_their_labels() {
    check(
        r#"
.import "std/list" as list
.export fact
CALL fact_of_five
PRINT
JMP done
.fn fact n
  again:
    LOAD n
    JZ again
    CALL fact
    MAKE_FUNCTION fact
    LOAD list.map
    CALL list.fold/3
    CALL helper x y
  out:
.end
LABEL helper
RET
.test "it works"
    TRUE
    ASSERT
.end
.fn fact_of_five
    PUSH_INT 5
    TAIL_CALL fact
.end
done:
again:
HALT"#,
        expect![[r#"
            .source "test.ttvm"
            .import "std/list" as list
            .export fact
                CALL fact_of_five
                PRINT
                JMP done
            .fn fact n
              again:
                LOAD n
                JZ again
                CALL fact
                MAKE_FUNCTION fact
                LOAD_IMPORT list map
                CALL_IMPORT list fold 3
                CALL helper x y
              out:
            .end
            helper:
                RET
            .test "it works"
                TRUE
                ASSERT
            .end
            .fn fact_of_five
                PUSH_INT 5
                TAIL_CALL fact
            .end
            done:
            again:
                HALT
        "#]],
    );
}

#[test]
fn labels_before_a_body_mark_what_follows_it() {
    check(
        "JMP over\nover:\n.fn f\nNULL\nRET\n.end\nalso:\nPUSH_INT 1\nend:\n.fn g\nTRUE\nl:\n.end",
        expect![[r#"
        .source "test.ttvm"
        .line 1
            JMP over

        .fn f
            NULL
            RET
        .end
        over:
        also:
        .line 8
            PUSH_INT 1

        .fn g
            TRUE
          l:
        .end
        end:
    "#]],
    );
}

#[test]
fn constants_stand_for_literals_wherever_they_are_defined() {
    check(
        r#"
PUSH_INT BIG
PUSH_FLOAT HALF
PUSH_FLOAT TWO
PUSH_STR GREETING
PUSH_STR "GREETING"
PUSH_STR GREETING you
PUSH_BOOL YES
MAKE_LIST TWO
ARRAY_F64 TWO
ARRAY_I64
CALL_FUNCTION 2
CALL_FUNCTION TWO
.const BIG 0xFFFF_FFFF_FFFF_FFFF_FFFF
.const HALF 0.5
.const TWO 2
.const GREETING "hello"
.const YES true"#,
        expect![[r#"
            13:15: warning A0104: `CALL_FUNCTION` does not take `TWO`, which is ignored
            .source "test.ttvm"
                PUSH_INT 1208925819614629174706175
                PUSH_FLOAT 0.5
                PUSH_FLOAT 2.0
                PUSH_STR "hello"
                PUSH_STR "GREETING"
                PUSH_STR "GREETING you"
                PUSH_BOOL true
                MAKE_LIST 2
                ARRAY_F64 2
                ARRAY_I64
                CALL_FUNCTION 2
                CALL_FUNCTION
        "#]],
    );
}

#[test]
fn numbers_are_targets_and_labels_come_first() {
    check(
        "JMP 3\nJZ 0x4\nTRY 99\n1:\nNULL\nJMP 1\nJNZ 99\nCALL 99 a\n99:",
        expect![[r#"
        .source "test.ttvm"
        .line 1
            JMP "1"
            JZ @4
            TRY "99"
        LABEL "1"
            NULL
        @4:
        .line 6
            JMP "1"
            JNZ "99"
            CALL "99" a
        LABEL "99"
    "#]],
    );
}

#[test]
fn strings_have_escapes_only_in_quotes() {
    check(
        "PUSH_STR \"a\\n\\u{1F600}\\\\\"\r\nPUSH_STR a\\n\r\nPUSH_STR \"say \"hi\" now\" ; c\r\nIMPORT lib/x.ttvm\r\n",
        expect![[r#"
            .source "test.ttvm"
            .line 1
                PUSH_STR "a\n😀\\"
                PUSH_STR "a\\n"
                PUSH_STR "say \"hi\" now"
                IMPORT "lib/x.ttvm"
        "#]],
    );
}

#[test]
fn names_may_hold_anything_in_quotes() {
    check(
        "STORE \"a;b\"\nLOAD p.f\nLABEL \"l 1\"\nJMP l 1\nCALL \"l 1\" \"x y\" z\n\"q:\":\nJZ q:\nSTORE \"\"",
        expect![[r#"
            .source "test.ttvm"
            .line 1
                STORE "a;b"
                LOAD "p.f"
            LABEL "l 1"
                JMP "l 1"
                CALL "l 1" "x y" z
            LABEL "q:"
                JZ "q:"
                STORE ""
        "#]],
    );
}

#[test]
fn line_directives_say_where_code_came_from() {
    check(
        ".source \"made.lisp\"\n.line 7\nNULL\nPOP\n.line 7\nNULL\n\n\n\n\n\nPOP\n.line 0\nTRUE\nPOP\n.line 2\nHALT",
        expect![[r#"
            .source "made.lisp"
            .line 7
                NULL
                POP
            .line 7
                NULL
            .line 13
                POP
            .line 0
                TRUE
                POP
            .line 2
                HALT
        "#]],
    );
}

#[test]
fn labels_with_an_at_sign_are_not_recorded() {
    let text = "@x:\nNULL\nJZ @x\nLABEL \"@y\"\nJMP @y";
    let module = assemble("x", text.as_bytes()).module;
    let names: Vec<&str> = module.labels.iter().map(|label| &*label.name).collect();
    assert_eq!(names, ["@y"]);
    check(
        text,
        expect![[r#"
        .source "test.ttvm"
        @@0:
        .line 2
            NULL
            JZ @@0
        LABEL "@y"
            JMP "@y"
    "#]],
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_content() {
    let assembly = assemble("x", "\u{FEFF}PUSH_INT 1 \r\nSTORE x\r\n".as_bytes());
    assert_eq!(assembly.diagnostics, []);
    assert_eq!(assembly.module.lines, [1, 2]);
    assert_eq!(disassemble(&assembly.module), ".source \"x\"\n.line 1\n    PUSH_INT 1\n    STORE x\n");
}

#[test]
fn an_empty_text_is_an_empty_program() {
    for text in ["", "\n\n", "; nothing", "end:"] {
        let assembly = assemble("x", text.as_bytes());
        assert_eq!(assembly.diagnostics, []);
        assert_eq!(assembly.module.code, []);
    }
}

#[test]
fn process_instructions_take_counts_names_and_pids_that_may_be_left_out() {
    check(
        r#"
SPAWN
SPAWN 2
SEND
SEND 7
LINK 0
SEND_NAMED logger
START_SUPERVISOR
START_SUPERVISOR my shop
RESTART_CHILD "db"
DEMONITOR
SPAWN_GROUP 100
RECEIVE_TIMEOUT late
late:"#,
        expect![[r#"
            .source "test.ttvm"
                SPAWN
                SPAWN 2
                SEND
                SEND 7
                LINK 0
                SENDNAMED logger
                START_SUPERVISOR
                START_SUPERVISOR "my shop"
                RESTART_CHILD "db"
                DEMONITOR
                SPAWN_GROUP 100
                RECEIVE_TIMEOUT late
            late:
        "#]],
    );
}

#[test]
fn receive_blocks_are_one_instruction_with_a_table() {
    check(
        r#"
.const LIMIT 5
.const WAIT 250
.fn serve ref
again:
.receive
  case {"kind": "reply", ref: ^ref, "value": V} when V <= LIMIT and not V == ref or V -> done
  case ["add", int A, int _, [], [_ | Rest], ^LIMIT] -> again   ; comment
  case exit P R                                  -> done
  case down _ ^$"odd name" "normal"              -> done
  case [signal "tick", -1, 1.5, -inf, NaN, true, null, $"int", map M] -> 1
  after WAIT                                     -> done
.end
done:
NULL
.end
.receive
  after infinity -> end
.end
end:"#,
        expect![[r#"
            .source "test.ttvm"


            .fn serve ref
              again:
                .receive
                  case {"kind": "reply", "ref": ^ref, "value": V} when V <= 5 and not V == ref or V -> done
                  case ["add", int A, int _, [], [_ | Rest], 5] -> again
                  case exit P R                                 -> done
                  case down _ ^$"odd name" "normal"             -> done
                  case [signal "tick", -1, 1.5, -inf, NaN, true, null, $"int", map M] -> done
                  after 250                                     -> done
                .end
              done:
                NULL
            .end
                .receive
                  after infinity -> end
                .end
            end:
        "#]],
    );
}

#[test]
fn supervisor_blocks_are_read_with_their_defaults() {
    check(
        r#"
.supervisor shop
  child db     start=main  args=[1, -2.5, "a b", true, null, 123456789012345678901234567890]
  child "the cache" start="cache main" restart=temporary shutdown=brutal_kill
  child inner  supervisor=tree
.end
.supervisor tree strategy=rest_for_one intensity=1_000 period=90s auto_shutdown=any_significant
  child a start=b restart=transient shutdown=1500ms significant=true backoff=100ms..2h
.end"#,
        expect![[r#"
            .source "test.ttvm"
            .supervisor shop strategy=one_for_one intensity=1 period=5s
              child db          start=main         args=[1, -2.5, "a b", true, null, 123456789012345678901234567890] restart=permanent shutdown=5s
              child "the cache" start="cache main" restart=temporary shutdown=brutal_kill
              child inner       supervisor=tree    restart=permanent shutdown=infinity
            .end
            .supervisor tree strategy=rest_for_one intensity=1000 period=90s auto_shutdown=any_significant
              child a start=b restart=transient shutdown=1500ms significant=true backoff=100ms..120m
            .end
        "#]],
    );
}

#[test]
fn computation_blocks_are_read_in_any_order_with_several_settings_on_a_line() {
    check(
        r#"
.computation parallel_sum processors=4
  finalize  result max_supersteps 1_000
  superstep share compute=keep communicate=send combine=sum
  superstep "two words" compute="keep" communicate="send it" converged=always checkpoint every=10 on_crash restart=3
  superstep total compute=add converged="never" barrier_timeout 60s
  superstep processors converged=never initialize = begin
.end
.computation "max" superstep a combine="max"
.end
COMPUTE parallel_sum
COMPUTE "max"
.fn begin a b c
NULL
.end
.fn send a b
NULL
.end
.fn "send it" a b
NULL
.end
.fn keep a b c
NULL
.end
.fn add a b c
NULL
.end
.fn never a b c
NULL
.end
.fn result a b
NULL
.end
.fn max a b
NULL
.end"#,
        expect![[r#"
            .source "test.ttvm"
            .computation parallel_sum
              initialize begin
              processors 4
              max_supersteps 1000
              barrier_timeout 1m
              checkpoint every=10
              on_crash restart=3
              combine sum
              superstep share       compute=keep   communicate=send
              superstep "two words" compute="keep" communicate="send it" converged=always
              superstep total       compute=add    converged="never"
              superstep processors
              finalize result
            .end
            .computation max
              combine "max"
              superstep a
            .end
            .line 11
                COMPUTE "parallel_sum"
                COMPUTE "max"
            .fn begin a b c
                NULL
            .end
            .fn send a b
                NULL
            .end
            .fn "send it" a b
                NULL
            .end
            .fn keep a b c
                NULL
            .end
            .fn add a b c
                NULL
            .end
            .fn never a b c
                NULL
            .end
            .fn result a b
                NULL
            .end
            .fn max a b
                NULL
            .end
        "#]],
    );
}
