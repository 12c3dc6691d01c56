//! The control blocks of all processes, in chunks that never move.
//!
//! A block is reached by the index in its process's pid; it belongs to that process as long as it holds that pid.
//! The right to touch a process's state is a [`Runnable`]: there is at most one for each process, and none while
//! it waits. So the state needs no lock:
//!
//! * S1: [`Slab::insert`] makes the only `Runnable` of a new process; `park` gives it up; the push or claim that
//!   ends the wait makes the next one (`mailbox.rs` lets exactly one win); `remove` or `leave` ends it for good.
//!
//! Not here: what the state is, what happens to a process.

#![expect(unsafe_code, reason = "state without locks: the holder of the Runnable is its only user")]

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    cell::UnsafeCell,
    fmt,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use ttvm_platform::sync::{
    Mutex,
    atomic::{AtomicPtr, AtomicU64, Ordering},
};
use ttvm_value::Pid;

use crate::mailbox::{Chain, Mailbox, Node, Push};

/// Blocks of one chunk. Chunks are made as needed: a machine with few processes has one, of which it uses the first
/// pages.
const CHUNK_BLOCKS: u32 = if cfg!(ttvm_model) { 4 } else { 16384 };

/// Chunks there may be: together 16 million blocks, as many as pids have indexes.
const CHUNKS_MAX: usize = if cfg!(ttvm_model) { 2 } else { (1 << 24) / CHUNK_BLOCKS as usize };

/// Free blocks with a state that a scheduler keeps: more than processes end in a turn.
const LEFT_BLOCKS_MAX: usize = if cfg!(ttvm_model) { 1 } else { 4096 };

/// Free blocks handed to a scheduler at once.
const CACHE_BLOCKS: usize = if cfg!(ttvm_model) { 1 } else { 64 };

/// The control block of a process. All zero bits are a free block.
#[repr(C)]
struct Block<S> {
    /// The bits of the pid of the process that has the block; 0 if none.
    pid: AtomicU64,
    mailbox: Mailbox,
    state: UnsafeCell<MaybeUninit<S>>,
}

/// The right to run a process, or to do anything else with its state: the address of its block, which is found once,
/// by whoever ends the wait.
#[must_use = "a process whose right is lost never runs again"]
pub(crate) struct Runnable<S>(NonNull<Block<S>>);

// SAFETY: S1: it stands for the state, which may move between threads if `S` may; everything else in a block is atomic.
unsafe impl<S: Send> Send for Runnable<S> {}

impl<S> fmt::Debug for Runnable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runnable").field(&self.0).finish()
    }
}

/// What came of sending a signal.
#[must_use]
pub(crate) enum Sent<S> {
    /// The process will see it.
    Queued,
    /// The process waited; it must be made runnable.
    Woke(Runnable<S>),
    /// There is no such process.
    Dead(Box<Node>),
}

/// Free blocks of one scheduler.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    free: Vec<u32>,
    /// Those whose last process has left its state to be used again.
    left: Vec<u32>,
}

/// All control blocks.
pub(crate) struct Slab<S> {
    chunks: Box<[AtomicPtr<Block<S>>]>,
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    indexes: Vec<u32>,
    /// Blocks of chunks that were made so far, and those of them that were handed out once.
    made: u32,
    used: u32,
}

// SAFETY: S1: states are only touched by whoever holds their `Runnable`, which may move between threads if `S` may.
unsafe impl<S: Send> Send for Slab<S> {}
// SAFETY: as above; everything else in a block is atomic.
unsafe impl<S: Send> Sync for Slab<S> {}

impl<S> Slab<S> {
    /// Without processes.
    pub fn new() -> Self {
        let chunks = (0..CHUNKS_MAX).map(|_| AtomicPtr::new(ptr::null_mut())).collect();
        Self { chunks, free: Mutex::new(Free::default()) }
    }

    fn layout() -> Layout {
        Layout::array::<Block<S>>(CHUNK_BLOCKS as usize).expect("a chunk is far below isize::MAX bytes")
    }

