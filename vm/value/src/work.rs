//! Work that stops on the way and goes on later, so that no instruction holds a scheduler for long (rule P53).
//!
//! Long operations are `async` functions that burn [`Fuel`] as they go and pause when there is none left. A [`Job`] is
//! one of them with its operands; it lies on the heap, is advanced a slice at a time, and gives everything back when it
//! is dropped on the way. [`whole`] does the same work in one go. Nothing here waits for anything but fuel and
//! [`Fuel::elsewhere`]; there is no executor. Not here: the operations (`ops`), when slices run (the engine).

use std::{
    cell::Cell,
    fmt,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use ttvm_isa::Fault;

use crate::value::Value;

/// Work that cannot stop on the way: for a thread where it disturbs nobody.
pub struct Task(Box<dyn FnOnce() -> Result<Value, Fault> + Send>);

impl Task {
    /// A task.
    #[must_use]
    pub fn new(work: impl FnOnce() -> Result<Value, Fault> + Send + 'static) -> Self {
        Self(Box::new(work))
    }

    /// Does it.
    ///
    /// # Errors
    /// Those of the work.
    pub fn perform(self) -> Result<Value, Fault> {
        (self.0)()
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}

/// What may be done before the next pause, in steps of 2 to 10 ns each.
pub struct Fuel {
    left: Cell<u64>,
    /// Nobody advances this work by slices: it does everything itself.
    is_whole: bool,
    /// Where whoever advances a job finds its tasks. Without it work that needs one is given up.
    desk: Option<Box<Desk>>,
}

#[derive(Default)]
struct Desk {
    /// What the job wants done elsewhere.
    task: Cell<Option<Task>>,
    /// What came of it.
    answer: Cell<Option<Result<Value, Fault>>>,
}

impl Fuel {
    #[inline(always)]
    const fn new(steps: u64, is_whole: bool) -> Self {
        Self { left: Cell::new(steps), is_whole, desk: None }
    }

    /// Burns fuel for work that was done; `true` if it is time to pause.
    #[inline(always)]
    pub fn burn(&self, steps: u64) -> bool {
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left == 0
    }

    /// Waits until there is fuel.
    pub async fn pause(&self) {
        std::future::poll_fn(|_| if self.left.get() == 0 { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    /// Burns fuel for work that was done, and pauses if it is time to.
    #[inline(always)]
    pub async fn spend(&self, steps: u64) {
        if self.burn(steps) {
            self.pause().await;
        }
    }

    /// Has a task done where it disturbs nobody, and waits for what comes of it.
    ///
    /// # Errors
    /// Those of the task.
    pub async fn elsewhere(&self, task: Task) -> Result<Value, Fault> {
        if self.is_whole {
            return task.perform();
        }
        let Some(desk) = &self.desk else { return std::future::pending().await };
        desk.task.set(Some(task));
        std::future::poll_fn(|_| desk.answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

/// How far a job has come.
pub enum Progress<T> {
    /// It is done.
    Done(T),
    /// Its fuel is used up.
    Paused,
    /// This must be done before it goes on: see [`Job::answer`].
    Elsewhere(Task),
}

/// Work that is advanced a slice at a time.
pub struct Job<T> {
    fuel: Rc<Fuel>,
    work: Pin<Box<dyn Future<Output = T>>>,
}

impl<T: 'static> Job<T> {
    /// A job that has not begun.
    #[must_use]
    pub fn new(work: impl AsyncFnOnce(&Fuel) -> T + 'static) -> Self {
        let fuel = Rc::new(Fuel { desk: Some(Box::default()), ..Fuel::new(0, false) });
        let burnt = Rc::clone(&fuel);
        Self { fuel, work: Box::pin(async move { work(&burnt).await }) }
    }

    /// Does about this many steps.
    pub fn advance(&mut self, steps: u64) -> Progress<T> {
        self.fuel.left.set(steps);
        match self.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Progress::Done(result),
            Poll::Pending => {
                let task = self.fuel.desk.as_ref().and_then(|desk| desk.task.take());
                task.map_or(Progress::Paused, Progress::Elsewhere)
            }
        }
    }

    /// Says what came of the task that the job waits for.
    pub fn answer(&self, answer: Result<Value, Fault>) {
        if let Some(desk) = &self.fuel.desk {
            desk.answer.set(Some(answer));
        }
    }
}

impl<T> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

/// Does all of some work.
pub fn whole<T>(work: impl AsyncFnOnce(&Fuel) -> T) -> T {
    let fuel = Fuel::new(u64::MAX, true);
    let work = pin!(work(&fuel));
    match work.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("fuel for centuries is not used up"),
    }
}

/// Does some work if it takes at most about this many steps; else what was done is forgotten.
pub fn attempt<T>(steps: u64, work: impl AsyncFnOnce(&Fuel) -> T) -> Option<T> {
    let fuel = Fuel::new(steps, false);
    let work = pin!(work(&fuel));
    match work.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(to: u64, fuel: &Fuel) -> u64 {
        let mut counted = 0;
        while counted < to {
            counted += 1;
            fuel.spend(1).await;
        }
        counted
    }

    #[test]
    fn a_job_pauses_after_each_slice_and_ends_with_its_result() {
        let mut job = Job::new(async |fuel| count(25, fuel).await);
        for _ in 0..2 {
            assert!(matches!(job.advance(10), Progress::Paused));
        }
        assert!(matches!(job.advance(10), Progress::Done(25)));
        assert_eq!(whole(async |fuel| count(25, fuel).await), 25);
        assert_eq!(attempt(26, async |fuel| count(25, fuel).await), Some(25));
        assert_eq!(attempt(25, async |fuel| count(25, fuel).await), None);
    }

    #[test]
    fn a_job_waits_for_what_is_done_elsewhere() {
        let mut job = Job::new(async |fuel| fuel.elsewhere(Task::new(|| Ok(Value::Int(7)))).await);
        let Progress::Elsewhere(task) = job.advance(10) else { panic!("it asks for its task") };
        assert!(matches!(job.advance(10), Progress::Paused), "there is no answer yet");
        job.answer(task.perform());
        assert!(matches!(job.advance(10), Progress::Done(Ok(Value::Int(7)))));
        let done = whole(async |fuel| fuel.elsewhere(Task::new(|| Ok(Value::Int(8)))).await);
        assert!(matches!(done, Ok(Value::Int(8))));
    }

    #[test]
    fn a_job_dropped_on_the_way_gives_back_what_it_holds() {
        let held = Rc::new(());
        let mut job = Job::new({
            let held = Rc::clone(&held);
            async move |fuel: &Fuel| {
                count(100, fuel).await;
                drop(held);
            }
        });
        assert!(matches!(job.advance(10), Progress::Paused));
        assert_eq!(Rc::strong_count(&held), 2);
        drop(job);
        assert_eq!(Rc::strong_count(&held), 1);
    }
}
