//! What a process and all that it starts hold together (rules P80, P85).
//!
//! A process that limits its subtree opens an account; what it starts charges the same one, and one that is opened below
//! charges those above too. Two things are charged: what each process holds for itself, when its run is over, and the shared
//! objects that it made, which bear the account's number and go off the account when they are freed (`accounts.rs` of the
//! values). Processes without an account pay one look at their rare half for each run.

use ttvm_isa::Fault;
use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use ttvm_value::{Account as Shared, Garbage, take_balance};

use crate::{context::Context, scheduler::Scheduler, state::Own, terms::limit_reason};

/// What a subtree holds, and may hold.
#[derive(Debug)]
pub(crate) struct Account {
    /// The sum. Before `above`, because it is to be closed first.
    sum: Shared,
    max: AtomicI64,
    above: Option<Arc<Account>>,
}

/// The part of one process in an account, while it lives and while something outside works for it.
#[derive(Debug)]
pub(crate) struct Part {
    account: Arc<Account>,
    /// What it has added since somebody looked whether that is too much.
    grown: AtomicI64,
}

/// A process's part in an account.
#[derive(Debug)]
pub(crate) struct Charged {
    part: Arc<Part>,
    /// What it holds for itself, as far as it has charged that.
    bytes: i64,
    /// Whether it opened the account.
    is_own: bool,
}

impl Account {
    /// Charges this account and those above.
    fn charge(&self, bytes: i64) {
        let mut next = Some(self);
        while let Some(account) = next {
            account.sum.add(bytes);
            next = account.above.as_deref();
        }
    }

    /// Whether this account or one above holds more than it may.
    fn is_over(&self) -> bool {
        let is_over = |account: &Self| account.sum.bytes() > account.max.load(Ordering::Relaxed);
        is_over(self) || self.above.as_deref().is_some_and(Self::is_over)
    }
}

impl Part {
    fn new(account: Arc<Account>, grown: i64) -> Arc<Self> {
        Arc::new(Self { account, grown: AtomicI64::new(grown) })
    }

