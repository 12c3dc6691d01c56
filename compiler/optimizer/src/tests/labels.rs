//! Labels, lines and names.

use super::{check, listing::read};
use crate::optimize;

#[test]
fn labels_that_only_saved_jumps_used_go_and_others_stay() {
    check(
        "start:\nLOAD a\nJZ here\nLOAD a\nPRINT\nJMP there\nthere:\nhere:\nPUSH_INT 1\nPRINT",
        "start:\nLOAD a\nJZ here\nLOAD a\nPRINT\nthere:\nhere:\nPUSH_INT 1\nPRINT",
    );
    check("LOAD a\nPRINT\nJMP there\nthere:\nPUSH_INT 1\nPRINT", "LOAD a\nPRINT\nPUSH_INT 1\nPRINT");
}

#[test]
fn a_label_never_gives_a_function_its_name() {
    // `again` would come to stand where the function begins.
    let text = "LOAD a\nJZ again\nCALL f\nHALT\nagain:\nPUSH_INT 1\nPOP\nf:\nLOAD b\nPRINT\nLOAD c\nJZ again\nRET";
    let (better, _) = optimize(&read(text));
    let entry = better.labels.iter().find(|label| &*label.name == "f").expect("functions keep their labels").at;
    let names: Vec<&str> = better.labels.iter().filter(|label| label.at == entry).map(|label| &*label.name).collect();
    assert_eq!(names, ["f"]);
}

#[test]
fn every_instruction_keeps_its_line() {
    let module = read("PUSH_INT 1\nPUSH_INT 2\nADD\nLOAD x\nADD\nCATCH\nPRINT");
    let (better, _) = optimize(&module);
    assert_eq!(better.lines, [1, 4, 5, 7]);
}

#[test]
fn values_pushed_in_another_order_keep_their_lines() {
    let module = read("fn f x\nLOAD x\nPUSH_INT 1\nSWAP\nSUB\nRET\nend");
    let (better, _) = optimize(&module);
    assert_eq!(better.lines, [3, 2, 5, 6]);
}

#[test]
fn a_call_keeps_the_line_of_the_call() {
    let module = read("fn f\nMAKE_FUNCTION g\nCALL_FUNCTION\nPRINT\nNULL\nRET\nend\nfn g\nNULL\nRET\nend");
    let (better, _) = optimize(&module);
    assert_eq!(better.lines, [3, 4, 5, 6, 9, 10]);
}
