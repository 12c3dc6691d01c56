//! How the world outside answers a process that waits for it.
//!
//! A reply counts as something pending until it is sent or dropped, so that nobody takes the machine for quiet.

use std::sync::Weak;

use ttvm_engine::Answer;
use ttvm_isa::Fault;
use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use ttvm_value::Pid;

use crate::{
    account::{Part, charging},
    shared::Shared,
    signal::{Control, Signal, share},
};

/// Answers one process once, from any thread. Dropped without an answer it answers with an error.
pub struct Reply {
    /// Weak: what is under way outside does not keep a machine alive.
    shared: Weak<Shared>,
    pid: Pid,
    to: To,
    /// Who is charged for the answer (rule P85).
    part: Option<Arc<Part>>,
}

/// What waits.
enum To {
    /// The instruction with this number.
    Instruction(u64),
    /// The end of the process, until all that it has outside is closed.
    Ending(Arc<AtomicBool>),
    /// Nothing any more.
    Nothing,
}

impl Reply {
    /// For the instruction for which a process begins to wait with this number.
    pub(crate) fn to_instruction(shared: &Shared, pid: Pid, number: u64, part: Option<Arc<Part>>) -> Self {
        Self::new(shared, pid, To::Instruction(number), part)
    }

    /// For a process that ends.
    pub(crate) fn to_ending(shared: &Shared, pid: Pid, is_released: Arc<AtomicBool>) -> Self {
        Self::new(shared, pid, To::Ending(is_released), None)
    }

    fn new(shared: &Shared, pid: Pid, to: To, part: Option<Arc<Part>>) -> Self {
        shared.outside.fetch_add(1, Ordering::SeqCst);
        Self { shared: Arc::downgrade(&shared.handle()), pid, to, part }
    }

    /// The process that waits.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Answers.
    pub fn send(mut self, answer: Answer) {
        self.finish(answer);
    }

    fn finish(&mut self, answer: Answer) {
        let control = match std::mem::replace(&mut self.to, To::Nothing) {
            To::Instruction(number) => {
                let answer = charging(self.part.as_deref(), || share(answer));
                Control::Answer { number, answer }
            }
            To::Ending(is_released) => {
                // Release: whoever reads it sees the resources closed. Before the signal, which only wakes.
                is_released.store(true, Ordering::Release);
                Control::Released
            }
            To::Nothing => return,
        };
        if let Some(shared) = self.shared.upgrade() {
            shared.answer_from_outside(self.pid, Signal::control(control));
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.finish(Err(Fault::Host { operation: "the machine", error: "the operation was cancelled".to_owned() }));
    }
}
