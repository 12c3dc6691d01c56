//! Queues of runnable things: one owner adds at the back and takes from the front, others steal from the front.
//!
//! The real one is crossbeam-deque's, first in first out. In models it is a locked queue with the same promises.

#[cfg(not(ttvm_model))]
pub use real::{Injector, Stealer, Worker};

#[cfg(ttvm_model)]
pub use double::{Injector, Stealer, Worker};

#[cfg(not(ttvm_model))]
mod real {
    use crossbeam_deque::{self as deque, Steal};

    /// The owner's side of a queue.
    #[derive(Debug)]
    pub struct Worker<T>(deque::Worker<T>);

    /// A thief's side of a queue.
    #[derive(Debug)]
    pub struct Stealer<T>(deque::Stealer<T>);

    /// A queue that everybody adds to and everybody takes from.
    #[derive(Debug)]
    pub struct Injector<T>(deque::Injector<T>);

    /// Tries again for as long as somebody else was quicker.
    fn until_decided<T>(mut steal: impl FnMut() -> Steal<T>) -> Option<T> {
        loop {
            match steal() {
                Steal::Success(item) => return Some(item),
                Steal::Empty => return None,
                Steal::Retry => {}
            }
        }
    }

    impl<T> Default for Worker<T> {
        fn default() -> Self {
            Self(deque::Worker::new_fifo())
        }
    }

    impl<T> Worker<T> {
        /// Adds at the back.
        pub fn push(&self, item: T) {
            self.0.push(item);
        }

        /// Takes from the front.
        #[must_use]
        pub fn pop(&self) -> Option<T> {
            self.0.pop()
        }

        /// How many there are.
        #[must_use]
        pub fn len(&self) -> usize {
            self.0.len()
        }

        /// Whether there are none.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        /// A side for thieves.
        #[must_use]
        pub fn stealer(&self) -> Stealer<T> {
            Stealer(self.0.stealer())
        }
    }

    impl<T> Stealer<T> {
        /// Takes half of what is there: the first for the thief to run, the others into its queue.
        #[must_use]
        pub fn steal_half(&self, into: &Worker<T>) -> Option<T> {
            until_decided(|| self.0.steal_batch_and_pop(&into.0))
        }

        /// Whether there is nothing to steal.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }

    impl<T> Default for Injector<T> {
        fn default() -> Self {
            Self(deque::Injector::new())
        }
    }

    impl<T> Injector<T> {
        /// Adds at the back.
        pub fn push(&self, item: T) {
            self.0.push(item);
        }

        /// Takes some from the front: the first to run, the others into the taker's queue.
        #[must_use]
        pub fn take(&self, into: &Worker<T>) -> Option<T> {
            until_decided(|| self.0.steal_batch_and_pop(&into.0))
        }

        /// Whether there is nothing.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }
}

#[cfg(ttvm_model)]
mod double {
    use std::collections::VecDeque;

    use crate::sync::{Arc, Mutex};

    /// The owner's side of a queue.
    #[derive(Debug)]
    pub struct Worker<T>(Arc<Mutex<VecDeque<T>>>);

    /// A thief's side of a queue.
    #[derive(Debug)]
    pub struct Stealer<T>(Arc<Mutex<VecDeque<T>>>);

    /// A queue that everybody adds to and everybody takes from.
    #[derive(Debug)]
    pub struct Injector<T>(Mutex<VecDeque<T>>);

    impl<T> Default for Worker<T> {
        fn default() -> Self {
            Self(Arc::new(Mutex::new(VecDeque::new())))
        }
    }

    impl<T> Worker<T> {
        /// Adds at the back.
        pub fn push(&self, item: T) {
            self.0.lock().push_back(item);
        }

        /// Takes from the front.
        #[must_use]
        pub fn pop(&self) -> Option<T> {
            self.0.lock().pop_front()
        }

        /// How many there are.
        #[must_use]
        pub fn len(&self) -> usize {
            self.0.lock().len()
        }

        /// Whether there are none.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.len() == 0
        }

        /// A side for thieves.
        #[must_use]
        pub fn stealer(&self) -> Stealer<T> {
            Stealer(Arc::clone(&self.0))
        }
    }

    impl<T> Stealer<T> {
        /// Takes half of what is there: the first for the thief to run, the others into its queue.
        #[must_use]
        pub fn steal_half(&self, into: &Worker<T>) -> Option<T> {
            let mut stolen: VecDeque<T> = {
                let mut queue = self.0.lock();
                let count = queue.len().div_ceil(2);
                queue.drain(..count).collect()
            };
            let first = stolen.pop_front();
            into.0.lock().extend(stolen);
            first
        }

        /// Whether there is nothing to steal.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }
    }

    impl<T> Default for Injector<T> {
        fn default() -> Self {
            Self(Mutex::new(VecDeque::new()))
        }
    }

    impl<T> Injector<T> {
        /// Adds at the back.
        pub fn push(&self, item: T) {
            self.0.lock().push_back(item);
        }

        /// Takes one from the front.
        #[must_use]
        pub fn take(&self, _into: &Worker<T>) -> Option<T> {
            self.0.lock().pop_front()
        }

        /// Whether there is nothing.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_comes_out_first_in_first_out_and_thieves_take_the_older_half() {
        let (owner, thief) = (Worker::default(), Worker::default());
        for item in 1..=4 {
            owner.push(item);
        }
        assert_eq!(owner.stealer().steal_half(&thief), Some(1));
        assert_eq!(thief.pop(), Some(2));
        assert_eq!(thief.pop(), None);
        assert_eq!((owner.pop(), owner.pop(), owner.pop()), (Some(3), Some(4), None));
    }

    #[test]
    fn the_injector_gives_what_it_was_given_in_order() {
        let (injector, taker) = (Injector::default(), Worker::default());
        injector.push(1);
        injector.push(2);
        assert_eq!(injector.take(&taker), Some(1));
        assert_eq!(taker.pop().or_else(|| injector.take(&taker)), Some(2));
        assert!(injector.is_empty());
    }
}
