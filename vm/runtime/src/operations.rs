//! The process instructions: what each takes, what it does through the [`Context`], what it replies.
//!
//! One arm for each operation; families with more to say have files of their own.

mod channels;
mod groups;
mod information;
mod limits;
mod messages;
mod resources;
mod specifications;
mod supervision;
mod ties;

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation, limits::REDUCTIONS_PER_TURN};
use ttvm_value::{Pid, Value};

use crate::{context::Context, signal::Control, state::Wait, supervisor, terms::list};

pub(crate) use self::supervision::Prepared;

/// What an operation comes to.
type Performed = Result<Reply, Fault>;

/// The process an operation is about.
enum Named {
    /// It may live.
    Process(Pid),
    /// There is none; what the program wrote.
    Nobody(String),
}

impl Context<'_, '_> {
    /// Performs an instruction.
    pub(crate) fn perform(&mut self, request: &mut Request<'_>) -> Reply {
        let reply = match self.dispatch(request) {
            // No more is written then than that: what is moved as a whole right after its parts were written is waited for.
            Ok(Reply::Wait) => Reply::Wait,
            Ok(reply) => reply,
            Err(fault) => Reply::Fault(fault),
        };
        if self.own.is_ending {
            // Signals are handled by some instructions; one may have ended the process (rule P32).
            return Reply::Yield;
        }
        if self.own.is_paused {
            // The turn is over behind this instruction.
            request.spent += REDUCTIONS_PER_TURN.unsigned_abs();
        }
        reply
    }

    fn dispatch(&mut self, request: &mut Request<'_>) -> Performed {
        match request.operation {
            ProcessOperation::SelfPid => Ok(Reply::Value(Value::Pid(self.pid))),
            ProcessOperation::Send => self.send_instruction(request),
            ProcessOperation::Sendnamed => self.send_named(request),
            ProcessOperation::SendAfter => self.send_after_instruction(request),
            ProcessOperation::CancelTimer => self.cancel_timer_instruction(request),
            ProcessOperation::MakeRef => Ok(Reply::Value(Value::Ref(self.make_ref()))),
            ProcessOperation::Yield => Ok(Reply::Yield),
            ProcessOperation::Spawn | ProcessOperation::SpawnLink | ProcessOperation::SpawnMonitor => {
                self.spawn_instruction(request)
            }
            ProcessOperation::Register => self.register_instruction(request),
            ProcessOperation::Unregister => self.unregister_instruction(request),
            ProcessOperation::Whereis => Ok(self.whereis_instruction(request)),
            ProcessOperation::Registered => {
                let names = self.scheduler.shared.names.all();
                Ok(Reply::Value(list(names.iter().map(|name| crate::terms::text(name)))))
            }
            ProcessOperation::Link => self.link_instruction(request),
            ProcessOperation::Unlink => self.unlink_instruction(request),
            ProcessOperation::Monitor => self.monitor_instruction(request),
            ProcessOperation::Demonitor => self.demonitor_instruction(request),
            ProcessOperation::DemonitorFlush => {
                let reference = reference(request.operation, &request.arguments[0])?;
                Ok(self.demonitor_and_flush(reference, &mut request.spent))
            }
            ProcessOperation::TrapExit => self.trap_exit_instruction(request),
            ProcessOperation::ExitSelf => Ok(Reply::Exit(request.arguments[0].take())),
            ProcessOperation::ExitProcess => self.exit_process_instruction(request),
            ProcessOperation::IsAlive => self.is_alive(request),
            ProcessOperation::Processes => {
                let pids = self.scheduler.shared.slab.pids();
                // A look at every block, each in a cache line of its own: about as long as a reduction.
                request.spent += self.scheduler.shared.slab.blocks() / 8;
                Ok(Reply::Value(list(pids.into_iter().map(Value::Pid))))
            }
            ProcessOperation::ProcessInfo => self.process_info(request),
            ProcessOperation::SetPriority => self.set_priority(request),
            ProcessOperation::SetLimit => self.set_limit(request),
            ProcessOperation::Pause => self.pause_instruction(request, Control::Pause),
            ProcessOperation::Resume => self.pause_instruction(request, Control::Resume),
            ProcessOperation::SpawnGroup => self.spawn_group(request),
            ProcessOperation::GroupReady => self.group_ready(request),
            ProcessOperation::GiveAway => self.give_away(request),
            ProcessOperation::StartSupervisor => self.start_supervisor(request),
            ProcessOperation::SuperviseChild => self.supervise_child(request),
            ProcessOperation::RestartChild => self.restart_child(request),
            ProcessOperation::StartChild => self.start_child(request),
            ProcessOperation::TerminateChild => self.about_child(request, supervisor::Request::Terminate),
            ProcessOperation::DeleteChild => self.about_child(request, supervisor::Request::Delete),
            ProcessOperation::WhichChildren => self.about_children(request, supervisor::Request::List),
            ProcessOperation::CountChildren => self.about_children(request, supervisor::Request::Count),
            ProcessOperation::AsyncRead => self.async_read(request),
            ProcessOperation::AsyncWrite => self.async_write(request),
            ProcessOperation::Await => self.await_future(request),
            ProcessOperation::StreamCreate => self.stream_create(request),
            ProcessOperation::StreamWrite => self.stream_write(request),
            ProcessOperation::StreamRead => self.stream_read(request),
            ProcessOperation::StreamClose => self.stream_close(request),
            ProcessOperation::BarrierNew
            | ProcessOperation::Barrier
            | ProcessOperation::BarrierTimeout
            | ProcessOperation::BarrierJoin
            | ProcessOperation::BarrierReset
            | ProcessOperation::BarrierStatus
            | ProcessOperation::BspRun
            | ProcessOperation::BspId
            | ProcessOperation::BspCount
            | ProcessOperation::BspSend
            | ProcessOperation::Superstep
            | ProcessOperation::VoteHalt
            | ProcessOperation::Aggregate
            | ProcessOperation::Aggregated
            | ProcessOperation::Broadcast
            | ProcessOperation::Scatter
            | ProcessOperation::Gather
            | ProcessOperation::AllGather
            | ProcessOperation::Reduce
            | ProcessOperation::AllReduce
            | ProcessOperation::Scan
            | ProcessOperation::AllToAll
            | ProcessOperation::Checkpoint
            | ProcessOperation::Compute
            | ProcessOperation::BspStatus
            | ProcessOperation::BspPhase
            | ProcessOperation::TickRun => self.extended(request),
        }
    }

