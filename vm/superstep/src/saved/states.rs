//! A checkpoint as a value and back: the states and inboxes of all processors at one barrier.

use ttvm_isa::{Fault, Text};
use ttvm_platform::sync::Arc;
use ttvm_runtime::{field, object, text};
use ttvm_value::{List, SharedValue, Value, wire};

use super::error::CheckpointError;
use crate::checkpoint::{Checkpoint, Part};

/// The value that is written; `group` is the hash of the file that says which group it is of.
pub(super) fn to_value(checkpoint: &Checkpoint, group: &[u8]) -> Result<Value, CheckpointError> {
    encode(checkpoint, group).map_err(|fault| CheckpointError::TooLarge(fault.to_string()))
}

fn encode(checkpoint: &Checkpoint, group: &[u8]) -> Result<Value, Fault> {
    let aggregates = checkpoint.aggregates.iter().map(|(name, value)| {
        let pair = [Value::str(name)?, value.to_value()];
        Value::list(pair.into_iter())
    });
    let aggregates: Vec<Value> = aggregates.collect::<Result<_, _>>()?;
    let returned: Vec<(Value, Value)> = (0_i64..)
        .zip(&checkpoint.results)
        .filter_map(|(id, result)| Some((Value::Int(id), result.as_ref()?.to_value())))
        .collect();
    let (returned, results): (Vec<Value>, Vec<Value>) = returned.into_iter().unzip();
    let parts = || checkpoint.parts.iter().flatten();
    let states = parts().map(|part| part.state.to_value()).collect();
    let inboxes = parts().map(|part| part.inbox.to_value()).collect();
    let random = parts().map(|part| Value::Int(part.random.cast_signed())).collect();
    let list = |values: Vec<Value>| Value::list(values.into_iter());
    let value = object([
        ("group", Value::bytes(group)?),
        ("superstep", Value::Int(i64::try_from(checkpoint.superstep).unwrap_or(i64::MAX))),
        ("name", text(&checkpoint.name)),
        ("aggregates", list(aggregates)?),
        ("returned", list(returned)?),
        ("results", list(results)?),
        ("states", list(states)?),
        ("inboxes", list(inboxes)?),
        ("random", list(random)?),
    ]);
    Ok(value)
}

/// What in the checkpoint is no data, if something is not.
pub(super) fn not_data(checkpoint: &Checkpoint) -> Option<CheckpointError> {
    let mut bytes = Vec::new();
    let mut check = |what: &dyn Fn() -> String, value: &SharedValue| {
        bytes.clear();
        let error = wire::write(value.value(), &mut bytes).err()?;
        Some(CheckpointError::NotData { what: what(), error })
    };
    for (id, part) in checkpoint.parts.iter().enumerate() {
        let Some(Part { state, inbox, .. }) = part else { continue };
        let wrong = check(&|| format!("the state of processor {id}"), state);
        let wrong = wrong.or_else(|| check(&|| format!("a message to processor {id}"), inbox));
        if wrong.is_some() {
            return wrong;
        }
    }
    for (id, result) in checkpoint.results.iter().enumerate() {
        if let Some(wrong) =
            result.as_ref().and_then(|result| check(&|| format!("the result of processor {id}"), result))
        {
            return Some(wrong);
        }
    }
    checkpoint.aggregates.iter().find_map(|(name, value)| check(&|| format!("the aggregate {name:?}"), value))
}

/// The hash of its group's file.
pub(super) fn group_of(value: &Value) -> Option<&[u8]> {
    match field(value, "group") {
        Some(Value::Bytes(bytes)) => Some(bytes.as_slice()),
        _ => None,
    }
}

/// The checkpoint that a value says, of a group with so many processors; else the name of what is wrong.
pub(super) fn of_value(value: &Value, processors: u32) -> Result<Checkpoint, &'static str> {
    let list = |name: &'static str| match field(value, name) {
        Some(Value::List(list)) => Ok(list),
        _ => Err(name),
    };
    let superstep = match field(value, "superstep") {
        Some(Value::Int(superstep)) => u64::try_from(*superstep).map_err(|_| "superstep")?,
        _ => return Err("superstep"),
    };
    let name = field(value, "name").and_then(Value::as_str).ok_or("name")?;
    let mut aggregates = Vec::new();
    for pair in list("aggregates")?.iter() {
        let Value::List(pair) = pair.to_value() else { return Err("aggregates") };
        let (Some(name), Some(value)) = (pair.get(0), pair.get(1)) else { return Err("aggregates") };
        let name = name.to_value();
        aggregates.push((Text::from(name.as_str().ok_or("aggregates")?), shared(value.to_value())));
    }
    let mut results: Vec<Option<SharedValue>> = vec![None; processors as usize];
    let (returned, kept) = (list("returned")?, list("results")?);
    for (id, result) in returned.iter().zip(kept.iter()) {
        let Value::Int(id) = id.to_value() else { return Err("returned") };
        let place = usize::try_from(id).ok().and_then(|id| results.get_mut(id)).ok_or("returned")?;
        *place = Some(shared(result.to_value()));
    }
    let parts = parts(&results, list("states")?, list("inboxes")?, list("random")?).ok_or("states")?;
    let aggregates = Arc::new(aggregates);
    Ok(Checkpoint { superstep, name: Text::from(name), aggregates, results, parts, missing: 0 })
}

/// What was kept of each processor that has no result.
fn parts(results: &[Option<SharedValue>], states: &List, inboxes: &List, random: &List) -> Option<Vec<Option<Part>>> {
    let mut kept = states.iter().zip(inboxes.iter()).zip(random.iter());
    let mut parts = Vec::with_capacity(results.len());
    for result in results {
        parts.push(match result {
            Some(_) => None,
            None => {
                let ((state, inbox), random) = kept.next()?;
                let (inbox @ Value::List(_), Value::Int(random)) = (inbox.to_value(), random.to_value()) else {
                    return None;
                };
                let random = random.cast_unsigned();
                Some(Part { state: shared(state.to_value()), inbox: shared(inbox), random })
            }
        });
    }
    kept.next().is_none().then_some(parts)
}

fn shared(value: Value) -> SharedValue {
    SharedValue::new(value).0
}
