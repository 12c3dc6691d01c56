//! Objects: named fields in the order of their insertion.
//!
//! Up to 16 fields are keys and then values side by side. More are an index (a map from name to ordinal)
//! and a list of entries in which a deleted one leaves a hole; both are persistent, so that updating a big
//! shared object copies little.

use std::{iter::Zip, slice};

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use crate::{
    heap::{Any, Gc, Kind, NoRoom, literal::StaticEmpty},
    list::{Item, Items, List},
    map::{Entries, Map},
    text::Str,
    value::Value,
};

static EMPTY: StaticEmpty = StaticEmpty::new(Kind::ObjectSmall);

/// Fields that are searched one by one. Comparing 16 addresses takes about as long as a step down a tree.
const SMALL_FIELDS_MAX: usize = 16;

/// An object.
#[derive(Clone)]
#[repr(transparent)]
pub struct Object(Any);

/// An object, taken apart.
enum View<'a> {
    /// Keys and values.
    Small(&'a [Value], &'a [Value]),
    /// Ordinal of each name, and keys and values in turn by ordinal.
    Large(&'a Map, &'a List),
}

impl Object {
    /// The object without fields; takes no memory.
    #[must_use]
    pub fn new() -> Self {
        Self(EMPTY.object())
    }

    /// The object of fields whose names differ.
    ///
    /// # Errors
    /// As for [`Object::set`].
    pub fn from_fields<const N: usize>(fields: [(Str, Value); N]) -> Result<Self, Fault> {
        const { assert!(N > 0 && N <= SMALL_FIELDS_MAX, "other numbers have other forms") };
        debug_assert!(
            fields.iter().enumerate().all(|(at, (name, _))| fields[..at].iter().all(|(other, _)| **other != **name))
        );
        let mut values = Gc::with_capacity(Kind::ObjectSmall, 2 * N)?;
        let mut edit = values.edit_or_copy(0)?;
        for (name, _) in &fields {
            edit.push(Value::Str(name.clone()))?;
        }
        for (_, value) in fields {
            edit.push(value)?;
        }
        Ok(Self(values.into()))
    }

    /// An object in the making, with room for so many fields.
    #[inline(always)]
    pub(crate) fn with_room(fields: usize) -> Result<Self, NoRoom> {
        debug_assert!((1..=SMALL_FIELDS_MAX).contains(&fields), "other numbers have other forms");
        Ok(Self(Gc::<Value>::with_capacity(Kind::ObjectSmall, 2 * fields)?.into()))
    }

    /// Adds a name or, behind all names, a value to an object in the making.
    #[inline(always)]
    pub(crate) fn add_part(&mut self, part: Value) -> Result<(), NoRoom> {
        self.values_mut().edit_or_copy(0)?.push(part)
    }