    /// The process that a value names: a pid, the number of one, or a registered name.
    fn named(&self, operation: ProcessOperation, target: &Value) -> Result<Named, Fault> {
        match target {
            Value::Pid(pid) => Ok(Named::Process(*pid)),
            Value::Int(number) => Ok(self.numbered(*number)),
            Value::Str(name) => Ok(match self.whereis(name.as_str()) {
                Some(pid) => Named::Process(pid),
                None => Named::Nobody(format!("{:?}", name.as_str())),
            }),
            other => Err(Fault::mismatch(operation.mnemonic(), "a pid or a registered name", format!("{other:?}"))),
        }
    }

    fn numbered(&self, number: i64) -> Named {
        let pid = u64::try_from(number).ok().and_then(|number| self.scheduler.shared.with_number(number));
        pid.map_or_else(|| Named::Nobody(number.to_string()), Named::Process)
    }

    /// The process that an instruction is about: the number written in it, or the last argument. `true` if it has
    /// the written form, which never fails for a missing target.
    fn target(&self, request: &Request<'_>) -> Result<(Named, bool), Fault> {
        match written(request.instruction) {
            Some(number) if number != 0 => Ok((self.numbered(i64::from(number)), true)),
            written => {
                let target = request.arguments.last().unwrap_or(&Value::Null);
                Ok((self.named(request.operation, target)?, written.is_some()))
            }
        }
    }

    /// Says that the target of a written form is missing; the program goes on.
    fn warn_missing(&self, request: &Request<'_>, target: &str) {
        let warning = format!("{}: {} found no process {target}", (request.place)(), request.operation.mnemonic());
        self.scheduler.shared.host.warn(&warning);
    }

    /// Sends a process a question, made with the number that its answer must have, and waits. `None` if there is no such
    /// process.
    pub(crate) fn ask(
        &mut self,
        operation: ProcessOperation,
        to: Pid,
        question: impl FnOnce(u64) -> Control,
    ) -> Option<Reply> {
        let number = self.own.begin_wait(Wait::Operation(operation));
        if self.signal(to, question(number)) {
            return Some(Reply::Wait);
        }
        self.own.wait = Wait::Nothing;
        None
    }
}

/// The number written in `SEND 7` and its like.
fn written(instruction: &OpCode) -> Option<u32> {
    match instruction {
        OpCode::Send { pid } | OpCode::Link { pid } | OpCode::Unlink { pid } | OpCode::Monitor { pid } => *pid,
        _ => None,
    }
}

/// A ref.
fn reference(operation: ProcessOperation, value: &Value) -> Result<ttvm_value::Ref, Fault> {
    match value {
        Value::Ref(reference) => Ok(*reference),
        other => Err(Fault::mismatch(operation.mnemonic(), "a ref", format!("{other:?}"))),
    }
}

/// The error of rule P37.
fn no_process(operation: ProcessOperation, target: &str) -> Fault {
    Fault::NoProcess { operation: operation.mnemonic(), target: target.to_owned() }
}
