//! Programs of many processes whose output does not depend on the order in which these run.
//!
//! A program is a number of stages, processes that run side by side and know nothing of each other. Each tells main a list
//! of what it has seen, and main prints the lists and the reasons of their ends one after the other. What a stage sees has
//! one order by construction: messages come from one sender, or are told apart by tags and received in a fixed order, or
//! are sent at different virtual times. Nothing is said about pids, refs and reductions. So the output is that of every
//! order, under virtual time.
//!
//! | file | what |
//! |---|---|
//! | `processes/text.rs` | the text of a program under construction, random values in it |
//! | `processes/work.rs` | stages whose processes compute for each other: trees, rings, many senders |
//! | `processes/ends.rs` | stages about reasons, links and monitors |
//! | `processes/values.rs` | stages about values that several processes hold |
//! | `processes/waits.rs` | stages about patterns, time, names and pauses |

mod ends;
mod text;
mod values;
mod waits;
mod work;

use self::text::{Body, Text};
use crate::random::Random;

/// What a stage is about.
type Stage = fn(&mut Text, &mut Body);

/// All kinds of stages.
const STAGES: [Stage; 16] = [
    work::tree,
    work::ring,
    work::senders,
    ends::reasons,
    ends::requests,
    ends::chain,
    ends::links,
    ends::flush,
    ends::doomed,
    values::shared,
    waits::patterns,
    waits::timers,
    waits::sleepers,
    waits::names,
    waits::limit,
    waits::pause,
];

/// The text of the program of a seed, with so many stages.
#[must_use]
pub fn program(seed: u64, stages: usize) -> String {
    let mut text = Text::new(Random::new(seed));
    for number in 0..stages {
        let kind = text.random.one_of(&STAGES);
        let mut body = Body::new();
        body.lines(&["MAKE_LIST 0", "STORE out"]);
        kind(&mut text, &mut body);
        body.lines(&["PUSH_STR stage", &format!("PUSH_INT {number}"), "LOAD out", "MAKE_LIST 3", "LOAD boss", "SEND"]);
        text.function(&format!("stage_{number} boss"), body);
    }
    text.finish(main(&mut Random::new(!seed), stages))
}

/// Starts all stages, then waits for one after the other.
fn main(random: &mut Random, stages: usize) -> Body {
    let mut body = Body::new();
    for number in 0..stages {
        body.lines(&["SELF", &format!("PUSH_STR stage_{number}"), "SPAWN_MONITOR 1"]);
        body.lines(&[&format!("STORE ref_{number}"), "POP"]);
    }
    for number in 0..stages {
        body.lines(&[
            ".receive",
            &format!("  case [\"stage\", {number}, Out] -> told_{number}"),
            &format!("  case down ^ref_{number} _ Reason -> failed_{number}"),
            &format!("  after 1000000000 -> silent_{number}"),
            ".end",
        ]);
        body.label(&format!("silent_{number}"));
        body.lines(&["PUSH_STR silent", "PRINT", &format!("JMP next_{number}")]);
        body.label(&format!("told_{number}"));
        body.lines(&["LOAD Out", "PRINT"]);
        body.lines(&[".receive", &format!("  case down ^ref_{number} _ Reason -> failed_{number}"), ".end"]);
        body.label(&format!("failed_{number}"));
        body.lines(&["LOAD Reason", "PRINT"]);
        body.label(&format!("next_{number}"));
    }
    // How the program ends.
    match random.below(12) {
        0 => body.lines(&["PUSH_INT 1", "PUSH_INT 0", "DIV"]),
        1 => body.lines(&["PUSH_INT 7", "EXIT"]),
        2 => body.lines(&["PUSH_STR shutdown", "EXIT_SELF"]),
        3 => body.lines(&["PUSH_STR \"a reason\"", "EXIT_SELF"]),
        4 => body.lines(&[".receive", "  case \"nobody sends this\" -> never", ".end"]),
        5 => body.lines(&["PUSH_STR kill", "SELF", "EXIT_PROCESS", "PUSH_STR never", "PRINT"]),
        6 => body.lines(&["PUSH_STR thrown", "THROW"]),
        _ => body.lines(&["PUSH_STR end", "PRINT"]),
    }
    body.label("never");
    body
}
