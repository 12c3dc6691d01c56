//! Keeping checkpoints in a folder while the group goes on (rule S12).
//!
//! Everything that touches the folder is a job beside the schedulers, one at a time, which takes the folder with it and
//! brings it back. While one checkpoint is written, of those that become whole only the newest waits. Not here: what lies in
//! the folder (`saved.rs`), what a checkpoint is (`checkpoint.rs`).

use ttvm_isa::Fault;
use ttvm_platform::sync::Arc;
use ttvm_runtime::Context;
use ttvm_value::SharedValue;

use crate::{
    checkpoint::Checkpoint,
    coordinator::{Coordinator, Stage},
    saved::{self, CheckpointError, Opened, Saved, Start},
    signal::ToCoordinator,
};

/// What came of a job.
pub(crate) enum Kept {
    Opened(Result<Box<Opened>, CheckpointError>),
    Written(Saved, Result<(), CheckpointError>),
    Cleared(Result<(), CheckpointError>),
    /// The machine failed.
    Lost(Fault),
}

/// The folder of a group, if it has one.
#[derive(Default)]
pub(crate) struct Keeping {
    /// While no job has it.
    saved: Option<Saved>,
    /// A job has not come back.
    is_busy: bool,
    /// The newest that is whole and not written.
    next: Option<Arc<Checkpoint>>,
}

impl Keeping {
    /// Whether a job has not come back.
    pub fn is_busy(&self) -> bool {
        self.is_busy
    }
}

impl Coordinator {
    fn do_later(&mut self, job: impl FnOnce() -> Kept + Send + 'static, context: &mut Context<'_, '_>) {
        self.keeping.is_busy = true;
        let operation = self.group.operation;
        context.do_later(operation, job, |kept| Box::new(ToCoordinator::Kept(kept.unwrap_or_else(Kept::Lost))));
    }

    /// Looks into the folder, if there is one, before anything begins.
    pub(crate) fn open(&mut self, context: &mut Context<'_, '_>) -> Stage {
        let Some(plan) = self.group.save.clone() else { return Stage::Starting(0) };
        let group = Arc::clone(&self.group);
        let permitted = context.folder_question(self.group.operation, plan.folder.clone());
        let open = move || {
            let permitted = permitted().map_err(CheckpointError::NotPermitted);
            Kept::Opened(permitted.and_then(|()| saved::open(&group, &plan)).map(Box::new))
        };
        self.do_later(open, context);
        Stage::Opening
    }

    /// A job has come back.
    pub(crate) fn kept(&mut self, kept: Kept, context: &mut Context<'_, '_>) {
        self.keeping.is_busy = false;
        match kept {
            Kept::Opened(Ok(opened)) => self.opened(*opened, context),
            Kept::Opened(Err(error)) => self.fail((None, error.to_string()), context),
            Kept::Lost(fault) => self.fail((None, fault.to_string()), context),
            Kept::Written(saved, written) => {
                self.keeping.saved = Some(saved);
                match written {
                    Err(error) => self.cannot_keep(&error, context),
                    Ok(()) => {
                        if let Some(next) = self.keeping.next.take() {
                            self.keep(next, context);
                        }
                    }
                }
            }
            Kept::Cleared(Ok(())) => {}
            // The results are there all the same.
            Kept::Cleared(Err(error)) => context.warn(&format!("checkpoints are left: {error}")),
        }
    }

    /// That a state is no data does not depend on who was faster, so it is an error although the results are there. What
    /// the system refuses then does not matter any more.
    fn cannot_keep(&mut self, error: &CheckpointError, context: &mut Context<'_, '_>) {
        if let (Stage::Clearing(answer), CheckpointError::NotData { .. }) = (&mut self.stage, error) {
            *answer = Err(self.group.fault(self.superstep, &self.name, None, error.to_string()));
        }
        self.fail((None, error.to_string()), context);
    }

    fn opened(&mut self, opened: Opened, context: &mut Context<'_, '_>) {
        if !matches!(self.stage, Stage::Opening) {
            // The group has failed meanwhile.
            return;
        }
        for error in opened.refused {
            context.warn(&format!("{error}; the checkpoint before it counts"));
        }
        if let Some(seed) = opened.seed {
            self.group.keep_seed(seed);
        }
        if let Some(input) = opened.input {
            self.group.keep_input(input);
        }
        if let Some(checkpoint) = opened.checkpoint {
            self.checkpoints.go_on_from(checkpoint);
            self.go_to_checkpoint();
        }
        self.keeping.saved = Some(opened.saved);
        self.stage = Stage::Starting(0);
    }

    /// A checkpoint is whole: it is written, at once or when the one before it is.
    pub(crate) fn keep(&mut self, checkpoint: Arc<Checkpoint>, context: &mut Context<'_, '_>) {
        match self.keeping.saved.take() {
            Some(mut saved) => {
                let write = move || {
                    let written = saved.write(&checkpoint);
                    Kept::Written(saved, written)
                };
                self.do_later(write, context);
            }
            None if self.keeping.is_busy => self.keeping.next = Some(checkpoint),
            None => {}
        }
    }

    /// The results are there, and nothing is written any more. What was kept is removed, unless whoever wanted it does that
    /// when the results are where they should be: a machine may still be killed before.
    pub(crate) fn clear(&mut self, answer: Result<SharedValue, Fault>, context: &mut Context<'_, '_>) -> Stage {
        self.keeping.next = None;
        let removes = self.group.save.as_ref().is_some_and(|plan| plan.start == Start::Either);
        match self.keeping.saved.take().filter(|_| removes) {
            Some(saved) => {
                self.do_later(move || Kept::Cleared(saved.clear()), context);
                Stage::Clearing(answer)
            }
            None => self.finish(answer, context),
        }
    }
}