    fn charge(&self, bytes: i64) {
        if bytes != 0 {
            self.account.charge(bytes);
            self.grown.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

/// Does something for a process with this part on another thread: what is marked as shared meanwhile is charged to it.
pub(crate) fn charging<T>(part: Option<&Part>, work: impl FnOnce() -> T) -> T {
    let Some(part) = part else { return work() };
    part.account.sum.enter();
    let done = work();
    part.charge(Shared::leave());
    done
}

impl Charged {
    /// The part of a process that is started by one that has this part.
    pub fn inherit(&self) -> Self {
        Self { part: Part::new(Arc::clone(&self.part.account), 0), bytes: 0, is_own: false }
    }

    /// Charges what the process holds for itself now, and the shared objects it made since it was charged last.
    fn charge(&mut self, held: i64) {
        self.part.charge(held - std::mem::replace(&mut self.bytes, held) + Shared::take_charged());
    }

    /// Whether the process has grown since this was asked last.
    fn take_grown(&self) -> bool {
        self.part.grown.swap(0, Ordering::Relaxed) > 0
    }

    /// Whether its subtree or one above holds more than it may.
    fn is_over(&self) -> bool {
        self.part.account.is_over()
    }
}

impl Drop for Charged {
    fn drop(&mut self) {
        self.part.account.charge(-self.bytes);
    }
}

impl Own {
    /// Its part in what its subtree holds.
    pub fn charged(&self) -> Option<&Charged> {
        self.rare().and_then(|extras| extras.account.as_ref())
    }

    fn charged_mut(&mut self) -> Option<&mut Charged> {
        self.rare_mut().and_then(|extras| extras.account.as_mut())
    }

    /// Charges what the process holds for itself now.
    pub fn charge(&mut self, held: u64) {
        let Some(charged) = self.charged_mut() else { return };
        charged.charge(i64::try_from(held).unwrap_or(i64::MAX));
    }

    /// Takes off what it was charged for itself what of that was freed since: it held so much then.
    pub fn charge_freed(&mut self, held_before: i64) {
        let freed = held_before.max(0) - self.heap_bytes.max(0);
        let Some(charged) = self.charged_mut() else { return };
        charged.charge((charged.bytes - freed).max(0));
    }

    /// Whether it has grown since this was asked last, and its subtree or one above holds more than it may.
    fn is_at_fault(&self) -> bool {
        self.charged().is_some_and(|charged| charged.take_grown() && charged.is_over())
    }

    /// Takes what the process held for itself off the account: it has ended.
    pub fn withdraw(&mut self) {
        if let Some(extras) = self.rare_mut() {
            extras.account = None;
        }
    }

    fn limit_subtree(&mut self, max: Option<u64>) -> Result<(), Fault> {
        let max = max.map_or(i64::MAX, |max| i64::try_from(max).unwrap_or(i64::MAX));
        let extras = self.extras();
        match &mut extras.account {
            Some(charged) if charged.is_own => charged.part.account.max.store(max, Ordering::Relaxed),
            present => {
                let above = present.as_ref().map(|charged| Arc::clone(&charged.part.account));
                let sum = Shared::open(above.as_deref().map(|above| &above.sum))
                    .ok_or(Fault::Limit { what: "limits of subtrees", max: Shared::COUNT_MAX })?;
                // What it has charged above stays charged there.
                let (bytes, grown) = present.as_mut().map_or((0, 0), |charged| {
                    (std::mem::take(&mut charged.bytes), charged.part.grown.load(Ordering::Relaxed))
                });
                sum.add(bytes);
                let account = Account { sum, max: AtomicI64::new(max), above };
                *present = Some(Charged { part: Part::new(Arc::new(account), grown), bytes, is_own: true });
            }
        }
        Ok(())
    }
}

impl Context<'_, '_> {
    /// Limits what the process and all that it starts from now on hold together; `None` lets them hold what those above
    /// may. What it has shared before stays charged to those above.
    ///
    /// # Errors
    /// When there are too many accounts.
    pub fn limit_subtree(&mut self, max: Option<u64>) -> Result<(), Fault> {
        self.scheduler.leave_account();
        let done = self.own.limit_subtree(max);
        self.scheduler.enter_account(self.own);
        done
    }
}

impl Scheduler<'_> {
    /// Runs something for a process: what it makes meanwhile is the process's, and what it shares is charged to the
    /// process's subtree.
    #[inline]
    pub fn accounted<T>(&mut self, own: &mut Own, run: impl FnOnce(&mut Self, &mut Own) -> T) -> T {
        // What was taken apart between two turns was others'.
        let _ = take_balance();
        if !own.is_plain() && own.charged().is_some() {
            self.enter_account(own);
        }
        let done = run(self, own);
        own.heap_bytes += take_balance();
        if let Some(garbage) = Garbage::take() {
            own.keep_garbage(garbage);
        }
        if !own.is_plain() && own.charged().is_some() {
            self.leave_account();
            self.end_if_at_fault(own);
        }
        done
    }

    /// Ends a process that has grown while its subtree or one above holds more than it may. What it has dropped does not
    /// count.
    pub fn end_if_at_fault(&mut self, own: &mut Own) {
        if !own.is_at_fault() {
            return;
        }
        self.reclaim_all_of(own);
        if own.charged().is_some_and(Charged::is_over) {
            own.end(limit_reason("subtree_heap"));
        }
    }

    #[cold]
    fn enter_account(&mut self, own: &Own) {
        self.part = own.charged().map(|charged| Arc::clone(&charged.part));
        if let Some(part) = &self.part {
            part.account.sum.enter();
        }
    }

    #[cold]
    fn leave_account(&mut self) {
        if let Some(part) = self.part.take() {
            part.charge(Shared::leave());
        }
    }
}

#[cfg(test)]
mod tests {
    use ttvm_value::{SharedValue, Value};

    use super::*;
    use crate::state::Priority;

    fn below(parent: &Own) -> Own {
        let mut own = Own::new(Priority::Normal);
        own.extras().account = parent.charged().map(Charged::inherit);
        own
    }

    /// Charges, and says whether the process is at fault for it. It may be asked again.
    fn is_over(own: &mut Own, held: u64) -> bool {
        own.charge(held);
        own.is_at_fault()
    }

    fn sum(own: &Own) -> Option<i64> {
        own.charged().map(|charged| charged.part.account.sum.bytes())
    }

    // Rules: P80
    #[test]
    fn a_subtree_never_exceeds_its_own_account_nor_those_above() {
        let mut top = Own::new(Priority::Normal);
        assert!(!is_over(&mut top, 1_000_000), "without an account nothing is charged");
        top.limit_subtree(Some(100)).expect("there is room");
        let (mut one, mut other) = (below(&top), below(&top));
        assert!(!is_over(&mut one, 60));
        assert!(!is_over(&mut other, 40));
        assert!(is_over(&mut other, 41), "together they hold 101");
        assert!(!is_over(&mut other, 30), "who shrinks is not at fault");
        other.limit_subtree(Some(35)).expect("there is room");
        let mut lowest = below(&other);
        assert!(is_over(&mut lowest, 6), "36 below the lower account");
        assert!(!is_over(&mut lowest, 5));
        assert!(is_over(&mut one, 66), "101 below the upper one: 66, 30 and 5");
        one.withdraw();
        assert_eq!((sum(&top), sum(&other)), (Some(35), Some(35)));
        drop(lowest);
        assert_eq!(sum(&other), Some(30), "whatever way it goes");
        other.withdraw();
        assert_eq!(sum(&top), Some(0));
        let mut one = below(&top);
        top.limit_subtree(None).expect("there is room");
        assert!(!is_over(&mut one, 1_000_000));
    }

    // Rules: P85
    #[test]
    fn what_is_marked_for_a_process_on_any_thread_is_charged_to_its_subtree_until_it_is_freed() {
        let mut top = Own::new(Priority::Normal);
        top.limit_subtree(Some(1000)).expect("there is room");
        let mut maker = below(&top);
        maker.limit_subtree(Some(500)).expect("there is room");
        let part = maker.charged().map(|charged| Arc::clone(&charged.part));
        let text = |length: usize| Value::str(&"x".repeat(length)).expect("there is memory");
        let (small, marked) = charging(part.as_deref(), || SharedValue::new(text(100)));
        let small_bytes = marked.bytes as i64;
        assert_eq!((sum(&maker), sum(&top)), (Some(small_bytes), Some(small_bytes)));
        assert!(!is_over(&mut maker, 0), "it has grown, within its limit");
        let large = std::thread::spawn(move || charging(part.as_deref(), || SharedValue::new(text(500)).0)).join();
        assert!(!is_over(&mut top, 0), "another process is not at fault");
        assert!(is_over(&mut maker, 0));
        assert!(!is_over(&mut maker, 0), "it has not grown since");
        let uncharged = SharedValue::new(text(100)).0;
        assert!(small.is_charged() && !uncharged.is_charged());
        drop((large.expect("it does not panic"), uncharged));
        assert_eq!((sum(&maker), sum(&top)), (Some(small_bytes), Some(small_bytes)));
        drop(maker);
        assert_eq!(sum(&top), Some(small_bytes), "the maker's end frees nothing");
        drop(small);
        assert_eq!(sum(&top), Some(0));
    }
}
