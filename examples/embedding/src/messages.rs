//! A program that squares numbers in a process of its own; Rust sends the numbers and receives the squares.
//!
//! Shows: loading text, running a machine on threads of its own, finding a process by its name, sending to it from
//! another thread, receiving in Rust as a process among others.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use ttvm_machine::{Ending, Handle, Loader, Machine, MachineConfiguration};
use ttvm_runtime::{Context, NativeProcess, NativeStep};
use ttvm_value::{Pid, Value};

/// The program: a server under a name. It gets `[pid, number]`, and ends when it gets anything else.
const PROGRAM: &str = r#"
    REGISTER "squares"
  serve:
    .receive
      case [pid P, int N] -> square
      case _              -> stop
    .end
  square:
    LOAD N
    LOAD N
    MUL
    LOAD P
    SEND
    JMP serve
  stop:
    HALT
"#;

/// A process in Rust that hands the ints it receives to a channel.
struct Collector {
    numbers: Sender<i64>,
}

impl NativeProcess for Collector {
    fn name(&self) -> &str {
        "collector"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        while let Some(message) = context.receive(|_| true) {
            if let Value::Int(number) = message
                && self.numbers.send(number).is_err()
            {
                return NativeStep::End(Value::Null);
            }
        }
        NativeStep::Wait
    }
}

/// Squares some numbers with the program.
///
/// # Errors
/// What went wrong, for people.
pub fn squares_of(numbers: &[i64]) -> Result<Vec<i64>, String> {
    let program =
        Loader::default().load_bytes("squares.ttvm", PROGRAM.as_bytes()).map_err(|error| error.to_string())?;
    let mut machine = Machine::new(program, MachineConfiguration { schedulers: 2, ..Default::default() });
    let handle = machine.handle();
    // While we hold it, a machine in which everybody waits has no deadlock: we may send.
    let hold = handle.hold();
    let (sender, squares) = channel();
    let collector = handle.spawn_native(Box::new(Collector { numbers: sender })).ok_or("too many processes")?;
    let running = thread::spawn(move || matches!(machine.run().ending, Ending::Normal));
    let result = exchange(&handle, collector, &squares, numbers);
    drop(hold);
    let is_well = running.join().map_err(|_| "the machine panicked".to_owned())?;
    result.and_then(|squares| if is_well { Ok(squares) } else { Err("the program failed".to_owned()) })
}

fn exchange(handle: &Handle, collector: Pid, squares: &Receiver<i64>, numbers: &[i64]) -> Result<Vec<i64>, String> {
    let server = loop {
        match handle.whereis("squares") {
            Some(server) => break server,
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    for number in numbers {
        let request = Value::list([Value::Pid(collector), Value::Int(*number)].into_iter());
        handle.send(server, request.map_err(|fault| fault.to_string())?);
    }
    let answers = numbers.iter().map(|_| squares.recv_timeout(Duration::from_secs(10)));
    let answers: Result<Vec<i64>, _> = answers.collect();
    handle.send(server, Value::Null);
    answers.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_go_to_the_program_and_come_back_squared_in_order() {
        assert_eq!(super::squares_of(&[1, 2, 3, 12]), Ok(vec![1, 4, 9, 144]));
    }
}