    fn block(&self, index: u32) -> Option<&Block<S>> {
        let chunk = self.chunks.get((index / CHUNK_BLOCKS) as usize)?.load(Ordering::Acquire);
        // SAFETY: a chunk lives as long as the slab, has `CHUNK_BLOCKS` blocks, and zero bits are a block.
        (!chunk.is_null()).then(|| unsafe { &*chunk.add((index % CHUNK_BLOCKS) as usize) })
    }

    /// The block of a process, of this slab.
    #[inline(always)]
    fn owned(&self, runnable: &Runnable<S>) -> &Block<S> {
        // SAFETY: rights come from `insert`, `send` and `claim` of the slab, whose blocks stay where they are as long as
        // it lives.
        unsafe { runnable.0.as_ref() }
    }

    /// The block of the process with a pid, if it is the present one.
    #[inline]
    fn present(&self, pid: Pid) -> Option<&Block<S>> {
        self.block(pid.index()).filter(|block| block.pid.load(Ordering::Acquire) == pid.bits())
    }

    /// Gives a new process a block. `None` if there are 16 million processes, or no memory.
    #[inline(always)]
    pub fn insert(&self, cache: &mut Cache, number: u64, state: S) -> Option<Runnable<S>> {
        let index = cache.free.pop().or_else(|| cache.left.pop()).or_else(|| self.refill(cache))?;
        let block = self.block(index).expect("indexes come from chunks that were made");
        // SAFETY: S1: the block is free, so nobody else touches its state. One that was left needs no drop.
        unsafe { (*block.state.get()).write(state) };
        Some(Self::open(block, Pid::new(number, index)))
    }

    /// Gives a new process a block with the state that the last one has left, or with one that `fresh` makes. `renew`
    /// makes that the new one's and gives its number, or nothing if it changed nothing and there is to be no process.
    #[inline(always)]
    pub fn reuse(
        &self,
        cache: &mut Cache,
        fresh: impl FnOnce() -> S,
        renew: impl FnOnce(&mut S) -> Option<u64>,
    ) -> Option<Runnable<S>> {
        let index = match cache.left.last() {
            Some(index) => *index,
            None => self.supply(cache, fresh)?,
        };
        let block = self.block(index).expect("indexes come from chunks that were made");
        // SAFETY: S1: the block is free, so nobody else touches its state, which `leave` has left there.
        let number = renew(unsafe { (*block.state.get()).assume_init_mut() })?;
        cache.left.pop();
        Some(Self::open(block, Pid::new(number, index)))
    }

    /// Makes a process visible whose state is in its block.
    #[inline(always)]
    fn open(block: &Block<S>, pid: Pid) -> Runnable<S> {
        block.mailbox.open(generation(pid));
        // Release: whoever finds the pid finds the open mailbox. SeqCst, and a swap because that is quicker than a store
        // and a fence: whoever makes the process looks next whether it must be entered in the table of numbers
        // (`Shared::enter_number`).
        block.pid.swap(pid.bits(), Ordering::SeqCst);
        Runnable(block.into())
    }

    /// Ends a process whose mailbox was closed: drops its state and frees its block.
    pub fn remove(&self, cache: &mut Cache, runnable: Runnable<S>) {
        let (block, index) = (self.owned(&runnable), self.pid(&runnable).index());
        // SAFETY: S1: the state is there, and this is its last use.
        unsafe { (*block.state.get()).assume_init_drop() };
        block.pid.store(0, Ordering::Release);
        cache.free.push(index);
        if cache.free.len() >= 2 * CACHE_BLOCKS {
            self.free.lock().indexes.extend(cache.free.drain(CACHE_BLOCKS..));
        }
    }

    /// Ends a process whose mailbox was closed, and leaves its state to the next one that gets the block. It must hold
    /// nothing: it may never be dropped.
    #[inline(always)]
    pub fn leave(&self, cache: &mut Cache, runnable: Runnable<S>) {
        let (block, index) = (self.owned(&runnable), self.pid(&runnable).index());
        block.pid.store(0, Ordering::Release);
        cache.left.push(index);
        if cache.left.len() >= LEFT_BLOCKS_MAX {
            self.give_left(cache);
        }
    }

