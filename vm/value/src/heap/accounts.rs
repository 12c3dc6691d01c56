//! Accounts: how many bytes of shared objects are still there of what somebody made (rule P85).
//!
//! Whoever marks objects as shared says before which account is charged. The account's number stands in the headers of
//! these objects, and whoever frees one, on any thread, takes its bytes off the account and those above it. Without an
//! account the number is 0, and freeing looks at it and does nothing.
//!
//! A slot of the table is in use until its [`Account`] is dropped *and* all objects that bear its number are freed: both are in one
//! sum, and only a slot whose sum is 0 is taken. Not here: whose account it is, and how much it may hold (the runtime).

use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};

use super::{blocks, header::ACCOUNT_MAX};

/// What an open account adds to the sum of its slot. Far above what objects can add, so that it shows.
const OPEN: i64 = 1 << 60;

/// Slots there are; that of number 0 stays unused.
const SLOTS: usize = ACCOUNT_MAX as usize + 1;

static TABLE: Table<SLOTS> = Table::new();

/// The account with a number that objects bear.
#[derive(Debug)]
pub struct Account {
    number: u16,
}

impl Account {
    /// The accounts that there may be at once, counting closed ones that objects still bear the number of.
    pub const COUNT_MAX: u64 = SLOTS as u64 - 1;

    /// Opens an account, what is charged to which is charged to `above` too; `None` if there are too many.
    #[must_use]
    pub fn open(above: Option<&Self>) -> Option<Self> {
        TABLE.open(above.map_or(0, |above| above.number)).map(|number| Self { number })
    }

    /// The slots in use: open accounts, and closed ones that objects still bear the number of.
    #[must_use]
    pub fn count() -> usize {
        TABLE.slots.iter().filter(|slot| slot.sum.load(Ordering::Acquire) != 0).count()
    }

    /// Adds to this account, not to those above it. Gives the sum.
    pub fn add(&self, bytes: i64) -> i64 {
        TABLE.add(self.number, bytes)
    }

    /// The bytes that are charged.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        TABLE.add(self.number, 0)
    }

    /// From now on what this thread marks as shared bears this account's number, until [`Account::leave`].
    pub fn enter(&self) {
        blocks::set_account(self.number);
    }

    /// From now on what this thread marks as shared bears no number. Gives what [`Account::take_charged`] gives.
    #[must_use]
    pub fn leave() -> i64 {
        blocks::set_account(0);
        blocks::take_charged()
    }

    /// What is to be added to the account that this thread entered, and to those above it, for what it did since then or
    /// since the last call: the bytes of what it marked as shared, less those of objects with the same number that it
    /// freed or that are one holder's own again.
    #[must_use]
    pub fn take_charged() -> i64 {
        blocks::take_charged()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        TABLE.close(self.number);
    }
}

/// The number that objects bear.
#[cfg(test)]
pub(crate) fn number(account: &Account) -> u16 {
    account.number
}

/// Takes an object that is charged to an account off it.
#[cold]
#[inline(never)]
pub(super) fn uncharge(account: u16, bytes: i64) {
    if !blocks::note_uncharged(account, bytes) {
        TABLE.uncharge(account, bytes);
    }
}

/// One account.
#[derive(Debug)]
struct Slot {
    /// Its bytes, and [`OPEN`] while it is open.
    sum: AtomicI64,
    /// The number of the account above.
    above: AtomicU16,
}

#[derive(Debug)]
struct Table<const N: usize> {
    slots: [Slot; N],
    /// Where the search for a free slot begins.
    hint: AtomicU16,
}

impl<const N: usize> Table<N> {
    const fn new() -> Self {
        let slots = [const { Slot { sum: AtomicI64::new(0), above: AtomicU16::new(0) } }; N];
        Self { slots, hint: AtomicU16::new(0) }
    }

    fn slot(&self, number: u16) -> &Slot {
        &self.slots[usize::from(number)]
    }

    fn open(&self, above: u16) -> Option<u16> {
        let hint = usize::from(self.hint.load(Ordering::Relaxed));
        let number = (0..N - 1).map(|step| 1 + (hint + step) % (N - 1)).find(|&number| {
            // Acquire: pairs with the Release of whoever took the last object off it, so that what is written to `above` now
            // is not read there.
            self.slots[number].sum.compare_exchange(0, OPEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
        })?;
        let number = u16::try_from(number).expect("numbers fit in a header");
        self.hint.store(number, Ordering::Relaxed);
        self.slot(number).above.store(above, Ordering::Relaxed);
        Some(number)
    }

    fn add(&self, number: u16, bytes: i64) -> i64 {
        // Relaxed: sums, which order nothing.
        self.slot(number).sum.fetch_add(bytes, Ordering::Relaxed) + bytes - OPEN
    }

    fn uncharge(&self, number: u16, bytes: i64) {
        let mut number = number;
        while number != 0 {
            let slot = self.slot(number);
            // Before the bytes go: then the slot may be another's. Who is above still holds them meanwhile.
            number = slot.above.load(Ordering::Relaxed);
            slot.sum.fetch_sub(bytes, Ordering::Release);
        }
    }

    fn close(&self, number: u16) {
        self.slot(number).sum.fetch_sub(OPEN, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Rules: P81
    #[test]
    fn a_slot_is_another_accounts_when_it_is_closed_and_its_objects_are_freed() {
        let table = Table::<4>::new();
        let numbers: Vec<u16> = (0..3).map(|_| table.open(0).expect("there is room")).collect();
        assert_eq!(table.open(0), None, "three accounts, and none has the number 0");
        assert_eq!(table.add(numbers[1], 100), 100);
        table.close(numbers[1]);
        assert_eq!(table.open(0), None, "objects bear its number");
        table.uncharge(numbers[1], 60);
        assert_eq!(table.open(0), None);
        table.uncharge(numbers[1], 40);
        assert_eq!(table.open(numbers[0]), Some(numbers[1]));
        assert_eq!(table.add(numbers[1], 5), 5);
        table.add(numbers[0], 5);
        table.uncharge(numbers[1], 5);
        assert_eq!((table.add(numbers[1], 0), table.add(numbers[0], 0)), (0, 0), "and off the account above");
    }
}
