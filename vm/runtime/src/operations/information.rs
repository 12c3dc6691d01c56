//! `IS_ALIVE` and `PROCESS_INFO`: questions that the process itself answers, so that everything sent to it before
//! has taken effect (rule P5).

use ttvm_engine::{Reply, Request};
use ttvm_value::{Pid, SharedValue, Value};

use super::{Named, Performed};
use crate::{
    context::Context,
    signal::{Control, Question},
    snapshot::{ProcessView, state_name},
    state::Body,
    terms::{list, object, text},
};

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
        if self.own.rare().is_some_and(|extras| !extras.questions.is_empty() || !extras.surveys.is_empty()) {
            self.answer_all_questions(body);
        }
    }

    #[cold]
    fn answer_all_questions(&mut self, body: &Body) {
        let Some(extras) = self.own.rare_mut() else { return };
        let (questions, surveys) = (std::mem::take(&mut extras.questions), std::mem::take(&mut extras.surveys));
        for survey in surveys {
            survey.answer(self.pid, body, self.own);
        }
        for (from, number) in questions {
            let state = if from == self.pid { "running" } else { state_name(self.own) };
            let view = ProcessView::new(self.pid, body, self.own, state);
            self.signal(from, Control::Answer { number, answer: Ok(SharedValue::new(information(view)).0) });
        }
    }
}

fn information(view: ProcessView) -> Value {
    let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let pids = |pids: Vec<Pid>| list(pids.into_iter().map(Value::Pid));
    object([
        ("pid", Value::Pid(view.pid)),
        ("name", view.name.map_or(Value::Null, |name| text(&name))),
        ("state", text(view.state)),
        ("reductions", int(view.reductions)),
        ("mailbox", int(view.mailbox)),
        ("bytes", int(view.bytes)),
        ("links", pids(view.links)),
        ("monitors", pids(view.monitors)),
        ("monitored_by", pids(view.monitored_by)),
        ("trap_exit", Value::Bool(view.traps_exits)),
        ("priority", text(view.priority)),
        ("function", text(&view.function)),
        ("place", text(&view.place)),
    ])
}
