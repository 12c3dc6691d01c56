//! Sending and receiving.

use ttvm_isa::{
    Fault, OpCode, Text,
    receive::{AfterTime, ReceiveTable},
};

use super::{instructions::Named, mailbox::Message, matching, table::Wait, time};
use crate::machine::{Oracle, Step};

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

impl Oracle {
    /// `SEND` pid or `SEND`.
    pub(super) fn send(&mut self, op: &OpCode, written: Option<u32>) -> Result<Step, Fault> {
        let (operands, target, is_written) = self.operands_and_target(op, written, 1)?;
        let [message] = &operands[..] else { unreachable!("one operand was asked for") };
        match target {
            Named::Process(number) => self.processes.deliver(number, message.clone()),
            Named::Nobody(target) if is_written => self.warn_missing(op, &target),
            // A number that nobody has is that of a dead process: rule P4.
            Named::Nobody(target) if target.starts_with('"') => {
                return Err(Fault::NoProcess { operation: op.mnemonic(), target });
            }
            Named::Nobody(_) => {}
        }
        self.code.reductions += 1;
        Ok(Step::Next)
    }

    pub(super) fn send_named(&mut self, op: &OpCode, name: &Text) -> Result<Step, Fault> {
        let message = self.pop(op.mnemonic())?;
        match self.processes.names.get(&**name).copied() {
            Some(number) => self.processes.deliver(number, message),
            None => self.warn_missing(op, &format!("{name:?}")),
        }
        self.code.reductions += 1;
        Ok(Step::Next)
    }

    /// `RECEIVE`: the oldest message, whatever it is.
    pub(super) fn receive(&mut self) -> Step {
        let process = self.processes.current_mut();
        if process.mailbox.messages.is_empty() {
            process.wait = Wait::Message;
            return Step::Wait;
        }
        let message = process.mailbox.messages.remove(0);
        self.code.reductions += 1;
        self.push_constant(message.value)
    }

    /// `RECEIVE_TIMEOUT`: the same, for some milliseconds. They stay on the stack while it waits.
    pub(super) fn receive_timeout(&mut self, op: &OpCode, target: u32) -> Result<Step, Fault> {
        let milliseconds = self.pop(op.mnemonic())?;
        let after = time::of_receive(op.mnemonic(), &milliseconds)?;
        let process = self.processes.current_mut();
        if !process.mailbox.messages.is_empty() {
            process.deadline = None;
            let message = process.mailbox.messages.remove(0);
            self.code.reductions += 1;
            return Ok(self.push_constant(message.value));
        }
        if self.is_over(after) {
            return Ok(Step::Jump(target));
        }
        self.push(milliseconds);
        Ok(Step::Wait)
    }

    /// `RECEIVE_MATCH`: the oldest message that a case matches (rules P46, P47).
    pub(super) fn receive_match(&mut self, op: &OpCode, table: &ReceiveTable) -> Result<Step, Fault> {
        for case in &table.cases {
            matching::check_names(&case.pattern, &self.code)?;
        }
        let after = match table.after.as_ref().map(|after| &after.time) {
            None | Some(AfterTime::Infinity) => None,
            Some(AfterTime::Milliseconds(milliseconds)) => Some(milliseconds * MILLISECOND),
            Some(AfterTime::Variable(name)) => time::of_receive(op.mnemonic(), self.code.variable(name)?)?,
        };
        let variables = self.code.variables();
        let process = self.processes.current_mut();
        let first_match = |message: &Message| {
            table.cases.iter().find_map(|case| Some((case, matching::matches(case, &message.value, variables)?)))
        };
        let mut places = process.mailbox.messages.iter().enumerate();
        if let Some((place, (case, bound))) = places.find_map(|(place, message)| Some((place, first_match(message)?))) {
            process.deadline = None;
            process.mailbox.messages.remove(place);
            self.code.set_variables(bound);
            self.code.reductions += 1;
            return Ok(Step::Jump(case.target));
        }
        match &table.after {
            Some(end) if self.is_over(after) => Ok(Step::Jump(end.target)),
            Some(_) => Ok(Step::Wait),
            None => {
                self.processes.current_mut().wait = Wait::Message;
                Ok(Step::Wait)
            }
        }
    }

    /// Whether the wait for a message, which lasts so many nanoseconds if not for ever, is over. If not, it begins or goes
    /// on.
    fn is_over(&mut self, after: Option<u64>) -> bool {
        let now = self.host.now();
        let process = self.processes.current_mut();
        let Some(after) = after else {
            process.wait = Wait::Message;
            return false;
        };
        let deadline = *process.deadline.get_or_insert(now.saturating_add(after));
        if now >= deadline {
            process.deadline = None;
            return true;
        }
        process.wait = Wait::Message;
        false
    }
}
