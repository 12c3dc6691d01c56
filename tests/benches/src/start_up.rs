//! How long an empty program takes from start to end, and how much memory it needs.

use serde::Serialize;

use crate::{
    contestants::{Contestant, Launcher},
    process::{ProcessError, Program},
    suite::Peer,
};

/// The start-up of one contestant.
#[derive(Clone, Debug, Serialize)]
pub struct StartUp {
    /// The name in tables.
    pub name: String,
    /// The program and its arguments.
    pub command: String,
    /// Seconds by the clock from the start of the process to its end, a value for each run.
    pub seconds: Vec<f64>,
    /// The most memory it needed until it waited for input.
    pub peak_bytes: u64,
}

/// An empty program, and one that says a word and waits for input.
struct Programs {
    name: String,
    empty: Program,
    waiting: Program,
}

/// Starts an empty program of each contestant in turn; programs compiled to native code take no part.
///
/// # Errors
/// A program does not start or fails.
pub fn measure(contestants: &[Contestant], runs: u32) -> Result<Vec<StartUp>, ProcessError> {
    let programs: Vec<Programs> = contestants.iter().filter_map(programs).collect();
    let mut results = Vec::new();
    for Programs { name, empty, waiting } in &programs {
        // Once outside the count: the first start reads the program from the disk.
        empty.wall_seconds()?;
        let (name, command) = (name.clone(), empty.shown());
        results.push(StartUp { name, command, seconds: Vec::new(), peak_bytes: waiting.peak_bytes()? });
    }
    for _ in 0..runs {
        for (result, program) in results.iter_mut().zip(&programs) {
            result.seconds.push(program.empty.wall_seconds()?);
        }
    }
    Ok(results)
}

fn programs(contestant: &Contestant) -> Option<Programs> {
    let (empty, waiting) = match (&contestant.launcher, contestant.peer) {
        (Launcher::Script { .. }, None) => {
            let program = |file: &str| contestant.program(&[file.to_owned()], None);
            (program("start.ttvm"), program("start_memory.ttvm"))
        }
        (Launcher::Script { interpreter, .. }, Some(Peer::Lua | Peer::LuaJit)) => {
            let program = |text: &str| Program::new(interpreter).with(["-e", text]);
            (program(""), program(r#"print("ready") io.stdout:flush() io.read()"#))
        }
        (Launcher::Erlang { erl, .. }, _) => {
            let program = |text: &str| Program::new(erl).with(["-noshell", "-eval", text]);
            (program("halt()."), program(r#"io:format("ready~n"), io:get_line(""), halt()."#))
        }
        (Launcher::Script { .. }, Some(Peer::Erlang | Peer::Go | Peer::Rust | Peer::Timely))
        | (Launcher::Binary { .. }, _) => {
            return None;
        }
    };
    Some(Programs { name: contestant.name.to_owned(), empty, waiting })
}
