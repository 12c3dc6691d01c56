//! The instructions about barriers: what they take, what they ask of the barrier's process (`barrier.rs`).

use std::{collections::BTreeSet, time::Duration};

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, limits::PROCESSES_MAX};
use ttvm_runtime::Context;
use ttvm_value::{List, Pid, SharedValue, Value, ops::time::duration};

use crate::{
    barrier::{self, BarrierProcess, Parties, ToBarrier},
    board::Came,
    membership::membership,
    signal::{self, Queue, ask_barrier},
};

/// `BARRIER_NEW`.
pub(crate) fn new(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let operation = request.operation.mnemonic();
    let wrong = |error: String| Fault::Argument { operation, error };
    let parties = match &request.arguments[0] {
        Value::Int(count) => match u32::try_from(*count) {
            Ok(count) if (1..=PROCESSES_MAX).contains(&count) => Parties::Counted(count),
            _ => return Err(wrong(format!("a barrier has from 1 to {PROCESSES_MAX} parties, not {count}"))),
        },
        Value::List(list) => {
            request.spent += list.len() as u64 / PARTIES_PER_REDUCTION;
            Parties::Listed(listed(list).map_err(wrong)?)
        }
        other => return Err(Fault::mismatch(operation, "a list of pids or an int", format!("{other:?}"))),
    };
    let barrier = BarrierProcess::new(context.pid(), parties);
    context.spawn_native_with_state(Box::new(barrier), Box::new(Queue::<ToBarrier>::new()))?;
    context.wait_for_answer(request.operation);
    Ok(Reply::Wait)
}

/// Parties that are looked at, or told to go on, for one reduction.
const PARTIES_PER_REDUCTION: u64 = 4;

/// The pids of a list, each once.
fn listed(list: &List) -> Result<Vec<Pid>, String> {
    let mut seen = BTreeSet::new();
    let mut pids = Vec::with_capacity(list.len());
    for item in list.iter() {
        match item.to_value() {
            Value::Pid(pid) if seen.insert(pid) => pids.push(pid),
            Value::Pid(pid) => return Err(format!("process {pid} is in the list twice")),
            other => return Err(format!("{other:?} in the list is no pid")),
        }
    }
    if pids.is_empty() { Err("a barrier has at least one party".to_owned()) } else { Ok(pids) }
}

/// `BARRIER`.
pub(crate) fn wait(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let from = context.pid();
    let came = match (&request.arguments[0], membership(context)) {
        (Value::Barrier(barrier), Some(membership)) => membership.board_of(barrier.0).map(|board| board.arrive(from)),
        _ => None,
    };
    match came {
        None | Some(Came::Asks) => ask(context, request, ToBarrier::Arrive { from, time: None }),
        Some(Came::Gone) => Err(barrier::gone(request.operation)),
        Some(Came::Waits) => {
            context.wait_for_answer(request.operation);
            Ok(Reply::Wait)
        }
        Some(Came::Last(generation, others)) => {
            request.spent += others.len() as u64 / PARTIES_PER_REDUCTION;
            let generation = SharedValue::new(Value::Int(generation)).0;
            for other in others {
                signal::let_pass(context, other, &generation);
            }
            Ok(Reply::Value(generation.into_value()))
        }
    }
}

/// `BARRIER_TIMEOUT`.
pub(crate) fn wait_until(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let from = context.pid();
    let time: Option<Duration> = match &request.arguments[1] {
        Value::Str(text) if text.as_str() == "infinity" => None,
        milliseconds => Some(duration(request.operation.mnemonic(), milliseconds)?),
    };
    ask(context, request, ToBarrier::Arrive { from, time })
}

/// `BARRIER_JOIN`.
pub(crate) fn join(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let from = context.pid();
    ask(context, request, ToBarrier::Join { from })
}

/// `BARRIER_RESET`.
pub(crate) fn reset(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let from = context.pid();
    ask(context, request, ToBarrier::Reset { from })
}

/// `BARRIER_STATUS`.
pub(crate) fn status(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let from = context.pid();
    ask(context, request, ToBarrier::Status { from })
}

/// Asks the barrier that an instruction names, and waits for the answer.
fn ask(context: &mut Context<'_, '_>, request: &Request<'_>, question: ToBarrier) -> Result<Reply, Fault> {
    let Value::Barrier(barrier) = &request.arguments[0] else {
        let got = format!("{:?}", request.arguments[0]);
        return Err(Fault::mismatch(request.operation.mnemonic(), "a barrier", got));
    };
    if !ask_barrier(context, barrier.0, question) {
        return Err(barrier::gone(request.operation));
    }
    context.wait_for_answer(request.operation);
    Ok(Reply::Wait)
}
