//! Directories of wide inner nodes: which child has an int, without a search among hundreds of separators.
//!
//! An inner node with more than [`CHILDREN_MAX`] children, all hashed, whose separators are ints, has its directory where others
//! have their size: the range of separators cut into as many parts of the same length as there are buckets, and for each
//! how many separators lie in front of it. It belongs to its node alone (nodes that wide are never copied) and is made
//! anew with every new child; a node that loses a child loses its directory too. Not here: what the children are, which may
//! be put in order without the node's knowledge.

use super::{CHILDREN_MAX, Map};
use crate::{
    heap::{Gc, Kind, NoRoom},
    value::Value,
};

/// Parts of the range of separators: twice as many as a node has children when it is half full.
const BUCKETS: usize = 512;

/// Separators that are compared without looking how many lie in a bucket.
const COMPARED: usize = 2;

const SIZE: usize = 0;

/// What a directory says, in order: the size of its node, the least separator, by how many bits a distance from it is
/// shifted to give a bucket, the ranks of the buckets' beginnings and that behind the last, the separators, and
/// [`COMPARED`] more ints.
struct Parts<'a> {
    low: i64,
    shift: u32,
    ranks: &'a [i64],
    separators: &'a [i64],
}

impl<'a> Parts<'a> {
    #[inline(always)]
    fn of(words: &'a [i64]) -> Option<Self> {
        let [_, low, shift, rest @ ..] = words else { return None };
        let (ranks, separators) = rest.split_at_checked(BUCKETS + 1)?;
        Some(Self { low: *low, shift: *shift as u32, ranks, separators })
    }
}

/// The bucket of an int. Rises with it.
#[inline(always)]
fn bucket(int: i64, low: i64, shift: u32) -> usize {
    let distance = int.max(low).wrapping_sub(low) as u64;
    ((distance >> (shift % u64::BITS)) as usize).min(BUCKETS - 1)
}

#[inline(always)]
fn words(directory: &Map) -> &[i64] {
    directory.0.of::<i64>().expect("directories are made of ints")
}

/// How many separators are not above an int.
#[inline(always)]
pub(super) fn rank(directory: &Map, wanted: i64) -> Option<usize> {
    let Parts { low, shift, ranks, separators } = Parts::of(words(directory))?;
    let bucket = bucket(wanted, low, shift);
    let (from, to) = (ranks[bucket] as usize, ranks[bucket + 1] as usize);
    if to - from > COMPARED {
        return Some(from + separators.get(from..to)?.partition_point(|separator| *separator <= wanted));
    }
    // What lies behind the bucket is above the int, and the ints behind the separators are not counted.
    let near: &[i64; COMPARED] = separators.get(from..)?.first_chunk()?;
    let behind = near.iter().map(|separator| usize::from(*separator <= wanted)).sum::<usize>();
    Some((from + behind).min(to))
}

/// The number of keys below an inner node, which is what its first element says.
#[inline(always)]
pub(super) fn size(first: &Value) -> i64 {
    match first {
        Value::Int(size) => *size,
        Value::Map(directory) => words(directory)[SIZE],
        _ => unreachable!("an inner node begins with its size or its directory"),
    }
}

/// Changes the number of keys below an inner node.
#[inline(always)]
pub(super) fn add_to_size(first: &mut Value, change: i64) {
    match first {
        Value::Int(size) => *size += change,
        Value::Map(directory) => {
            let words = directory.0.of_mut::<i64>().expect("directories are made of ints");
            words.edit().expect("a directory belongs to its node alone").into_slice()[SIZE] += change;
        }
        _ => unreachable!("an inner node begins with its size or its directory"),
    }
}

/// Takes the directory away from the inner node that begins with this element, if it has one.
pub(super) fn take_from(first: &mut Value) {
    *first = Value::Int(size(first));
}

/// Gives an inner node whose children are all hashed a directory, if it is wide and its separators are ints.
pub(super) fn give(node: &mut Map) -> Result<(), NoRoom> {
    let elements = &**node.values();
    let separators = &elements[1..elements.len() / 2];
    let ints: Option<Vec<i64>> =
        separators.iter().map(|key| if let Value::Int(int) = key { Some(*int) } else { None }).collect();
    let made = match ints.as_deref() {
        Some(ints @ [low, .., high]) if ints.len() >= CHILDREN_MAX => {
            Value::Map(made_of(size(&elements[0]), ints, *low, *high)?)
        }
        _ => Value::Int(size(&elements[0])),
    };
    node.values_mut().edit_or_copy(0)?.slice()[0] = made;
    Ok(())
}

fn made_of(size: i64, separators: &[i64], low: i64, high: i64) -> Result<Map, NoRoom> {
    let bits = u64::BITS - (high.wrapping_sub(low) as u64).leading_zeros();
    let shift = bits.saturating_sub(BUCKETS.ilog2());
    let mut object = Gc::with_capacity(Kind::MapInts, 3 + BUCKETS + 1 + separators.len() + COMPARED)?;
    let mut edit = object.edit_or_copy(0)?;
    edit.extend_from_slice(&[size, low, i64::from(shift)])?;
    let mut rank = 0;
    for at in 0..=BUCKETS {
        rank += separators[rank..].iter().take_while(|int| bucket(**int, low, shift) < at).count();
        edit.push(rank as i64)?;
    }
    edit.extend_from_slice(separators)?;
    edit.fill(&i64::MAX, COMPARED)?;
    Ok(Map(object.into()))
}
