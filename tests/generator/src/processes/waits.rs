//! Stages about patterns, time, names and pauses.

use super::text::{Body, Text};

/// One process sends messages of all kinds, another receives those that fit patterns.
pub(super) fn patterns(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("talks");
    let count = text.number(2, 8);
    let mut body = Body::new();
    for _ in 0..count {
        text.value(&mut body, 2);
        body.lines(&["LOAD to", "SEND"]);
        text.burn(&mut body);
    }
    body.line("NULL");
    text.function(&format!("{name} to"), body);
    stage.lines(&["PUSH_INT 2", "STORE two", "SELF", &format!("PUSH_STR {name}"), "SPAWN 1", "POP"]);
    for _ in 0..text.number(1, 6) {
        receive_some(text, stage);
    }
    // What is left, in its order.
    for _ in 0..count {
        stage.note_received(text, "Got", 10);
    }
}

/// A receive with several cases.
fn receive_some(text: &mut Text, stage: &mut Body) {
    let (got, next) = (text.fresh("got"), text.fresh("next"));
    let cases = text.number(1, 3);
    stage.line(".receive");
    for case in 0..cases {
        let pattern = pattern(text, 2);
        let guard = guard(text, &pattern);
        stage.line(&format!("  case {pattern}{guard} -> {got}_{case}"));
    }
    stage.line(&format!("  after {} -> {got}_none", text.random.one_of(&[1, 10, 100])));
    stage.line(".end");
    for case in 0..cases {
        stage.label(&format!("{got}_{case}"));
        stage.lines(&[&format!("PUSH_STR case_{case}"), &format!("JMP {next}")]);
    }
    stage.label(&format!("{got}_none"));
    stage.line("PUSH_STR none");
    stage.label(&next);
    stage.note();
    for variable in ["X", "Y"] {
        // It stays what an earlier receive has made it, if this one did not bind it.
        let (unknown, next) = (text.fresh("unknown"), text.fresh("next"));
        stage.lines(&[&format!("TRY {unknown}"), &format!("LOAD {variable}"), "END_TRY"]);
        stage.note();
        stage.line(&format!("JMP {next}"));
        stage.label(&unknown);
        stage.line("ERROR_MESSAGE");
        stage.note();
        stage.label(&next);
    }
}

fn pattern(text: &mut Text, depth: usize) -> String {
    let kinds = if depth == 0 { 8 } else { 13 };
    match text.random.below(kinds) {
        0 => "_".to_owned(),
        1 | 2 => text.random.one_of(&["X", "Y"]).to_owned(),
        3 | 4 => {
            let kind = text.random.one_of(&["int", "float", "number", "str", "bool", "list", "object", "pid"]);
            format!("{kind} {}", text.random.one_of(&["X", "Y", "_"]))
        }
        5 => text.random.one_of(&["^two", "^unknown"]).to_owned(),
        6 => text.random.small().to_string(),
        7 => text.random.one_of(&["\"a\"", "\"normal\"", "true", "null", "1.5"]).to_owned(),
        8 | 9 => {
            let items: Vec<String> = (0..text.number(0, 2)).map(|_| pattern(text, depth - 1)).collect();
            let rest = if items.is_empty() { "" } else { text.random.one_of(&["", " | _", " | X"]) };
            format!("[{}{rest}]", items.join(", "))
        }
        10 => format!("{{\"a\": {}}}", pattern(text, depth - 1)),
        11 => "signal \"a\"".to_owned(),
        _ => format!("{{\"reason\": {}, \"signal\": {}}}", pattern(text, depth - 1), pattern(text, depth - 1)),
    }
}

/// A guard about what the pattern binds, or about what nobody knows.
fn guard(text: &mut Text, pattern: &str) -> String {
    let part = |text: &mut Text| {
        let variable = text.random.one_of(&["X", "Y", "two"]);
        let comparison = text.random.one_of(&["==", "!=", "<", "<=", ">", ">="]);
        match text.random.below(4) {
            0 => variable.to_owned(),
            1 => format!("not {variable}"),
            2 => format!("{variable} {comparison} two"),
            _ => format!("{variable} {comparison} {}", text.random.one_of(&["0", "2.0", "\"a\"", "null"])),
        }
    };
    if pattern.contains(' ') || text.random.chance(50) {
        return String::new();
    }
    let first = part(text);
    match text.random.below(3) {
        0 => format!(" when {first} {} {}", text.random.one_of(&["and", "or"]), part(text)),
        1 => format!(" when not ({first})"),
        _ => format!(" when {first}"),
    }
}

