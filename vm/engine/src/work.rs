//! Instructions whose work may be long: they stop in the middle and go on in the process's next turn (rule P53).
//!
//! Such an instruction begins a job and ends the turn with `pc` still at itself. Each following turn advances the job
//! for a slice; when it is done the instruction runs again and finds the result ([`Process::finished`]), so that what
//! follows from it (destination, jump, cost, error) is written once. A process that ends in between drops the job.
//! Not here: which built-ins are long (`long.rs`), how their work stops (`ttvm_value::work`).

use ttvm_isa::Fault;
use ttvm_value::{
    Value,
    ops::compare,
    work::{Job, Progress, attempt},
};

use crate::{
    kernel::{Answer, Outcome},
    long,
    process::Process,
};

/// Steps of 2 to 10 ns that a job does in one turn.
const STEPS_PER_TURN: u64 = 16_000;

/// Steps that an instruction does at once before it becomes a job. What it has done then is done again.
pub(crate) const STEPS_AT_ONCE: u64 = 4_000;

/// What is under way.
pub(crate) type Work = Job<Result<Value, Fault>>;

/// The instruction under way.
pub(crate) struct Working {
    state: State,
    /// What was counted of the operands for the instruction's cost.
    elements: u64,
}

enum State {
    Works(Work),
    /// It waits for a task that somebody else does.
    Asks(Work),
    Done(Answer),
}

impl Process {
    /// Begins the work of the present instruction, which must end the run and is executed again when it is done.
    pub(crate) fn begin_work(&mut self, work: Work, elements: u64) {
        self.rare_mut().working = Some(Working { state: State::Works(work), elements });
        self.is_working = true;
    }

    /// What came of the present instruction's work if it was begun in an earlier turn, and what was counted then.
    pub(crate) fn finished(&mut self) -> Option<(Answer, u64)> {
        if !self.is_working {
            return None;
        }
        match self.rare_mut().working.take() {
            Some(Working { state: State::Done(answer), elements }) => {
                self.is_working = false;
                Some((answer, elements))
            }
            _ => unreachable!("an instruction is executed again when its work is done"),
        }
    }

    /// Goes on with the work under way, if there is any. Gives how the run ends if it is not done then.
    #[cold]
    pub(crate) fn go_on_working(&mut self) -> Option<Outcome> {
        let working = self.rare_mut().working.as_mut()?;
        let State::Works(work) = &mut working.state else { return None };
        match work.advance(STEPS_PER_TURN) {
            Progress::Done(answer) => {
                working.state = State::Done(answer);
                None
            }
            Progress::Paused => Some(Outcome::OutOfReductions),
            Progress::Elsewhere(task) => {
                let state = std::mem::replace(&mut working.state, State::Done(Ok(Value::Null)));
                if let State::Works(work) = state {
                    working.state = State::Asks(work);
                }
                Some(Outcome::Elsewhere { operation: self.op_at(self.pc).mnemonic(), task })
            }
        }
    }

    /// Takes the answer to the task that the work under way waits for.
    pub(crate) fn answer_work(&mut self, answer: Answer) {
        let Some(working) = self.rare_mut().working.as_mut() else { return };
        let state = std::mem::replace(&mut working.state, State::Done(Ok(Value::Null)));
        working.state = match state {
            State::Asks(work) | State::Works(work) => {
                work.answer(answer);
                State::Works(work)
            }
            State::Done(done) => State::Done(done),
        };
    }

    /// What an operation gives, now or when it runs again; none in between.
    pub(crate) fn now_or_later(
        &mut self,
        operation: impl FnOnce() -> Result<Result<Value, Fault>, Work>,
    ) -> Result<Option<Value>, Fault> {
        if let Some((answer, _)) = self.finished() {
            return answer.map(Some);
        }
        match operation() {
            Ok(result) => result.map(Some),
            Err(work) => {
                self.begin_work(work, 0);
                Ok(None)
            }
        }
    }

    /// Makes sure that putting a value into the container in a slot copies little; `false` if that goes on in the next
    /// turn.
    pub(crate) fn prepare_update(&mut self, slot: &mut Value, key: &Value, value: &Value) -> Result<bool, Fault> {
        if let Some((answer, _)) = self.finished() {
            *slot = answer?;
            return Ok(true);
        }
        match long::preparation(slot, key, value) {
            Some(work) => {
                self.begin_work(work, 0);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Whether two values are equal; none if that is found out later.
    pub(crate) fn equals(&mut self, a: &Value, b: &Value) -> Option<bool> {
        if let Some((answer, _)) = self.finished() {
            return Some(matches!(answer, Ok(Value::Bool(true))));
        }
        if let Some(are_equal) = compare::small_equals(a, b) {
            return Some(are_equal);
        }
        let at_once = attempt(STEPS_AT_ONCE, async |fuel| compare::equals_in_pieces(a, b, fuel).await);
        if at_once.is_none() {
            let (a, b) = (a.clone(), b.clone());
            let work = Job::new(async move |fuel| Ok(Value::Bool(compare::equals_in_pieces(&a, &b, fuel).await)));
            self.begin_work(work, 0);
        }
        at_once
    }
}
