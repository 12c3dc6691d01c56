//! `TICK_RUN`: a call of `run` of `std/tick`, which does everything with the instructions that programs have (rules S15 to
//! S18). So nothing about ticks is decided here.

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode};
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;
use ttvm_value::{SharedValue, Value};

use crate::{
    library::{self, Loaded},
    membership::{membership, own_membership},
    signal::ToProgram,
    supersteps::Common,
};

/// Where the function is.
pub(crate) const PATH: &str = "std/tick";

/// A call that waits for the module.
pub(crate) struct TickCall {
    common: Arc<Common>,
    arguments: Vec<SharedValue>,
}

/// Waits for the module; the call is made when it is there.
pub(crate) fn run(
    common: &Arc<Common>,
    context: &mut Context<'_, '_>,
    request: &mut Request<'_>,
) -> Result<Reply, Fault> {
    let OpCode::TickRun { ticks } = request.instruction else { unreachable!("the operation is the instruction's") };
    let ticks = match ticks {
        Some(ticks) => Value::Int(i64::from(*ticks)),
        None => request.arguments[1].take(),
    };
    let arguments = vec![SharedValue::new(request.arguments[0].take()).0, SharedValue::new(ticks).0];
    if let Some(membership) = own_membership(context) {
        membership.ticks = Some(Box::new(TickCall { common: Arc::clone(common), arguments }));
    }
    context.wait_for_answer(request.operation);
    if common.tick_run.get().is_some() {
        let own = context.pid();
        context.signal_extension(own, Box::new(ToProgram::Ticks(None)));
    } else {
        context.import_later(PATH, |loaded| Box::new(ToProgram::Ticks(Some(loaded))));
    }
    Ok(Reply::Wait)
}

/// The module is there, or has been.
pub(crate) fn loaded(context: &mut Context<'_, '_>, loaded: Option<Loaded>) {
    let Some(call) = membership(context).and_then(|membership| membership.ticks.take()) else { return };
    let TickCall { common, arguments } = *call;
    let found = loaded.map(|loaded| loaded.and_then(|module| library::exported(PATH, &module, "run")));
    match (found, common.tick_run.get()) {
        (Some(Err(fault)), _) => context.answer_waiting(Err(fault)),
        (Some(Ok(run)), None) => {
            // Another process may have been faster; both are the same.
            let _ = common.tick_run.set(run.clone());
            context.call_waiting(run, arguments);
        }
        (_, Some(run)) => context.call_waiting(run.clone(), arguments),
        (None, None) => unreachable!("without a module the function is known"),
    }
}