/// Messages that come when their time is over, and some that are stopped before.
pub(super) fn timers(text: &mut Text, stage: &mut Body) {
    let count = text.number(1, 5);
    for number in 0..count {
        // Equal times come in the order in which they were set.
        let delay = text.random.one_of(&[0, 5, 5, 10, 20, 40]);
        stage.lines(&[&format!("PUSH_INT {number}"), "SELF", &format!("PUSH_INT {delay}"), "SEND_AFTER"]);
        stage.line(&format!("STORE timer_{number}"));
    }
    stage.lines(&["MONOTONIC_TIME", "STORE begin", &format!("PUSH_INT {}", text.random.one_of(&[1, 6, 15])), "SLEEP"]);
    for number in 0..count {
        if text.random.chance(40) {
            stage.lines(&[&format!("LOAD timer_{number}"), "CANCEL_TIMER"]);
            stage.note();
        }
    }
    for _ in 0..=count {
        stage.note_received(text, "Got", 100);
        stage.lines(&["MONOTONIC_TIME", "LOAD begin", "SUB"]);
        stage.note();
    }
}

/// Processes that sleep for different times, and then say so.
pub(super) fn sleepers(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("sleeps");
    let mut body = Body::new();
    text.burn(&mut body);
    body.lines(&["LOAD time", "SLEEP"]);
    text.burn(&mut body);
    body.lines(&["LOAD time", "LOAD to", "SEND"]);
    text.function(&format!("{name} to time"), body);
    let count = text.number(1, 5);
    for place in text.order(count) {
        // All different, and none when a receive below ends.
        let time = 7 + place * 10;
        stage.lines(&["SELF", &format!("PUSH_INT {time}"), &format!("PUSH_STR {name}"), "SPAWN 2", "POP"]);
    }
    for _ in 0..count * 3 {
        let none = text.fresh("none");
        stage.lines(&["PUSH_INT 4", &format!("RECEIVE_TIMEOUT {none}")]);
        stage.note();
        stage.label(&none);
        stage.lines(&["LOAD out", "LEN"]);
        stage.note();
    }
}

/// Names that are taken, freed by their holder's end, and taken again.
pub(super) fn names(text: &mut Text, stage: &mut Body) {
    let (function, name) = (text.fresh("named"), text.fresh("name"));
    let mut body = Body::new();
    let register = format!("REGISTER {name}");
    body.lines(&[&register, "PUSH_STR ready", "LOAD boss", "SEND"]);
    body.label("again");
    body.lines(&[".receive", "  case \"go\" -> over", "  case X -> other", ".end"]);
    body.label("other");
    body.lines(&["PUSH_STR heard", "LOAD X", "MAKE_LIST 2", "LOAD boss", "SEND", "JMP again"]);
    body.label("over");
    text.end(&mut body);
    text.function(&format!("{function} boss"), body);
    let whereis = format!("WHEREIS {name}");
    for _ in 0..text.number(1, 3) {
        stage.line(&whereis);
        stage.note();
        stage.lines(&["SELF", &format!("PUSH_STR {function}"), "SPAWN_MONITOR 1", "STORE ref", "STORE pid"]);
        stage.wait_for(text, "\"ready\"");
        stage.lines(&[&whereis, "LOAD pid", "EQ"]);
        stage.note();
        text.value(stage, 1);
        stage.lines(&["STORE told", "LOAD told"]);
        if text.random.chance(50) {
            stage.line(&format!("SENDNAMED {name}"));
        } else {
            stage.lines(&[&format!("PUSH_STR {name}"), "SEND"]);
        }
        stage.note_received(text, "[\"heard\", Got]", 100);
        let (caught, next) = (text.fresh("caught"), text.fresh("next"));
        stage.lines(&[&format!("TRY {caught}"), &register, "END_TRY", &format!("JMP {next}")]);
        stage.label(&caught);
        stage.line("ERROR_KIND");
        stage.note();
        stage.label(&next);
        stage.lines(&["PUSH_STR go", "LOAD pid", "SEND"]);
        stage.note_received(text, "down ^ref _ Got", 100);
    }
    stage.line(&whereis);
    stage.note();
    let (caught, next) = (text.fresh("caught"), text.fresh("next"));
    let last = text.random.one_of(&["UNREGISTER", "SEND"]);
    stage.line(&format!("TRY {caught}"));
    if last == "SEND" {
        stage.lines(&["NULL", &format!("PUSH_STR {name}"), "SEND"]);
    } else {
        stage.line(&format!("UNREGISTER {name}"));
    }
    stage.lines(&["END_TRY", &format!("JMP {next}")]);
    stage.label(&caught);
    stage.line("ERROR_MESSAGE");
    stage.note();
    stage.label(&next);
}

