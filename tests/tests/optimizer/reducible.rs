//! Random programs full of what the optimizer looks for: constants, pairs of stack instructions that undo each other,
//! repeated reads and stores, branches with nothing between, jumps to jumps.
//!
//! The operand stack has one depth at each place, so nothing runs in exact mode; what fails is caught and printed.

use std::fmt::Write as _;

use ttvm_tests::Program;

use crate::{Counts, FIRST_SEED, STEPS_MAX, check, number};

const PROGRAMS: u64 = 1_200;

const NAMES: [&str; 4] = ["a", "b", "c", "p"];

const CONSTANTS: [&str; 9] =
    ["PUSH_INT 0", "PUSH_INT 1", "PUSH_INT 1", "PUSH_INT -5", "PUSH_FLOAT 0.5", "PUSH_STR s", "TRUE", "FALSE", "NULL"];

const UNARY: [&str; 7] = ["NOT", "NOT", "NEG", "TYPE_OF", "TO_STR", "ABS", "FLOOR"];

const BINARY: [&str; 12] = ["ADD", "SUB", "MUL", "DIV", "EQ", "NE", "LT", "GE_F", "AND", "OR", "EQ_NUM", "CONCAT"];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn one_of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len())]
    }
}

struct Writer {
    random: Random,
    text: String,
    labels: usize,
    depth: usize,
    /// Functions that may be called: those written before.
    functions: Vec<String>,
    /// Whether the code is that of a body. Bodies here call bodies only: whether a traced call of a label function
    /// right before `RET` keeps a body's frame is a matter between the ways to run programs.
    is_in_body: bool,
}

