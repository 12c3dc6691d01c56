//! A tree of supervisors that Rust starts, watches and disturbs: a child that is killed comes back under its name.
//!
//! Shows: a `.supervisor` block in a program's text, registered names seen from Rust, exit signals sent from Rust,
//! restarts with another pid.

use std::{
    thread,
    time::{Duration, Instant},
};

use ttvm_machine::{Ending, Handle, Loader, Machine, MachineConfiguration, Pid};
use ttvm_value::Value;

/// A shop with two workers below a supervisor; main waits until it is told to stop.
const PROGRAM: &str = r#"
.supervisor shop strategy=one_for_one intensity=5 period=10s
  child baker  start=baker  restart=permanent
  child barista start=barista restart=permanent
.end

.fn baker
    REGISTER "baker"
    RECEIVE
.end

.fn barista
    REGISTER "barista"
    RECEIVE
.end

    REGISTER "owner"
    START_SUPERVISOR "shop"
    RECEIVE
    HALT
"#;

/// What came of a disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restarted {
    /// The baker who was killed.
    pub before: Pid,
    /// The baker who came instead.
    pub after: Pid,
    /// The barista was left alone.
    pub barista_stayed: bool,
}

/// Starts the shop, kills the baker, and waits for the next one.
///
/// # Errors
/// What went wrong, for people.
pub fn kill_the_baker() -> Result<Restarted, String> {
    let program = Loader::default().load_bytes("shop.ttvm", PROGRAM.as_bytes()).map_err(|error| error.to_string())?;
    let mut machine = Machine::new(program, MachineConfiguration { schedulers: 2, ..Default::default() });
    let handle = machine.handle();
    let hold = handle.hold();
    let running = thread::spawn(move || matches!(machine.run().ending, Ending::Normal));
    let result = disturb(&handle);
    if let Some(owner) = handle.whereis("owner") {
        handle.send(owner, Value::Null);
    }
    drop(hold);
    let is_well = running.join().map_err(|_| "the machine panicked".to_owned())?;
    result.and_then(|restarted| if is_well { Ok(restarted) } else { Err("the program failed".to_owned()) })
}

fn disturb(handle: &Handle) -> Result<Restarted, String> {
    let before = wait_for(|| handle.whereis("baker")).ok_or("no baker came")?;
    let barista = wait_for(|| handle.whereis("barista")).ok_or("no barista came")?;
    handle.exit(before, Value::str("kill").map_err(|fault| fault.to_string())?);
    let after = wait_for(|| handle.whereis("baker").filter(|baker| *baker != before)).ok_or("no other baker came")?;
    Ok(Restarted { before, after, barista_stayed: handle.whereis("barista") == Some(barista) })
}

/// Asks until there is an answer, for ten seconds at most.
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        thread::sleep(Duration::from_millis(1));
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_killed_child_comes_back_and_its_sibling_stays() {
        let restarted = super::kill_the_baker().expect("the shop runs");
        assert!(restarted.after.number() > restarted.before.number());
        assert!(restarted.barista_stayed);
    }
}
