//! What a group is, as the folder of its checkpoints says: enough to run it again, and to see that it is the same.

use std::{env, path::PathBuf, time::Duration};

use ttvm_isa::Text;
use ttvm_runtime::{field, object, text};
use ttvm_value::{SharedValue, Value, ops::compare, wire};

use super::{error::CheckpointError, program::Digest};
use crate::group::Group;

/// The version of the machine, whose library is part of what a computation does.
const MACHINE: &str = env!("CARGO_PKG_VERSION");

/// Where and how a group keeps its checkpoints.
#[derive(Clone)]
pub(crate) struct SavePlan {
    pub folder: PathBuf,
    pub start: Start,
    /// The file of the program, as it was named.
    pub source: Text,
    pub program: Digest,
    /// What the processors run, as far as the program does not say it: the function's number and what it holds.
    pub code: SharedValue,
    pub max_supersteps: Option<u64>,
    pub checkpoint_every: Option<u64>,
}

/// Whether a group begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It begins.
    New,
    /// It goes on, with the input that was kept.
    Resume,
    /// It goes on if there is something to go on from.
    Either,
}

/// What a group is whose checkpoints a folder holds.
#[derive(Clone)]
#[non_exhaustive]
pub struct CheckpointRecord {
    /// `COMPUTE` or `BSP_RUN`.
    pub operation: String,
    /// The name of the computation or group, or empty.
    pub name: String,
    /// How many processors there are.
    pub processors: u32,
    /// How many iterations or supersteps there may be.
    pub max_supersteps: Option<u64>,
    /// After how many supersteps a computation takes a checkpoint.
    pub checkpoint_every: Option<u64>,
    /// How long processors wait for one another.
    pub barrier_timeout: Option<Duration>,
    /// How many crashes are repaired.
    pub restarts: u32,
    /// The file of the program, as it was named.
    pub source: String,
    /// The folder that the name is to be seen from.
    pub working_folder: PathBuf,
    /// The program's arguments.
    pub arguments: Vec<String>,
    pub(super) machine: String,
    pub(super) program: SharedValue,
    pub(super) code: SharedValue,
    pub(super) input: SharedValue,
    /// What the random numbers of its processors come from.
    pub(super) seed: u64,
}

impl CheckpointRecord {
    /// Of a group that begins.
    pub(super) fn of(group: &Group, plan: &SavePlan) -> Result<Self, CheckpointError> {
        let program = Value::bytes(&plan.program).map_err(|fault| CheckpointError::TooLarge(fault.to_string()))?;
        Ok(Self {
            operation: group.operation.to_owned(),
            name: group.name.to_string(),
            processors: group.count,
            max_supersteps: plan.max_supersteps,
            checkpoint_every: plan.checkpoint_every,
            barrier_timeout: group.barrier_timeout,
            restarts: group.restarts_max,
            source: plan.source.to_string(),
            working_folder: env::current_dir().unwrap_or_default(),
            arguments: group.common.arguments.clone(),
            machine: MACHINE.to_owned(),
            program: SharedValue::new(program).0,
            code: plan.code.clone(),
            input: group.input.clone(),
            seed: group.seed(),
        })
    }

    /// What is different in another group, which should be the same: `None` if nothing that matters is.
    pub(super) fn difference(&self, other: &Self, start: Start) -> Option<&'static str> {
        let differs = |one: &SharedValue, other: &SharedValue| {
            // By order and not by equality: a NaN is the one that was kept.
            compare::total_cmp(one.value(), other.value()).is_ne()
        };
        if self.machine != other.machine {
            Some("version of the machine")
        } else if differs(&self.program, &other.program) {
            Some("program, or of this one before it was changed")
        } else if (&self.operation, &self.name) != (&other.operation, &other.name) || differs(&self.code, &other.code) {
            Some("computation of the program")
        } else if self.processors != other.processors {
            Some("number of processors")
        } else if start != Start::Resume && differs(&self.input, &other.input) {
            Some("input")
        } else {
            None
        }
    }

    /// As a value, to be written.
    pub(super) fn to_value(&self) -> Result<Value, CheckpointError> {
        let too_large = |fault: ttvm_isa::Fault| CheckpointError::TooLarge(fault.to_string());
        let number =
            |number: Option<u64>| number.map_or(Value::Null, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)));
        let timeout = self.barrier_timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        let arguments: Result<Vec<Value>, _> = self.arguments.iter().map(|word| Value::str(word)).collect();
        let value = object([
            ("machine", text(&self.machine)),
            ("program", self.program.to_value()),
            ("operation", text(&self.operation)),
            ("name", text(&self.name)),
            ("processors", Value::Int(i64::from(self.processors))),
            ("max_supersteps", number(self.max_supersteps)),
            ("checkpoint", number(self.checkpoint_every)),
            ("barrier_timeout", number(timeout)),
            ("on_crash", Value::Int(i64::from(self.restarts))),
            ("source", text(&self.source)),
            ("working_folder", text(self.working_folder.to_str().unwrap_or_default())),
            ("arguments", Value::list(arguments.map_err(too_large)?.into_iter()).map_err(too_large)?),
            ("code", self.code.to_value()),
            ("input", self.input.to_value()),
            ("seed", Value::Int(self.seed.cast_signed())),
        ]);
        if matches!(value, Value::Null) { Err(CheckpointError::TooLarge("no memory".to_owned())) } else { Ok(value) }
    }

    /// What of it is no data, if something is not.
    pub(super) fn not_data(&self) -> &'static str {
        if wire::write(self.code.value(), &mut Vec::new()).is_err() {
            "what the processors' function holds"
        } else {
            "the input"
        }
    }

    /// What a file of this kind says.
    pub(super) fn of_value(value: &Value) -> Result<Self, &'static str> {
        let get = |name| field(value, name);
        let shared = |name| get(name).map(|value| SharedValue::new(value.clone()).0).ok_or(name);
        let words = |name| get(name).and_then(Value::as_str).map(str::to_owned).ok_or(name);
        let number = |name| match get(name) {
            Some(Value::Null) => Ok(None),
            Some(Value::Int(number)) => u64::try_from(*number).map(Some).map_err(|_| name),
            _ => Err(name),
        };
        let count = |name| number(name)?.and_then(|number| u32::try_from(number).ok()).ok_or(name);
        let Some(Value::List(arguments)) = get("arguments") else { return Err("arguments") };
        let arguments = arguments.iter().map(|word| word.to_value().as_str().map(str::to_owned).ok_or("arguments"));
        Ok(Self {
            operation: words("operation")?,
            name: words("name")?,
            processors: count("processors")?,
            max_supersteps: number("max_supersteps")?,
            checkpoint_every: number("checkpoint")?,
            barrier_timeout: number("barrier_timeout")?.map(Duration::from_millis),
            restarts: count("on_crash")?,
            source: words("source")?,
            working_folder: words("working_folder")?.into(),
            arguments: arguments.collect::<Result<_, _>>()?,
            machine: words("machine")?,
            program: shared("program")?,
            code: shared("code")?,
            input: shared("input")?,
            seed: match get("seed") {
                Some(Value::Int(seed)) => seed.cast_unsigned(),
                _ => return Err("seed"),
            },
        })
    }
}
