//! The timers of one scheduler, and what they do.
//!
//! A tick is a sixteenth of a millisecond. A timer never fires early: its deadline is rounded up to a tick (rule P49).

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use foldhash::fast::RandomState;
use ttvm_isa::Text;
use ttvm_platform::sync::{Arc, Mutex, MutexGuard};
use ttvm_value::{Pid, Ref, SharedValue};

use crate::{
    maxima::Bounded,
    wheel::{TimerKey, Wheel},
};

/// The length of a tick. A part of a millisecond, because programs say milliseconds, counted from whenever they set a timer:
/// with ticks as long as those, a wait of one would take two.
const TICK: Duration = Duration::from_nanos(62_500);

/// Ticks in a second.
const TICKS_PER_SECOND: u64 = 1_000_000_000 / TICK.subsec_nanos() as u64;

/// A timer, and the scheduler that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId {
    pub scheduler: u16,
    key: TimerKey,
}

/// What a timer does when its time has come.
pub(crate) enum Action {
    /// Ends the wait with this number.
    Timeout { pid: Pid, number: u64 },
    /// Sends a message.
    Send { target: Target, message: SharedValue, bytes: u64, reference: Ref },
}

/// Whom a message is for.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Process(Pid),
    /// Whoever has the name when the time has come.
    Name(Text),
}

/// The refs of timers that are to end with a process.
#[derive(Default)]
pub(crate) struct TimerRefs {
    /// With some of those that are over, about as many as there are others.
    refs: VecDeque<Ref>,
}

impl TimerRefs {
    /// Adds one. Looks at two others and forgets them if they are over, so that this never takes long.
    pub fn add(&mut self, reference: Ref, is_set: impl Fn(Ref) -> bool) {
        for _ in 0..2 {
            if let Some(known) = self.refs.pop_front().filter(|known| is_set(*known)) {
                self.refs.push_back(known);
            }
        }
        self.refs.push_back(reference);
    }

    /// Takes all out.
    pub fn take_each(&mut self, each: impl FnMut(Ref)) {
        std::mem::take(&mut self.refs).into_iter().for_each(each);
    }
}

/// The timers of one scheduler.
pub(crate) struct Timers {
    scheduler: u16,
    /// How many timers the machine has (rule P81).
    count: Arc<Bounded>,
    /// Held for one change.
    inner: Mutex<Inner>,
    /// Held while timers that were taken out do what they do.
    firing: Mutex<()>,
}

/// Timers that are due, in order. While there is one of these, nobody is told that a timer was too late to be cancelled
/// whose message is not queued yet (rule P52).
pub(crate) struct Due<'t> {
    actions: std::vec::IntoIter<Action>,
    _firing: MutexGuard<'t, ()>,
}

impl Iterator for Due<'_> {
    type Item = Action;

    fn next(&mut self) -> Option<Action> {
        self.actions.next()
    }
}

struct Inner {
    wheel: Wheel<Action>,
    /// Timers that programs may cancel. Refs are numbers that no program chooses.
    references: HashMap<Ref, TimerKey, RandomState>,
}

impl Timers {
    /// Without timers.
    pub fn new(scheduler: u16, count: Arc<Bounded>) -> Self {
        let inner = Inner { wheel: Wheel::new(), references: HashMap::default() };
        Self { scheduler, count, inner: Mutex::new(inner), firing: Mutex::new(()) }
    }

    /// Sets a timer for a time since the machine's start. `None` if there are too many.
    pub fn set(&self, due: Duration, action: Action) -> Option<TimerId> {
        let reference = if let Action::Send { reference, .. } = &action { Some(*reference) } else { None };
        self.count.take().ok()?;
        let mut inner = self.inner.lock();
        let Some(key) = inner.wheel.set(tick_at_or_after(due), action) else {
            self.count.give_back();
            return None;
        };
        if let Some(reference) = reference {
            inner.references.insert(reference, key);
        }
        Some(TimerId { scheduler: self.scheduler, key })
    }

    /// Cancels a timer.
    pub fn cancel(&self, timer: TimerId) {
        if self.inner.lock().wheel.cancel(timer.key).is_some() {
            self.count.give_back();
        }
    }

    /// Whether there is a timer with a reference.
    pub fn has(&self, reference: Ref) -> bool {
        self.inner.lock().references.contains_key(&reference)
    }

