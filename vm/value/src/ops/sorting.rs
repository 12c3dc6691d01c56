//! Sorting: at once or in pieces, numbers and short strs by distribution (`sorting/distribution.rs`).
//!
//! Other values are sorted by a stable merge sort from the bottom up, between the list and a spare one of its length. They are
//! only ever swapped, so both lists hold valid values whenever it pauses, and one that is dropped on the way is taken
//! apart like every other. Not here: the order (`compare.rs`).

mod distribution;

use std::cmp::Ordering;

use ttvm_isa::Fault;

use self::distribution::is_short_str;
use super::compare::{float_total_cmp, is_small, small_in_pieces, total_cmp, total_cmp_in_pieces};
use crate::{
    list::{FlatMut, List},
    value::Value,
    work::Fuel,
};

/// Runs of small values, sorted at once: half a millisecond at most.
const RUN: usize = 256;

/// Runs that are sorted by insertion if comparing their elements may take long.
const SHORT_RUN: usize = 32;

/// What comparing two small values is worth in steps: many are strs that lie somewhere in memory.
const STEPS_PER_COMPARISON: u64 = 8;

/// Elements that are moved or looked at before a pause is due.
const PIECE: usize = 1024;

/// Sorts a list by the total order, equal elements in their old order, however long that takes.
///
/// # Errors
/// [`Fault::Limit`] when there is no memory.
pub(super) fn sort_at_once(list: &mut List) -> Result<(), Fault> {
    match list.to_mut()? {
        FlatMut::Values(values) => values.sort_by(total_cmp),
        // Equal numbers cannot be told apart, so their order does not matter.
        FlatMut::Ints(ints) => ints.sort_unstable(),
        FlatMut::Floats(floats) => floats.sort_unstable_by(|a, b| float_total_cmp(*a, *b)),
    }
    Ok(())
}

/// Sorts a list, with pauses.
///
/// # Errors
/// As for [`sort_at_once`].
pub(super) async fn sort(list: &mut List, fuel: &Fuel) -> Result<(), Fault> {
    list.own_in_pieces(fuel).await?;
    let mut spare = list.spare_in_pieces(fuel).await?;
    match (list.to_mut()?, spare.to_mut()?) {
        (FlatMut::Ints(ints), FlatMut::Ints(spare)) => distribution::sort(ints, spare, fuel).await,
        (FlatMut::Floats(floats), FlatMut::Floats(spare)) => distribution::sort(floats, spare, fuel).await,
        (FlatMut::Values(values), FlatMut::Values(spare)) => {
            if all(values, is_short_str, fuel).await {
                distribution::sort(values, spare, fuel).await;
            } else {
                merge_sort(values, spare, fuel).await;
            }
        }
        _ => unreachable!("the spare list is of the list's kind"),
    }
    Ok(())
}

/// Sorts the elements, all of which `spare` has room for.
async fn merge_sort(elements: &mut [Value], spare: &mut [Value], fuel: &Fuel) {
    let mut width = if all(elements, is_small, fuel).await { RUN } else { SHORT_RUN };
    for run in elements.chunks_mut(width) {
        sort_run(run, fuel).await;
    }
    let count = elements.len();
    let (mut from, mut to) = (elements, spare);
    let mut is_spare = false;
    while width < count {
        for start in (0..count).step_by(2 * width) {
            let end = count.min(start + 2 * width);
            merge(&mut from[start..end], width, &mut to[start..end], fuel).await;
        }
        (from, to) = (to, from);
        is_spare = !is_spare;
        width *= 2;
    }
    if is_spare {
        swap(from, to, fuel).await;
    }
}

/// Whether something holds for all elements.
async fn all(elements: &[Value], holds: impl Fn(&Value) -> bool, fuel: &Fuel) -> bool {
    for piece in elements.chunks(RUN) {
        if !piece.iter().all(&holds) {
            return false;
        }
        fuel.spend(piece.len() as u64).await;
    }
    true
}

/// Sorts one run, of at most [`RUN`] small values or [`SHORT_RUN`] others.
async fn sort_run(run: &mut [Value], fuel: &Fuel) {
    if !run.iter().all(is_small) {
        return insert(run, fuel).await;
    }
    run.sort_by(total_cmp);
    fuel.spend(run.len() as u64 * u64::from(RUN.ilog2()) * STEPS_PER_COMPARISON / 2).await;
}

/// Sorts a run by insertion.
async fn insert(run: &mut [Value], fuel: &Fuel) {
    for sorted in 1..run.len() {
        let (mut low, mut high) = (0, sorted);
        while low < high {
            let middle = low.midpoint(high);
            if compare(&run[middle], &run[sorted], fuel).await.is_le() { low = middle + 1 } else { high = middle }
        }
        run[low..=sorted].rotate_right(1);
        fuel.burn((sorted - low) as u64 / 8);
    }
}

async fn compare(a: &Value, b: &Value, fuel: &Fuel) -> Ordering {
    fuel.spend(STEPS_PER_COMPARISON).await;
    match small_in_pieces::<false>(a, b, fuel) {
        Some(ordering) => ordering,
        None => total_cmp_in_pieces(a, b, fuel).await,
    }
}

/// Merges two sorted runs, the first of which ends at `middle`, into `to`.
async fn merge(from: &mut [Value], middle: usize, to: &mut [Value], fuel: &Fuel) {
    if from.len() <= middle || compare(&from[middle - 1], &from[middle], fuel).await.is_le() {
        return swap(from, to, fuel).await;
    }
    let mut merge = Merge { left: 0, right: middle, middle, from, to };
    while merge.left < middle && merge.right < merge.from.len() {
        match merge.advance(fuel) {
            Some(()) => fuel.spend(0).await,
            None => {
                let (left, right) = (&merge.from[merge.left], &merge.from[merge.right]);
                let takes_left = total_cmp_in_pieces(left, right, fuel).await.is_le();
                merge.take(takes_left);
            }
        }
    }
    let rest = merge.left + merge.right - middle;
    let left = if merge.left < middle { merge.left } else { merge.right };
    let count = to.len() - rest;
    swap(&mut from[left..left + count], &mut to[rest..], fuel).await;
}

/// Two runs of which some elements were taken.
struct Merge<'a> {
    from: &'a mut [Value],
    middle: usize,
    left: usize,
    right: usize,
    to: &'a mut [Value],
}

impl Merge<'_> {
    /// Takes elements until one run has none left or there is no fuel; nothing if comparing the next two takes long.
    #[inline(never)]
    fn advance(&mut self, fuel: &Fuel) -> Option<()> {
        while self.left < self.middle && self.right < self.from.len() {
            let ordering = match (&self.from[self.left], &self.from[self.right]) {
                (Value::Int(a), Value::Int(b)) => a.cmp(b),
                (a, b) => small_in_pieces::<false>(a, b, fuel)?,
            };
            self.take(ordering.is_le());
            if fuel.burn(STEPS_PER_COMPARISON) {
                break;
            }
        }
        Some(())
    }

    /// Takes the next element of one of the runs.
    #[inline(always)]
    fn take(&mut self, from_left: bool) {
        let place = self.left + self.right - self.middle;
        let next = if from_left { &mut self.left } else { &mut self.right };
        std::mem::swap(&mut self.to[place], &mut self.from[*next]);
        *next += 1;
    }
}

/// Moves the elements to `to`.
async fn swap(from: &mut [Value], to: &mut [Value], fuel: &Fuel) {
    for (from, to) in from.chunks_mut(PIECE).zip(to.chunks_mut(PIECE)) {
        from.swap_with_slice(to);
        fuel.spend(PIECE as u64 / 2).await;
    }
}
