//! Checks of many files, on all cores.

use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// What all the items give, in their order. They are looked at by as many threads as there are cores, each taking the next.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], check: impl Fn(&T) -> Vec<R> + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return results };
            results.push((number, check(item)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut results: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        // A check that panics has failed the test; its message was shown by its thread.
        workers.into_iter().flat_map(|worker| worker.join().expect("a check panicked")).collect()
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_looked_at_once_and_results_keep_their_order() {
        let items: Vec<u32> = (0..1000).collect();
        let twice = side_by_side(&items, |item| vec![*item; (*item % 3) as usize]);
        let expected: Vec<u32> = items.iter().flat_map(|item| vec![*item; (*item % 3) as usize]).collect();
        assert_eq!(twice, expected);
    }
}
