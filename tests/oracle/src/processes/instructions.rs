//! The instructions about processes: one arm each.

use ttvm_isa::{Fault, OpCode};

use crate::{
    machine::{Ending, Interruption, Oracle, Step},
    operations::mismatch,
    value::Value,
};

/// The process that an instruction is about.
pub(super) enum Named {
    /// It may live.
    Process(u64),
    /// There is none; what the program wrote, for messages.
    Nobody(String),
}

impl Oracle {
    /// Executes an instruction that no other file knows.
    pub(crate) fn execute_process_instruction(&mut self, op: &OpCode) -> Result<Step, Interruption> {
        let me = self.processes.current;
        let step = match op {
            OpCode::Spawn { count } | OpCode::SpawnLink { count } | OpCode::SpawnMonitor { count } => {
                self.spawn(op, count.unwrap_or(0))?
            }
            OpCode::SelfPid {} => self.push_constant(Value::Pid(me)),
            OpCode::MakeRef {} => {
                let reference = self.processes.new_reference();
                self.push_constant(Value::Reference(reference))
            }
            OpCode::Yield {} => Step::Yield,
            OpCode::Processes {} => {
                let pids = self.processes.table.keys().copied().map(Value::Pid).collect();
                self.push_constant(Value::list(pids))
            }
            OpCode::IsAlive {} => {
                let target = self.pop_target(op)?;
                let is_alive = matches!(target, Named::Process(number) if self.processes.is_alive(number));
                self.push_constant(Value::Bool(is_alive))
            }
            OpCode::Send { pid } => self.send(op, *pid)?,
            OpCode::Sendnamed { name } => self.send_named(op, name)?,
            OpCode::SendAfter {} => self.send_after(op)?,
            OpCode::CancelTimer {} => self.cancel_timer(op)?,
            OpCode::Receive {} => self.receive(),
            OpCode::ReceiveTimeout { target } => self.receive_timeout(op, *target)?,
            OpCode::ReceiveMatch { table } => self.receive_match(op, table)?,
            OpCode::Register { name } => self.register(op, name)?,
            OpCode::Unregister { name } => self.unregister(op, name)?,
            OpCode::Whereis { name } => {
                let found = self.processes.names.get(&**name).copied();
                self.push_constant(found.map_or(Value::int(0), Value::Pid))
            }
            OpCode::Registered {} => {
                let names = self.processes.names.keys().map(|name| Value::str(name.as_str())).collect();
                self.push_constant(Value::list(names))
            }
            OpCode::Link { pid } => self.link_process(op, *pid)?,
            OpCode::Unlink { pid } => self.unlink_process(op, *pid)?,
            OpCode::Monitor { pid } => self.monitor(op, *pid)?,
            OpCode::Demonitor { name } => self.demonitor(op, name.as_deref())?,
            OpCode::DemonitorFlush {} => self.demonitor_flush(op)?,
            OpCode::TrapExit {} => self.trap_exit(op)?,
            OpCode::ExitSelf {} => {
                let reason = self.pop(op.mnemonic())?;
                self.processes.end(me, reason);
                Step::Yield
            }
            OpCode::ExitProcess {} => {
                let (mut operands, target, _) = self.operands_and_target(op, None, 1)?;
                if let (Named::Process(number), Some(reason)) = (target, operands.pop()) {
                    self.processes.request_exit(me, number, reason);
                }
                Step::Next
            }
            OpCode::Pause {} => self.pause(op, true)?,
            OpCode::Resume {} => self.pause(op, false)?,
            OpCode::SetPriority {} => self.set_priority(op)?,
            OpCode::SetLimit {} => return self.set_limit(op),
            // The type may grow: an instruction without an arm gives no verdict, which fails every test that uses it.
            unknown => return Err(Interruption::End(Ending::Unsupported(unknown.mnemonic()))),
        };
        Ok(step)
    }

    /// Takes the target of an instruction off the stack.
    pub(super) fn pop_target(&mut self, op: &OpCode) -> Result<Named, Fault> {
        let target = self.pop(op.mnemonic())?;
        self.named(op, &target)
    }

    /// Takes `others` operands and, above them, the target, unless its number is written in the instruction; a written 0
    /// means the stack. With whether a number is written: then a missing target is only warned of.
    pub(super) fn operands_and_target(
        &mut self,
        op: &OpCode,
        written: Option<u32>,
        others: usize,
    ) -> Result<(Vec<Value>, Named, bool), Fault> {
        if let Some(number) = written.filter(|number| *number != 0) {
            let operands = self.pop_operands(op.mnemonic(), others)?;
            return Ok((operands, self.numbered(u64::from(number)), true));
        }
        let mut operands = self.pop_operands(op.mnemonic(), others + 1)?;
        let target = operands.pop().expect("there is one operand at least");
        Ok((operands, self.named(op, &target)?, written.is_some()))
    }

    /// The process that a value names: a pid, the number of one that lives, or a registered name.
    pub(super) fn named(&self, op: &OpCode, target: &Value) -> Result<Named, Fault> {
        match target {
            Value::Pid(number) => Ok(Named::Process(*number)),
            Value::Int(number) => Ok(match u64::try_from(number) {
                Ok(number) => self.numbered(number),
                Err(_) => Named::Nobody(number.to_string()),
            }),
            Value::Str(name) => Ok(match self.processes.names.get(name.as_str()) {
                Some(number) => Named::Process(*number),
                None => Named::Nobody(format!("{name:?}")),
            }),
            other => Err(mismatch(op.mnemonic(), "a pid or a registered name", &[other])),
        }
    }

    fn numbered(&self, number: u64) -> Named {
        if self.processes.is_alive(number) { Named::Process(number) } else { Named::Nobody(number.to_string()) }
    }

    /// Says that the target of an instruction is missing; the program goes on.
    pub(super) fn warn_missing(&mut self, op: &OpCode, target: &str) {
        let place = self.place();
        self.stderr += &format!("warning: {place}: {} found no process {target}\n", op.mnemonic());
    }

    /// The ref that is on the stack.
    pub(super) fn pop_reference(&mut self, op: &OpCode) -> Result<u64, Fault> {
        match self.pop(op.mnemonic())? {
            Value::Reference(reference) => Ok(reference),
            other => Err(mismatch(op.mnemonic(), "a ref", &[&other])),
        }
    }

    fn set_priority(&mut self, op: &OpCode) -> Result<Step, Fault> {
        let operation = op.mnemonic();
        match self.pop(operation)? {
            Value::Str(name) if matches!(name.as_str(), "max" | "high" | "normal" | "low") => Ok(Step::Yield),
            Value::Str(name) => {
                let error = format!("the priority must be max, high, normal or low, not {name:?}");
                Err(Fault::Argument { operation, error })
            }
            other => Err(mismatch(operation, "a string", &[&other])),
        }
    }

    fn pause(&mut self, op: &OpCode, is_paused: bool) -> Result<Step, Fault> {
        match self.pop_target(op)? {
            Named::Process(number) => {
                if let Some(process) = self.processes.table.get_mut(&number) {
                    process.is_paused = is_paused;
                }
                Ok(Step::Next)
            }
            Named::Nobody(target) => Err(Fault::NoProcess { operation: op.mnemonic(), target }),
        }
    }
}