    #[inline(always)]
    fn view(&self) -> View<'_> {
        let values = &**self.0.of::<Value>().expect("objects hold values");
        if self.0.kind() == Kind::ObjectSmall {
            let (keys, values) = values.split_at(values.len() / 2);
            return View::Small(keys, values);
        }
        match values {
            [Value::Map(index), Value::List(entries)] => View::Large(index, entries),
            _ => unreachable!("a large object has two parts"),
        }
    }

    /// Of an object's parts, those that lead to what its text consists of.
    pub(crate) fn written(parts: &[Value]) -> &[Value] {
        match parts {
            [Value::Map(_), entries] => std::slice::from_ref(entries),
            fields => fields,
        }
    }

    fn values_mut(&mut self) -> &mut Gc<Value> {
        self.0.of_mut::<Value>().expect("objects hold values")
    }

    /// The index and the entries of a large object, to be changed.
    fn parts_mut(&mut self) -> Result<(&mut Map, &mut List), NoRoom> {
        match self.values_mut().edit_or_copy(0)?.into_slice() {
            [Value::Map(index), Value::List(entries)] => Ok((index, entries)),
            _ => unreachable!("a large object has two parts"),
        }
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.view() {
            View::Small(keys, _) => keys.len(),
            View::Large(index, _) => index.len(),
        }
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a field.
    #[inline]
    #[must_use]
    pub fn get(&self, name: &Str) -> Option<&Value> {
        match self.view() {
            View::Small(keys, values) => position(keys, name).map(|index| &values[index]),
            View::Large(index, entries) => Some(value_at(entries, ordinal_of(index, name)?)),
        }
    }

    /// The names and values by order of insertion, if they lie side by side; none for a large object.
    #[inline(always)]
    pub fn small_fields(&self) -> Zip<slice::Iter<'_, Value>, slice::Iter<'_, Value>> {
        match self.view() {
            View::Small(keys, values) => keys.iter().zip(values),
            View::Large(..) => [].iter().zip(&[]),
        }
    }

    /// Whether the object has the field.
    #[must_use]
    pub fn contains(&self, name: &Str) -> bool {
        match self.view() {
            View::Small(keys, _) => position(keys, name).is_some(),
            View::Large(index, _) => ordinal_of(index, name).is_some(),
        }
    }

    /// Sets a field; a new one comes last. In place if nobody else holds the object.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many fields or there is no memory; what is in the object then is
    /// not specified.
    #[inline]
    pub fn set(&mut self, name: &Str, value: Value) -> Result<(), Fault> {
        if let View::Small(keys, _) = self.view() {
            let count = keys.len();
            if let Some(index) = position(keys, name) {
                self.values_mut().edit_or_copy(0)?.slice()[count + index] = value;
                return Ok(());
            }
            if count < SMALL_FIELDS_MAX {
                let mut edit = self.values_mut().edit_or_copy(2)?;
                edit.reserve_within(2, 2 * SMALL_FIELDS_MAX)?;
                edit.push(value)?;
                edit.insert(count, Value::Str(name.clone()))?;
                return Ok(());
            }
            self.enlarge()?;
        }
        self.set_large(name, value)
    }

    fn set_large(&mut self, name: &Str, value: Value) -> Result<(), Fault> {
        let (index, entries) = self.parts_mut()?;
        if let Some(ordinal) = ordinal_of(index, name) {
            return entries.set(2 * ordinal + 1, value);
        }
        if entries.len() + 2 > ELEMENTS_MAX {
            return Err(NoRoom::Elements.into());
        }
        let ordinal = entries.len() / 2;
        index.insert(Value::Str(name.clone()), Value::Int(ordinal as i64))?;
        entries.push(Value::Str(name.clone()))?;
        entries.push(value)
    }

    /// Turns a small object into a large one.
    #[cold]
    fn enlarge(&mut self) -> Result<(), Fault> {
        *self = Self::large_of(self.iter(), self.len())?;
        Ok(())
    }

    fn large_of<'a>(fields: impl Iterator<Item = (&'a Str, &'a Value)>, count: usize) -> Result<Self, Fault> {
        let mut index = Map::new();
        let mut flat = Gc::with_capacity(Kind::ListValues, 2 * count)?;
        for (ordinal, (name, value)) in fields.enumerate() {
            index.insert(Value::Str(name.clone()), Value::Int(ordinal as i64))?;
            let mut edit = flat.edit_or_copy(2)?;
            edit.push(Value::Str(name.clone()))?;
            edit.push(value.clone())?;
        }
        let entries = List::from_values(flat);
        let parts = [Value::Map(index), Value::List(entries)];
        Ok(Self(Gc::collect(Kind::ObjectLarge, parts.into_iter())?.into()))
    }

    /// Removes a field and says whether it was there.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory; what is in the object then is not specified.
    pub fn remove(&mut self, name: &Str) -> Result<bool, Fault> {
        match self.view() {
            View::Small(keys, _) => {
                let count = keys.len();
                let Some(index) = position(keys, name) else { return Ok(false) };
                let mut edit = self.values_mut().edit_or_copy(0)?;
                drop(edit.remove(count + index));
                drop(edit.remove(index));
            }
            View::Large(index, _) => {
                let Some(ordinal) = ordinal_of(index, name) else { return Ok(false) };
                let (index, entries) = self.parts_mut()?;
                index.remove(&Value::Str(name.clone()))?;
                entries.set(2 * ordinal, Value::Undefined)?;
                entries.set(2 * ordinal + 1, Value::Undefined)?;
                let (field_count, slot_count) = (index.len(), entries.len() / 2);
                if field_count < slot_count / 2 {
                    self.close_holes(field_count)?;
                }
            }
        }
        Ok(true)
    }

    /// Rebuilds a large object more than half of whose entries were deleted.
    fn close_holes(&mut self, field_count: usize) -> Result<(), Fault> {
        if field_count > SMALL_FIELDS_MAX / 2 {
            *self = Self::large_of(self.iter(), field_count)?;
            return Ok(());
        }
        let mut small = Self::new();
        for (name, value) in self.iter() {
            small.set(name, value.clone())?;
        }
        *self = small;
        Ok(())
    }

    /// The fields in the order of their insertion.
    #[must_use]
    pub fn iter(&self) -> Fields<'_> {
        match self.view() {
            View::Small(keys, values) => Fields::Small(keys.iter().zip(values.iter())),
            View::Large(_, entries) => Fields::Large(entries.iter()),
        }
    }

    /// The fields in the order of their names.
    #[must_use]
    pub fn sorted(&self) -> Sorted<'_> {
        match self.view() {
            View::Small(..) => {
                let mut fields: Vec<_> = self.iter().collect();
                fields.sort_unstable_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
                Sorted::Small(fields.into_iter())
            }
            View::Large(index, entries) => Sorted::Large(index.iter(), entries),
        }
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

