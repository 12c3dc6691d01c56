//! `SPAWN`, names, links, monitors, exits.

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode};
use ttvm_value::{Pid, Ref, SharedValue, Value};

use super::{Named, Performed, no_process, reference};
use crate::{
    context::Context,
    names::NameError,
    signal::Control,
    spawn::{Spawned, Ties},
};

impl Context<'_, '_> {
    pub(super) fn spawn_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        if !self.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        let operation = request.operation;
        let ties = Ties::of(operation);
        let (function, arguments) = request.arguments.split_last_mut().expect("SPAWN takes at least one value");
        let function = function.take();
        let arguments: Vec<Value> = arguments.iter_mut().map(Value::take).collect();
        let spawned = match &function {
            Value::Str(name) => self.spawn_named(operation, request.module, name.as_str(), arguments, ties)?,
            _ => Some(self.spawn(operation.mnemonic(), &function, arguments, ties)?),
        };
        Ok(match spawned {
            None => Reply::Wait,
            Some(Spawned { pid, monitor: None }) => Reply::Value(Value::Pid(pid)),
            Some(Spawned { pid, monitor: Some(reference) }) => Reply::Two(Value::Pid(pid), Value::Ref(reference)),
        })
    }

    pub(super) fn register_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::Register { name } = request.instruction else { unreachable!("the operation is the instruction's") };
        let operation = request.operation.mnemonic();
        // Somebody may have taken the name away, and the signal that says so is on its way.
        let held = self.own.name().filter(|held| self.whereis(held) == Some(self.pid));
        let is_moved = held.is_some_and(|held| held != name);
        let already = held.map(|held| format!("process {} is already registered as {held:?}", self.pid));
        if let Some(error) = already.clone().filter(|_| self.scheduler.shared.settings.is_strict) {
            return Err(Fault::Argument { operation, error });
        }
        match self.register(name) {
            Ok(()) => {
                if let Some(already) = already.filter(|_| is_moved) {
                    let warning = format!("{}: {already}; it is {name:?} from now on", (request.place)());
                    self.scheduler.shared.host.warn(&warning);
                }
                Ok(Reply::Nothing)
            }
            Err(NameError::Taken(holder)) => {
                let error = format!("the name {name:?} is taken by process {holder}");
                Err(Fault::Argument { operation, error })
            }
            Err(NameError::TooMany(max)) => Err(Fault::Limit { what: "names", max }),
        }
    }

    pub(super) fn unregister_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::Unregister { name } = request.instruction else { unreachable!("as above") };
        match self.scheduler.shared.names.unregister(name) {
            Some(pid) if pid == self.pid => {
                self.handle(Control::Unnamed(name.clone()));
                Ok(Reply::Nothing)
            }
            Some(pid) => {
                self.signal(pid, Control::Unnamed(name.clone()));
                Ok(Reply::Nothing)
            }
            None => {
                let error = format!("no process is registered as {name:?}");
                Err(Fault::Argument { operation: request.operation.mnemonic(), error })
            }
        }
    }

    pub(super) fn whereis_instruction(&mut self, request: &mut Request<'_>) -> Reply {
        let OpCode::Whereis { name } = request.instruction else { unreachable!("as above") };
        Reply::Value(self.whereis(name).map_or(Value::Int(0), Value::Pid))
    }

    pub(super) fn link_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        match self.target(request)? {
            (Named::Process(pid), is_written) => match self.link_as(pid, is_written) {
                Ok(()) => Ok(Reply::Nothing),
                Err(_) if is_written => {
                    self.warn_missing(request, &pid.to_string());
                    Ok(Reply::Nothing)
                }
                Err(_) => Err(no_process(request.operation, &pid.to_string())),
            },
            (Named::Nobody(target), true) => {
                self.warn_missing(request, &target);
                Ok(Reply::Nothing)
            }
            (Named::Nobody(target), false) => {
                if self.own.traps_exits {
                    // A process that is known by a number only has that much of a pid.
                    self.no_process_exit(request.arguments.last());
                    return Ok(Reply::Nothing);
                }
                Err(no_process(request.operation, &target))
            }
        }
    }

    fn no_process_exit(&mut self, target: Option<&Value>) {
        let number = if let Some(Value::Int(number)) = target { u64::try_from(*number).unwrap_or(0) } else { 0 };
        let fields = [
            ("signal", crate::terms::text("exit")),
            ("from", Value::Pid(Pid::new(number, 0))),
            ("reason", crate::terms::text("noproc")),
        ];
        self.add_system_message(SharedValue::new(crate::terms::object(fields)).0);
    }

    pub(super) fn unlink_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        match self.target(request)? {
            (Named::Process(pid), _) => self.unlink(pid),
            (Named::Nobody(target), true) => self.warn_missing(request, &target),
            (Named::Nobody(_), false) => {}
        }
        Ok(Reply::Nothing)
    }

    pub(super) fn monitor_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let pid = match self.target(request)? {
            (Named::Process(pid), _) => pid,
            (Named::Nobody(target), is_written) => {
                if is_written {
                    self.warn_missing(request, &target);
                }
                // Nobody has this pid, so that the `down` message comes at once.
                let number = if let Some(Value::Int(number)) = request.arguments.last() { *number } else { 0 };
                Pid::new(u64::try_from(number).unwrap_or(0), Pid::INDEX_MAX)
            }
        };
        Ok(Reply::Value(Value::Ref(self.monitor(pid))))
    }

    pub(super) fn demonitor_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let OpCode::Demonitor { name } = request.instruction else { unreachable!("as above") };
        let Some(name) = name else {
            let reference = reference(request.operation, &request.arguments[0])?;
            self.demonitor(reference);
            return Ok(Reply::Nothing);
        };
        let operation = request.operation.mnemonic();
        let malformed =
            || Fault::Argument { operation, error: format!("{name:?} is not of the form mon_<self>_<pid>") };
        let (of, target) = name.strip_prefix("mon_").and_then(|rest| rest.split_once('_')).ok_or_else(malformed)?;
        let of: u64 = of.parse().map_err(|_| malformed())?;
        let target: u64 = target.parse().map_err(|_| malformed())?;
        if of == self.pid.number() {
            for reference in self.monitors_on(target) {
                self.demonitor(reference);
            }
        }
        Ok(Reply::Nothing)
    }

    fn monitors_on(&self, number: u64) -> Vec<Ref> {
        let Some(bonds) = self.own.bonds() else { return Vec::new() };
        let of_target = bonds.monitors.iter().filter(|(_, pid)| pid.number() == number);
        of_target.map(|(reference, _)| *reference).collect()
    }

    pub(super) fn trap_exit_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        let traps = match &request.arguments[0] {
            Value::Bool(traps) => *traps,
            Value::Int(0) => false,
            Value::Int(1) => true,
            other => return Err(Fault::mismatch("TRAP_EXIT", "a bool", format!("{other:?}"))),
        };
        // What came before acts as the flag was.
        self.take_signals();
        self.trap_exits(traps);
        Ok(Reply::Nothing)
    }

    pub(super) fn exit_process_instruction(&mut self, request: &mut Request<'_>) -> Performed {
        if !self.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        let (target, _) = self.target(request)?;
        if let Named::Process(pid) = target {
            self.exit(pid, request.arguments[0].take());
        }
        // Its own end acts before the next instruction (rule P32).
        Ok(if self.own.is_ending { Reply::Yield } else { Reply::Nothing })
    }

    pub(super) fn pause_instruction(&mut self, request: &mut Request<'_>, control: Control) -> Performed {
        let (target, _) = self.target(request)?;
        match target {
            Named::Process(pid) if pid == self.pid => {
                self.handle(control);
                Ok(if self.own.is_paused { Reply::Yield } else { Reply::Nothing })
            }
            Named::Process(pid) => {
                self.signal(pid, control);
                Ok(Reply::Nothing)
            }
            Named::Nobody(target) => Err(no_process(request.operation, &target)),
        }
    }
}
