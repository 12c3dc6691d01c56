//! A stream: a process that keeps a bounded queue of values between processes that write and processes that read.
//!
//! What is asked is done in the order in which it came, so the values of one writer keep their order. Work for many who
//! wait is done a few at a time. Memory is bounded: so many values as were asked for, and one for each writer that waits.

use std::collections::VecDeque;

use ttvm_isa::{Fault, ProcessOperation, cost};
use ttvm_value::{Pid, Ref, SharedValue, Stream, Value};

use super::{Asked, over, waiting::Waiting};
use crate::{
    context::Context,
    native::{NativeProcess, NativeStep},
    signal::Caller,
    terms::text,
};

/// Those who wait that one run looks after: at about 100 ns each, a few microseconds.
const SERVED_PER_RUN: usize = 16;

/// What becomes of a value that finds its stream full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// It waits, with whoever writes it.
    Pause,
    /// The oldest value in the stream makes room for it.
    DropOldest,
    /// It is dropped itself.
    DropNewest,
}

impl Policy {
    /// All, with their names in programs.
    pub const ALL: [(&'static str, Self); 3] =
        [("pause", Self::Pause), ("drop_oldest", Self::DropOldest), ("drop_newest", Self::DropNewest)];
}

/// The process that keeps a stream.
pub(crate) struct StreamProcess {
    maker: Pid,
    /// `None` before the first run.
    monitor: Option<Ref>,
    policy: Policy,
    capacity: usize,
    values: VecDeque<SharedValue>,
    writers: Waiting<SharedValue>,
    /// Each with the most that it takes.
    readers: Waiting<usize>,
    is_closed: bool,
    /// The maker has ended: so does the stream when all who wait are told.
    is_over: bool,
}

impl StreamProcess {
    /// An empty stream of a process.
    pub fn new(maker: Pid, policy: Policy, capacity: usize) -> Self {
        Self {
            maker,
            monitor: None,
            policy,
            capacity,
            values: VecDeque::new(),
            writers: Waiting::new(),
            readers: Waiting::new(),
            is_closed: false,
            is_over: false,
        }
    }

    /// Does something for one who waits. `false` if nothing can be done for anybody.
    fn serve_one(&mut self, context: &mut Context<'_, '_>) -> bool {
        if (self.is_closed || self.is_over)
            && let Some((caller, _)) = self.writers.pop(context)
        {
            self.refuse(caller, context);
            return true;
        }
        if self.values.len() < self.capacity
            && let Some((caller, value)) = self.writers.pop(context)
        {
            self.values.push_back(value);
            context.answer(caller, Ok(Value::Int(0)));
            return true;
        }
        if self.values.is_empty() && !self.is_closed && !self.is_over {
            return false;
        }
        let Some((caller, most)) = self.readers.pop(context) else { return false };
        if self.is_over {
            self.refuse(caller, context);
        } else {
            let answer = self.take(most, context);
            context.answer(caller, answer);
        }
        true
    }

    /// The oldest values; null if there will never be any.
    fn take(&mut self, most: usize, context: &mut Context<'_, '_>) -> Result<Value, Fault> {
        let count = most.min(self.values.len());
        if count == 0 {
            return Ok(Value::Null);
        }
        context.spend(i64::try_from(cost::of_elements(count as u64)).unwrap_or(i64::MAX));
        Value::list(self.values.drain(..count).map(SharedValue::into_value))
    }

    fn refuse(&self, caller: Caller, context: &mut Context<'_, '_>) {
        let (operation, stream) = (caller.operation, context.pid());
        let fault = if self.is_over { over(operation, stream) } else { closed(operation, stream) };
        context.answer(caller, Err(fault));
    }

    /// Nobody who waits can be served.
    fn go_on(&mut self, monitor: Ref, context: &mut Context<'_, '_>) -> NativeStep {
        if self.is_over {
            return NativeStep::End(text("normal"));
        }
        if let Some((caller, asked)) = context.next_asked() {
            self.perform(caller, asked, context);
            return NativeStep::Again;
        }
        self.is_over = context.has_ended(monitor);
        if self.is_over { NativeStep::Again } else { NativeStep::Wait }
    }

    fn perform(&mut self, caller: Caller, asked: Asked, context: &mut Context<'_, '_>) {
        match asked {
            Asked::Write(_) if self.is_closed => self.refuse(caller, context),
            Asked::Write(value) => self.write(caller, value, context),
            Asked::Read(most) => self.readers.push(caller, most, context),
            Asked::Close => {
                self.is_closed = true;
                context.answer(caller, Ok(Value::Bool(true)));
            }
            Asked::Await => context.answer(caller, Err(over(caller.operation, context.pid()))),
        }
    }

    fn write(&mut self, caller: Caller, value: SharedValue, context: &mut Context<'_, '_>) {
        let is_full = self.values.len() >= self.capacity;
        match self.policy {
            Policy::Pause if is_full => return self.writers.push(caller, value, context),
            Policy::DropOldest if is_full => {
                self.values.pop_front();
                self.values.push_back(value);
            }
            Policy::DropNewest if is_full => {}
            Policy::Pause | Policy::DropOldest | Policy::DropNewest => self.values.push_back(value),
        }
        context.answer(caller, Ok(Value::Int(i64::from(is_full))));
    }
}

fn closed(operation: ProcessOperation, stream: Pid) -> Fault {
    Fault::Channel { operation: operation.mnemonic(), error: format!("{} is closed", Stream(stream)) }
}

impl NativeProcess for StreamProcess {
    fn name(&self) -> &str {
        "stream"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        let monitor = *self.monitor.get_or_insert_with(|| context.monitor(self.maker));
        for _ in 0..SERVED_PER_RUN {
            if !self.serve_one(context) {
                return self.go_on(monitor, context);
            }
        }
        NativeStep::Again
    }
}
