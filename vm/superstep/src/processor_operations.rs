//! The instructions of processors: what they take, and what they ask of the processor's state (`processor.rs`).

use ttvm_engine::{Reply, Request};
use ttvm_isa::{Fault, OpCode, ProcessOperation};
use ttvm_runtime::Context;
use ttvm_value::{SharedValue, Value};

use crate::{
    arrivals::Written,
    fold::Fold,
    group::Phase,
    membership::{Membership, membership},
    options::Reader,
    processor::{Processor, no_messages},
    signal::{Beginning, CollectiveKind, Meeting},
    telemetry::TelemetryKind,
};

/// Processors let go on for one reduction.
const PROCESSORS_PER_REDUCTION: u64 = 4;

/// Performs one of the processor's instructions.
pub(crate) fn perform(context: &mut Context<'_, '_>, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let operation = request.operation;
    let Some(mut processor) = membership(context).and_then(|membership| membership.processor.take()) else {
        let error = "this process is no processor of a group".to_owned();
        return Err(Fault::Argument { operation: operation.mnemonic(), error });
    };
    if operation == ProcessOperation::Superstep {
        // By itself, so that mostly no more is said than that it waits: a whole reply is waited for when it is moved on.
        let passes = superstep(&mut processor, context, request);
        put_back(processor, context);
        return if passes? { Ok(Reply::Value(no_messages().into_value())) } else { Ok(Reply::Wait) };
    }
    let performed = dispatch(&mut processor, context, request);
    put_back(processor, context);
    performed
}

fn put_back(processor: Box<Processor>, context: &mut Context<'_, '_>) {
    if let Some(Membership { processor: place, .. }) = membership(context) {
        *place = Some(processor);
    }
}

fn dispatch(
    processor: &mut Processor,
    context: &mut Context<'_, '_>,
    request: &mut Request<'_>,
) -> Result<Reply, Fault> {
    match request.operation {
        ProcessOperation::BspId => Ok(Reply::Value(Value::Int(i64::from(processor.id)))),
        ProcessOperation::BspCount => Ok(Reply::Value(Value::Int(i64::from(processor.group.count)))),
        ProcessOperation::BspSend => send(processor, request),
        ProcessOperation::VoteHalt => {
            processor.has_voted = true;
            Ok(Reply::Nothing)
        }
        ProcessOperation::Aggregate => {
            let OpCode::Aggregate { name, op } = request.instruction else {
                unreachable!("the operation is the instruction's")
            };
            let operation = request.operation.mnemonic();
            let fold = Fold::read(operation, op.as_ref(), request.arguments.get(1))?;
            processor.check(operation, name, &fold)?;
            match fold {
                Fold::Named(named) => processor.contribute(name, named, request.arguments[0].take())?,
                Fold::Function(_) => processor.add_contribution(name.clone(), fold, given(request)),
            }
            Ok(Reply::Nothing)
        }
        ProcessOperation::Aggregated => {
            let OpCode::Aggregated { name } = request.instruction else { unreachable!("as above") };
            Ok(Reply::Value(processor.group.aggregate(name).unwrap_or(Value::Null)))
        }
        ProcessOperation::Checkpoint => {
            processor.checkpoint = Some(given(request));
            Ok(Reply::Nothing)
        }
        ProcessOperation::BspPhase => phase(processor, context, request),
        _ => {
            let (kind, gives) = collective(processor, request)?;
            if !gives {
                request.arguments[0] = Value::Null;
            }
            processor.exchange(context, kind, given(request));
            Ok(Reply::Wait)
        }
    }
}

/// `SUPERSTEP`. `true` if the processor goes on at once, with no messages; else it waits.
fn superstep(
    processor: &mut Processor,
    context: &mut Context<'_, '_>,
    request: &mut Request<'_>,
) -> Result<bool, Fault> {
    if let (Some(_), Some(random)) = (&processor.checkpoint, request.random) {
        processor.random = random;
    }
    let passes = match (request.instruction, request.arguments.first()) {
        (OpCode::Superstep { name: Some(name) }, _) => processor.come(context, Written::Text(name)),
        (_, Some(Value::Str(name))) => processor.come(context, Written::Str(name.as_str())),
        (_, given) => {
            let meeting = Meeting::Superstep(beginning(request.operation, given)?);
            processor.meet(context, meeting);
            false
        }
    };
    if passes {
        request.spent += u64::from(processor.group.count) / PROCESSORS_PER_REDUCTION;
    } else {
        context.wait_for_answer(request.operation);
    }
    Ok(passes)
}

