//! Times as programs write them, sleeping and timers.

use num_bigint::BigInt;
use ttvm_isa::{Fault, OpCode, limits::WAIT_MILLISECONDS_MAX};

use super::{
    instructions::Named,
    signals::NOBODY,
    table::{Target, Timer, Wait},
};
use crate::{
    machine::{Oracle, Step},
    number::Number,
    operations::mismatch,
    text::Printed,
    value::Value,
};

/// Nanoseconds of a wait, written in milliseconds as an int or float.
pub(super) fn wait(operation: &'static str, milliseconds: &Value) -> Result<u64, Fault> {
    let Some(number) = Number::of(milliseconds) else {
        return Err(mismatch(operation, "a number", &[milliseconds]));
    };
    let float = number.to_float();
    if !(0.0..=WAIT_MILLISECONDS_MAX as f64).contains(&float) {
        let error = format!("milliseconds must be from 0 to {WAIT_MILLISECONDS_MAX}, not {}", Printed(milliseconds));
        return Err(Fault::Argument { operation, error });
    }
    Ok((float * 1e6).round() as u64)
}

/// The same for a receive, in whole milliseconds, rounded up; `None` for the str `infinity`.
pub(super) fn of_receive(operation: &'static str, time: &Value) -> Result<Option<u64>, Fault> {
    let milliseconds = match time {
        Value::Str(text) if text.as_str() == "infinity" => return Ok(None),
        Value::Int(int) => u64::try_from(int).ok(),
        Value::Float(float) if *float >= 0.0 => Some(float.ceil() as u64),
        Value::Float(_) => None,
        other => return Err(mismatch(operation, "milliseconds or infinity", &[other])),
    };
    match milliseconds {
        Some(milliseconds) => Ok(Some(milliseconds.saturating_mul(1_000_000))),
        None => Err(Fault::Argument { operation, error: format!("{} is no number of milliseconds", Printed(time)) }),
    }
}

impl Oracle {
    /// `SLEEP`: the time stays on the stack until it is over.
    pub(crate) fn sleep(&mut self) -> Result<Step, Fault> {
        let milliseconds = self.pop("SLEEP")?;
        let after = wait("SLEEP", &milliseconds)?;
        let now = self.host.now();
        let process = self.processes.current_mut();
        match process.deadline {
            Some(deadline) if deadline <= now => {
                process.deadline = None;
                return Ok(Step::Next);
            }
            Some(_) => {}
            None => process.deadline = Some(now.saturating_add(after)),
        }
        process.wait = Wait::Sleep;
        self.push(milliseconds);
        Ok(Step::Wait)
    }

    pub(super) fn send_after(&mut self, op: &OpCode) -> Result<Step, Fault> {
        let operands = self.pop_operands(op.mnemonic(), 3)?;
        let [message, target, delay] = &operands[..] else { unreachable!("three operands were asked for") };
        let due = self.host.now().saturating_add(wait(op.mnemonic(), delay)?);
        let target = match target {
            Value::Str(name) => Target::Name(name.to_string()),
            other => match self.named(op, other)? {
                Named::Process(number) => Target::Process(number),
                Named::Nobody(_) => Target::Process(NOBODY),
            },
        };
        let reference = self.processes.new_reference();
        // Rule P52: there is none to the dead.
        if !matches!(target, Target::Process(number) if !self.processes.is_alive(number)) {
            self.processes.timers.push(Timer { due, reference, target, message: message.clone() });
        }
        self.code.reductions += 1;
        Ok(self.push_constant(Value::Reference(reference)))
    }

    /// Pushes the milliseconds that were left, or false if there is no such timer any more (rule P52).
    pub(super) fn cancel_timer(&mut self, op: &OpCode) -> Result<Step, Fault> {
        let reference = self.pop_reference(op)?;
        let now = self.host.now();
        let timers = &mut self.processes.timers;
        let place = timers.iter().position(|timer| timer.reference == reference);
        let left = place.map(|place| timers.remove(place).due.saturating_sub(now) / 1_000_000);
        Ok(self.push_constant(left.map_or(Value::Bool(false), |left| Value::Int(BigInt::from(left)))))
    }
}