    /// Gives half of the blocks with a state to whoever needs one, of which nobody else knows that they have it.
    #[cold]
    fn give_left(&self, cache: &mut Cache) {
        self.free.lock().indexes.extend(cache.left.drain(LEFT_BLOCKS_MAX / 2..));
    }

    /// Makes one more block with a state that holds nothing.
    #[inline(never)]
    fn supply(&self, cache: &mut Cache, fresh: impl FnOnce() -> S) -> Option<u32> {
        let index = cache.free.pop().or_else(|| self.refill(cache))?;
        let block = self.block(index).expect("indexes come from chunks that were made");
        // SAFETY: S1: the block is free, so nobody else touches its state.
        unsafe { (*block.state.get()).write(fresh()) };
        cache.left.push(index);
        Some(index)
    }

    #[cold]
    fn refill(&self, cache: &mut Cache) -> Option<u32> {
        let mut free = self.free.lock();
        let keep = free.indexes.len().saturating_sub(CACHE_BLOCKS);
        cache.free.extend(free.indexes.drain(keep..));
        if cache.free.is_empty() {
            if free.used == free.made {
                self.grow(&mut free)?;
            }
            let next = free.made.min(free.used + CACHE_BLOCKS as u32);
            // The lowest index comes out first.
            cache.free.extend((free.used..next).rev());
            free.used = next;
        }
        cache.free.pop()
    }

    fn grow(&self, free: &mut Free) -> Option<()> {
        let place = self.chunks.get((free.made / CHUNK_BLOCKS) as usize)?;
        // SAFETY: the layout has a size above 0.
        let chunk: *mut Block<S> = unsafe { alloc_zeroed(Self::layout()) }.cast();
        if chunk.is_null() {
            // With no memory for a chunk of blocks the requester gets an error; without a first one nothing runs.
            if free.made == 0 {
                handle_alloc_error(Self::layout());
            }
            return None;
        }
        place.store(chunk, Ordering::Release);
        free.made += CHUNK_BLOCKS;
        Some(())
    }

    /// The state of a process that its holder may run.
    #[inline(always)]
    pub fn state<'a>(&'a self, runnable: &'a mut Runnable<S>) -> &'a mut S {
        // SAFETY: S1: this is the only `Runnable` of the process and it is borrowed as long as the state.
        unsafe { (*self.owned(runnable).state.get()).assume_init_mut() }
    }

    /// The pid of a process.
    #[inline(always)]
    pub fn pid(&self, runnable: &Runnable<S>) -> Pid {
        Pid::from_bits(self.owned(runnable).pid.load(Ordering::Relaxed))
    }

    /// Sends a signal.
    pub fn send(&self, to: Pid, node: Box<Node>) -> Sent<S> {
        let Some(block) = self.present(to) else { return Sent::Dead(node) };
        match block.mailbox.push(generation(to), node) {
            Push::Queued => Sent::Queued,
            // S1: the push has ended the wait.
            Push::Woke => Sent::Woke(Runnable(block.into())),
            Push::Dead(node) => Sent::Dead(node),
        }
    }

    /// Whether signals wait for a process.
    #[inline(always)]
    pub fn is_signalled(&self, runnable: &Runnable<S>) -> bool {
        self.owned(runnable).mailbox.has_signals()
    }

    /// Whether signals wait for a process. For whoever runs it.
    #[inline]
    pub fn has_signals(&self, pid: Pid) -> bool {
        self.block(pid.index()).is_some_and(|block| block.mailbox.has_signals())
    }

    /// The signals that have come to a process. For whoever runs it; anybody else would take them away from it.
    pub fn take_signals(&self, pid: Pid) -> Chain {
        match self.block(pid.index()) {
            Some(block) => block.mailbox.take(generation(pid)),
            None => Chain::new(),
        }
    }

