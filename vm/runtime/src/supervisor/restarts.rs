//! What follows from the end of a child: who is started again, when, and whether that is too often (rules P62 to
//! P66, P69).

use std::{collections::VecDeque, time::Duration};

use ttvm_bytecode::supervisor::{AutoShutdown, Backoff, Restart, Strategy};
use ttvm_isa::Text;
use ttvm_value::{Pid, Ref, SharedValue, Value};

use super::{
    Supervisor,
    children::{ChildState, Key},
    plan::{Goal, Plan, Step},
    shutdown,
    world::World,
};
use crate::terms::{is_orderly, object, text};

/// When restarts were, in a window that slides (rule P65).
#[derive(Clone, Debug, Default)]
pub struct Restarts {
    times: VecDeque<Duration>,
}

impl Restarts {
    /// Notes one more.
    pub fn note(&mut self, now: Duration) {
        self.times.push_back(now);
    }

    /// Notes one more; `true` if there were too many.
    pub(super) fn are_too_many(&mut self, now: Duration, period: Duration, intensity: u32) -> bool {
        self.note(now);
        self.within(now, period) > intensity as usize
    }

    /// How many there were within the period that ends now. Older ones are forgotten.
    pub fn within(&mut self, now: Duration, period: Duration) -> usize {
        while self.times.pop_front_if(|first| *first + period < now).is_some() {}
        self.times.len()
    }
}

/// A child's end of which the owner is to be told.
pub(super) struct Notice {
    pub key: Key,
    pub name: Text,
    pub pid: Pid,
    pub reason: SharedValue,
}

impl Supervisor {
    /// A child has ended without being told to.
    pub(super) fn child_ended(&mut self, key: Key, reason: &Value, world: &mut impl World) {
        let Some(spec) = self.children.get(key).map(|child| child.spec.clone()) else { return };
        self.note_end(key, reason.clone());
        let restarts = match spec.restart {
            Restart::Permanent => true,
            Restart::Transient => !is_orderly(reason),
            Restart::Temporary => false,
        };
        if restarts {
            return self.restart(key, world);
        }
        if spec.restart == Restart::Temporary || self.tree.strategy == Strategy::SimpleOneForOne {
            self.children.remove(key);
        }
        self.tell_owner(world);
        if spec.is_significant && self.significant_end() {
            self.shut_down(shutdown());
        }
    }

    /// Whether the end of a significant child is the supervisor's end too (rule P69).
    fn significant_end(&self) -> bool {
        match self.tree.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                let is_active = |child: &super::children::Child| child.state != ChildState::Stopped;
                !self.children.iter().any(|(_, child)| child.spec.is_significant && is_active(child))
            }
        }
    }

    /// Notes one more restart; ends the supervisor if there were too many.
    pub(super) fn count_restart(&mut self, world: &mut impl World) -> bool {
        let (period, intensity) = (self.tree.period, self.tree.intensity);
        if self.restarts.are_too_many(world.now(), period, intensity) {
            self.shut_down(shutdown());
            return false;
        }
        true
    }

    /// Starts an ended child again, with those that depend on it.
    fn restart(&mut self, key: Key, world: &mut impl World) {
        if !self.count_restart(world) {
            return;
        }
        let delay = self.next_delay(key, world);
        if delay.is_zero() {
            self.restart_now(key);
        } else {
            self.plan = Some(Plan { steps: self.stop_others(key), goal: Goal::RestartAfter { key, delay } });
        }
    }

    fn stop_others(&self, key: Key) -> VecDeque<Step> {
        self.affected(key).into_iter().rev().filter(|other| *other != key).map(Step::Stop).collect()
    }

    /// Rule P62: those that go down with a child, and the child.
    fn affected(&self, key: Key) -> Vec<Key> {
        let is_affected = |other: Key| match self.tree.strategy {
            Strategy::OneForOne | Strategy::SimpleOneForOne => other == key,
            Strategy::OneForAll => true,
            Strategy::RestForOne => other >= key,
        };
        self.children.iter().map(|(key, _)| key).filter(|key| is_affected(*key)).collect()
    }

    fn restart_now(&mut self, key: Key) {
        let mut steps = self.stop_others(key);
        // Temporary ones will be gone by then (rule P64).
        steps.extend(self.affected(key).into_iter().map(Step::Start));
        self.plan = Some(Plan { steps, goal: Goal::Restart });
    }

    /// A child is to be started when a message comes.
    pub(super) fn restart_later(&mut self, key: Key, delay: Duration, counts: bool, world: &mut impl World) {
        let token = world.token();
        self.children.set_state(key, ChildState::Restarting { token, counts });
        world.remind(Value::Ref(token), delay);
    }

    /// The message has come.
    pub(super) fn retry(&mut self, token: Ref, world: &mut impl World) {
        let Some(key) = self.children.awaiting(token) else { return };
        match self.children.get(key).map(|child| child.state) {
            Some(ChildState::Restarting { counts: true, .. }) => self.restart(key, world),
            _ => self.restart_now(key),
        }
    }

    /// How long a child waits before it is started again: twice as long each time, unless it ran for long.
    fn next_delay(&mut self, key: Key, world: &mut impl World) -> Duration {
        let now = world.now();
        let Some(child) = self.children.get_mut(key) else { return Duration::ZERO };
        let Some(Backoff { first_ms, last_ms }) = child.spec.backoff else { return Duration::ZERO };
        if now.saturating_sub(child.started) > Duration::from_millis(last_ms) {
            child.attempts = 0;
        }
        let longest = first_ms.saturating_mul(1 << child.attempts.min(40)).min(last_ms);
        child.attempts += 1;
        // Half of it is chance, so that children that ended together do not come back together.
        let chance = world.random_below(longest / 2 + 1);
        Duration::from_millis((longest - chance).max(1))
    }

    /// Tells the owner of a bare supervisor about children that have ended and are not being restarted any more.
    pub(super) fn tell_owner(&mut self, world: &mut impl World) {
        for notice in std::mem::take(&mut self.notices) {
            let state = self.children.get(notice.key).map(|child| child.state);
            if let Some(ChildState::Restarting { .. }) = state {
                self.notices.push(notice);
                continue;
            }
            let fields = [
                ("signal", text("child_exit")),
                ("name", text(&notice.name)),
                ("pid", Value::Pid(notice.pid)),
                ("reason", notice.reason.into_value()),
                ("restarted", Value::Bool(matches!(state, Some(ChildState::Running { .. })))),
            ];
            world.tell(self.parent, object(fields));
        }
    }
}
