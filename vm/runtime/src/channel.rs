//! Futures and streams: what the processes that keep them are asked, and how they hear of it.
//!
//! Both are processes whose code is Rust, so that waiting costs no thread, an end is an end like any other, and a
//! deadlock says who waits. Both end with the process that made them. Whoever waits for one is one of its callers, whom
//! the end of a process answers (`ending.rs`), whatever ended it. Not here: the instructions (`operations/channels.rs`).

mod future;
mod stream;
mod waiting;

use ttvm_engine::Reply;
use ttvm_isa::{Fault, HostOperation, ProcessOperation};
use ttvm_value::{Future, Pid, Ref, SharedValue, Stream};

pub(crate) use self::{
    future::FutureProcess,
    stream::{Policy, StreamProcess},
};
use crate::{
    context::Context,
    signal::{Caller, Control, SharedAnswer, share},
    state::{Arrival, Wait},
    terms::is_down_of,
};

/// What a process asks of a future or a stream.
pub(crate) enum Asked {
    /// What has come of it?
    Await,
    /// Take this.
    Write(SharedValue),
    /// Give at most so many.
    Read(usize),
    /// Take nothing more.
    Close,
}

impl Context<'_, '_> {
    /// Asks a future or a stream, and waits for the answer.
    pub(crate) fn ask_channel(&mut self, operation: ProcessOperation, to: Pid, asked: Asked) -> Result<Reply, Fault> {
        let pid = self.pid;
        let question = |number| Control::Asked { caller: Caller { pid, number, operation }, asked };
        self.ask(operation, to, question).ok_or_else(|| over(operation, to))
    }

    /// Notes what somebody asks until this process runs.
    pub(crate) fn asked(&mut self, caller: Caller, asked: Asked) {
        let extras = self.own.extras();
        extras.callers.insert(caller);
        extras.asked.push_back((caller, asked));
        extras.has_news = true;
    }

    /// What was asked first of all that was not looked at.
    fn next_asked(&mut self) -> Option<(Caller, Asked)> {
        self.own.rare_mut()?.asked.pop_front()
    }

    /// Whether a caller has not ended. One that has is no caller any more.
    fn still_waits(&mut self, caller: Caller) -> bool {
        let is_open = self.is_open(caller.pid);
        if !is_open && let Some(extras) = self.own.rare_mut() {
            extras.callers.remove(&caller);
        }
        is_open
    }

    /// Whether the process with this monitor has ended. No other message counts.
    fn has_ended(&mut self, monitor: Ref) -> bool {
        while let Some(message) = self.receive(|_| true) {
            if is_down_of(&message, monitor) {
                return true;
            }
        }
        false
    }

    /// Performs a host operation for this process, which waits for the answer. If its code is Rust it goes on with
    /// [`crate::NativeStep::Again`]: it runs again when [`Context::take_answer`] has the answer.
    pub(crate) fn perform_later(&mut self, operation: HostOperation, arguments: Vec<SharedValue>) {
        let number = self.own.begin_wait(Wait::Host(operation));
        let (shared, rights) = (self.scheduler.shared, self.own.rights());
        if shared.settings.is_deterministic {
            let arguments = arguments.into_iter().map(SharedValue::into_value).collect();
            let answer = share(shared.host.perform(&rights, operation, arguments));
            self.handle(Control::Answer { number, answer });
        } else {
            self.scheduler.start_operation(self.pid, number, rights, operation, arguments);
        }
    }

    /// The answer to what this process, whose code is Rust, waited for.
    fn take_answer(&mut self) -> Option<SharedAnswer> {
        match self.own.take_arrival()? {
            Arrival::Answer(answer) => Some(answer),
            Arrival::Imported(..) | Arrival::Found(_) | Arrival::Branch | Arrival::Call { .. } => None,
        }
    }
}

/// The error of whoever asked something of a process that is no more.
pub(crate) fn over(operation: ProcessOperation, keeper: Pid) -> Fault {
    let error = match operation {
        ProcessOperation::Await => format!("{} is over: it was awaited, or its maker has ended", Future(keeper)),
        ProcessOperation::StreamWrite | ProcessOperation::StreamRead | ProcessOperation::StreamClose => {
            format!("{} is over: it ends with its maker", Stream(keeper))
        }
        _ => return Fault::NoProcess { operation: operation.mnemonic(), target: keeper.to_string() },
    };
    Fault::Channel { operation: operation.mnemonic(), error }
}
