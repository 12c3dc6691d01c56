//! The instructions about futures and streams: what they take, and what they ask of the process that keeps the future
//! or stream (`channel.rs`).

use ttvm_diagnostics::advice;
use ttvm_engine::{Reply, Request};
use ttvm_isa::{
    Fault, HostOperation,
    limits::{STREAM_CAPACITY_DEFAULT, STREAM_CAPACITY_MAX},
};
use ttvm_value::{Future, Object, Pid, SharedValue, Stream, Value};

use super::Performed;
use crate::{
    channel::{Asked, FutureProcess, Policy, StreamProcess},
    context::Context,
    spawn::Ties,
};

impl Context<'_, '_> {
    pub(super) fn async_read(&mut self, request: &mut Request<'_>) -> Performed {
        check_path(request, 0)?;
        self.future(HostOperation::ReadFile, request)
    }

    pub(super) fn async_write(&mut self, request: &mut Request<'_>) -> Performed {
        let content = &request.arguments[0];
        if !matches!(content, Value::Str(_) | Value::Bytes(_)) {
            return Err(Fault::mismatch(request.operation.mnemonic(), "a string or bytes", format!("{content:?}")));
        }
        check_path(request, 1)?;
        self.future(HostOperation::WriteFile, request)
    }

    /// Makes a future of a host operation on the arguments, which are flat.
    fn future(&mut self, operation: HostOperation, request: &mut Request<'_>) -> Performed {
        let arguments = request.arguments.iter_mut().map(|value| SharedValue::new(value.take()).0).collect();
        let process = FutureProcess::new(self.pid, operation, arguments);
        let spawned = self.spawn_native(Box::new(process), Ties::default())?;
        Ok(Reply::Value(Value::Future(Future(spawned.pid))))
    }

    pub(super) fn await_future(&mut self, request: &mut Request<'_>) -> Performed {
        match &request.arguments[0] {
            Value::Future(future) => self.ask_channel(request.operation, future.0, Asked::Await),
            other => Err(Fault::mismatch(request.operation.mnemonic(), "a future", format!("{other:?}"))),
        }
    }

    pub(super) fn stream_create(&mut self, request: &mut Request<'_>) -> Performed {
        let wrong = |error| Fault::Argument { operation: request.operation.mnemonic(), error };
        let (policy, capacity) = match &request.arguments[0] {
            Value::Str(name) => (policy(name.as_str()).map_err(wrong)?, STREAM_CAPACITY_DEFAULT),
            Value::Object(options) => stream_options(options).map_err(wrong)?,
            other => {
                let expected = "the name of a policy or an object";
                return Err(Fault::mismatch(request.operation.mnemonic(), expected, format!("{other:?}")));
            }
        };
        let process = StreamProcess::new(self.pid, policy, capacity as usize);
        let spawned = self.spawn_native(Box::new(process), Ties::default())?;
        Ok(Reply::Value(Value::Stream(Stream(spawned.pid))))
    }

    pub(super) fn stream_write(&mut self, request: &mut Request<'_>) -> Performed {
        if !self.mark_arguments(request) {
            return Ok(Reply::Again);
        }
        let stream = stream(request)?;
        let value = SharedValue::new(request.arguments[1].take()).0;
        self.ask_channel(request.operation, stream, Asked::Write(value))
    }

    pub(super) fn stream_read(&mut self, request: &mut Request<'_>) -> Performed {
        let stream = stream(request)?;
        let operation = request.operation.mnemonic();
        let most = match &request.arguments[1] {
            Value::Int(most @ 1..) => usize::try_from(*most).unwrap_or(usize::MAX),
            Value::Int(most) => {
                let error = format!("the count is at least 1, not {most}");
                return Err(Fault::Argument { operation, error });
            }
            other => return Err(Fault::mismatch(operation, "an integer", format!("{other:?}"))),
        };
        self.ask_channel(request.operation, stream, Asked::Read(most))
    }

    pub(super) fn stream_close(&mut self, request: &mut Request<'_>) -> Performed {
        let stream = stream(request)?;
        self.ask_channel(request.operation, stream, Asked::Close)
    }
}

/// The process that keeps the stream that an instruction names.
fn stream(request: &Request<'_>) -> Result<Pid, Fault> {
    match &request.arguments[0] {
        Value::Stream(stream) => Ok(stream.0),
        other => Err(Fault::mismatch(request.operation.mnemonic(), "a stream", format!("{other:?}"))),
    }
}

fn check_path(request: &Request<'_>, index: usize) -> Result<(), Fault> {
    match &request.arguments[index] {
        Value::Str(_) => Ok(()),
        other => Err(Fault::mismatch(request.operation.mnemonic(), "a string", format!("{other:?}"))),
    }
}

fn policy(name: &str) -> Result<Policy, String> {
    if let Some((_, policy)) = Policy::ALL.iter().find(|(known, _)| *known == name) {
        return Ok(*policy);
    }
    Err(format!("there is no policy {name:?}{}", advice(name, &Policy::ALL.map(|(known, _)| known))))
}

/// Policy and capacity of `{policy, capacity}`, either of which may be left out.
fn stream_options(options: &Object) -> Result<(Policy, u32), String> {
    let (mut chosen, mut capacity) = (Policy::Pause, STREAM_CAPACITY_DEFAULT);
    for (name, value) in options.iter() {
        match (name.as_str(), value) {
            ("policy", Value::Str(name)) => chosen = policy(name.as_str())?,
            ("policy", other) => return Err(format!("the policy must be a str, not {other:?}")),
            ("capacity", value) => capacity = capacity_of(value)?,
            (other, _) => return Err(format!("a stream has policy and capacity, but no {other:?}")),
        }
    }
    Ok((chosen, capacity))
}

fn capacity_of(value: &Value) -> Result<u32, String> {
    let capacity = if let Value::Int(capacity) = value { u32::try_from(*capacity).ok() } else { None };
    let capacity = capacity.filter(|capacity| (1..=STREAM_CAPACITY_MAX).contains(capacity));
    capacity.ok_or_else(|| format!("the capacity must be an int from 1 to {STREAM_CAPACITY_MAX}, not {value:?}"))
}
