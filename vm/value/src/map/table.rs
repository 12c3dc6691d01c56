//! Tables of hashed nodes: open addressing, keys and values in turn, ints packed while there is nothing else.
//!
//! A value lies beside its key, so that finding an entry of a big map costs one cache miss, and ints without their tags,
//! so that four entries share a cache line. Slots are searched one after the other from the one that the hash
//! names; among packed ints that is the first of a line, and the line is compared at once ([`place_int`]). Removing closes the gap: there are no marks of removed entries. Not here: how full a table gets.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing preparation may end a test")]
mod tests;

use std::{
    hash::{BuildHasher, RandomState},
    hint,
    sync::LazyLock,
};

use super::Map;
use crate::{
    heap::{Element, Gc, Kind, NoRoom},
    ops::compare::total_cmp,
    value::Value,
};

/// Seeds of the hashes of words and texts, other ones in each process of the system: nobody can choose keys that
/// collide. The order of slots cannot be seen by programs, so they behave the same with all seeds.
static SEEDS: LazyLock<Seeds> = LazyLock::new(|| {
    let state = RandomState::new();
    Seeds { mask: state.hash_one(0), factor: state.hash_one(1) | 1, texts: foldhash::fast::RandomState::default() }
});

struct Seeds {
    mask: u64,
    factor: u64,
    texts: foldhash::fast::RandomState,
}

/// The key of a free slot among packed ints; as a key of a program it is no packed one.
pub(super) const FREE_INT: i64 = i64::MIN;

/// Slots of packed ints in a cache line.
const LINE_SLOTS: usize = 4;

/// Key and value.
pub(super) type Slot<C> = [C; 2];

/// The slots of a table.
pub(super) enum Slots<'a> {
    /// Ints of 64 bits.
    Ints(&'a [Slot<i64>]),
    /// Any keys that have hashes, any values.
    Values(&'a [Slot<Value>]),
}

/// Where a key is, or the free slot where it would be.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Found(usize),
    Free(usize),
}

/// What tables are made of.
pub(super) trait Cell: Element {
    const KIND: Kind;
    const FREE: Self;
    /// A key as a value.
    fn key(&self) -> Value;
    fn is_free(&self) -> bool;
    fn hash(&self) -> u64;
    /// Where the search for a key with this hash begins in a table with as many slots.
    fn home(hash: u64, slots: usize) -> usize;
    fn can_hold(entry: &Slot<Value>) -> bool;
    fn pack(entry: Slot<Value>) -> Slot<Self>;
    fn unpack(slot: Slot<Self>) -> Slot<Value>;
}

impl Cell for i64 {
    const KIND: Kind = Kind::MapInts;
    const FREE: Self = FREE_INT;

    fn key(&self) -> Value {
        Value::Int(*self)
    }

    #[inline(always)]
    fn is_free(&self) -> bool {
        *self == FREE_INT
    }

    #[inline(always)]
    fn hash(&self) -> u64 {
        hash_word(*self as u64)
    }

    /// A table's header is as long as a slot, and its block begins with a cache line: so lines begin with every fourth
    /// slot, from the third on.
    #[inline(always)]
    fn home(hash: u64, slots: usize) -> usize {
        hash as usize & (slots - 1) | (LINE_SLOTS - 1)
    }

    fn can_hold(entry: &Slot<Value>) -> bool {
        matches!(entry, [Value::Int(key), Value::Int(_)] if *key != FREE_INT)
    }

    #[inline(always)]
    fn pack(entry: Slot<Value>) -> Slot<Self> {
        match entry {
            [Value::Int(key), Value::Int(value)] => [key, value],
            _ => unreachable!("the caller looked whether the entry can be packed"),
        }
    }

    #[inline(always)]
    fn unpack([key, value]: Slot<Self>) -> Slot<Value> {
        [Value::Int(key), Value::Int(value)]
    }
}

impl Cell for Value {
    const KIND: Kind = Kind::MapValues;
    const FREE: Self = Value::Undefined;

    fn key(&self) -> Value {
        self.clone()
    }

    #[inline(always)]
    fn is_free(&self) -> bool {
        self.is_undefined()
    }

    #[inline(always)]
    fn hash(&self) -> u64 {
        hash(self).expect("the keys of a table have hashes")
    }

    #[inline(always)]
    fn home(hash: u64, slots: usize) -> usize {
        hash as usize & (slots - 1)
    }

    fn can_hold(entry: &Slot<Value>) -> bool {
        hash(&entry[0]).is_some()
    }

    #[inline(always)]
    fn pack(entry: Slot<Value>) -> Slot<Self> {
        entry
    }

    #[inline(always)]
    fn unpack(slot: Slot<Self>) -> Slot<Value> {
        slot
    }
}

#[inline(always)]
fn hash_word(word: u64) -> u64 {
    SEEDS.hash_word(word)
}

