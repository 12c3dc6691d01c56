//! The text of a program under construction.

use crate::random::Random;

/// The functions that are written so far.
pub(super) struct Text {
    pub random: Random,
    functions: Vec<String>,
    names: usize,
}

/// The code of one function, or of main.
pub(super) struct Body {
    text: String,
}

impl Text {
    pub(super) fn new(random: Random) -> Self {
        Self { random, functions: Vec::new(), names: 0 }
    }

    /// A name that no other thing has.
    pub(super) fn fresh(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}_{}", self.names)
    }

    /// Adds a function; `head` is its name and its parameters.
    pub(super) fn function(&mut self, head: &str, body: Body) {
        self.functions.push(format!(".fn {head}\n{}.end\n", body.text));
    }

    /// The whole program.
    pub(super) fn finish(self, main: Body) -> String {
        self.functions.concat() + &main.text
    }

    /// A number from `low` to `high`.
    pub(super) fn number(&mut self, low: usize, high: usize) -> usize {
        low + self.random.below(high - low + 1)
    }

    /// The numbers below `count` in some order.
    pub(super) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (0..count).collect();
        let mut order = Vec::new();
        while !left.is_empty() {
            let place = self.random.below(left.len());
            order.push(left.remove(place));
        }
        order
    }

    /// Pushes a value that is not deep.
    pub(super) fn value(&mut self, body: &mut Body, depth: usize) {
        let kinds = if depth == 0 { 7 } else { 10 };
        match self.random.below(kinds) {
            0 | 1 => body.line(&format!("PUSH_INT {}", self.random.small())),
            2 => body.line(&format!("PUSH_FLOAT {}", self.random.small() as f64 / 2.0)),
            3 | 4 => {
                let word = self.random.one_of(&["a", "b", "normal", "shutdown", "kill", "down", "exit"]);
                body.line(&format!("PUSH_STR {word}"));
            }
            5 => body.line(self.random.one_of(&["TRUE", "FALSE"])),
            6 => body.line("NULL"),
            7 | 8 => {
                let count = self.number(0, 3);
                for _ in 0..count {
                    self.value(body, depth - 1);
                }
                body.line(&format!("MAKE_LIST {count}"));
            }
            _ => {
                body.line("MAKE_OBJECT");
                for name in ["a", "signal", "reason"] {
                    if self.random.chance(50) {
                        self.value(body, depth - 1);
                        body.line(&format!("SET_FIELD {name}"));
                    }
                }
            }
        }
    }

    /// Pushes a reason, mostly one of those that mean something.
    pub(super) fn reason(&mut self, body: &mut Body) {
        if self.random.chance(30) {
            return self.value(body, 2);
        }
        let word = self.random.one_of(&["normal", "kill", "killed", "shutdown", "noproc", "why"]);
        body.line(&format!("PUSH_STR {word}"));
        if self.random.chance(15) {
            body.lines(&["PUSH_INT 1", "MAKE_LIST 2"]);
        }
    }

    /// Spends some reductions.
    pub(super) fn burn(&mut self, body: &mut Body) {
        if self.random.chance(50) {
            return;
        }
        // Rarely for longer than a turn.
        let rounds = self.random.one_of(&[1, 1, 1, 7, 7, 7, 60, 60, 60, 300, 300, 4500]);
        let label = self.fresh("burn");
        body.lines(&[&format!("PUSH_INT {rounds}"), "STORE burnt"]);
        body.label(&label);
        body.lines(&["LOAD burnt", "PUSH_INT 1", "SUB", "STORE burnt", "LOAD burnt", &format!("JNZ {label}")]);
        if self.random.chance(30) {
            body.line("YIELD");
        }
    }

    /// Ends a process in some way that gives the same reason always.
    pub(super) fn end(&mut self, body: &mut Body) {
        self.burn(body);
        match self.random.below(10) {
            0 => body.line("NULL"),
            1 => body.line("HALT"),
            2 => body.lines(&["PUSH_INT 5", "PUSH_INT 0", "MOD"]),
            3 => body.lines(&["PUSH_STR thrown", "THROW"]),
            4 => body.line("LOAD nowhere"),
            5 => {
                let caught = self.fresh("caught");
                body.lines(&[&format!("TRY {caught}"), "NULL", "PUSH_INT 1", "ADD", "THROW"]);
                body.label(&caught);
                body.line(self.random.one_of(&["ERROR_MESSAGE", "ERROR_KIND", "THROW"]));
                body.line("EXIT_SELF");
            }
            6 => {
                self.reason(body);
                body.lines(&["SELF", "EXIT_PROCESS", "PUSH_STR went_on", "EXIT_SELF"]);
            }
            _ => {
                self.reason(body);
                body.line("EXIT_SELF");
            }
        }
    }
}

impl Body {
    pub(super) fn new() -> Self {
        Self { text: String::new() }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text += &format!("    {line}\n");
    }

    pub(super) fn lines(&mut self, lines: &[&str]) {
        lines.iter().for_each(|line| self.line(line));
    }

    pub(super) fn label(&mut self, label: &str) {
        self.text += &format!("  {label}:\n");
    }

    /// Adds the value on the stack to what the stage tells main.
    pub(super) fn note(&mut self) {
        self.lines(&["STORE noted", "LOAD out", "LOAD noted", "APPEND", "STORE out"]);
    }

    /// Adds a text to that.
    pub(super) fn note_text(&mut self, text: &str) {
        self.line(&format!("PUSH_STR {text}"));
        self.note();
    }

    /// Receives the first message of this pattern and notes what it binds to `Got`, or that none came in so many
    /// milliseconds.
    pub(super) fn note_received(&mut self, text: &mut Text, pattern: &str, milliseconds: usize) {
        let (got, none, next) = (text.fresh("got"), text.fresh("none"), text.fresh("next"));
        self.lines(&[
            ".receive",
            &format!("  case {pattern} -> {got}"),
            &format!("  after {milliseconds} -> {none}"),
            ".end",
        ]);
        self.label(&none);
        self.note_text("none");
        self.line(&format!("JMP {next}"));
        self.label(&got);
        self.line("LOAD Got");
        self.note();
        self.label(&next);
    }

    /// Waits for a message of this pattern.
    pub(super) fn wait_for(&mut self, text: &mut Text, pattern: &str) {
        let got = text.fresh("got");
        self.lines(&[".receive", &format!("  case {pattern} -> {got}"), ".end"]);
        self.label(&got);
    }
}
