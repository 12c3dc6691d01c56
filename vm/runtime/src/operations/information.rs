//! `IS_ALIVE` and `PROCESS_INFO`: questions that the process itself answers, so that everything sent to it before
//! has taken effect (rule P5).

use ttvm_engine::{Reply, Request};
use ttvm_value::{Pid, SharedValue, Value};

use super::{Named, Performed};
use crate::{
    context::Context,
    signal::{Control, Question},
    slab::Slab,
    state::{Body, Own, ProcessState, Wait},
    terms::{list, object, text},
    turn::heap_bytes,
};

/// Bytes of a control block.
const BLOCK_BYTES: u64 = Slab::<ProcessState>::block_bytes() as u64;

impl Context<'_, '_> {
    pub(super) fn is_alive(&mut self, request: &mut Request<'_>) -> Performed {
        match self.target(request)? {
            (Named::Process(pid), _) if pid == self.pid => Ok(Reply::Value(Value::Bool(true))),
            (Named::Process(pid), _) => Ok(self.question(request, pid, Question::IsAlive, Value::Bool(false))),
            (Named::Nobody(_), _) => Ok(Reply::Value(Value::Bool(false))),
        }
    }

    pub(super) fn process_info(&mut self, request: &mut Request<'_>) -> Performed {
        match self.target(request)? {
            // Itself too: it answers when it has stopped at this instruction.
            (Named::Process(pid), _) => Ok(self.question(request, pid, Question::Information, Value::Null)),
            (Named::Nobody(_), _) => Ok(Reply::Value(Value::Null)),
        }
    }

    fn question(&mut self, request: &Request<'_>, to: Pid, question: Question, if_dead: Value) -> Reply {
        let from = self.pid;
        let asked = self.ask(request.operation, to, |number| Control::Question { from, number, question });
        asked.unwrap_or(Reply::Value(if_dead))
    }

    /// Answers those who asked what this process does. Called at both ends of each run of it.
    #[inline]
    pub(crate) fn answer_questions(&mut self, body: &Body) {
        if self.own.rare().is_some_and(|extras| !extras.questions.is_empty()) {
            self.answer_all_questions(body);
        }
    }

    #[cold]
    fn answer_all_questions(&mut self, body: &Body) {
        let Some(extras) = self.own.rare_mut() else { return };
        for (from, number) in std::mem::take(&mut extras.questions) {
            let state = if from == self.pid { "running" } else { state_name(self.own) };
            let answer = Ok(SharedValue::new(information(self.pid, body, self.own, state)).0);
            self.signal(from, Control::Answer { number, answer });
        }
    }
}

fn state_name(own: &Own) -> &'static str {
    match own.wait {
        _ if own.is_ending => "stopping",
        _ if own.is_paused => "paused",
        Wait::Nothing => "ready",
        _ => "waiting",
    }
}

fn information(pid: Pid, body: &Body, own: &Own, state: &str) -> Value {
    let (reductions, bytes) = match body {
        Body::Code(process) => (process.reductions_spent(), heap_bytes(process, own)),
        Body::Native(_) | Body::Ended => (0, 0),
    };
    let (function, place) = body.place();
    let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let (mut links, mut monitors, mut watchers) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(extras) = own.rare() {
        links.extend(extras.links.keys().copied().map(Value::Pid));
        monitors.extend(extras.monitors.values().copied().map(Value::Pid));
        watchers.extend(extras.watchers.values().copied().map(Value::Pid));
    }
    object([
        ("pid", Value::Pid(pid)),
        ("name", own.name().map_or(Value::Null, |name| text(name))),
        ("state", text(state)),
        ("reductions", int(reductions)),
        ("mailbox", int(own.inbox.len() as u64)),
        ("bytes", int(BLOCK_BYTES + bytes)),
        ("links", list(links.into_iter())),
        ("monitors", list(monitors.into_iter())),
        ("monitored_by", list(watchers.into_iter())),
        ("trap_exit", Value::Bool(own.traps_exits)),
        ("priority", text(own.priority.name())),
        ("function", text(&function)),
        ("place", text(&place)),
    ])
}