impl Writer {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("texts grow");
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("L{}", self.labels)
    }

    fn push(&mut self) {
        let line = match self.random.below(4) {
            0 => format!("LOAD {}", self.random.one_of(&NAMES)),
            _ => self.random.one_of(&CONSTANTS).to_owned(),
        };
        self.line(&line);
        self.depth += 1;
    }

    /// Some instructions that may take values down to `floor`.
    fn block(&mut self, size: usize, floor: usize, nesting: usize) {
        for _ in 0..size {
            self.instruction(floor, nesting);
        }
    }

    fn instruction(&mut self, floor: usize, nesting: usize) {
        let above = self.depth - floor;
        match self.random.below(24) {
            0..=4 => self.push(),
            5 if above >= 1 => {
                let op = self.random.one_of(&UNARY);
                self.line(op);
            }
            6 | 7 if above >= 2 => {
                let op = self.random.one_of(&BINARY);
                self.line(op);
                self.depth -= 1;
            }
            8 | 9 if above >= 1 => {
                let name = self.random.one_of(&NAMES);
                self.line(&format!("STORE {name}"));
                self.depth -= 1;
            }
            10 | 11 if above >= 1 => {
                self.line("POP");
                self.depth -= 1;
            }
            12 | 13 if self.depth >= 1 => {
                self.line("DUP");
                self.depth += 1;
            }
            14 | 15 if above >= 2 => self.line("SWAP"),
            16 if above >= 3 => self.line("ROT"),
            17 if self.depth >= 2 => {
                self.line("OVER");
                self.depth += 1;
            }
            18 if above >= 1 => {
                self.line("PRINT");
                self.depth -= 1;
            }
            19 => {
                let name = self.random.one_of(&NAMES);
                let op = self.random.one_of(&["DELETE", "CAPTURE", "EXPORT", "LOAD"]);
                self.line(&format!("{op} {name}"));
                self.depth += usize::from(op == "LOAD");
            }
            20 if nesting > 0 && above >= 1 => self.branch(nesting),
            21 if nesting > 0 => self.attempt(nesting),
            22 => self.call(),
            23 => self.odd_jump(nesting),
            _ => self.push(),
        }
    }

    /// Brings the stack back to a depth.
    fn level(&mut self, depth: usize) {
        while self.depth > depth {
            self.line("POP");
            self.depth -= 1;
        }
        while self.depth < depth {
            self.push();
        }
    }

    /// A branch over some instructions, with an other side or without, perhaps turned by `NOT`.
    fn branch(&mut self, nesting: usize) {
        let (over, end) = (self.label(), self.label());
        if self.random.below(3) == 0 {
            self.line("NOT");
        }
        let op = self.random.one_of(&["JZ", "JNZ"]);
        self.line(&format!("{op} {over}"));
        self.depth -= 1;
        let depth = self.depth;
        let size = self.random.below(6);
        self.block(size, depth, nesting - 1);
        self.level(depth);
        if self.random.below(2) == 0 {
            self.line(&format!("JMP {end}"));
            self.line(&format!("{over}:"));
            let size = self.random.below(4);
            self.block(size, depth, nesting - 1);
            self.level(depth);
        } else {
            self.line(&format!("{over}:"));
        }
        self.line(&format!("{end}:"));
    }

    fn attempt(&mut self, nesting: usize) {
        let (handler, end) = (self.label(), self.label());
        self.line(&format!("TRY {handler}"));
        let depth = self.depth;
        let size = self.random.below(12);
        self.block(size, depth, nesting - 1);
        self.level(depth);
        self.line(&format!("END_TRY\nJMP {end}\n{handler}:\nCATCH\nDUP\nERROR_TRACE\nPRINT\nPRINT\nEND_TRY\n{end}:"));
    }

    /// A call of a function with one parameter and one result, directly or through a value.
    fn call(&mut self) {
        // Label functions are called with their parameter named.
        let may_call = |function: &&String| !self.is_in_body || !function.ends_with(" p");
        let functions: Vec<String> = self.functions.iter().filter(may_call).cloned().collect();
        if functions.is_empty() {
            return;
        }
        let function = &functions[self.random.below(functions.len())];
        self.push();
        if self.random.below(3) == 0 {
            self.line(&format!("MAKE_FUNCTION {function}\nCALL_FUNCTION"));
        } else {
            self.line(&format!("CALL {function}"));
        }
    }

    /// A jump to what follows, or to a jump there.
    fn odd_jump(&mut self, nesting: usize) {
        let (first, second, end) = (self.label(), self.label(), self.label());
        match self.random.below(3) {
            0 => self.line(&format!("JMP {end}")),
            1 => self.line(&format!("JMP {first}\n{second}:\nJMP {end}\n{first}:\nJMP {second}")),
            _ => {
                self.line(&format!("JMP {first}"));
                let depth = self.depth;
                self.block(3, depth, nesting.saturating_sub(1));
                self.level(depth);
                self.line(&format!("{first}:\nJMP {end}"));
            }
        }
        self.line(&format!("{end}:"));
    }

    /// A function that is a body, or classic code between `JMP` and label.
    fn function(&mut self, size: usize) {
        let name = format!("f{}", self.functions.len());
        let is_body = self.random.below(2) == 0;
        self.is_in_body = is_body;
        let after = self.label();
        self.depth = 0;
        if is_body {
            self.line(&format!(".fn {name} p"));
        } else {
            self.line(&format!("JMP {after}\n{name}:"));
        }
        self.block(size, 0, 3);
        self.level(1);
        if self.random.below(4) == 0 {
            self.line("POP");
            self.depth = 0;
            self.call();
            self.level(1);
        }
        self.line("RET");
        (self.depth, self.is_in_body) = (0, false);
        if is_body {
            self.line(".end");
            self.functions.push(name);
        } else {
            self.line(&format!("{after}:"));
            self.functions.push(format!("{name} p"));
        }
    }
}

fn program(seed: u64) -> String {
    let random = Random(seed);
    let (text, functions) = (String::new(), Vec::new());
    let mut writer = Writer { random, text, labels: 0, depth: 0, functions, is_in_body: false };
    for name in NAMES {
        if writer.random.below(3) > 0 {
            writer.push();
            writer.line(&format!("STORE {name}"));
            writer.depth = 0;
        }
    }
    for _ in 0..writer.random.below(4) {
        writer.function(20);
    }
    for _ in 0..4 {
        writer.attempt(3);
        writer.block(4, 0, 0);
    }
    writer.line("DUMP_SCOPE");
    while writer.depth > 0 {
        writer.line("PRINT");
        writer.depth -= 1;
    }
    writer.text
}

#[test]
fn programs_full_of_needless_instructions_do_the_same_without_them() {
    let first = number("TTVM_SEED", FIRST_SEED);
    let mut counts = Counts::default();
    let (mut before, mut after) = (0, 0);
    for seed in first..first + number("TTVM_PROGRAMS", PROGRAMS) {
        let name = format!("reducible::program({seed})");
        let text = program(seed);
        let assembly = ttvm_assembler::assemble(&name, text.as_bytes());
        assert!(assembly.is_ok(), "{text}\n{name}: {:?}", assembly.diagnostics);
        let report = check(&Program::alone(assembly.module), STEPS_MAX, &name);
        counts.add(&report);
        before += report.instructions_before;
        after += report.instructions_after;
    }
    counts.assert_all();
    assert!(after * 4 < before * 3, "{before} instructions, {after} without the needless ones");
}
