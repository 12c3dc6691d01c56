//! Links, monitors and names.

use ttvm_isa::{Fault, OpCode, Text};

use super::{
    instructions::Named,
    signals::{exit_message, is_down_of},
    table::Processes,
};
use crate::{
    machine::{Oracle, Step},
    operations::mismatch,
    value::Value,
};

impl Processes {
    /// Links the process whose turn it is with another that lives (rule P36).
    pub(super) fn tie(&mut self, other: u64) {
        let me = self.current;
        for (one, peer) in [(me, other), (other, me)] {
            let links = self.table.get_mut(&one).map(|process| &mut process.links);
            if let Some(links) = links.filter(|links| !links.contains(&peer)) {
                links.push(peer);
            }
        }
    }

    /// Lets the process whose turn it is watch another; gives the ref (rule P41).
    pub(super) fn watch(&mut self, other: u64) -> u64 {
        let reference = self.new_reference();
        let me = self.current;
        if other == me {
            return reference;
        }
        self.current_mut().monitors.push((reference, other));
        match self.table.get_mut(&other) {
            Some(process) => process.watchers.push((reference, me)),
            None => self.down(me, reference, other, Value::str("noproc")),
        }
        reference
    }

    /// Ends a monitor of the process whose turn it is; says whether there was one.
    fn unwatch(&mut self, reference: u64) -> bool {
        let monitors = &mut self.current_mut().monitors;
        let Some(place) = monitors.iter().position(|(known, _)| *known == reference) else { return false };
        let (_, target) = monitors.remove(place);
        if let Some(process) = self.table.get_mut(&target) {
            process.watchers.retain(|(known, _)| *known != reference);
        }
        true
    }
}

impl Oracle {
    /// Rules P36 and P37.
    pub(super) fn link_process(&mut self, op: &OpCode, written: Option<u32>) -> Result<Step, Fault> {
        let (_, target, is_written) = self.operands_and_target(op, written, 0)?;
        let me = self.processes.current;
        let missing = match target {
            Named::Process(number) if number == me => return Ok(Step::Next),
            Named::Process(number) if self.processes.is_alive(number) => {
                self.processes.tie(number);
                return Ok(Step::Next);
            }
            Named::Process(number) => number.to_string(),
            Named::Nobody(target) => target,
        };
        if is_written {
            self.warn_missing(op, &missing);
        } else if self.processes.current_mut().traps_exits {
            let from = missing.parse().unwrap_or(0);
            self.processes.deliver_system(me, exit_message(from, Value::str("noproc")));
        } else {
            return Err(Fault::NoProcess { operation: op.mnemonic(), target: missing });
        }
        Ok(Step::Next)
    }

    pub(super) fn unlink_process(&mut self, op: &OpCode, written: Option<u32>) -> Result<Step, Fault> {
        let (_, target, is_written) = self.operands_and_target(op, written, 0)?;
        let me = self.processes.current;
        match target {
            Named::Process(number) => {
                for (one, peer) in [(me, number), (number, me)] {
                    if let Some(process) = self.processes.table.get_mut(&one) {
                        process.links.retain(|link| *link != peer);
                    }
                }
            }
            Named::Nobody(target) if is_written => self.warn_missing(op, &target),
            Named::Nobody(_) => {}
        }
        Ok(Step::Next)
    }

    pub(super) fn monitor(&mut self, op: &OpCode, written: Option<u32>) -> Result<Step, Fault> {
        let (_, target, is_written) = self.operands_and_target(op, written, 0)?;
        let number = match target {
            Named::Process(number) => number,
            Named::Nobody(target) => {
                if is_written {
                    self.warn_missing(op, &target);
                }
                target.parse().unwrap_or(0)
            }
        };
        let reference = self.processes.watch(number);
        Ok(self.push_constant(Value::Reference(reference)))
    }

    pub(super) fn demonitor(&mut self, op: &OpCode, name: Option<&str>) -> Result<Step, Fault> {
        let Some(name) = name else {
            let reference = self.pop_reference(op)?;
            self.processes.unwatch(reference);
            return Ok(Step::Next);
        };
        let numbers = name.strip_prefix("mon_").and_then(|rest| rest.split_once('_'));
        let parsed = numbers.and_then(|(of, target)| Some((of.parse::<u64>().ok()?, target.parse::<u64>().ok()?)));
        let Some((of, target)) = parsed else {
            let error = format!("{name:?} is not of the form mon_<self>_<pid>");
            return Err(Fault::Argument { operation: op.mnemonic(), error });
        };
        if of == self.processes.current {
            for (reference, watched) in self.processes.current_mut().monitors.clone() {
                if watched == target {
                    self.processes.unwatch(reference);
                }
            }
        }
        Ok(Step::Next)
    }

    /// Rule P42.
    pub(super) fn demonitor_flush(&mut self, op: &OpCode) -> Result<Step, Fault> {
        let reference = self.pop_reference(op)?;
        if !self.processes.unwatch(reference) {
            self.processes.current_mut().mailbox.messages.retain(|message| !is_down_of(message, reference));
        }
        Ok(Step::Next)
    }

    pub(super) fn trap_exit(&mut self, op: &OpCode) -> Result<Step, Fault> {
        let value = self.pop(op.mnemonic())?;
        let traps = match &value {
            Value::Bool(traps) => Some(*traps),
            Value::Int(int) => match u8::try_from(int) {
                Ok(0) => Some(false),
                Ok(1) => Some(true),
                _ => None,
            },
            _ => None,
        };
        let Some(traps) = traps else { return Err(mismatch(op.mnemonic(), "a bool", &[&value])) };
        self.processes.current_mut().traps_exits = traps;
        Ok(Step::Next)
    }

    /// Rule P43.
    pub(super) fn register(&mut self, op: &OpCode, name: &Text) -> Result<Step, Fault> {
        let me = self.processes.current;
        let old = self.processes.current_mut().name.clone();
        if let Some(old) = old.filter(|_| self.is_strict) {
            let error = format!("process {me} is already registered as {old:?}");
            return Err(Fault::Argument { operation: op.mnemonic(), error });
        }
        match self.processes.names.get(&**name) {
            Some(holder) if *holder != me => {
                let error = format!("the name {name:?} is taken by process {holder}");
                return Err(Fault::Argument { operation: op.mnemonic(), error });
            }
            Some(_) => {}
            None => {
                if let Some(old) = self.processes.current_mut().name.replace(name.to_string()) {
                    self.processes.names.remove(&old);
                    let place = self.place();
                    self.stderr += &format!(
                        "warning: {place}: process {me} is already registered as {old:?}; it is {name:?} from now on\n"
                    );
                }
                self.processes.names.insert(name.to_string(), me);
            }
        }
        Ok(Step::Next)
    }

    pub(super) fn unregister(&mut self, op: &OpCode, name: &Text) -> Result<Step, Fault> {
        let Some(holder) = self.processes.names.remove(&**name) else {
            let error = format!("no process is registered as {name:?}");
            return Err(Fault::Argument { operation: op.mnemonic(), error });
        };
        if let Some(process) = self.processes.table.get_mut(&holder) {
            process.name = None;
        }
        Ok(Step::Next)
    }
}
