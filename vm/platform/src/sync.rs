//! Locks and atomics.
//!
//! Locks are never poisoned: what they guard is whole between two statements.

pub use crossbeam_utils::CachePadded;
#[cfg(not(ttvm_model))]
pub use parking_lot::{Mutex, MutexGuard};
#[cfg(not(ttvm_model))]
pub use std::sync::{Arc, atomic};

#[cfg(ttvm_model)]
pub use model::Mutex;
#[cfg(ttvm_model)]
pub use shuttle::sync::{Arc, MutexGuard, atomic};

/// Shuttle's lock with the face of parking_lot's.
#[cfg(ttvm_model)]
mod model {
    use shuttle::sync::MutexGuard;

    /// A lock.
    #[derive(Debug, Default)]
    pub struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        /// A lock around a value.
        pub const fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        /// Waits for the lock.
        pub fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}