    /// Cancels the timer with a reference, if there is one, for somebody who does not ask whether it has fired.
    pub fn forget(&self, reference: Ref) {
        drop(self.take_reference(reference));
    }

    /// Cancels the timer with a reference; gives how long after the start it would have fired. If there is none, what it
    /// does is done.
    pub fn cancel_reference(&self, reference: Ref) -> Option<Duration> {
        let cancelled = self.take_reference(reference);
        if cancelled.is_none() {
            drop(self.firing.lock());
        }
        cancelled.map(|(_, deadline)| time_of(deadline))
    }

    /// Takes a timer out, with its deadline; what it would have sent is dropped by the caller, without the lock.
    fn take_reference(&self, reference: Ref) -> Option<(Action, u64)> {
        let mut inner = self.inner.lock();
        let key = inner.references.remove(&reference)?;
        let cancelled = inner.wheel.cancel(key)?;
        self.count.give_back();
        Some(cancelled)
    }

    /// When there is something to do, at the earliest.
    pub fn next(&self) -> Option<Duration> {
        self.inner.lock().wheel.next_tick().map(time_of)
    }

    /// Takes out what is due, if anything may be.
    pub fn take_due(&self, now: Duration) -> Option<Due<'_>> {
        self.next().filter(|next| *next <= now)?;
        let firing = self.firing.lock();
        let mut due = Vec::new();
        let mut inner = self.inner.lock();
        let Inner { wheel, references } = &mut *inner;
        wheel.advance(tick_before(now), |action| {
            if let Action::Send { reference, .. } = &action {
                references.remove(reference);
            }
            self.count.give_back();
            due.push(action);
        });
        Some(Due { actions: due.into_iter(), _firing: firing })
    }
}

fn time_of(tick: u64) -> Duration {
    Duration::from_secs(tick / TICKS_PER_SECOND) + TICK * (tick % TICKS_PER_SECOND) as u32
}

fn tick_before(time: Duration) -> u64 {
    let of_seconds = time.as_secs().saturating_mul(TICKS_PER_SECOND);
    of_seconds.saturating_add(u64::from(time.subsec_nanos() / TICK.subsec_nanos()))
}

fn tick_at_or_after(time: Duration) -> u64 {
    tick_before(time.saturating_add(TICK - Duration::from_nanos(1)))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    #[test]
    fn ticks_are_rounded_up_and_never_early() {
        for nanos in [0, 1, 62_499, 62_500, 62_501, 999_999_999, 1_000_000_000, 1_000_062_501, u64::MAX] {
            let due = Duration::from_nanos(nanos);
            let fires = time_of(tick_at_or_after(due));
            assert!(fires >= due && fires - due < TICK, "{due:?} {fires:?}");
            assert_eq!(tick_before(fires), tick_at_or_after(due));
        }
        assert!(tick_at_or_after(Duration::MAX) > 0);
    }

    #[test]
    fn refs_of_timers_that_are_over_are_forgotten() {
        // Rule P52.
        let mut refs = TimerRefs::default();
        for number in 0..10_000 {
            refs.add(Ref(number), |Ref(known)| known + 10 >= number || known == 5);
            assert!(refs.refs.len() <= 48, "{} refs of 12 timers", refs.refs.len());
        }
        let mut left = Vec::new();
        refs.take_each(|Ref(number)| left.push(number));
        assert!([5].into_iter().chain(9_990..10_000).all(|number| left.contains(&number)));
    }

    #[test]
    fn nobody_hears_that_a_cancel_was_too_late_before_the_message_is_sent() {
        let timers = Timers::new(0, Arc::new(Bounded::new("timers", u64::MAX, u64::MAX)));
        let message = SharedValue::new(ttvm_value::Value::Int(1)).0;
        let target = Target::Process(Pid::new(1, 0));
        let action = Action::Send { target, message, bytes: 0, reference: Ref(7) };
        assert!(timers.set(Duration::from_millis(1), action).is_some());
        let due = timers.take_due(Duration::from_millis(1)).expect("one is due");
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| sender.send(timers.cancel_reference(Ref(7))).expect("somebody waits for it"));
            let early = receiver.recv_timeout(Duration::from_millis(50));
            assert!(early.is_err(), "its message is not sent yet");
            drop(due);
            assert_eq!(receiver.recv(), Ok(None));
        });
    }
}
