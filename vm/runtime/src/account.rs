//! What a process and all that it starts hold together (rule P80).
//!
//! A process that limits its subtree opens an account; what it starts charges the same one, and one that is opened below
//! charges those above too. Processes charge what has changed at the end of each run, so that the way there costs nothing.
//! Processes without an account pay one look at their rare half.

use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::state::Own;

/// What a subtree holds, and may hold.
#[derive(Debug)]
pub(crate) struct Account {
    used: AtomicI64,
    max: AtomicI64,
    above: Option<Arc<Account>>,
}

/// A process's part in an account.
#[derive(Debug)]
pub(crate) struct Charged {
    account: Arc<Account>,
    /// What it has charged so far.
    bytes: i64,
    /// Whether it opened the account.
    is_own: bool,
}

impl Account {
    /// Charges this account and those above. Whether any of them holds more than it may.
    fn charge(&self, bytes: i64) -> bool {
        let mut is_over = false;
        let mut next = Some(self);
        while let Some(account) = next {
            // Relaxed: sums, which order nothing.
            let used = account.used.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
            is_over |= used > account.max.load(Ordering::Relaxed);
            next = account.above.as_deref();
        }
        is_over
    }
}

impl Charged {
    /// The part of a process that is started by one that has this part.
    pub fn inherit(&self) -> Self {
        Self { account: Arc::clone(&self.account), bytes: 0, is_own: false }
    }
}

impl Own {
    /// Limits what the process and all that it starts from now on hold together; `None` lets them hold what those above
    /// may.
    pub fn limit_subtree(&mut self, max: Option<u64>) {
        let max = max.map_or(i64::MAX, |max| i64::try_from(max).unwrap_or(i64::MAX));
        let extras = self.extras();
        match &mut extras.account {
            Some(charged) if charged.is_own => charged.account.max.store(max, Ordering::Relaxed),
            present => {
                // What it has charged above stays charged there.
                let (above, bytes) = present.take().map_or((None, 0), |charged| (Some(charged.account), charged.bytes));
                let account = Account { used: AtomicI64::new(bytes), max: AtomicI64::new(max), above };
                *present = Some(Charged { account: Arc::new(account), bytes, is_own: true });
            }
        }
    }

    /// Charges what the process holds now. Whether it has grown, and its subtree or one above holds more than it may.
    pub fn charge(&mut self, held: u64) -> bool {
        let Some(charged) = self.rare_mut().and_then(|extras| extras.account.as_mut()) else { return false };
        let held = i64::try_from(held).unwrap_or(i64::MAX);
        let grown = held - charged.bytes;
        charged.bytes = held;
        grown != 0 && charged.account.charge(grown) && grown > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Priority;

    fn below(parent: &Own) -> Own {
        let mut own = Own::new(Priority::Normal);
        own.extras().account = parent.rare().and_then(|extras| extras.account.as_ref()).map(Charged::inherit);
        own
    }

    // Rules: P80
    #[test]
    fn a_subtree_never_exceeds_its_own_account_nor_those_above() {
        let mut top = Own::new(Priority::Normal);
        assert!(!top.charge(1_000_000), "without an account nothing is charged");
        top.limit_subtree(Some(100));
        let (mut one, mut other) = (below(&top), below(&top));
        assert!(!one.charge(60));
        assert!(!other.charge(40));
        assert!(other.charge(41), "together they hold 101");
        assert!(!other.charge(30), "who shrinks is not at fault");
        other.limit_subtree(Some(35));
        let mut lowest = below(&other);
        assert!(lowest.charge(6), "36 below the lower account");
        assert!(!lowest.charge(5));
        assert!(one.charge(66), "101 below the upper one: 66, 30 and 5");
        assert!(!one.charge(0));
        assert!(!lowest.charge(0) && !other.charge(0));
        assert_eq!(
            top.rare()
                .and_then(|extras| extras.account.as_ref())
                .map(|charged| charged.account.used.load(Ordering::Relaxed)),
            Some(0)
        );
        top.limit_subtree(None);
        assert!(!one.charge(1_000_000));
    }
}
