//! Sorting in pieces by distribution: elements go to buckets by the highest bits in which their keys differ, until what
//! is left of a bucket is sorted at once.
//!
//! Not a merge sort, because that takes twice as long. The buckets of a part are as wide as its keys lie apart, so each
//! round leaves at most a 128th of that, whatever the elements are: a word takes ten rounds at most, and mostly two.
//! Here: numbers, and strs by seven bytes after the other. Equal ones cannot be told apart, so their order does not
//! matter.

use std::{cmp::Ordering, mem, ops::Range};

use super::PIECE;
use crate::{
    ops::compare::{float_total_cmp, total_cmp},
    value::Value,
    work::Fuel,
};

/// Elements that are sorted at once: half a millisecond at most.
const AT_ONCE: usize = 4096;

/// Buckets of a part, and the bits of their numbers.
const BUCKETS: usize = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 8;

/// Longer strs are not sorted by distribution: comparing them takes too long for thousands at once.
const STR_BYTES_MAX: usize = 256;

/// Bytes of a str in a key.
const KEY_BYTES: usize = 7;

/// What can be sorted by distribution.
pub(super) trait Distributed: Sized {
    /// What looking at an element is worth in steps, times 4.
    const STEPS: u64;

    /// A word that compares as what follows of the elements at this depth, if they are equal up to there.
    fn key(&self, depth: usize) -> u64;

    /// The order that keys of all depths make.
    fn compare(&self, other: &Self) -> Ordering;

    /// Whether elements with this key may differ further down.
    fn is_open(_key: u64) -> bool {
        false
    }
}

impl Distributed for i64 {
    const STEPS: u64 = 1;

    #[inline(always)]
    fn key(&self, _depth: usize) -> u64 {
        self.cast_unsigned() ^ (1 << 63)
    }

    #[inline(always)]
    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Distributed for f64 {
    const STEPS: u64 = 1;

    #[inline(always)]
    fn key(&self, _depth: usize) -> u64 {
        let bits = self.to_bits();
        match (self.is_nan(), self.is_sign_negative()) {
            (true, _) => u64::MAX,
            (false, true) => !bits,
            (false, false) => bits | 1 << 63,
        }
    }

    #[inline(always)]
    fn compare(&self, other: &Self) -> Ordering {
        float_total_cmp(*self, *other)
    }
}

/// Strs that [`is_short_str`] lets through.
impl Distributed for Value {
    const STEPS: u64 = 16;

    /// Seven bytes, and how many there were, so that a str comes before those that it begins.
    #[inline(always)]
    fn key(&self, depth: usize) -> u64 {
        let bytes = self.as_str().map_or(&[][..], str::as_bytes).get(depth..).unwrap_or_default();
        if let Some(word) = bytes.first_chunk() {
            return u64::from_be_bytes(*word) & !0xFF | (KEY_BYTES as u64 + 1);
        }
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_be_bytes(word) | bytes.len() as u64
    }

    #[inline(always)]
    fn compare(&self, other: &Self) -> Ordering {
        total_cmp(self, other)
    }

