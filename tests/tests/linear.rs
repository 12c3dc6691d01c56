//! Loops that extend a value take memory in proportion to their turns, in both modes (rule L2.2), and a map whose
//! order was looked at is not put in order again after an update.
//!
//! One test only: it counts the bytes that the whole test program reserves, freed ones included. Not here: time, which
//! says nothing certain on a busy machine.

use std::alloc::System;

use cap::Cap;
use ttvm_machine::{Ending, LoadMode, Loader, Machine, MachineConfiguration, Output};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What makes an empty value, and what extends it with the number of the turn.
const LOOPS: [(&str, &str); 10] = [
    ("PUSH_STR \"\"", "PUSH_STR \"0123456789\"\nCONCAT"),
    ("MAKE_LIST 0", "LOAD turn\nAPPEND"),
    ("PUSH_INT 0\nPUSH_INT 50000\nRANGE", "LOAD turn\nPUSH_STR \"x\"\nSET_INDEX"),
    ("ARRAY_I64 50000", "LOAD turn\nLOAD turn\nARRAY_SET"),
    ("MAP_NEW", "LOAD turn\nLOAD turn\nMAP_PUT"),
    // Keys far from each other; texts; a map whose old version is kept; one whose keys come and go.
    ("MAP_NEW", "LOAD turn\nPUSH_INT 7919\nMUL\nLOAD turn\nMAP_PUT"),
    ("MAP_NEW", "LOAD turn\nTO_STR\nLOAD turn\nMAP_PUT"),
    ("MAP_NEW", "DUP\nSTORE old\nLOAD turn\nPUSH_INT 7919\nMUL\nLOAD turn\nMAP_PUT"),
    ("MAP_NEW", "LOAD turn\nPUSH_INT 3\nMUL\nLOAD turn\nMAP_PUT\nLOAD turn\nPUSH_INT 2\nDIV\nTO_INT\nMAP_REMOVE"),
    ("MAKE_OBJECT", "LOAD turn\nSET_FIELD a\nLOAD turn\nSET_FIELD b"),
];

/// The bytes that a run reserves.
fn reserved(empty: &str, extend: &str, turns: u32, mode: LoadMode) -> usize {
    let text = format!(
        "{empty}\nSTORE value\nPUSH_INT 0\nSTORE turn\nnext:\nLOAD value\n{extend}\nSTORE value\n\
         LOAD turn\nPUSH_INT 1\nADD\nSTORE turn\nLOAD turn\nPUSH_INT {turns}\nLT\nJNZ next\nLOAD value\nLEN\nPRINT\n"
    );
    reserved_by(&text, mode)
}

/// The bytes that running a program reserves.
fn reserved_by(text: &str, mode: LoadMode) -> usize {
    let program = Loader::new(mode).load_bytes("loop.ttvm", text.as_bytes()).expect("the program is right");
    let configuration = MachineConfiguration { output: Output::captured(), ..Default::default() };
    let before = ALLOCATOR.total_allocated();
    assert!(matches!(Machine::new(program, configuration).run().ending, Ending::Normal), "{text}");
    ALLOCATOR.total_allocated() - before
}

/// What turns reserve that put a key into a map of 500 scattered keys, or not, and look at its order.
fn reserved_by_looks(put: &str, turns: u32, mode: LoadMode) -> usize {
    let loop_of = |name: &str, turns: u32, body: &str| {
        format!(
            "PUSH_INT 0\nSTORE turn\n{name}:\nLOAD value\n{body}\nLOAD turn\nPUSH_INT 1\nADD\nSTORE turn\n\
             LOAD turn\nPUSH_INT {turns}\nLT\nJNZ {name}\n"
        )
    };
    let fill = loop_of("fill", 500, "LOAD turn\nPUSH_INT 7919\nMUL\nLOAD turn\nMAP_PUT\nSTORE value");
    let look = loop_of("look", turns, &format!("{put}STORE value\nLOAD value\nMAP_KEYS\nPOP"));
    reserved_by(&format!("MAP_NEW\nSTORE value\n{fill}{look}LOAD value\nLEN\nPRINT\n"), mode)
}

/// What each of 500 turns would put in order again takes a hundred bytes a key; the list of keys takes eight.
fn looks_at_the_order_of_a_map_do_not_put_it_in_order_again(mode: LoadMode) {
    for (key, what) in [("PUSH_INT 7919\nMUL", "old keys"), ("PUSH_INT 104729\nMUL", "new keys")] {
        let put = format!("LOAD turn\n{key}\nLOAD turn\nMAP_PUT\n");
        let (looks, both) = (reserved_by_looks("", 500, mode), reserved_by_looks(&put, 500, mode));
        // New keys make the list of keys up to twice as long.
        assert!(both < 3 * looks + 1_000_000, "{what}, {mode:?}: {looks} bytes for looks, {both} with updates");
    }
}

// Rules: L2.2
#[test]
fn loops_that_extend_a_value_reserve_memory_in_proportion_to_their_turns() {
    for mode in [LoadMode::Ordinary, LoadMode::Exact] {
        for (empty, extend) in LOOPS {
            let [once, twice] = [20_000, 40_000].map(|turns| reserved(empty, extend, turns, mode));
            // What is doubled when it is full is doubled once more at most; another copy each turn would make it
            // four times as much, and some hundred megabytes.
            assert!(twice <= 3 * once + 1_000_000, "{extend}, {mode:?}: {once} bytes, then {twice}");
            assert!(twice < 50_000_000, "{extend}, {mode:?}: {twice} bytes");
        }
        looks_at_the_order_of_a_map_do_not_put_it_in_order_again(mode);
    }
}