    /// Lets a process wait. Gives the right back if a signal has come.
    #[inline]
    pub fn park(&self, runnable: Runnable<S>) -> Result<(), Runnable<S>> {
        if self.owned(&runnable).mailbox.park(generation(self.pid(&runnable))) { Ok(()) } else { Err(runnable) }
    }

    /// The right to a process that waits, if it does.
    #[inline]
    pub fn claim(&self, pid: Pid) -> Option<Runnable<S>> {
        // S1: the claim has ended the wait.
        let block = self.present(pid).filter(|block| block.mailbox.claim(generation(pid)))?;
        Some(Runnable(block.into()))
    }

    /// Lets no signal through to a process any more; gives those that have come.
    pub fn close(&self, runnable: &mut Runnable<S>) -> Chain {
        self.owned(runnable).mailbox.close(generation(self.pid(runnable)))
    }

    /// Whether a process can still get signals.
    pub fn is_open(&self, pid: Pid) -> bool {
        self.present(pid).is_some_and(|block| block.mailbox.is_open(generation(pid)))
    }

    /// How many blocks were handed out so far, used now or not: [`Slab::pids`] looks at each.
    pub fn blocks(&self) -> u64 {
        u64::from(self.free.lock().used)
    }

    /// All processes that can get signals, in no order. Those that come or go meanwhile may or may not be there.
    pub fn iter(&self) -> impl Iterator<Item = Pid> {
        let used = self.free.lock().used;
        (0..used).filter_map(|index| {
            let pid = Pid::from_bits(self.block(index)?.pid.load(Ordering::Acquire));
            (pid.number() != 0 && self.is_open(pid)).then_some(pid)
        })
    }

    /// The same by rising number.
    pub fn pids(&self) -> Vec<Pid> {
        let mut pids: Vec<Pid> = self.iter().collect();
        pids.sort_unstable();
        pids
    }

    /// Bytes of one block.
    #[must_use]
    pub const fn block_bytes() -> usize {
        size_of::<Block<S>>()
    }
}

impl<S> Drop for Slab<S> {
    /// Drops the states of the processes that are left, and their signals.
    fn drop(&mut self) {
        for index in 0..self.free.lock().used {
            let Some(block) = self.block(index) else { continue };
            let pid = Pid::from_bits(block.pid.load(Ordering::Acquire));
            if pid.number() != 0 {
                drop(block.mailbox.close(generation(pid)));
                // SAFETY: nobody else has the slab any more.
                unsafe { (*block.state.get()).assume_init_drop() };
            }
        }
        for chunk in &self.chunks {
            let chunk = chunk.load(Ordering::Acquire);
            if !chunk.is_null() {
                // SAFETY: made by `grow` with this layout.
                unsafe { dealloc(chunk.cast(), Self::layout()) };
            }
        }
    }
}

/// What a mailbox word holds of a pid: the lower bits of its number.
fn generation(pid: Pid) -> u16 {
    (pid.number() & 0xFFFF) as u16
}

#[cfg(all(test, not(ttvm_model)))]
mod tests {
    use ttvm_value::{SharedValue, Value};

    use super::*;
    use crate::signal::Signal;

    fn node() -> Box<Node> {
        Node::new(Signal::message(SharedValue::new(Value::Int(1)).0, 0))
    }

    #[test]
    fn a_block_is_its_process_as_long_as_it_holds_the_number() {
        let (slab, mut cache) = (Slab::new(), Cache::default());
        let mut first = slab.insert(&mut cache, 1, "first").expect("there is room");
        let pid = slab.pid(&first);
        assert!(slab.is_open(pid));
        assert_eq!(*slab.state(&mut first), "first");
        drop(slab.close(&mut first));
        assert!(!slab.is_open(pid));
        assert!(matches!(slab.send(pid, node()), Sent::Dead(_)));
        slab.remove(&mut cache, first);
        let second = slab.insert(&mut cache, 1 + (1 << 16), "second").expect("there is room");
        assert_eq!(slab.pid(&second).index(), pid.index(), "the block is used again");
        assert!(matches!(slab.send(pid, node()), Sent::Dead(_)), "rule P58");
        assert_eq!(slab.pids(), [slab.pid(&second)]);
        drop(second);
    }

