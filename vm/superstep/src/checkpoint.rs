//! Checkpoints of a group: the states and inboxes of all processors at one barrier, to begin again from (rule S12).
//!
//! Values are shared, so a checkpoint copies nothing. One counts when every processor that goes on has handed its part
//! over; until then the one before it does.

use ttvm_isa::{Fault, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{SharedValue, Value};

use crate::{
    brought::Aggregates,
    fold::Fold,
    group::{Code, Group},
    library::Library,
};

/// A checkpoint, whole or not.
pub(crate) struct Checkpoint {
    pub superstep: u64,
    pub name: Text,
    pub aggregates: Arc<Aggregates>,
    /// Of those who had returned.
    pub results: Vec<Option<SharedValue>>,
    /// That of each of the others.
    pub parts: Vec<Option<Part>>,
    /// Parts that have not come.
    pub missing: u32,
}

/// What a checkpoint holds of one processor.
pub(crate) struct Part {
    pub state: SharedValue,
    pub inbox: SharedValue,
    /// What its random generator had come to.
    pub random: u64,
}

/// The checkpoints of a group.
pub(crate) struct Checkpoints {
    restarts_left: u32,
    /// They are kept in a folder too.
    are_kept: bool,
    /// The last that is whole.
    last: Option<Arc<Checkpoint>>,
    /// The one that parts are coming for.
    coming: Option<Checkpoint>,
}

impl Checkpoints {
    /// None yet.
    pub fn new(group: &Group) -> Self {
        Self { restarts_left: group.restarts_max, are_kept: group.save.is_some(), last: None, coming: None }
    }

    /// The one that the group goes on from, as another machine left it.
    pub fn go_on_from(&mut self, checkpoint: Checkpoint) {
        self.last = Some(Arc::new(checkpoint));
    }

    /// Whether a crash may be repaired.
    pub fn may_restart(&self) -> bool {
        self.restarts_left > 0
    }

    /// All begin again. `false` if that happened too often.
    pub fn restart(&mut self) -> bool {
        if self.restarts_left == 0 {
            return false;
        }
        self.restarts_left -= 1;
        self.coming = None;
        true
    }

    /// All processors that live go on from a barrier before which each gave a state; so many parts will come. Then
    /// [`Checkpoints::expect`] is told of each of `count` processors.
    pub fn begin(&mut self, superstep: u64, name: Text, aggregates: Arc<Aggregates>, missing: u32, count: u32) {
        if self.restarts_left > 0 || self.are_kept {
            let (results, parts) = (Vec::with_capacity(count as usize), Vec::with_capacity(count as usize));
            self.coming = Some(Checkpoint { superstep, name, aggregates, results, parts, missing });
        }
    }

    /// The next processor has returned this, or will hand over its part.
    pub fn expect(&mut self, id: u32, result: Option<&SharedValue>) {
        if let Some(coming) = &mut self.coming
            && coming.results.len() == id as usize
        {
            coming.results.push(result.cloned());
            coming.parts.push(None);
        }
    }

    /// Whether processors are to hand over their parts.
    pub fn is_saving(&self) -> bool {
        self.coming.is_some()
    }

    /// A part has come. If it was the last one, the checkpoint is whole.
    pub fn save(&mut self, id: u32, part: Part) -> Option<Arc<Checkpoint>> {
        let coming = self.coming.as_mut()?;
        *coming.parts.get_mut(id as usize)? = Some(part);
        coming.missing -= 1;
        if coming.missing > 0 {
            return None;
        }
        self.last = self.coming.take().map(Arc::new);
        self.last.clone()
    }

    /// The superstep to begin in, and its aggregates.
    pub fn place(&self, group: &Group) -> (u64, Text, Arc<Aggregates>) {
        match &self.last {
            Some(last) => (last.superstep, last.name.clone(), Arc::clone(&last.aggregates)),
            None => (0, group.first.clone(), Arc::default()),
        }
    }

    /// The result of a processor that had returned.
    pub fn result_of(&self, id: u32) -> Option<SharedValue> {
        self.last.as_ref()?.results[id as usize].clone()
    }

    fn part_of(&self, id: u32) -> Option<&Part> {
        self.last.as_ref()?.parts[id as usize].as_ref()
    }

    /// What a processor's random generator begins with, or goes on with.
    pub fn random_of(&self, id: u32, group: &Group) -> u64 {
        self.part_of(id).map_or_else(|| group.seed_of(id), |part| part.random)
    }

    /// What a processor runs: the group's function with its partition, or what goes on from the checkpoint.
    pub fn code_of(&self, id: u32, group: &Group) -> Result<(SharedValue, Vec<Value>), Fault> {
        let numbers = [Value::Int(i64::from(id)), Value::Int(i64::from(group.count))];
        let part = self.part_of(id);
        let library = group.common.library.get();
        let (run, resume) = match &group.code {
            Code::Function { run, resume } => (run, resume.as_ref()),
            Code::Computation { plan } => {
                let library = library.expect("a declared computation begins with the library");
                return computation_of(id, part, numbers, plan, library, group);
            }
        };
        let (Some(Part { state, inbox, .. }), Some(resume)) = (part, resume) else {
            let arguments = [group.partition(id)?].into_iter().chain(numbers);
            return Ok((run.clone(), arguments.collect()));
        };
        let rest = [state.to_value(), inbox.to_value()].into_iter().chain(numbers);
        match (&group.combine, library) {
            // What was saved is not combined yet.
            (Some(Fold::Function(combine)), Some(library)) => {
                let functions = [resume.to_value(), combine.to_value()];
                Ok((library.resume.clone(), functions.into_iter().chain(rest).collect()))
            }
            _ => Ok((resume.clone(), rest.collect())),
        }
    }
}

/// What a processor of a declared computation runs.
fn computation_of(
    id: u32,
    part: Option<&Part>,
    numbers: [Value; 2],
    plan: &SharedValue,
    library: &Library,
    group: &Group,
) -> Result<(SharedValue, Vec<Value>), Fault> {
    let [number, count] = numbers;
    let Some(Part { state, inbox, .. }) = part else {
        return Ok((library.compute.clone(), vec![group.partition(id)?, number, count, plan.to_value()]));
    };
    let combiner = match &group.combine {
        Some(Fold::Function(combiner)) => combiner.to_value(),
        Some(Fold::Named(_)) | None => Value::Null,
    };
    let arguments = vec![state.to_value(), inbox.to_value(), number, count, plan.to_value(), combiner];
    Ok((library.resume_computation.clone(), arguments))
}
