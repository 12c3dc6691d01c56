//! Changing flat lists: packed ones stay packed as long as the elements allow it and widen once.
//!
//! Not here: which lists are flat (`list.rs`).

use super::{Chunk, FlatMut, List};
use crate::{
    heap::{Any, Element, Gc, Kind, NoRoom},
    value::Value,
};

/// Room for more elements that a copy gets when it is made to append.
fn spare_for(length: usize, expected: usize) -> usize {
    expected.max(length / 2).max(2)
}

/// Puts a value at the end of a flat list. `expected` says how many are going to follow, this one included.
#[inline]
pub(super) fn push(list: &mut List, value: Value, expected: usize) -> Result<(), NoRoom> {
    let length = list.0.length();
    match (list.kind(), &value) {
        (Kind::ListInts, Value::Int(int)) => {
            let ints = list.0.of_mut::<i64>().expect("the kind fixes the element type");
            ints.edit_or_copy(spare_for(length, expected))?.push(*int)
        }
        (Kind::ListFloats, Value::Float(float)) => {
            let floats = list.0.of_mut::<f64>().expect("the kind fixes the element type");
            floats.edit_or_copy(spare_for(length, expected))?.push(*float)
        }
        (Kind::ListValues, _) if length > 0 => {
            let values = list.0.of_mut::<Value>().expect("the kind fixes the element type");
            values.edit_or_copy(spare_for(length, expected))?.push(value)
        }
        (Kind::ListValues, _) => {
            *list = first(value, expected)?;
            Ok(())
        }
        _ => {
            widen(list, length.saturating_add(spare_for(length, expected)))?;
            let values = list.0.of_mut::<Value>().expect("the list was widened");
            values.edit_or_copy(expected)?.push(value)
        }
    }
}

/// Puts an element at the end of a packed list, if it has room and nobody else holds it.
#[inline(always)]
pub(super) fn push_in_place<E: Element>(list: &mut Any, element: E) -> bool {
    let Some(mut edit) = list.of_mut::<E>().and_then(Gc::edit) else { return false };
    edit.push_within(element)
}

/// Puts an element in place of another in a packed list, if there is one and nobody else holds the list.
#[inline(always)]
pub(super) fn set_in_place<E: Element>(list: &mut Any, index: usize, element: E) -> bool {
    let Some(edit) = list.of_mut::<E>().and_then(Gc::edit) else { return false };
    let Some(place) = edit.into_slice().get_mut(index) else { return false };
    *place = element;
    true
}

/// Takes the last element out of a flat list, if there is one and nobody else holds the list.
pub(super) fn pop_in_place(list: &mut List) -> Option<Value> {
    fn pop<E: Element>(object: &mut Gc<E>) -> Option<E> {
        let last = object.len().checked_sub(1)?;
        Some(object.edit()?.remove(last))
    }
    match list.kind() {
        Kind::ListInts => pop::<i64>(list.0.of_mut()?).map(Value::Int),
        Kind::ListFloats => pop::<f64>(list.0.of_mut()?).map(Value::Float),
        Kind::ListValues => pop::<Value>(list.0.of_mut()?),
        _ => None,
    }
}

/// A list of these values.
pub(super) fn collect(values: impl ExactSizeIterator<Item = Value>) -> Result<List, NoRoom> {
    let count = values.len();
    let mut values = values.peekable();
    let mut list = match values.peek() {
        None => return Ok(List::new()),
        Some(Value::Int(_)) => {
            let mut ints = Gc::with_capacity(Kind::ListInts, count)?;
            let mut edit = ints.edit_or_copy(0)?;
            while let Some(&Value::Int(int)) = values.peek() {
                edit.push(int)?;
                values.next();
            }
            List(ints.into())
        }
        Some(Value::Float(_)) => {
            let mut floats = Gc::with_capacity(Kind::ListFloats, count)?;
            let mut edit = floats.edit_or_copy(0)?;
            while let Some(&Value::Float(float)) = values.peek() {
                edit.push(float)?;
                values.next();
            }
            List(floats.into())
        }
        Some(_) => List(Gc::<Value>::with_capacity(Kind::ListValues, count)?.into()),
    };
    if values.peek().is_none() {
        return Ok(list);
    }
    if list.kind() != Kind::ListValues {
        widen(&mut list, count)?;
    }
    let object = list.0.of_mut::<Value>().expect("a list that is not packed holds values");
    let mut edit = object.edit_or_copy(0)?;
    for value in values {
        edit.push(value)?;
    }
    Ok(list)
}

/// A general list of values taken out of their places, the first of which is no number; `None`, with nothing taken, for
/// others and without memory.
pub(super) fn take_general(values: &mut [Value]) -> Option<List> {
    if matches!(values.first()?, Value::Int(_) | Value::Float(_)) {
        return None;
    }
    let mut list = Gc::with_capacity(Kind::ListValues, values.len()).ok()?;
    let mut edit = list.edit()?;
    for value in values {
        edit.push_within(value.take());
    }
    Some(List(list.into()))
}