/// The hash of an int, if there is a table yet: without a call that makes the seeds.
#[inline(always)]
pub(super) fn hash_of_packed(int: i64) -> Option<u64> {
    Some(LazyLock::get(&SEEDS)?.hash_word(int as u64))
}

impl Seeds {
    #[inline(always)]
    fn hash_word(&self, word: u64) -> u64 {
        // Once is not enough: for one factor in fifteen, keys of a simple pattern would lie in long rows.
        fold(fold(word ^ self.mask, self.factor), 0x9E37_79B9_7F4A_7C15)
    }
}

/// Both halves of a product: the lower one mixes the low bits of the word well, the upper one the high bits.
#[inline(always)]
fn fold(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a key, if it can be in a table. Keys that are equal in the total order have the same one.
#[inline(always)]
pub(super) fn hash(key: &Value) -> Option<u64> {
    match key {
        Value::Int(int) => Some(int.hash()),
        Value::Str(text) => Some(SEEDS.texts.hash_one(text.as_bytes())),
        _ => hash_rarer(key),
    }
}

#[inline(never)]
fn hash_rarer(key: &Value) -> Option<u64> {
    match key {
        // All NaNs are one key.
        Value::Float(float) => Some(hash_word(if float.is_nan() { f64::NAN } else { *float }.to_bits())),
        Value::Null => Some(hash_word(2)),
        Value::Bool(bool) => Some(hash_word(u64::from(*bool))),
        Value::Pid(pid) => Some(hash_word(pid.bits())),
        Value::Ref(reference) => Some(hash_word(reference.0)),
        Value::Bytes(bytes) => Some(SEEDS.texts.hash_one(bytes.as_slice())),
        _ => None,
    }
}

/// The slots of a table of values.
#[inline(always)]
pub(super) fn slots(table: &Map) -> &[Slot<Value>] {
    table.values().as_chunks().0
}

/// The number of slots of a table of packed ints; 0 for others.
pub(super) fn packed_slots(table: &Map) -> usize {
    if is_packed(table) { table.0.length() / 2 } else { 0 }
}

/// The slots of a table, to be changed, if they are made of such cells.
#[inline(always)]
pub(super) fn slots_mut<C: Cell>(table: &mut Map) -> Option<&mut [Slot<C>]> {
    let edit = table.0.of_mut::<C>()?.edit().expect("a table belongs to its node alone");
    Some(edit.into_slice().as_chunks_mut().0)
}

#[inline(always)]
fn walk<C: Cell>(slots: &[Slot<C>], hash: u64, is_wanted: impl Fn(&C) -> bool) -> Place {
    let mask = slots.len() - 1;
    let mut index = C::home(hash, slots.len());
    loop {
        let key = &slots[index][0];
        if is_wanted(key) {
            return Place::Found(index);
        }
        if key.is_free() {
            return Place::Free(index);
        }
        index = (index + 1) & mask;
    }
}

/// The place of a key, not [`FREE_INT`], among packed ints.
///
/// Most keys are in the line where they belong, and there the place is computed without a jump that depends on keys: in
/// a big map the line is far away, and a processor that does not have to guess goes on with what follows meanwhile, up to
/// the next look-up.
#[inline(always)]
pub(super) fn place_int(slots: &[Slot<i64>], wanted: i64, hash: u64) -> Place {
    let home = i64::home(hash, slots.len());
    if let Some(line) = line_at(slots, home) {
        let found = first_in(line, wanted);
        if found < LINE_SLOTS {
            return Place::Found(home + found);
        }
        let free = first_in(line, FREE_INT);
        if free < LINE_SLOTS {
            return Place::Free(home + free);
        }
    }
    walk(slots, hash, |key| *key == wanted)
}

/// The value of a key, not [`FREE_INT`], among packed ints, if there is a table at all.
#[inline(always)]
#[expect(clippy::option_option, reason = "whether there can be one, and whether there is")]
pub(super) fn value_of_int(slots: &[Slot<i64>], wanted: i64) -> Option<Option<i64>> {
    let hash = hash_of_packed(wanted)?;
    if let Some(line) = line_at(slots, i64::home(hash, slots.len())) {
        let found = first_in(line, wanted);
        if found < LINE_SLOTS {
            return Some(Some(line[found][1]));
        }
    }
    value_behind(slots, wanted, hash)
}

#[inline(never)]
#[expect(clippy::option_option, reason = "a call at the end of the caller, which has the same result")]
fn value_behind(slots: &[Slot<i64>], wanted: i64, hash: u64) -> Option<Option<i64>> {
    match walk(slots, hash, |key| *key == wanted) {
        Place::Found(at) => Some(Some(slots[at][1])),
        Place::Free(_) => Some(None),
    }
}

/// The line that begins with a slot, unless it ends with the table.
#[inline(always)]
fn line_at(slots: &[Slot<i64>], home: usize) -> Option<&[Slot<i64>; LINE_SLOTS]> {
    slots.get(home..)?.first_chunk()
}

/// The first slot with this key, or [`LINE_SLOTS`].
#[inline(always)]
fn first_in(line: &[Slot<i64>; LINE_SLOTS], wanted: i64) -> usize {
    let select =
        |first, (index, slot): (usize, &Slot<i64>)| hint::select_unpredictable(slot[0] == wanted, index, first);
    line.iter().enumerate().rev().fold(LINE_SLOTS, select)
}

/// The place of a key with this hash.
#[inline(always)]
pub(super) fn place(slots: &[Slot<Value>], wanted: &Value, hash: u64) -> Place {
    match wanted {
        Value::Int(wanted) => walk(slots, hash, |key| matches!(key, Value::Int(int) if int == wanted)),
        Value::Str(wanted) => walk(
            slots,
            hash,
            |key| matches!(key, Value::Str(text) if text.is_same(wanted) || text.as_bytes() == wanted.as_bytes()),
        ),
        _ => walk(slots, hash, |key| total_cmp(key, wanted).is_eq()),
    }
}

/// Removes what is at a place, if something is, and gives its value.
#[inline(always)]
pub(super) fn remove<C: Cell>(slots: &mut [Slot<C>], place: Place) -> Option<C> {
    let Place::Found(mut hole) = place else { return None };
    let [_, value] = std::mem::replace(&mut slots[hole], [C::FREE; 2]);
    let mask = slots.len() - 1;
    let mut next = (hole + 1) & mask;
    while !slots[next][0].is_free() {
        let home = C::home(slots[next][0].hash(), slots.len());
        // An entry may move to the hole unless its home lies behind it.
        if next.wrapping_sub(home) & mask >= next.wrapping_sub(hole) & mask {
            slots.swap(hole, next);
            hole = next;
        }
        next = (next + 1) & mask;
    }
    Some(value)
}

/// A table with this many slots, all free.
fn free<C: Cell>(slots: usize) -> Result<Map, NoRoom> {
    let mut table = Gc::<C>::with_capacity(C::KIND, 2 * slots)?;
    table.edit_or_copy(0)?.fill(&C::FREE, 2 * slots)?;
    Ok(Map(table.into()))
}

/// Puts a new entry into a table that has room for it.
#[inline(always)]
fn put<C: Cell>(slots: &mut [Slot<C>], entry: Slot<C>) {
    if let Place::Free(index) = walk(slots, entry[0].hash(), |_| false) {
        slots[index] = entry;
    }
}

/// A table of these entries, which have different keys and fit in these slots.
pub(super) fn of<C: Cell>(entries: impl Iterator<Item = Slot<C>>, slots: usize) -> Result<Map, NoRoom> {
    let mut table = free::<C>(slots)?;
    let free = slots_mut::<C>(&mut table).expect("it was just made");
    entries.for_each(|entry| put(free, entry));
    Ok(table)
}

/// Gives a table another number of slots, in which its entries have room.
pub(super) fn resize(table: &mut Map, slots: usize) -> Result<(), NoRoom> {
    if is_packed(table) {
        rebuild::<i64, i64>(table, slots, |slot| slot)
    } else {
        rebuild::<Value, Value>(table, slots, |slot| slot)
    }
}

/// Makes a table of packed ints one of values.
#[cold]
#[inline(never)]
pub(super) fn widen(table: &mut Map) -> Result<(), NoRoom> {
    let slots = table.0.length() / 2;
    rebuild::<i64, Value>(table, slots, i64::unpack)
}

fn rebuild<From: Cell, To: Cell>(
    table: &mut Map,
    slots: usize,
    convert: impl Fn(Slot<From>) -> Slot<To>,
) -> Result<(), NoRoom> {
    let mut new = free::<To>(slots)?;
    let free = slots_mut::<To>(&mut new).expect("it was just made");
    drain_cells::<From>(table, |slot| put(free, convert(slot)));
    *table = new;
    Ok(())
}

/// Whether a table's cells are ints of 64 bits.
fn is_packed(table: &Map) -> bool {
    table.0.kind() == Kind::MapInts
}

/// Takes all entries out of a table of such cells, which has no slots any more then.
pub(super) fn drain_cells<C: Cell>(table: &mut Map, mut each: impl FnMut(Slot<C>)) {
    let object = table.0.of_mut::<C>().expect("the kind fixes the element type");
    let mut edit = object.edit().expect("a table belongs to its node alone");
    for slot in edit.slice().as_chunks_mut().0 {
        if !slot[0].is_free() {
            each(std::mem::replace(slot, [C::FREE; 2]));
        }
    }
    edit.forget_elements();
}
