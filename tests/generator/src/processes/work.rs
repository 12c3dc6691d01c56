//! Stages whose processes compute for each other.

use super::text::{Body, Text};

/// A tree of workers, each of which combines what its children found, in an order of its own.
pub(super) fn tree(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("tree");
    let children = text.number(1, 3);
    let depth = text.number(0, if children == 3 { 2 } else { 3 });
    let spawn = text.random.one_of(&["SPAWN 3", "SPAWN_LINK 3"]);
    let by_name = text.random.chance(50);
    let start = |body: &mut Body| {
        body.line(&if by_name { format!("PUSH_STR {name}") } else { format!("MAKE_FUNCTION {name}") });
        body.lines(&[spawn, "POP"]);
    };
    let mut body = Body::new();
    body.lines(&["LOAD depth", "JZ leaf"]);
    for child in 0..children {
        let tag = format!("PUSH_INT {}", child + 1);
        body.lines(&["SELF", "LOAD tag", "PUSH_INT 7", "MUL", &tag, "ADD", "LOAD depth", "PUSH_INT 1", "SUB"]);
        start(&mut body);
    }
    text.burn(&mut body);
    body.lines(&["PUSH_INT 0", "STORE sum"]);
    for child in text.order(children) {
        body.lines(&["LOAD tag", "PUSH_INT 7", "MUL", &format!("PUSH_INT {}", child + 1), "ADD", "STORE wanted"]);
        body.wait_for(text, "[\"tree\", ^wanted, Found]");
        body.lines(&["LOAD sum", &format!("PUSH_INT {}", text.number(2, 9)), "MUL", "LOAD Found", "ADD"]);
        body.lines(&["PUSH_INT 1000003", "MOD", "STORE sum"]);
    }
    body.line("JMP tell");
    body.label("leaf");
    text.burn(&mut body);
    body.lines(&["LOAD tag", "LOAD tag", "MUL", &format!("PUSH_INT {}", text.random.small()), "ADD", "STORE sum"]);
    if text.random.chance(40) {
        // Nobody wants it.
        body.lines(&["PUSH_STR noise", "LOAD parent", "SEND"]);
    }
    body.label("tell");
    body.lines(&["PUSH_STR tree", "LOAD tag", "LOAD sum", "MAKE_LIST 3", "LOAD parent", "SEND"]);
    text.function(&format!("{name} parent tag depth"), body);
    stage.lines(&["SELF", "PUSH_INT 1", &format!("PUSH_INT {depth}")]);
    start(stage);
    stage.note_received(text, "[\"tree\", 1, Got]", 1000);
}

/// A token that goes round and grows.
pub(super) fn ring(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("ring");
    let (size, rounds) = (text.number(1, 6), text.number(1, 8));
    let mut body = Body::new();
    body.label("again");
    body.lines(&[".receive", "  case [int Left, int Sum] -> token", "  case \"end\" -> over", ".end"]);
    body.label("token");
    text.burn(&mut body);
    body.lines(&["LOAD Left", "LOAD Sum", &format!("PUSH_INT {}", text.number(2, 5)), "MUL", "LOAD number", "ADD"]);
    body.lines(&["PUSH_INT 65537", "MOD", "MAKE_LIST 2", "LOAD next", "SEND", "JMP again"]);
    body.label("over");
    body.lines(&["LOAD number", "EXIT_SELF"]);
    text.function(&format!("{name} next number"), body);
    stage.lines(&["SELF", "STORE next"]);
    for number in 0..size {
        stage.lines(&["LOAD next", &format!("PUSH_INT {number}"), &format!("PUSH_STR {name}"), "SPAWN_MONITOR 2"]);
        stage.lines(&[&format!("STORE ref_{number}"), &format!("STORE pid_{number}")]);
        stage.lines(&[&format!("LOAD pid_{number}"), "STORE next"]);
    }
    let (again, over) = (text.fresh("again"), text.fresh("over"));
    stage.lines(&[&format!("PUSH_INT {rounds}"), "STORE Left", "PUSH_INT 0", "STORE Sum"]);
    stage.label(&again);
    stage.lines(&["LOAD Left", &format!("JZ {over}"), "LOAD Left", "PUSH_INT 1", "SUB", "LOAD Sum", "MAKE_LIST 2"]);
    stage.lines(&["LOAD next", "SEND"]);
    stage.wait_for(text, "[int Left, int Sum]");
    stage.line(&format!("JMP {again}"));
    stage.label(&over);
    stage.line("LOAD Sum");
    stage.note();
    for number in text.order(size) {
        stage.lines(&["PUSH_STR end", &format!("LOAD pid_{number}"), "SEND"]);
        stage.note_received(text, &format!("down ^ref_{number} _ Got"), 100);
    }
}

/// Many that send numbered messages: of each sender all come, in the order in which they were sent (rule P1).
pub(super) fn senders(text: &mut Text, stage: &mut Body) {
    let name = text.fresh("sender");
    let (count, messages) = (text.number(1, 4), text.number(1, 6));
    let is_plain = text.random.chance(30);
    let mut body = Body::new();
    for message in 0..messages {
        text.burn(&mut body);
        body.lines(&["LOAD number", &format!("PUSH_INT {message}")]);
        text.value(&mut body, 2);
        body.lines(&["MAKE_LIST 3", "LOAD to", "SEND"]);
    }
    text.end(&mut body);
    text.function(&format!("{name} to number"), body);
    for number in 0..count {
        stage.lines(&["SELF", &format!("PUSH_INT {number}"), &format!("PUSH_STR {name}"), "SPAWN_MONITOR 2"]);
        stage.lines(&[&format!("STORE ref_{number}"), "POP"]);
    }
    if is_plain && count == 1 {
        // Only one process sends, and then its end comes.
        for _ in 0..messages {
            stage.line("RECEIVE");
            stage.note();
        }
        let none = text.fresh("none");
        stage.lines(&["PUSH_INT 50", &format!("RECEIVE_TIMEOUT {none}"), "GET_FIELD reason"]);
        stage.note();
        stage.label(&none);
        return;
    }
    for number in text.order(count) {
        for _ in 0..messages {
            stage.lines(&[&format!("PUSH_INT {number}"), "STORE wanted"]);
            stage.note_received(text, "[^wanted | Got]", 100);
        }
        stage.note_received(text, &format!("down ^ref_{number} _ Got"), 100);
    }
}
