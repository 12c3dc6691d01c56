//! What is charged to accounts is what is there, whoever frees it.

use std::{collections::BTreeSet, thread};

use proptest::prelude::*;

use super::{int, list, s};
use crate::{
    Account, SharedValue, Value,
    heap::{accounts::number, gc::block_bytes},
    ops, reclaim,
};

/// Something done with the values that are held, by their places.
#[derive(Clone, Debug)]
enum Act {
    /// A new value of so many strs is marked for this account.
    Make {
        account: usize,
        length: usize,
    },
    /// A value and another one, in a list that is marked for this account.
    Join {
        account: usize,
        one: usize,
        other: usize,
    },
    /// A new element for a value, which is its holder's own again if nobody else holds it.
    Change {
        account: usize,
        place: usize,
    },
    Clone {
        place: usize,
    },
    Drop {
        account: usize,
        place: usize,
    },
    /// Dropped on another thread.
    Send {
        place: usize,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let (account, place) = (0..4usize, 0..8usize);
    let act = prop_oneof![
        // More than one drop takes apart, sometimes.
        (account.clone(), prop_oneof![0..4usize, 1000..3000usize])
            .prop_map(|(account, length)| Act::Make { account, length }),
        (account.clone(), place.clone(), place.clone()).prop_map(|(account, one, other)| Act::Join {
            account,
            one,
            other
        }),
        (account.clone(), place.clone()).prop_map(|(account, place)| Act::Change { account, place }),
        place.clone().prop_map(|place| Act::Clone { place }),
        (account, place.clone()).prop_map(|(account, place)| Act::Drop { account, place }),
        place.prop_map(|place| Act::Send { place }),
    ];
    prop::collection::vec(act, 0..40)
}

/// Three accounts, each below the one before it; the first stands for none.
struct Accounts([Option<Account>; 4]);

impl Accounts {
    fn open() -> Self {
        let top = Account::open(None).expect("there are few");
        let middle = Account::open(Some(&top)).expect("there are few");
        let lowest = Account::open(Some(&middle)).expect("there are few");
        Self([None, Some(lowest), Some(middle), Some(top)])
    }

    /// Does something while an account is charged.
    fn charging<T>(&self, account: usize, work: impl FnOnce() -> T) -> T {
        if let Some(account) = &self.0[account] {
            account.enter();
        }
        let done = work();
        let bytes = Account::leave();
        // It and those above.
        for above in self.0[account..].iter().flatten().filter(|_| account > 0) {
            above.add(bytes);
        }
        done
    }

    fn bytes(&self) -> [i64; 3] {
        [1, 2, 3].map(|account| self.0[account].as_ref().map_or(0, Account::bytes))
    }

    /// What the accounts must hold for these values.
    fn expected(&self, values: &[Value]) -> [i64; 3] {
        let (mut seen, mut bytes) = (BTreeSet::new(), [0; 3]);
        let mut left: Vec<&Value> = values.iter().collect();
        while let Some(value) = left.pop() {
            let Some(object) = value.any().filter(|object| seen.insert(object.address())) else { continue };
            left.extend(object.of::<Value>().into_iter().flat_map(|elements| elements.iter()));
            let header = object.header();
            assert!(header.is_shared() || header.account() == 0, "only what is shared is charged");
            let charged = (1..4).find(|&account| self.0[account].as_ref().map(number) == Some(header.account()));
            for above in charged.into_iter().flat_map(|account| account..4) {
                bytes[above - 1] += block_bytes(header) as i64;
            }
        }
        bytes
    }
}

fn perform(act: Act, accounts: &Accounts, values: &mut Vec<Value>) {
    let held = values.len();
    let at = |place: usize| place % held;
    match act {
        Act::Make { account, length } => values.push(accounts.charging(account, || {
            let value = Value::list((0..length).map(|index| s(&format!("the str number {index}")))).unwrap();
            SharedValue::new(value).0.into_value()
        })),
        _ if held == 0 => {}
        Act::Join { account, one, other } => values.push(accounts.charging(account, || {
            let joined = list(&[values[at(one)].clone(), s("and"), values[at(other)].clone()]);
            SharedValue::new(joined).0.into_value()
        })),
        Act::Change { account, place } => {
            let value = values.swap_remove(at(place));
            let changed = accounts.charging(account, || ops::lists::append(value, int(1)).unwrap());
            values.push(changed);
        }
        Act::Clone { place } => values.push(values[at(place)].clone()),
        Act::Drop { account, place } => {
            let value = values.swap_remove(at(place));
            accounts.charging(account, || {
                drop(value);
                while reclaim(100) {}
            });
        }
        Act::Send { place } => {
            let value = SharedValue::new(values.swap_remove(at(place))).0;
            thread::spawn(move || drop(value)).join().unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Rules: P85
    #[test]
    fn accounts_hold_what_is_there_and_nothing_when_all_is_freed(acts in acts()) {
        let accounts = Accounts::open();
        let mut values = Vec::new();
        for act in acts {
            perform(act, &accounts, &mut values);
            prop_assert_eq!(accounts.bytes(), accounts.expected(&values));
        }
        drop(values);
        while reclaim(usize::MAX) {}
        prop_assert_eq!(accounts.bytes(), [0; 3]);
    }
}

// Rules: P85
#[test]
fn many_threads_that_share_and_free_at_the_same_time_leave_nothing_on_an_account() {
    let top = Account::open(None).unwrap();
    let accounts: Vec<Account> = (0..4).map(|_| Account::open(Some(&top)).unwrap()).collect();
    let (sender, receiver) = std::sync::mpsc::channel::<SharedValue>();
    let receiver = std::sync::Mutex::new(receiver);
    thread::scope(|scope| {
        for account in &accounts {
            let sender = sender.clone();
            let top = &top;
            scope.spawn(move || {
                account.enter();
                let mut last = s("the first");
                for round in 0..2000 {
                    // Each message leads to the one before, which somebody else may be freeing.
                    last = list(&[s("some text"), int(round), if round % 10 == 0 { s("a new chain") } else { last }]);
                    sender.send(SharedValue::new(last.clone()).0).unwrap();
                }
                drop(last);
                let bytes = Account::leave();
                account.add(bytes);
                top.add(bytes);
            });
        }
        drop(sender);
        for _ in 0..2 {
            let receiver = &receiver;
            scope.spawn(move || {
                while let Ok(value) = { receiver.lock().unwrap().recv() } {
                    drop(value);
                }
            });
        }
    });
    let left: Vec<i64> = accounts.iter().chain([&top]).map(Account::bytes).collect();
    assert_eq!(left, [0; 5]);
}
