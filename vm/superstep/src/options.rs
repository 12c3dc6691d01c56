//! The options of `BSP_RUN`: what they are called and what they may be.

use std::{path::PathBuf, time::Duration};

use ttvm_diagnostics::advice;
use ttvm_engine::LoadedModule;
use ttvm_isa::{Fault, Text, limits::PROCESSES_MAX};
use ttvm_value::{Object, SharedValue, Value, ops::time::duration};

use crate::{
    fold::Fold,
    group::{Code, GroupPlan},
    saved::{self, SavePlan, Start},
    signal::TimeLimit,
};

/// All options there are.
const NAMES: [&str; 11] = [
    "processors",
    "input",
    "max_supersteps",
    "barrier_timeout",
    "combine",
    "on_crash",
    "resume",
    "name",
    "labels",
    "checkpoint_dir",
    "checkpoint_start",
];

/// Reads the options of a group that runs `function` of a module.
pub(crate) fn read(
    operation: &'static str,
    module: &LoadedModule,
    function: &Value,
    options: &Value,
) -> Result<GroupPlan, Fault> {
    if !is_function(function) {
        return Err(Fault::mismatch(operation, "a function", format!("{function:?}")));
    }
    let Value::Object(options) = options else {
        return Err(Fault::mismatch(operation, "an object of options", format!("{options:?}")));
    };
    let reader = Reader::new(operation, options, &NAMES)?;
    let resume = match reader.get("resume") {
        None => None,
        Some(function) if is_function(function) => Some(SharedValue::new(function.clone()).0),
        Some(other) => return Err(reader.wrong("resume", "a function", other)),
    };
    let supersteps_max = reader.number("max_supersteps")?;
    let save = reader.save_plan(module)?;
    if save.is_some() && resume.is_none() {
        let error = "the option \"checkpoint_dir\" needs \"resume\", which goes on from a checkpoint".to_owned();
        return Err(Fault::Argument { operation, error });
    }
    let count = reader.processors(None)?;
    Ok(GroupPlan {
        operation,
        name: reader.text("name")?,
        labels: reader.labels("labels", count)?,
        count,
        first: Text::from(""),
        code: Code::Function { run: SharedValue::new(function.clone()).0, resume },
        input: SharedValue::new(reader.get("input").cloned().unwrap_or(Value::Null)).0,
        combine: match reader.get("combine") {
            None => None,
            Some(fold) => Some(Fold::read(operation, None, Some(fold))?),
        },
        supersteps_max,
        barrier_timeout: reader.time("barrier_timeout")?,
        restarts_max: match reader.number("on_crash")? {
            None => 0,
            Some(restarts) => u32::try_from(restarts).unwrap_or(u32::MAX),
        },
        save: match save {
            None => None,
            Some(plan) => Some(SavePlan { code: what_runs(function)?, max_supersteps: supersteps_max, ..plan }),
        },
    })
}

/// What the program alone does not say of a function: which it is, and what it holds.
fn what_runs(function: &Value) -> Result<SharedValue, Fault> {
    let (function, captured) = match function {
        Value::Function(function) => (*function, &[][..]),
        Value::Closure(closure) => (closure.function(), closure.captured()),
        _ => return Ok(SharedValue::new(Value::Null).0),
    };
    let number = Value::Int(i64::from(function.object().instruction));
    let all: Vec<Value> = std::iter::once(number).chain(captured.iter().cloned()).collect();
    Ok(SharedValue::new(Value::list(all.into_iter())?).0)
}

fn is_function(value: &Value) -> bool {
    matches!(value, Value::Function(_) | Value::Closure(_))
}

/// Options that do not exist are mistakes; the nearest name is proposed.
fn check_names(operation: &'static str, options: &Object, names: &[&str]) -> Result<(), Fault> {
    for (name, _) in options.iter() {
        let name = name.as_str();
        if !names.contains(&name) {
            let error = format!("there is no option {name:?}{}", advice(name, names));
            return Err(Fault::Argument { operation, error });
        }
    }
    Ok(())
}

/// Reads options one by one.
pub(crate) struct Reader<'a> {
    operation: &'static str,
    options: &'a Object,
}