fn as_name(value: &Value) -> &Str {
    match value {
        Value::Str(name) => name,
        _ => unreachable!("the keys of objects are strs"),
    }
}

/// Where a name is among the keys of a small object.
#[inline]
fn position(keys: &[Value], name: &Str) -> Option<usize> {
    // Names written in the program are one object each, so the address usually decides.
    let by_address = keys.iter().position(|key| as_name(key).is_same(name));
    by_address.or_else(|| keys.iter().position(|key| as_name(key).as_bytes() == name.as_bytes()))
}

/// Where the entry of a name is in a large object.
fn ordinal_of(index: &Map, name: &Str) -> Option<usize> {
    index.get_str(name).as_ref().map(as_ordinal)
}

fn as_ordinal(value: &Value) -> usize {
    match value {
        Value::Int(ordinal) => usize::try_from(*ordinal).expect("ordinals count up from 0"),
        _ => unreachable!("the index holds ints"),
    }
}

/// The value of an entry of a large object.
fn value_at(entries: &List, ordinal: usize) -> &Value {
    match entries.get(2 * ordinal + 1) {
        Some(Item::Value(value)) => value,
        _ => unreachable!("entries begin with a str, so they are never packed"),
    }
}

/// The fields of an object in the order of their names (see [`Object::sorted`]).
#[derive(Clone)]
pub enum Sorted<'a> {
    /// Of a small object.
    Small(std::vec::IntoIter<(&'a Str, &'a Value)>),
    /// Of a large one: its index is sorted.
    Large(Entries<'a>, &'a List),
}

impl<'a> Iterator for Sorted<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Sorted::Small(fields) => fields.next(),
            Sorted::Large(index, entries) => {
                let (Item::Value(name), ordinal) = index.next()? else {
                    unreachable!("the keys of the index are strs, so they are never packed");
                };
                Some((as_name(name), value_at(entries, as_ordinal(&ordinal.to_value()))))
            }
        }
    }
}

/// The fields of an object (see [`Object::iter`]).
#[derive(Clone)]
pub enum Fields<'a> {
    /// Of a small object.
    Small(std::iter::Zip<std::slice::Iter<'a, Value>, std::slice::Iter<'a, Value>>),
    /// Of a large one, with holes.
    Large(Items<'a>),
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Fields::Small(fields) => fields.next().map(|(name, value)| (as_name(name), value)),
            Fields::Large(entries) => loop {
                let (Item::Value(name), Item::Value(value)) = (entries.next()?, entries.next()?) else {
                    unreachable!("entries begin with a str, so they are never packed");
                };
                if let Value::Str(name) = name {
                    return Some((name, value));
                }
            },
        }
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Str, &'a Value);
    type IntoIter = Fields<'a>;

    fn into_iter(self) -> Fields<'a> {
        self.iter()
    }
}
