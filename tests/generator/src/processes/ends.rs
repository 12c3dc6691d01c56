//! Stages about reasons, exit signals, links and monitors.

use super::text::{Body, Text};

/// Longer than anything that a stage waits for on purpose.
const LONG: usize = 1000;

/// Children that end by themselves, watched once or twice.
pub(super) fn reasons(text: &mut Text, stage: &mut Body) {
    let count = text.number(1, 5);
    for child in 0..count {
        let name = text.fresh("ends");
        let mut body = Body::new();
        text.end(&mut body);
        text.function(&name, body);
        stage.lines(&[&format!("PUSH_STR {name}"), "SPAWN_MONITOR", &format!("STORE ref_{child}")]);
        stage.line(&format!("STORE pid_{child}"));
    }
    for child in text.order(count) {
        stage.note_received(text, &format!("down ^ref_{child} _ Got"), LONG);
        match text.random.below(4) {
            0 => {
                stage.lines(&[&format!("LOAD pid_{child}"), "IS_ALIVE"]);
                stage.note();
            }
            1 => {
                // Of the dead it says noproc.
                stage.lines(&[&format!("LOAD pid_{child}"), "MONITOR", "STORE late"]);
                stage.note_received(text, "down ^late _ Got", LONG);
            }
            2 => {
                stage.lines(&["PUSH_STR \"into the void\"", &format!("LOAD pid_{child}"), "SEND"]);
                stage.lines(&["PUSH_STR kill", &format!("LOAD pid_{child}"), "EXIT_PROCESS"]);
            }
            _ => {}
        }
    }
}

/// A process that keeps what it gets and ends with that when it is told to go. Tells `boss` when it is ready.
fn keeper(text: &mut Text, traps: bool) -> String {
    let name = text.fresh("keeper");
    let mut body = Body::new();
    if traps {
        body.lines(&[text.random.one_of(&["TRUE", "PUSH_INT 1"]), "TRAP_EXIT"]);
    }
    body.lines(&["MAKE_LIST 0", "STORE kept", "PUSH_STR ready", "SELF", "MAKE_LIST 2", "LOAD boss", "SEND"]);
    body.label("again");
    body.lines(&[".receive", "  case \"go\" -> over", "  case exit Who Why -> asked", "  case Other -> other", ".end"]);
    body.label("asked");
    body.lines(&["LOAD kept", "PUSH_STR asked", "LOAD Why", "LOAD Who", "LOAD boss", "EQ", "MAKE_LIST 3", "APPEND"]);
    body.lines(&["STORE kept", "JMP again"]);
    body.label("other");
    body.lines(&["LOAD kept", "LOAD Other", "APPEND", "STORE kept", "JMP again"]);
    body.label("over");
    body.lines(&["LOAD kept", "EXIT_SELF"]);
    text.function(&format!("{name} boss"), body);
    name
}

/// Starts a keeper and waits until it is ready.
fn start_keeper(text: &mut Text, stage: &mut Body, number: usize, spawn: &str) -> bool {
    let traps = text.random.chance(50);
    let name = keeper(text, traps);
    stage.lines(&["SELF", &format!("PUSH_STR {name}"), spawn]);
    if spawn.starts_with("SPAWN_MONITOR") {
        stage.line(&format!("STORE ref_{number}"));
    }
    stage.line(&format!("STORE pid_{number}"));
    stage.wait_for(text, &format!("[\"ready\", ^pid_{number}]"));
    traps
}

/// Requests to end and messages to processes that trap exits or do not: what decides is the first that counts.
pub(super) fn requests(text: &mut Text, stage: &mut Body) {
    let count = text.number(1, 3);
    for number in 0..count {
        start_keeper(text, stage, number, "SPAWN_MONITOR 1");
    }
    // Who was told to go may end before or because of what is sent then.
    let mut told = vec![false; count];
    for _ in 0..text.number(1, 9) {
        let number = text.random.below(count);
        match text.random.below(6) {
            0 | 1 if !told[number] => {
                text.reason(stage);
                stage.lines(&[&format!("LOAD pid_{number}"), "EXIT_PROCESS"]);
            }
            2 => {
                told[number] = true;
                stage.lines(&["PUSH_STR go", &format!("LOAD pid_{number}"), "SEND"]);
            }
            3 => {
                stage.lines(&[&format!("LOAD pid_{number}"), "MONITOR", "STORE more"]);
                stage.lines(&["LOAD more", text.random.one_of(&["DEMONITOR", "DEMONITOR_FLUSH"])]);
            }
            _ => {
                text.value(stage, 2);
                stage.lines(&[&format!("LOAD pid_{number}"), "SEND"]);
            }
        }
        if text.random.chance(20) {
            stage.line("YIELD");
        }
    }
    for number in text.order(count) {
        stage.lines(&["PUSH_STR go", &format!("LOAD pid_{number}"), "SEND"]);
        stage.note_received(text, &format!("down ^ref_{number} _ Got"), LONG);
    }
}