/// A list of one value, with room for as many as are expected.
fn first(value: Value, expected: usize) -> Result<List, NoRoom> {
    let object = match value {
        Value::Int(int) => {
            let mut ints = Gc::with_capacity(Kind::ListInts, expected)?;
            ints.edit_or_copy(0)?.push(int)?;
            ints.into()
        }
        Value::Float(float) => {
            let mut floats = Gc::with_capacity(Kind::ListFloats, expected)?;
            floats.edit_or_copy(0)?.push(float)?;
            floats.into()
        }
        other => {
            let mut values = Gc::with_capacity(Kind::ListValues, expected)?;
            values.edit_or_copy(0)?.push(other)?;
            values.into()
        }
    };
    Ok(List(object))
}

/// Puts a value in place of another in a flat list.
#[inline]
pub(super) fn set(list: &mut List, index: usize, value: Value) -> Result<(), NoRoom> {
    match (list.kind(), &value) {
        (Kind::ListInts, Value::Int(int)) => {
            let ints = list.0.of_mut::<i64>().expect("the kind fixes the element type");
            ints.edit_or_copy(0)?.slice()[index] = *int;
            return Ok(());
        }
        (Kind::ListFloats, Value::Float(float)) => {
            let floats = list.0.of_mut::<f64>().expect("the kind fixes the element type");
            floats.edit_or_copy(0)?.slice()[index] = *float;
            return Ok(());
        }
        (Kind::ListValues, _) => {}
        _ => widen(list, list.0.length())?,
    }
    let values = list.0.of_mut::<Value>().expect("a list that is not packed holds values");
    values.edit_or_copy(0)?.slice()[index] = value;
    Ok(())
}

/// Puts elements at the end if the list is flat and stores that kind of elements; else the result is false.
pub(super) fn extend(list: &mut List, chunk: Chunk<'_>) -> Result<bool, NoRoom> {
    if list.is_empty() && !list.is_tree() {
        *list = List::from_chunk(chunk)?;
        return Ok(true);
    }
    let spare = spare_for(list.0.length(), chunk.len());
    match (list.kind(), chunk) {
        (Kind::ListInts, Chunk::Ints(ints)) => {
            let object = list.0.of_mut::<i64>().expect("the kind fixes the element type");
            object.edit_or_copy(spare)?.extend_from_slice(ints)?;
        }
        (Kind::ListFloats, Chunk::Floats(floats)) => {
            let object = list.0.of_mut::<f64>().expect("the kind fixes the element type");
            object.edit_or_copy(spare)?.extend_from_slice(floats)?;
        }
        (Kind::ListValues, Chunk::Values(values)) => {
            let object = list.0.of_mut::<Value>().expect("the kind fixes the element type");
            object.edit_or_copy(spare)?.extend_from_slice(values)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Puts elements at the end of a flat list that has room for them and whose kind can hold them.
pub(super) fn append(list: &mut List, chunk: Chunk<'_>) -> Result<(), NoRoom> {
    match (list.kind(), chunk) {
        (Kind::ListInts, Chunk::Ints(ints)) => {
            let object = list.0.of_mut::<i64>().expect("the kind fixes the element type");
            object.edit_or_copy(0)?.extend_from_slice(ints)
        }
        (Kind::ListFloats, Chunk::Floats(floats)) => {
            let object = list.0.of_mut::<f64>().expect("the kind fixes the element type");
            object.edit_or_copy(0)?.extend_from_slice(floats)
        }
        (_, chunk) => {
            let object = list.0.of_mut::<Value>().expect("a list that is not packed holds values");
            let mut edit = object.edit_or_copy(0)?;
            if let Chunk::Values(values) = chunk {
                return edit.extend_from_slice(values);
            }
            for index in 0..chunk.len() {
                edit.push(chunk.get(index).expect("the index is within the chunk").to_value())?;
            }
            Ok(())
        }
    }
}

/// Turns a packed list into a general one.
#[cold]
fn widen(list: &mut List, capacity: usize) -> Result<(), NoRoom> {
    let mut object = Gc::with_capacity(Kind::ListValues, capacity)?;
    let mut edit = object.edit_or_copy(0)?;
    for item in list.iter() {
        edit.push(item.to_value())?;
    }
    *list = List(object.into());
    Ok(())
}

/// All elements of a flat list, to be changed.
pub(super) fn to_mut(list: &mut List) -> Result<FlatMut<'_>, NoRoom> {
    Ok(match list.kind() {
        Kind::ListInts => {
            let ints = list.0.of_mut::<i64>().expect("the kind fixes the element type");
            FlatMut::Ints(ints.edit_or_copy(0)?.into_slice())
        }
        Kind::ListFloats => {
            let floats = list.0.of_mut::<f64>().expect("the kind fixes the element type");
            FlatMut::Floats(floats.edit_or_copy(0)?.into_slice())
        }
        _ => {
            let values = list.0.of_mut::<Value>().expect("a list that is not packed holds values");
            FlatMut::Values(values.edit_or_copy(0)?.into_slice())
        }
    })
}
