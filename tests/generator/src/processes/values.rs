//! Stages about values that several processes hold while each changes its own (rules P6, P84).

use super::text::{Body, Text};

/// A kind of value: how one is made, how one on the stack is changed, what of it is shown.
#[derive(Clone, Copy)]
struct Kind {
    make: &'static [&'static str],
    changes: [&'static [&'static str]; 2],
    show: &'static [&'static str],
}

const KINDS: [Kind; 5] = [
    Kind {
        make: &["PUSH_INT 1", "PUSH_INT 2", "PUSH_INT 3", "MAKE_LIST 3"],
        changes: [&["PUSH_INT 9", "APPEND"], &["PUSH_INT 0", "PUSH_INT 7", "SET_INDEX"]],
        show: &[],
    },
    Kind {
        make: &["PUSH_STR a", "MAKE_LIST 1", "NULL", "PUSH_FLOAT 1.5", "MAKE_LIST 3"],
        changes: [&["PUSH_STR b", "MAKE_LIST 1", "APPEND"], &["PUSH_INT 1", "PUSH_STR c", "SET_INDEX"]],
        show: &[],
    },
    Kind {
        make: &["MAKE_OBJECT", "PUSH_INT 1", "SET_FIELD a"],
        changes: [&["PUSH_STR b", "SET_FIELD a"], &["NULL", "MAKE_LIST 1", "SET_FIELD more"]],
        show: &[],
    },
    Kind {
        make: &["MAP_NEW", "PUSH_INT 1", "PUSH_STR one", "MAP_PUT"],
        changes: [&["PUSH_INT 1", "PUSH_STR other", "MAP_PUT"], &["PUSH_STR k", "PUSH_INT 2", "MAP_PUT"]],
        show: &[],
    },
    Kind {
        make: &["ARRAY_I64 5"],
        changes: [&["PUSH_INT 2", "PUSH_INT 11", "ARRAY_SET"], &["PUSH_INT 3", "ARRAY_FILL"]],
        show: &["ARRAY_SUM"],
    },
];

impl Kind {
    /// Changes what a variable holds, sometimes twice.
    fn change(&self, text: &mut Text, body: &mut Body, variable: &str) {
        for _ in 0..text.number(1, 2) {
            body.line(&format!("LOAD {variable}"));
            body.lines(text.random.one_of(&self.changes));
            body.line(&format!("STORE {variable}"));
        }
    }

    fn show(&self, body: &mut Body, variable: &str) {
        body.line(&format!("LOAD {variable}"));
        body.lines(self.show);
    }
}

/// A value reaches several processes as a message, as an argument, in a closure or by a timer; all change what they hold,
/// and nobody sees what others do.
pub(super) fn shared(text: &mut Text, stage: &mut Body) {
    let kind = text.random.one_of(&KINDS);
    let count = text.number(1, 4);
    stage.lines(kind.make);
    stage.lines(&["STORE value", "SELF", "STORE me"]);
    for number in 0..count {
        hand_over(text, stage, &kind, number);
        if text.random.chance(70) {
            kind.change(text, stage, "value");
        }
    }
    for number in text.order(count) {
        stage.lines(&[&format!("PUSH_INT {number}"), "STORE wanted"]);
        stage.note_received(text, "[\"holds\", ^wanted, Got]", 100);
        stage.note_received(text, "[\"held\", ^wanted, Got]", 100);
    }
    kind.show(stage, "value");
    stage.note();
}

/// Gives the present value to a new process, which says what it holds before and after it changes that.
fn hand_over(text: &mut Text, stage: &mut Body, kind: &Kind, number: usize) {
    let name = text.fresh("holder");
    let way = text.random.below(4);
    let mut body = Body::new();
    if way < 2 {
        body.lines(&["RECEIVE", "STORE value"]);
    }
    for word in ["holds", "held"] {
        body.lines(&[&format!("PUSH_STR {word}"), &format!("PUSH_INT {number}")]);
        kind.show(&mut body, "value");
        body.lines(&["MAKE_LIST 3", "LOAD me", "SEND"]);
        text.burn(&mut body);
        kind.change(text, &mut body, "value");
    }
    body.line("NULL");
    let (parameters, start): (&str, Vec<String>) = match way {
        0 => ("me", lines(&["SELF", "PUSH_STR NAME", "SPAWN 1", "STORE pid", "LOAD value", "LOAD pid", "SEND"])),
        1 => {
            let sent = ["LOAD value", "LOAD pid", "PUSH_INT 3", "SEND_AFTER", "POP"];
            ("me", lines(&[&["SELF", "PUSH_STR NAME", "SPAWN 1", "STORE pid"], &sent[..]].concat()))
        }
        2 => ("me value", lines(&["SELF", "LOAD value", "PUSH_STR NAME", "SPAWN 2", "POP"])),
        _ => ("", lines(&["CAPTURE me", "CAPTURE value", "MAKE_LAMBDA NAME", "SPAWN", "POP"])),
    };
    text.function(&format!("{name} {parameters}"), body);
    for line in start {
        stage.line(&line.replace("NAME", &name));
    }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}