    fn is_open(key: u64) -> bool {
        key & 0xFF > KEY_BYTES as u64
    }
}

/// Whether values can be sorted by distribution if this holds for all of them.
#[inline]
pub(super) fn is_short_str(value: &Value) -> bool {
    matches!(value, Value::Str(text) if text.len() <= STR_BYTES_MAX)
}

/// Elements that are still to be sorted, equal up to some depth.
struct Part {
    place: Range<usize>,
    depth: usize,
}

/// Sorts elements, all of which `spare` has room for.
pub(super) async fn sort<T: Distributed>(elements: &mut [T], spare: &mut [T], fuel: &Fuel) {
    let mut parts = vec![Part { place: 0..elements.len(), depth: 0 }];
    while let Some(Part { place, depth }) = parts.pop() {
        let start = place.start;
        let part = &mut elements[place.clone()];
        if part.len() <= AT_ONCE {
            part.sort_unstable_by(T::compare);
            fuel.spend(part.len() as u64 * u64::from(part.len().max(2).ilog2()) * T::STEPS / 4 + 1).await;
            continue;
        }
        if is_in_order(part, fuel, |a, b| a.compare(b).is_le()).await {
            continue;
        }
        if is_in_order(part, fuel, |a, b| a.compare(b).is_ge()).await {
            reverse(part, fuel).await;
            continue;
        }
        let (least, greatest) = bounds(part, depth, fuel).await;
        if least == greatest {
            if T::is_open(least) {
                parts.push(Part { place, depth: depth + KEY_BYTES });
            }
            continue;
        }
        let shift = (u64::BITS - (greatest - least).leading_zeros()).saturating_sub(BUCKET_BITS);
        let bucket = |element: &T| ((element.key(depth) - least) >> shift) as usize % BUCKETS;
        let spare = &mut spare[..part.len()];
        let mut from = 0;
        for end in distribute(part, spare, bucket, fuel).await {
            if end - from > 1 {
                parts.push(Part { place: start + from..start + end, depth });
            }
            from = end;
        }
    }
}

async fn is_in_order<T: Distributed>(part: &[T], fuel: &Fuel, are_in_order: impl Fn(&T, &T) -> bool) -> bool {
    for start in (0..part.len()).step_by(PIECE) {
        // With the first element of the next piece.
        let piece = &part[start..part.len().min(start + PIECE + 1)];
        if !piece.is_sorted_by(&are_in_order) {
            return false;
        }
        fuel.spend(PIECE as u64 * T::STEPS / 4).await;
    }
    true
}

async fn reverse<T: Distributed>(part: &mut [T], fuel: &Fuel) {
    let (low, high) = part.split_at_mut(part.len() / 2);
    for (low, high) in low.chunks_mut(PIECE).zip(high.rchunks_mut(PIECE)) {
        low.iter_mut().zip(high.iter_mut().rev()).for_each(|(low, high)| mem::swap(low, high));
        fuel.spend(PIECE as u64 * T::STEPS / 4).await;
    }
}

/// The least and the greatest key of a part.
async fn bounds<T: Distributed>(part: &[T], depth: usize, fuel: &Fuel) -> (u64, u64) {
    let (mut least, mut greatest) = (u64::MAX, 0);
    for piece in part.chunks(PIECE) {
        for element in piece {
            let key = element.key(depth);
            least = least.min(key);
            greatest = greatest.max(key);
        }
        fuel.spend(PIECE as u64 * T::STEPS / 4).await;
    }
    (least, greatest)
}

/// Puts the elements of a part in the order of their buckets, and gives where these end.
async fn distribute<T: Distributed>(
    part: &mut [T],
    spare: &mut [T],
    bucket: impl Fn(&T) -> usize,
    fuel: &Fuel,
) -> [usize; BUCKETS] {
    let mut places = [0; BUCKETS];
    for piece in part.chunks(PIECE) {
        piece.iter().for_each(|element| places[bucket(element)] += 1);
        fuel.spend(PIECE as u64 * T::STEPS / 4).await;
    }
    let mut before = 0;
    for place in &mut places {
        before += mem::replace(place, before);
    }
    for piece in part.chunks_mut(PIECE) {
        for element in piece {
            let place = &mut places[bucket(element)];
            // What is left in its place does not matter.
            mem::swap(element, &mut spare[*place]);
            *place += 1;
        }
        fuel.spend(PIECE as u64 * T::STEPS / 2).await;
    }
    for (part, spare) in part.chunks_mut(PIECE).zip(spare.chunks_mut(PIECE)) {
        part.iter_mut().zip(spare).for_each(|(element, spare)| mem::swap(spare, element));
        fuel.spend(PIECE as u64 / 4).await;
    }
    // Each bucket's next place is now where it ends.
    places
}
