//! The mailbox of a process: one atomic word that senders push signals to and that says whether to wake the process.
//!
//! The word is `[generation 16 | state or pointer 48]`:
//!
//! | low 48 bits | meaning |
//! |---|---|
//! | 0 `EMPTY` | the process is runnable or runs, and no signal has come |
//! | 1 `PARKED` | the process waits and nobody owns it |
//! | 2 `CLOSED` | there is no such process any more |
//! | else | the newest signal; each leads to the next older one |
//!
//! A sender pushes by compare-and-swap. The one that replaces `PARKED` owns the process from then on and must make
//! it runnable (`docs/internals/scheduler.md`, "Mailbox"). The generation makes a push to a block that was given to
//! another process fail. Never here: what signals mean (`signals.rs`), in which order messages are received
//! (`inbox.rs`).

#![expect(unsafe_code, reason = "signals are linked by raw pointers kept in an atomic word")]

use std::{mem::MaybeUninit, ptr};

use ttvm_platform::sync::atomic::{AtomicU64, Ordering};

use ttvm_value::SharedValue;

use crate::signal::{Message, Signal};

const EMPTY: u64 = 0;
const PARKED: u64 = 1;
const CLOSED: u64 = 2;
const POINTER_BITS: u32 = 48;
const POINTER_MASK: u64 = (1 << POINTER_BITS) - 1;

/// A signal on its way.
pub(crate) struct Node {
    next: *mut Node,
    pub signal: Signal,
}

impl Node {
    /// A signal to be pushed.
    pub fn new(signal: Signal) -> Box<Self> {
        Box::new(Self { next: ptr::null_mut(), signal })
    }
}

/// Nodes to be used again. Taking one from here is several times quicker than allocating it.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "the places are handed out as boxes")]
pub(crate) struct Spares(Vec<Box<MaybeUninit<Node>>>);

impl Spares {
    /// Nodes that are kept: more than wait to be sent again in a turn.
    const MAX: usize = 4096;

    /// A signal to be pushed.
    #[inline]
    pub fn node(&mut self, signal: Signal) -> Box<Node> {
        match self.0.pop() {
            Some(place) => Box::write(place, Node { next: ptr::null_mut(), signal }),
            None => Node::new(signal),
        }
    }

    /// Takes the signal out of its node.
    #[inline]
    pub fn open(&mut self, node: Box<Node>) -> Signal {
        // SAFETY: the signal is read once; its node is only a place from then on.
        let signal = unsafe { ptr::read(&raw const node.signal) };
        self.keep(node);
        signal
    }

    /// Takes the value of a message out of its node; none if it holds another signal, which is dropped.
    #[inline(always)]
    pub fn open_message(&mut self, node: Box<Node>) -> Option<SharedValue> {
        let Signal::Message(Message { value, bytes: _, is_system: _, is_charged: _ }) = &node.signal else {
            return None;
        };
        // SAFETY: the value is read once, nothing else of a message needs a drop, and its node is only a place from then
        // on.
        let value = unsafe { ptr::read(value) };
        self.keep(node);
        Some(value)
    }

    /// Keeps the place of a node whose signal was taken out.
    #[inline(always)]
    fn keep(&mut self, node: Box<Node>) {
        // SAFETY: a place has the layout of a node, and no signal that would be dropped.
        let place: Box<MaybeUninit<Node>> = unsafe { Box::from_raw(Box::into_raw(node).cast()) };
        if self.0.len() < Self::MAX {
            self.0.push(place);
        }
    }
}

/// What came of a push.
#[must_use]
pub(crate) enum Push {
    /// The process will see it.
    Queued,
    /// The process was parked: the pusher owns it now and must make it runnable.
    Woke,
    /// There is no such process any more.
    Dead(Box<Node>),
}

/// The word.
#[derive(Debug)]
pub(crate) struct Mailbox(AtomicU64);

impl Mailbox {
    /// The mailbox of no process.
    #[cfg(any(test, ttvm_model))]
    pub fn closed() -> Self {
        Self(AtomicU64::new(CLOSED))
    }

    /// Opens the mailbox of a new process, which is runnable.
    pub fn open(&self, generation: u16) {
        // Release: whoever pushes has read the block's number, which is written after this.
        self.0.store(word(generation, EMPTY), Ordering::Release);
    }

