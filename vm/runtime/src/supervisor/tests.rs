//! Decisions of supervisors in a world where starts fail on demand: rules P60, P65 and P66.

use std::{collections::VecDeque, time::Duration};

use ttvm_bytecode::supervisor::{AutoShutdown, Restart, Shutdown, Strategy};
use ttvm_engine::Answer;
use ttvm_isa::{Rights, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, SharedValue, Value};

use super::{
    ChildSpec, Request, Start, Supervisor, Tree, Which,
    restarts::Restarts,
    world::{Started, World},
};
use crate::{
    signal::Caller,
    starts::Startable,
    terms::{object, text},
};

/// A machine that only notes what is asked of it.
#[derive(Default)]
struct Notes {
    log: Vec<String>,
    refs: u64,
    pids: u64,
    /// How many of the next starts fail.
    failures: u32,
    /// The number of a start that fails.
    fails_as: Option<u64>,
    queue: VecDeque<Value>,
    requests: VecDeque<(Caller, Request)>,
}

impl World for Notes {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
    fn pid(&self) -> Pid {
        Pid::new(1, 1)
    }
    fn start(&mut self, spec: &ChildSpec, _: &[SharedValue]) -> Result<Started, String> {
        if self.failures > 0 || self.fails_as == Some(self.pids + 1) {
            self.failures = self.failures.saturating_sub(1);
            self.log.push(format!("no {}", spec.id));
            return Err("no room".to_owned());
        }
        self.pids += 1;
        self.log.push(format!("start {}", spec.id));
        let number = 100 + self.pids;
        Ok(Started { pid: Pid::new(number, 1), monitor: Ref(number), token: None })
    }
    fn exit(&mut self, pid: Pid, reason: &str) {
        self.log.push(format!("{reason} {}", pid.number()));
        self.queue.push_back(down(pid.number(), reason));
    }
    fn token(&mut self) -> Ref {
        self.refs += 1;
        Ref(self.refs)
    }
    fn remind(&mut self, message: Value, delay: Duration) -> Option<Ref> {
        if delay.is_zero() {
            self.queue.push_back(message);
        }
        None
    }
    fn cancel(&mut self, _: Ref) {}
    fn tell(&mut self, _: Pid, _: Value) {}
    fn answer(&mut self, _: Caller, answer: Answer) {
        self.log.push(match answer {
            Ok(_) => "answer".to_owned(),
            Err(fault) => fault.to_string(),
        });
    }
    fn unlink(&mut self, _: Pid) {}
    fn request(&mut self) -> Option<(Caller, Request)> {
        self.requests.pop_front()
    }
    fn random_below(&mut self, _: u64) -> u64 {
        0
    }
}

/// The end of the child that was started as number `number - 100`.
fn down(number: u64, reason: &str) -> Value {
    object([
        ("signal", text("down")),
        ("ref", Value::Ref(Ref(number))),
        ("pid", Value::Pid(Pid::new(number, 1))),
        ("reason", text(reason)),
    ])
}

fn tree(strategy: Strategy, intensity: u32) -> Arc<Tree> {
    let child = |id: &str| {
        let code = Startable::Text { name: Text::from(id), text: String::new() };
        let start = Start::Code { code, arguments: Vec::new() };
        let (restart, shutdown) = (Restart::Permanent, Shutdown::Infinity);
        Arc::new(ChildSpec {
            id: Text::from(id),
            start,
            restart,
            shutdown,
            is_significant: false,
            backoff: None,
            rights: Rights::default(),
        })
    };
    Arc::new(Tree {
        name: Text::from("shop"),
        strategy,
        intensity,
        period: Duration::from_secs(60),
        auto_shutdown: AutoShutdown::Never,
        children: vec![child("a"), child("b"), child("c")],
    })
}

/// A supervisor that runs, and its world.
fn running(strategy: Strategy, intensity: u32) -> (Supervisor, Notes) {
    let (mut supervisor, mut world) = (Supervisor::new(tree(strategy, intensity), Pid::new(1, 0)), Notes::default());
    supervisor.begin(None);
    assert!(supervisor.advance(&mut world).is_none());
    world.log.clear();
    (supervisor, world)
}

/// Gives it what comes, in order but for what it waits for, until it ends or nothing is left.
fn run(supervisor: &mut Supervisor, world: &mut Notes) -> Option<Value> {
    loop {
        if let Some(end) = supervisor.advance(world) {
            return Some(end);
        }
        let place = world.queue.iter().position(|message| supervisor.wants(message))?;
        let message = world.queue.remove(place).expect("a place that was found");
        supervisor.take(&message, world);
    }
}

#[test]
fn p65_the_window_slides_and_its_end_belongs_to_it() {
    let mut restarts = Restarts::default();
    let period = Duration::from_secs(5);
    let mut at = |seconds| restarts.are_too_many(Duration::from_secs(seconds), period, 2);
    assert!(!at(0) && !at(3));
    assert!(at(5), "the restart at 0 lies within 5 seconds");
    assert!(at(6));
    assert!(!at(20));
}

#[test]
fn p65_failed_restarts_count() {
    let (mut supervisor, mut world) = running(Strategy::OneForOne, 3);
    world.failures = 10;
    world.queue.push_back(down(102, "crash"));
    let end = run(&mut supervisor, &mut world).expect("too many restarts end it");
    assert_eq!(end.as_str(), Some("shutdown"));
    assert_eq!(world.log, ["no b", "no b", "no b", "shutdown 103", "shutdown 101"]);
}

#[test]
fn p66_a_failing_restart_is_tried_again_from_the_queue_and_requests_get_through() {
    let (mut supervisor, mut world) = running(Strategy::OneForOne, 100);
    world.failures = 3;
    world.queue.push_back(down(102, "crash"));
    world.queue.push_back(object([("signal", text("request"))]));
    let operation = ttvm_isa::ProcessOperation::TerminateChild;
    let caller = Caller { pid: Pid::new(1, 0), number: 1, operation };
    world.requests.push_back((caller, Request::Terminate(Which::Id(Text::from("b")))));
    assert!(run(&mut supervisor, &mut world).is_none());
    assert_eq!(world.log, ["no b", "answer"], "it was stopped before the second attempt");
}

#[test]
fn p66_a_failing_restart_of_all_is_tried_again_for_all() {
    let (mut supervisor, mut world) = running(Strategy::OneForAll, 100);
    world.failures = 1;
    world.queue.push_back(down(102, "crash"));
    assert!(run(&mut supervisor, &mut world).is_none());
    assert_eq!(world.log, ["shutdown 103", "shutdown 101", "no a", "start a", "start b", "start c"]);
}

#[test]
fn p60_a_failing_start_stops_the_earlier_in_reverse() {
    let mut world = Notes { fails_as: Some(3), ..Notes::default() };
    let mut supervisor = Supervisor::new(tree(Strategy::OneForOne, 1), Pid::new(1, 0));
    supervisor.begin(None);
    let end = run(&mut supervisor, &mut world).expect("a supervisor that cannot start ends");
    assert_eq!(end.as_str(), Some("shutdown"));
    assert_eq!(world.log, ["start a", "start b", "no c", "shutdown 102", "shutdown 101"]);
}
