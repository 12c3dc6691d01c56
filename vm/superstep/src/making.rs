//! Lists with an element for each processor: long ones are made where that disturbs nobody, so that no scheduler is held by
//! them (rule P53).

use ttvm_isa::Fault;
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;
use ttvm_value::{SharedValue, Value};

use crate::{
    coordinator::{Coordinator, Stage},
    signal::ToCoordinator,
};

/// The longest list that is made within a run: at about 10 ns for each element.
const MADE_AT_ONCE_MAX: usize = 1024;

/// What is to be made.
pub(crate) enum Making {
    /// The list of these values.
    List(Vec<SharedValue>),
    /// The elements of this list, each by itself.
    Elements(SharedValue),
    /// The list of what each of these lists holds for the processor with this number.
    Exchanged(Arc<Vec<SharedValue>>, u32),
}

/// What was made.
pub(crate) type Made = Result<Vec<SharedValue>, Fault>;

impl Making {
    /// Whether it is to be made elsewhere.
    pub fn is_long(&self) -> bool {
        let length = match self {
            Self::List(values) => values.len(),
            Self::Exchanged(lists, _) => lists.len(),
            Self::Elements(list) => match list.value() {
                Value::List(list) => list.len(),
                _ => 0,
            },
        };
        length > MADE_AT_ONCE_MAX
    }

    /// Makes it: the list alone, or all elements.
    pub fn make(self) -> Made {
        let alone = |list: Value| vec![SharedValue::new(list).0];
        match self {
            Self::List(values) => Value::list(values.into_iter().map(SharedValue::into_value)).map(alone),
            Self::Exchanged(lists, id) => {
                let given: Vec<Value> = lists.iter().map(|list| element(list, id)).collect();
                Value::list(given.into_iter()).map(alone)
            }
            Self::Elements(list) => match list.value() {
                Value::List(list) => Ok(list.iter().map(|item| SharedValue::new(item.to_value()).0).collect()),
                _ => Ok(Vec::new()),
            },
        }
    }
}

impl Coordinator {
    /// Makes something elsewhere; [`Coordinator::made`] is next.
    pub(crate) fn make_later(&self, making: Making, context: &mut Context<'_, '_>) {
        let made = |made: Result<Made, Fault>| -> ttvm_runtime::Payload {
            Box::new(ToCoordinator::Made(made.and_then(|made| made)))
        };
        context.do_later(self.group.operation, move || making.make(), made);
    }

    /// It was made.
    pub(crate) fn made(&mut self, made: Made, context: &mut Context<'_, '_>) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Gathering => self.gathered(made, context),
            Stage::Listing => Stage::Clearing(made.map(only)),
            // The group has failed meanwhile.
            other => other,
        };
    }

    /// All results are there.
    pub(crate) fn list_results(&mut self, results: Vec<SharedValue>, context: &mut Context<'_, '_>) -> Stage {
        let making = Making::List(results);
        if making.is_long() {
            self.make_later(making, context);
            return Stage::Listing;
        }
        Stage::Clearing(making.make().map(only))
    }
}

fn element(list: &SharedValue, id: u32) -> Value {
    match list.value() {
        Value::List(list) => list.get(id as usize).map_or(Value::Null, |item| item.to_value()),
        _ => Value::Null,
    }
}

/// The list that was made.
pub(crate) fn only(made: Vec<SharedValue>) -> SharedValue {
    made.into_iter().next().unwrap_or_else(|| SharedValue::new(Value::Null).0)
}