/// The first argument, for other processes.
fn given(request: &mut Request<'_>) -> SharedValue {
    SharedValue::new(request.arguments[0].take()).0
}

/// What a `SUPERSTEP` begins that is given an object with the name and a time limit.
fn beginning(operation: ProcessOperation, given: Option<&Value>) -> Result<Beginning, Fault> {
    let operation = operation.mnemonic();
    match given {
        Some(Value::Object(options)) => {
            let reader = Reader::new(operation, options, &["name", "timeout"])?;
            Ok(Beginning { name: reader.text("name")?, limit: reader.time_limit("timeout")? })
        }
        other => {
            let got = format!("{:?}", other.unwrap_or(&Value::Null));
            Err(Fault::mismatch(operation, "a str or an object", got))
        }
    }
}

fn send(processor: &mut Processor, request: &mut Request<'_>) -> Result<Reply, Fault> {
    let operation = request.operation.mnemonic();
    let to = match &request.arguments[1] {
        Value::Int(to) => *to,
        other => return Err(Fault::mismatch(operation, "the number of a processor", format!("{other:?}"))),
    };
    let to = u32::try_from(to).ok().filter(|to| *to < processor.group.count).ok_or_else(|| {
        let count = processor.group.count;
        let error = format!("{} sends to processor {to}, which is not there (of {count})", processor.place());
        Fault::Argument { operation, error }
    })?;
    processor.send(to, given(request));
    Ok(Reply::Nothing)
}

fn phase(processor: &Processor, context: &Context<'_, '_>, request: &Request<'_>) -> Result<Reply, Fault> {
    let OpCode::BspPhase { name } = request.instruction else { unreachable!("the operation is the instruction's") };
    let Some(phase) = Phase::named(name) else {
        let error = format!("there is no phase {name:?}");
        return Err(Fault::Argument { operation: request.operation.mnemonic(), error });
    };
    processor.group.set_phase(processor.id, phase);
    if phase == Phase::Ready {
        processor.tell(context, TelemetryKind::ProcessorDataInitialized { processor: processor.id });
    }
    Ok(Reply::Nothing)
}

/// What an instruction exchanges, and whether the processor gives a value for it.
fn collective(processor: &Processor, request: &Request<'_>) -> Result<(CollectiveKind, bool), Fault> {
    let operation = request.operation;
    let has_root = matches!(
        operation,
        ProcessOperation::Broadcast | ProcessOperation::Scatter | ProcessOperation::Gather | ProcessOperation::Reduce
    );
    let root = if has_root { Some(root(processor, request)?) } else { None };
    let written = match request.instruction {
        OpCode::Reduce { op } | OpCode::AllReduce { op } | OpCode::Scan { op } => Some(op.as_ref()),
        _ => None,
    };
    let fold = match written {
        Some(written) => Some(Fold::read(operation.mnemonic(), written, request.arguments.get(1))?),
        None => None,
    };
    let is_root = root.is_none_or(|root| root == processor.id);
    let cuts = matches!(operation, ProcessOperation::Scatter | ProcessOperation::AllToAll);
    if cuts && is_root {
        check_length(processor, operation, &request.arguments[0])?;
    }
    let gives = is_root || matches!(operation, ProcessOperation::Gather | ProcessOperation::Reduce);
    Ok((CollectiveKind { operation, root, fold }, gives))
}

fn root(processor: &Processor, request: &Request<'_>) -> Result<u32, Fault> {
    let operation = request.operation.mnemonic();
    match request.arguments.last() {
        Some(Value::Int(root)) => {
            let number = u32::try_from(*root).ok().filter(|root| *root < processor.group.count);
            number.ok_or_else(|| {
                let error = format!("there is no processor {root} among {}", processor.group.count);
                Fault::Argument { operation, error }
            })
        }
        other => {
            let got = format!("{:?}", other.unwrap_or(&Value::Null));
            Err(Fault::mismatch(operation, "the number of a processor", got))
        }
    }
}

/// What is given to each processor must be a list with an element for each.
fn check_length(processor: &Processor, operation: ProcessOperation, value: &Value) -> Result<(), Fault> {
    let operation = operation.mnemonic();
    let count = processor.group.count as usize;
    match value {
        Value::List(list) if list.len() == count => Ok(()),
        Value::List(list) => {
            let error = format!("the list has {} elements for {count} processors", list.len());
            Err(Fault::Argument { operation, error })
        }
        other => Err(Fault::mismatch(operation, "a list", format!("{other:?}"))),
    }
}