    #[test]
    fn a_state_that_was_left_is_the_next_process_s_and_nobody_reaches_it_by_the_old_pid() {
        let (slab, mut cache) = (Slab::new(), Cache::default());
        let mut first = slab.insert(&mut cache, 1, 10).expect("there is room");
        let pid = slab.pid(&first);
        drop(slab.close(&mut first));
        slab.leave(&mut cache, first);
        assert!(slab.pids().is_empty());
        let fresh = || panic!("one was left");
        assert!(slab.reuse(&mut cache, fresh, |_| None).is_none(), "the block stays free");
        assert!(matches!(slab.send(pid, node()), Sent::Dead(_)));
        let renew = |state: &mut i32| {
            *state += 1;
            Some(2)
        };
        let mut second = slab.reuse(&mut cache, fresh, renew).expect("it was left");
        assert_eq!((slab.pid(&second).index(), *slab.state(&mut second)), (pid.index(), 11));
        assert!(matches!(slab.send(pid, node()), Sent::Dead(_)), "rule P58");
        assert!(matches!(slab.send(slab.pid(&second), node()), Sent::Queued));
        drop(slab.close(&mut second));
        slab.leave(&mut cache, second);
        let third = slab.insert(&mut cache, 3, 30).expect("there is room");
        assert_ne!(slab.pid(&third).index(), pid.index(), "blocks without a state come first");
        let fourth = slab.reuse(&mut cache, fresh, |_| Some(4)).expect("it was left");
        let mut fifth = slab.reuse(&mut cache, || 50, |_| Some(5)).expect("there is room");
        assert_eq!((slab.pid(&fourth).index(), *slab.state(&mut fifth)), (pid.index(), 50));
    }

    #[test]
    fn blocks_with_a_state_that_are_too_many_are_free_for_all() {
        let (slab, mut cache, mut other) = (Slab::new(), Cache::default(), Cache::default());
        let count = 2 * LEFT_BLOCKS_MAX as u64;
        let all: Vec<_> = (1..=count).map(|number| slab.insert(&mut cache, number, number)).collect();
        for mut runnable in all.into_iter().flatten() {
            drop(slab.close(&mut runnable));
            slab.leave(&mut cache, runnable);
        }
        for number in 1..=count / 2 {
            drop(slab.insert(&mut other, count + number, number).expect("there is room"));
        }
        assert_eq!(slab.blocks(), count, "no new ones were needed");
    }

    #[test]
    fn a_waiting_process_is_owned_by_whoever_wakes_it() {
        let (slab, mut cache) = (Slab::new(), Cache::default());
        let runnable = slab.insert(&mut cache, 5, ()).expect("there is room");
        let pid = slab.pid(&runnable);
        assert!(slab.claim(pid).is_none());
        slab.park(runnable).expect("no signal has come");
        let Sent::Woke(runnable) = slab.send(pid, node()) else { panic!("it waited") };
        assert!(slab.has_signals(pid));
        assert_eq!(slab.take_signals(pid).iter().count(), 1);
        slab.park(runnable).expect("no signal has come");
        let runnable = slab.claim(pid).expect("it waits");
        assert!(matches!(slab.send(pid, node()), Sent::Queued));
        assert!(slab.park(runnable).is_err());
    }

    #[test]
    fn states_that_are_left_are_dropped_with_the_slab() {
        let state = ttvm_platform::sync::Arc::new(());
        let (slab, mut cache) = (Slab::new(), Cache::default());
        for number in 1..=5_000 {
            drop(slab.insert(&mut cache, number, state.clone()).expect("there is room"));
        }
        assert_eq!(slab.pids().len(), 5_000);
        drop(slab);
        assert_eq!(ttvm_platform::sync::Arc::strong_count(&state), 1);
    }
}