/// A chain of linked processes, the last of which ends. Some trap exits: they end with what they heard, or say it and stay.
pub(super) fn chain(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("chain");
    let length = text.number(1, 5);
    let (trapping, is_staying) = (text.random.below(length + 2), text.random.chance(50));
    let mut body = Body::new();
    body.lines(&["LOAD left", "JZ last", "LOAD left", &format!("PUSH_INT {trapping}"), "EQ", "JZ plain"]);
    body.lines(&["TRUE", "TRAP_EXIT"]);
    body.label("plain");
    body.lines(&["LOAD boss", "LOAD left", "PUSH_INT 1", "SUB", &format!("PUSH_STR {name}"), "SPAWN_LINK 2", "POP"]);
    body.wait_for(text, "exit _ Why");
    if is_staying {
        body.lines(&["PUSH_STR heard", "LOAD Why", "MAKE_LIST 2", "LOAD boss", "SEND"]);
        body.lines(&["RECEIVE", "GET_FIELD reason", "EXIT_SELF"]);
    } else {
        body.lines(&["PUSH_STR via", "LOAD left", "LOAD Why", "MAKE_LIST 3", "EXIT_SELF"]);
    }
    body.label("last");
    body.lines(&["PUSH_STR last", "SELF", "MAKE_LIST 2", "LOAD boss", "SEND", "RECEIVE", "POP"]);
    text.end(&mut body);
    text.function(&format!("{name} boss left"), body);
    stage.lines(&["SELF", &format!("PUSH_INT {length}"), &format!("PUSH_STR {name}"), "SPAWN_MONITOR 2"]);
    stage.lines(&["STORE ref", "STORE pid"]);
    stage.wait_for(text, "[\"last\", Last]");
    stage.lines(&["PUSH_STR go", "LOAD Last", "SEND"]);
    if is_staying {
        stage.note_received(text, "[\"heard\", Got]", LONG);
    }
    stage.note_received(text, "down ^ref _ Got", LONG);
    // Whoever still waits at the beginning of the chain.
    text.reason(stage);
    stage.lines(&["LOAD pid", "EXIT_PROCESS"]);
    stage.note_received(text, "down ^ref _ Got", LONG);
}

/// Links that are ended and made again by a process that traps exits, and links with the dead.
pub(super) fn links(text: &mut Text, stage: &mut Body) {
    let dead = text.fresh("ends");
    let mut body = Body::new();
    body.line("NULL");
    text.function(&dead, body);
    stage.lines(&["TRUE", "TRAP_EXIT"]);
    let spawn = text.random.one_of(&["SPAWN 1", "SPAWN_LINK 1"]);
    start_keeper(text, stage, 0, spawn);
    for _ in 0..text.number(0, 5) {
        stage.lines(&["LOAD pid_0", text.random.one_of(&["LINK", "LINK 0", "UNLINK", "UNLINK 0"])]);
    }
    // It ends with what it kept, or because of this.
    text.reason(stage);
    stage.lines(&["LOAD pid_0", "EXIT_PROCESS", "PUSH_STR go", "LOAD pid_0", "SEND"]);
    stage.note_received(text, "exit ^pid_0 Got", 100);
    stage.note_received(text, "exit ^pid_0 Got", 100);
    stage.lines(&[&format!("PUSH_STR {dead}"), "SPAWN_MONITOR", "STORE ref", "STORE pid"]);
    stage.note_received(text, "down ^ref _ Got", LONG);
    if text.random.chance(50) {
        stage.lines(&["LOAD pid", "LINK"]);
        stage.note_received(text, "exit ^pid Got", 0);
    } else {
        let (caught, next) = (text.fresh("caught"), text.fresh("next"));
        stage.lines(&["FALSE", "TRAP_EXIT", &format!("TRY {caught}"), "LOAD pid", "LINK", "END_TRY"]);
        stage.note_text("linked");
        stage.line(&format!("JMP {next}"));
        stage.label(&caught);
        stage.line("ERROR_KIND");
        stage.note();
        stage.label(&next);
    }
}

/// Monitors that are ended before or after they have fired.
pub(super) fn flush(text: &mut Text, stage: &mut Body) {
    start_keeper(text, stage, 0, "SPAWN_MONITOR 1");
    let before = text.random.chance(50);
    let end = text.random.one_of(&["DEMONITOR", "DEMONITOR_FLUSH"]);
    stage.lines(&["LOAD pid_0", "MONITOR", "STORE other"]);
    for _ in 0..text.number(0, 4) {
        text.value(stage, 1);
        stage.lines(&["SELF", "SEND"]);
    }
    if before {
        stage.lines(&["LOAD ref_0", end]);
    }
    stage.lines(&["PUSH_STR go", "LOAD pid_0", "SEND"]);
    stage.note_received(text, "down ^other _ Got", LONG);
    stage.lines(&["PUSH_INT 1", "SLEEP"]);
    if !before {
        stage.lines(&["LOAD ref_0", end]);
    }
    stage.note_received(text, "down ^ref_0 _ Got", 0);
    // What it has sent to itself is there, in its order.
    for _ in 0..text.number(0, 2) {
        stage.note_received(text, "Got", 0);
    }
}

/// A stage that ends because of a process that it is linked with, whose reason is then its own.
pub(super) fn doomed(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("ends");
    let mut body = Body::new();
    text.end(&mut body);
    text.function(&name, body);
    stage.lines(&[&format!("PUSH_STR {name}"), text.random.one_of(&["SPAWN_LINK", "SPAWN_LINK 0"]), "POP"]);
    stage.note_received(text, "[\"nobody sends this\", Got]", LONG);
    if text.random.chance(30) {
        text.end(stage);
        // What ends without a word about it is seen as well.
        stage.line("POP");
    }
}