/// A paused process runs nothing and hears nothing, but exit signals act.
pub(super) fn pause(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("echo");
    let mut body = Body::new();
    body.label("again");
    body.lines(&["PUSH_STR echo", "RECEIVE", "MAKE_LIST 2", "LOAD boss", "SEND", "JMP again"]);
    text.function(&format!("{name} boss"), body);
    stage.lines(&["SELF", &format!("PUSH_STR {name}"), "SPAWN_MONITOR 1", "STORE ref", "STORE pid"]);
    for _ in 0..text.number(1, 6) {
        match text.random.below(5) {
            // What was sent before is done then.
            0 => stage.lines(&["PUSH_INT 1", "SLEEP", "LOAD pid", "PAUSE"]),
            1 => stage.lines(&["LOAD pid", "RESUME"]),
            2 => stage.note_received(text, "[\"echo\", Got]", 10),
            _ => {
                text.value(stage, 1);
                stage.lines(&["LOAD pid", "SEND"]);
            }
        }
    }
    stage.note_received(text, "[\"echo\", Got]", 10);
    text.reason(stage);
    stage.lines(&["LOAD pid", "EXIT_PROCESS"]);
    stage.note_received(text, "down ^ref _ Got", 10);
}

/// A mailbox with a limit, which more comes to while its holder sleeps. What the machine says is never dropped.
pub(super) fn limit(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("limited");
    let max = text.number(0, 4);
    let mut body = Body::new();
    body.lines(&["PUSH_STR mailbox", &format!("PUSH_INT {max}"), "SET_LIMIT"]);
    if text.random.chance(80) {
        let policy = text.random.one_of(&["exit", "drop_new", "drop_old"]);
        body.lines(&["PUSH_STR mailbox_policy", &format!("PUSH_STR {policy}"), "SET_LIMIT"]);
    }
    if text.random.chance(50) {
        body.lines(&["TRUE", "TRAP_EXIT"]);
    }
    body.lines(&["PUSH_STR ready", "SELF", "MAKE_LIST 2", "LOAD boss", "SEND", "PUSH_INT 5", "SLEEP"]);
    body.lines(&["MAKE_LIST 0", "STORE out"]);
    for _ in 0..text.number(1, 8) {
        let (exit, plain) = (text.fresh("exit"), text.fresh("plain"));
        let (none, next) = (text.fresh("none"), text.fresh("next"));
        body.lines(&[".receive", &format!("  case exit _ Why -> {exit}"), &format!("  case Got -> {plain}")]);
        body.lines(&[&format!("  after 0 -> {none}"), ".end"]);
        body.label(&none);
        body.lines(&["PUSH_STR none", &format!("JMP {next}")]);
        body.label(&exit);
        body.lines(&["LOAD Why", "MAKE_LIST 1", &format!("JMP {next}")]);
        body.label(&plain);
        body.line("LOAD Got");
        body.label(&next);
        body.note();
    }
    body.lines(&["LOAD out", "EXIT_SELF"]);
    text.function(&format!("{name} boss"), body);
    stage.lines(&["SELF", &format!("PUSH_STR {name}"), "SPAWN_MONITOR 1", "STORE ref", "STORE pid"]);
    stage.wait_for(text, "[\"ready\", ^pid]");
    for _ in 0..text.number(1, 8) {
        if text.random.chance(20) {
            stage.lines(&["PUSH_STR normal", "LOAD pid", "EXIT_PROCESS"]);
        } else {
            text.value(stage, 1);
            stage.lines(&["LOAD pid", "SEND"]);
        }
    }
    stage.note_received(text, "down ^ref _ Got", 1000);
}
