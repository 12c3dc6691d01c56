//! Rule V12: what a `.supervisor` block cannot say.

use std::collections::{HashMap, HashSet};

use ttvm_isa::{Text, limits};

use super::{Checker, Rule};
use crate::{
    module::BodyKind,
    supervisor::{AutoShutdown, ChildSpec, Restart, Start, Strategy, SupervisorSpec, circle},
};

impl Checker<'_> {
    pub(super) fn check_supervisors(&mut self) {
        let module = self.module;
        let mut seen = HashSet::new();
        for supervisor in &module.supervisors {
            if !seen.insert(&supervisor.name) {
                self.refuse(format!("two supervisors are named `{}`", supervisor.name));
            }
        }
        let functions = module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
        let names = Names {
            supervisors: module.supervisors.iter().map(|supervisor| &supervisor.name).collect(),
            functions: functions.map(|body| (&body.name, body.parameters.len())).collect(),
        };
        for supervisor in &module.supervisors {
            self.check_supervisor(supervisor);
            for child in &supervisor.children {
                if let Some(problem) = names.problem_of(supervisor, child) {
                    self.refuse(format!("the child `{}` of the supervisor `{}` {problem}", child.id, supervisor.name));
                }
            }
        }
        if let Some(number) = circle(&module.supervisors) {
            let name = &module.supervisors[number].name;
            self.refuse(format!("the supervisor `{name}` is inside of itself, or leads to one that is"));
        }
    }

    fn refuse(&mut self, problem: String) {
        self.report(None, Rule::V12Supervisors, problem);
    }

    fn check_supervisor(&mut self, supervisor: &SupervisorSpec) {
        let name = &supervisor.name;
        if supervisor.period_ms == 0 {
            self.refuse(format!("the supervisor `{name}` has no period"));
        }
        let count = supervisor.children.len();
        if supervisor.strategy == Strategy::SimpleOneForOne && count != 1 {
            self.refuse(format!("the supervisor `{name}` is simple_one_for_one, which has 1 child, but has {count}"));
        }
        let arguments = supervisor.children.iter().map(|child| match &child.start {
            Start::Function { arguments, .. } => arguments.len(),
            Start::Supervisor(_) => 0,
        });
        if count + arguments.sum::<usize>() > limits::SUPERVISOR_PARTS_MAX {
            let allowed = limits::SUPERVISOR_PARTS_MAX;
            self.refuse(format!("the supervisor `{name}` has more than {allowed} children and arguments"));
        }
        let mut ids = HashSet::new();
        for child in &supervisor.children {
            if !ids.insert(&child.id) {
                self.refuse(format!("two children of the supervisor `{name}` are named `{}`", child.id));
            }
        }
    }
}

/// What the names in a supervisor's children may mean.
struct Names<'a> {
    supervisors: HashSet<&'a Text>,
    /// Functions with the number of their parameters.
    functions: HashMap<&'a Text, usize>,
}

impl Names<'_> {
    /// What a child cannot be, as the end of a sentence about it.
    fn problem_of(&self, supervisor: &SupervisorSpec, child: &ChildSpec) -> Option<String> {
        if let Some(backoff) = child.backoff
            && (backoff.first_ms == 0 || backoff.first_ms > backoff.last_ms)
        {
            return Some("has a backoff that does not rise from more than 0".to_owned());
        }
        if child.significant && supervisor.auto_shutdown == AutoShutdown::Never {
            return Some("is significant, but the supervisor has no auto_shutdown".to_owned());
        }
        if child.significant && child.restart == Restart::Permanent {
            return Some("is significant and permanent: it never ends for good".to_owned());
        }
        match &child.start {
            Start::Supervisor(name) if !self.supervisors.contains(name) => {
                Some(format!("is the supervisor `{name}`, which no block describes"))
            }
            // Children of this strategy get further arguments when they are started.
            Start::Function { .. } if supervisor.strategy == Strategy::SimpleOneForOne => None,
            Start::Function { name, arguments } => {
                let takes = *self.functions.get(name)?;
                let given = arguments.len();
                (takes != given).then(|| format!("has {given} arguments, but `{name}` takes {takes}"))
            }
            Start::Supervisor(_) => None,
        }
    }
}