    /// Adds a signal.
    pub fn push(&self, generation: u16, node: Box<Node>) -> Push {
        let mut current = self.0.load(Ordering::Relaxed);
        let node = Box::into_raw(node);
        loop {
            let low = current & POINTER_MASK;
            if current >> POINTER_BITS != u64::from(generation) || low == CLOSED {
                // SAFETY: the node came from a box above and was not published.
                return Push::Dead(unsafe { Box::from_raw(node) });
            }
            let older = if low == EMPTY || low == PARKED { ptr::null_mut() } else { low as *mut Node };
            // SAFETY: the node is not published yet, so it is ours.
            unsafe { (*node).next = older };
            debug_assert_eq!(node as u64 & !POINTER_MASK, 0, "user addresses have 48 bits");
            let pushed = word(generation, node as u64);
            // Release: the receiver sees the signal whole. Acquire: the waker sees what the process wrote before
            // it parked (pairs with `park`).
            match self.0.compare_exchange_weak(current, pushed, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if low == PARKED => return Push::Woke,
                Ok(_) => return Push::Queued,
                Err(seen) => current = seen,
            }
        }
    }

    /// Whether signals wait. Only the owner's answer stays true.
    pub fn has_signals(&self) -> bool {
        // Relaxed: `take` acquires.
        self.0.load(Ordering::Relaxed) & POINTER_MASK > CLOSED
    }

    /// Whether the process with this generation can still get signals.
    pub fn is_open(&self, generation: u16) -> bool {
        let current = self.0.load(Ordering::Acquire);
        current >> POINTER_BITS == u64::from(generation) && current & POINTER_MASK != CLOSED
    }

    /// Takes all signals, oldest first. The owner's right.
    pub fn take(&self, generation: u16) -> Chain {
        if !self.has_signals() {
            return Chain::new();
        }
        self.replace(generation, EMPTY)
    }