impl<'a> Reader<'a> {
    /// Of these options, which have only these names.
    pub fn new(operation: &'static str, options: &'a Object, names: &[&str]) -> Result<Self, Fault> {
        check_names(operation, options, names)?;
        Ok(Self { operation, options })
    }

    /// An option that is written and not null.
    fn get(&self, name: &str) -> Option<&'a Value> {
        let (_, value) = self.options.iter().find(|(known, _)| known.as_str() == name)?;
        (!matches!(value, Value::Null)).then_some(value)
    }

    fn wrong(&self, name: &str, expected: &str, found: &Value) -> Fault {
        let error = format!("the option {name:?} is {expected}, not {found:?}");
        Fault::Argument { operation: self.operation, error }
    }

    /// How many processors; the number given if none is written.
    pub fn processors(&self, declared: Option<u32>) -> Result<u32, Fault> {
        match self.get("processors") {
            Some(Value::Int(count)) if (1..=i64::from(PROCESSES_MAX)).contains(count) => {
                Ok(u32::try_from(*count).expect("PROCESSES_MAX is a u32"))
            }
            Some(other) => Err(self.wrong("processors", &format!("an int from 1 to {PROCESSES_MAX}"), other)),
            None => declared.ok_or_else(|| {
                let error = "the option \"processors\" is missing".to_owned();
                Fault::Argument { operation: self.operation, error }
            }),
        }
    }

    /// A str; empty if none is written.
    pub fn text(&self, name: &str) -> Result<Text, Fault> {
        match self.get(name) {
            None => Ok(Text::from("")),
            Some(Value::Str(text)) => Ok(Text::from(text.as_str())),
            Some(other) => Err(self.wrong(name, "a str", other)),
        }
    }

    /// A list with a str for each of so many processors; empty if none is written.
    fn labels(&self, name: &str, count: u32) -> Result<Box<[Text]>, Fault> {
        let Some(value) = self.get(name) else { return Ok(Box::default()) };
        let wrong = || self.wrong(name, &format!("a list of {count} strs"), value);
        let Value::List(list) = value else { return Err(wrong()) };
        if list.len() != count as usize {
            return Err(wrong());
        }
        let labels = list.iter().map(|item| match item.to_value() {
            Value::Str(label) => Ok(Text::from(label.as_str())),
            _ => Err(wrong()),
        });
        labels.collect()
    }

    /// A number that is not negative.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Int(number)) if *number >= 0 => Ok(Some(number.unsigned_abs())),
            Some(other) => Err(self.wrong(name, "an int from 0", other)),
        }
    }

    /// Where checkpoints are kept, if they are, by a group of a module; what is particular to its kind is not filled in.
    pub fn save_plan(&self, module: &LoadedModule) -> Result<Option<SavePlan>, Fault> {
        let start = match self.get("checkpoint_start").map(|start| (start.as_str(), start)) {
            None => Start::Either,
            Some((Some("new"), _)) => Start::New,
            Some((Some("resume"), _)) => Start::Resume,
            Some((_, other)) => return Err(self.wrong("checkpoint_start", "\"new\" or \"resume\"", other)),
        };
        let folder = match self.get("checkpoint_dir") {
            None => return Ok(None),
            Some(Value::Str(folder)) => PathBuf::from(folder.as_str()),
            Some(other) => return Err(self.wrong("checkpoint_dir", "a str", other)),
        };
        let digest = saved::digest(module);
        let program =
            digest.map_err(|error| Fault::Argument { operation: self.operation, error: error.to_string() })?;
        let source = module.verified().module().source.clone();
        let code = SharedValue::new(Value::Null).0;
        Ok(Some(SavePlan { folder, start, source, program, code, max_supersteps: None, checkpoint_every: None }))
    }

    /// A time in milliseconds; `"infinity"` is none.
    pub fn time(&self, name: &str) -> Result<Option<Duration>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Str(text)) if text.as_str() == "infinity" => Ok(None),
            Some(milliseconds) => duration(self.operation, milliseconds).map(Some),
        }
    }

    /// The same for one superstep; if none is written, that of the group.
    pub fn time_limit(&self, name: &str) -> Result<TimeLimit, Fault> {
        match self.get(name) {
            None => Ok(TimeLimit::OfGroup),
            Some(_) => self.time(name).map(TimeLimit::Own),
        }
    }
}
