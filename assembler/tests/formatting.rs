//! The canonical layout of texts.

use expect_test::{Expect, expect};
use ttvm_assembler::{Code as _, assemble, format};

/// Formats a text, which must assemble to the same code before and after, and must then be in canonical form.
fn check(text: &str, expected: Expect) {
    let formatted = format(text.as_bytes()).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"));
    let [before, after] = [text, &formatted].map(|text| assemble("x", text.as_bytes()));
    assert!(before.is_ok() && after.is_ok(), "{:?}", before.diagnostics);
    assert_eq!(before.module.code, after.module.code);
    assert_eq!(before.module.labels, after.module.labels);
    assert_eq!(format(formatted.as_bytes()), Ok(formatted.clone()));
    expected.assert_eq(&formatted);
}

#[test]
fn lines_get_their_places_and_comments_stay() {
    check(
        "\r\n\r\n; at the margin\r\n   ; with the code  \r\nPUSH_INT   1;one\r\n\tSTORE\tx\r\n\r\n\r\n\r\nLABEL  loop ;again\r\nJMP loop\r\n\r\n",
        expect![[r#"
            ; at the margin
                ; with the code
                PUSH_INT 1  ;one
                STORE x

            loop:  ;again
                JMP loop
        "#]],
    );
}

#[test]
fn bodies_and_directives_are_laid_out() {
    check(
        "  .import   \"m\"   as m\n.const N   5 ; five\n.fn  add  a   \"b c\"\n again: LOAD a\n  LOAD b c\nADD\nJZ again\nRET\n .end\n.export add\n.test   adds up\nTRUE\n.end\nend:",
        expect![[r#"
            .import "m" as m
            .const N 5  ; five
            .fn add a "b c"
              again:
                LOAD a
                LOAD b c
                ADD
                JZ again
                RET
            .end
            .export add
            .test adds up
                TRUE
            .end
            end:
        "#]],
    );
}

#[test]
fn what_stands_in_operands_is_not_touched() {
    check(
        "; strings\nPUSH_STR  two  blanks  ; c\nPUSH_STR \"a;  \\u{41}\";c\nPUSH_STR \"say \"hi\"  now\"\nPUSH_INT 0xF\n",
        expect![[r#"
            ; strings
                PUSH_STR two  blanks  ; c
                PUSH_STR "a;  \u{41}"  ;c
                PUSH_STR "say "hi"  now"
                PUSH_INT 0xF
        "#]],
    );
}

#[test]
fn old_spellings_and_labels_are_modernised_where_that_is_safe() {
    check(
        "LABEL a b\nLABEL .x\nLABEL \"q\"\n\"r s\": MAKELIST 0\nLABEL z:\nDUMPSCOPE extra  words\nLABEL @u\n",
        expect![[r#"
            LABEL a b
            LABEL .x
            LABEL "q"
            LABEL "r s"
                MAKE_LIST 0
            z::
                DUMP_SCOPE extra  words
            @u:
        "#]],
    );
}

#[test]
fn a_label_that_begins_with_a_byte_order_mark_keeps_it() {
    let text = "LABEL \u{FEFF}x\nJMP \u{FEFF}x";
    check(text, expect![["\u{FEFF}\u{FEFF}x:\n    JMP \u{FEFF}x\n"]]);
}

#[test]
fn a_text_with_unknown_names_can_be_formatted() {
    assert_eq!(format(b"JMP nowhere").as_deref(), Ok("    JMP nowhere\n"));
}

#[test]
fn a_line_that_cannot_be_read_prevents_formatting() {
    let diagnostics = format(b"PRINT\nPRNT\nPUSH_INT\n\xFF").expect_err("three lines are wrong");
    let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    assert_eq!(codes, ["A0101", "A0201", "A0001"]);
}

#[test]
fn nothing_stays_nothing() {
    for text in ["", "\n\n", " \t\r\n"] {
        assert_eq!(format(text.as_bytes()).as_deref(), Ok(""));
    }
}

#[test]
fn computations_keep_their_lines_and_signs() {
    check(
        ".computation  sums   processors = 4   ; four\n initialize   begin max_supersteps=10 ; first\n\n\n\
         superstep share   compute=keep communicate = send\n ; then\nsuperstep \"and then\" compute=add_up ; last\n\
         checkpoint every = 10 on_crash   restart=1  combine sum\n .end ; done\n\
         .fn begin a b c\nNULL\n.end\n.fn add_up a b c\nNULL\n.end\n.fn send a b\nNULL\n.end",
        expect![[r#"
            .computation sums  processors=4  ; four
              initialize begin  max_supersteps=10  ; first

              superstep share      compute=keep communicate=send
              ; then
              superstep "and then" compute=add_up  ; last
              checkpoint every=10  on_crash restart=1  combine sum
            .end  ; done
            .fn begin a b c
                NULL
            .end
            .fn add_up a b c
                NULL
            .end
            .fn send a b
                NULL
            .end
        "#]],
    );
}

#[test]
fn blocks_are_laid_out_in_columns() {
    check(
        "wait: .receive ; until then\ncase   { \"kind\" :\"reply\",\"ref\":^ref , n:V }->got ; one\n\n\n; two\n\
         case[\"add\",int A,int B|_]when A<B and not(A==1 or $\"odd name\")->add it;three\n case exit P R -> 0\n\
         after 1000->wait\n .end ;done\ngot:\nLABEL add it\n\
         .supervisor  shop   strategy = rest_for_one  period=60s\n child db start=main args = [ 1,\"a b\" ,null ]\n\
         ; another\nchild \"the cache\"  start=main args=[1,2,3] restart=temporary\n.end\n.fn main a b c\nNULL\n.end",
        expect![[r#"
            wait:
                .receive  ; until then
                  case {"kind": "reply", "ref": ^ref, n: V} -> got  ; one

                  ; two
                  case ["add", int A, int B | _] when A < B and not (A == 1 or $"odd name") -> add it  ;three
                  case exit P R                             -> 0
                  after 1000                                -> wait
                .end  ;done
            got:
            LABEL add it
            .supervisor shop strategy=rest_for_one period=60s
              child db          start=main args=[1, "a b", null]
              ; another
              child "the cache" start=main args=[1, 2, 3] restart=temporary
            .end
            .fn main a b c
                NULL
            .end
        "#]],
    );
}