    /// Says that the process waits, unless a signal has come: `false`, and it goes on owning itself. After `true`
    /// the process may already run elsewhere.
    #[must_use]
    pub fn park(&self, generation: u16) -> bool {
        let (empty, parked) = (word(generation, EMPTY), word(generation, PARKED));
        // Release: pairs with the Acquire of the push or claim that ends the wait.
        self.0.compare_exchange(empty, parked, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Becomes the owner of a process that waits, if it does.
    #[must_use]
    pub fn claim(&self, generation: u16) -> bool {
        let (empty, parked) = (word(generation, EMPTY), word(generation, PARKED));
        self.0.compare_exchange(parked, empty, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Closes the mailbox for good and gives what had come. The owner's right.
    pub fn close(&self, generation: u16) -> Chain {
        self.replace(generation, CLOSED)
    }

    fn replace(&self, generation: u16, low: u64) -> Chain {
        // Acquire: pairs with the Release of the pushes.
        let taken = self.0.swap(word(generation, low), Ordering::AcqRel) & POINTER_MASK;
        if taken <= CLOSED {
            return Chain::new();
        }
        Chain::reversed(taken as *mut Node)
    }
}

fn word(generation: u16, low: u64) -> u64 {
    u64::from(generation) << POINTER_BITS | low
}

/// Signals in order, oldest first.
pub(crate) struct Chain {
    first: *mut Node,
    last: *mut Node,
}

// SAFETY: a chain owns its nodes, and signals may move between threads.
unsafe impl Send for Chain {}

impl Chain {
    /// No signals.
    pub const fn new() -> Self {
        Self { first: ptr::null_mut(), last: ptr::null_mut() }
    }

    /// Turns around a list that begins with its newest node.
    fn reversed(newest: *mut Node) -> Self {
        let (mut first, mut rest) = (ptr::null_mut(), newest);
        while !rest.is_null() {
            // SAFETY: the list was taken out of the word, so its nodes are ours alone.
            unsafe {
                let older = (*rest).next;
                (*rest).next = first;
                first = rest;
                rest = older;
            }
        }
        Self { first, last: newest }
    }

    /// The oldest.
    pub fn first(&self) -> Option<&Signal> {
        // SAFETY: the chain owns its nodes.
        unsafe { self.first.as_ref() }.map(|node| &node.signal)
    }

    /// Takes the oldest out.
    pub fn pop(&mut self) -> Option<Box<Node>> {
        if self.first.is_null() {
            return None;
        }
        // SAFETY: the chain owns its nodes, each of which came from a box.
        let mut node = unsafe { Box::from_raw(self.first) };
        self.first = node.next;
        if self.first.is_null() {
            self.last = ptr::null_mut();
        }
        node.next = ptr::null_mut();
        Some(node)
    }

    /// Adds one that is newer than all.
    pub fn push(&mut self, node: Box<Node>) {
        debug_assert!(node.next.is_null());
        let node = Box::into_raw(node);
        if self.last.is_null() {
            self.first = node;
        } else {
            // SAFETY: the chain owns its nodes.
            unsafe { (*self.last).next = node };
        }
        self.last = node;
    }

    /// The signals, oldest first.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Signal> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            // SAFETY: the chain owns its nodes and is borrowed.
            let node = unsafe { next.as_ref() }?;
            next = node.next;
            Some(&node.signal)
        })
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use ttvm_value::{SharedValue, Value};

    use super::*;

    fn number(value: i64) -> Box<Node> {
        Node::new(Signal::message(SharedValue::new(Value::Int(value)).0, 0))
    }

    fn numbers(mut chain: Chain) -> Vec<i64> {
        let mut found = Vec::new();
        while let Some(node) = chain.pop() {
            match node.signal {
                Signal::Message(message) => match message.value.into_value() {
                    Value::Int(number) => found.push(number),
                    other => panic!("{other:?}"),
                },
                Signal::Control(_) | Signal::Extension(_) => panic!("only messages were sent"),
            }
        }
        found
    }

    #[test]
    fn signals_are_taken_in_the_order_in_which_they_were_pushed() {
        let mailbox = Mailbox::closed();
        mailbox.open(7);
        for value in 1..=5 {
            assert!(matches!(mailbox.push(7, number(value)), Push::Queued));
        }
        assert!(mailbox.has_signals());
        assert_eq!(numbers(mailbox.take(7)), [1, 2, 3, 4, 5]);
        assert!(!mailbox.has_signals());
        assert_eq!(numbers(mailbox.take(7)), [0; 0]);
    }

    #[test]
    fn the_push_that_ends_the_wait_owns_the_wake_up_and_no_other_does() {
        let mailbox = Mailbox::closed();
        mailbox.open(1);
        assert!(mailbox.park(1));
        assert!(matches!(mailbox.push(1, number(1)), Push::Woke));
        assert!(matches!(mailbox.push(1, number(2)), Push::Queued));
        assert!(!mailbox.park(1), "there are signals");
        assert_eq!(numbers(mailbox.take(1)), [1, 2]);
    }

    #[test]
    fn a_process_that_waits_can_be_claimed_once() {
        let mailbox = Mailbox::closed();
        mailbox.open(1);
        assert!(!mailbox.claim(1));
        assert!(mailbox.park(1));
        assert!(!mailbox.claim(2));
        assert!(mailbox.claim(1));
        assert!(!mailbox.claim(1));
        assert!(matches!(mailbox.push(1, number(1)), Push::Queued));
        drop(mailbox.close(1));
    }

    #[test]
    fn pushes_to_the_dead_and_to_other_generations_give_the_signal_back() {
        let mailbox = Mailbox::closed();
        mailbox.open(1);
        assert!(matches!(mailbox.push(2, number(1)), Push::Dead(_)));
        assert!(matches!(mailbox.push(1, number(2)), Push::Queued));
        assert_eq!(numbers(mailbox.close(1)), [2]);
        assert!(!mailbox.is_open(1));
        assert!(matches!(mailbox.push(1, number(3)), Push::Dead(_)));
    }

    #[test]
    fn the_node_of_a_signal_that_was_taken_carries_the_next_one() {
        let mut spares = Spares::default();
        let text = SharedValue::new(Value::str("text").expect("there is memory")).0;
        let first = spares.node(Signal::message(text, 4));
        let place = std::ptr::from_ref(&*first);
        let signal = spares.open(first);
        let Signal::Message(message) = &signal else { panic!("it was a message") };
        assert_eq!((message.value.value().as_str(), message.bytes), (Some("text"), 4));
        let second = spares.node(signal);
        assert!(std::ptr::eq(place, &raw const *second));
        assert!(!std::ptr::eq(place, &raw const *number(1)));
    }

    #[test]
    fn a_chain_keeps_order_over_pushes_and_pops() {
        let mut chain = Chain::new();
        chain.push(number(1));
        chain.push(number(2));
        drop(chain.pop());
        chain.push(number(3));
        assert_eq!(chain.iter().count(), 2);
        assert!(chain.first().is_some());
        assert_eq!(numbers(chain), [2, 3]);
    }
}
