//! The frequent halves of operations that are too long for an arm of the hot loop.
//!
//! Each says whether it has done its instruction; if not, nothing has changed and
//! [`step`](crate::step::step) does it. Out of line, so that the loop keeps its registers.

use ttvm_isa::cost;
use ttvm_lowering::{Builtin, Instruction};
use ttvm_value::{List, Value};

use crate::{
    code::{Convention, FunctionCode},
    frames::{clear, forget, set, take},
    long,
    process::{code_of, function_of},
};

/// The remainder with the sign of the divisor.
pub(crate) fn modulo(x: i64, y: i64) -> i64 {
    let rest = x % y;
    if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest }
}

/// The callee, if it can be called in fixed slots.
#[inline(always)]
pub(crate) fn plain_callee(value: &Value, arguments: u16) -> Option<*const FunctionCode> {
    let code = code_of(function_of(value)?);
    // SAFETY: C1: a function value's module is kept alive by every process that can hold the value.
    let callee = unsafe { &*code };
    let fits = callee.convention == Convention::One && callee.parameters == arguments && !callee.binds_by_name;
    fits.then_some(code)
}

/// Puts a called closure's captures behind the arguments of the frame at `frame`, and takes it if it lies in a
/// temporary.
#[inline(never)]
pub(crate) unsafe fn pass_captures(
    frame: *mut Value,
    value: *mut Value,
    callee: *const FunctionCode,
    is_temporary: bool,
) {
    // SAFETY: C1; F2: the caller has checked the room. A temporary may lie where a capture goes, so it is read
    // first; the slots hold nothing else (F1).
    unsafe {
        let value = if is_temporary { take(value) } else { (*value).clone() };
        copy_captures(frame, &value, callee);
    }
}

/// Puts a closure's captures behind the arguments of the frame at `frame`.
#[inline(always)]
pub(crate) unsafe fn copy_captures(frame: *mut Value, value: &Value, callee: *const FunctionCode) {
    if let Value::Closure(closure) = value {
        // SAFETY: C1; F2: the caller has checked the room; the slots hold nothing (F1).
        unsafe {
            let first = frame.add(usize::from((*callee).parameters) + 1);
            for (index, captured) in closure.captured().iter().enumerate() {
                set(first.add(index), captured.clone());
            }
        }
    }
}

/// `COPY` of a counted object, or of anything.
#[inline(never)]
pub(crate) unsafe fn copy(frame: *mut Value, i: Instruction) {
    // SAFETY: C2: both are slots of the frame.
    unsafe {
        let value = (*frame.add(usize::from(i.b))).clone();
        set(frame.add(usize::from(i.a)), value);
    }
}

/// Drops what the frame holds below `base` and moves the arguments behind `base` to its first slots.
#[inline(always)]
pub(crate) unsafe fn move_arguments(frame: *mut Value, base: u16, count: u16) {
    // SAFETY: C2: `base` and the slots behind it belong to the frame.
    unsafe {
        for index in 1..usize::from(base) {
            clear(frame.add(index));
        }
        for index in 1..=usize::from(count) {
            let value = take(frame.add(usize::from(base) + index));
            set(frame.add(index), value);
        }
    }
}

/// `MAKE_LIST` of values the first of which is no number, as messages mostly are. Gives the reductions spent.
#[inline(never)]
pub(crate) unsafe fn make_list(frame: *mut Value, i: Instruction) -> Option<u64> {
    let count = i.number();
    // SAFETY: C2: the values lie in consecutive slots; the list goes to the first of them.
    unsafe {
        let first = frame.add(usize::from(i.a));
        let list = List::take_general(std::slice::from_raw_parts_mut(first, count as usize))?;
        first.write(Value::List(list));
    }
    Some(cost::of_elements(u64::from(count)))
}

/// A number from an array or a packed list: it needs no counting, so it is read within the loop.
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

/// The int that a value is.
#[inline(always)]
pub(crate) fn int(value: &Value) -> Option<i64> {
    if let Value::Int(int) = value { Some(*int) } else { None }
}

/// The element of a packed list, if the index is within bounds.
#[inline(always)]
pub(crate) unsafe fn element(container: *const Value, at: *const Value) -> Option<Number> {
    // SAFETY: the caller gives slots of the frame.
    let (container, at) = unsafe { (&*container, &*at) };
    // A negative index becomes one beyond every length.
    let at = int(at)? as u64 as usize;
    match container {
        Value::List(list) => match (list.as_ints(), list.as_floats()) {
            (Some(ints), _) => ints.get(at).copied().map(Number::Int),
            (_, Some(floats)) => floats.get(at).copied().map(Number::Float),
            _ => None,
        },
        _ => None,
    }
}

/// The element of an array, if the index is within bounds.
#[inline(always)]
pub(crate) unsafe fn array_element(container: *const Value, at: *const Value) -> Option<Number> {
    // SAFETY: the caller gives slots of the frame.
    let (container, at) = unsafe { (&*container, &*at) };
    let at = int(at)? as u64 as usize;
    match container {
        Value::F64Array(array) => array.as_slice().get(at).copied().map(Number::Float),
        Value::I64Array(array) => array.as_slice().get(at).copied().map(Number::Int),
        _ => None,
    }
}

/// `APPEND` of a number to a packed list that has room and nobody else holds.
#[inline(always)]
pub(crate) unsafe fn append_number(list: *mut Value, value: *const Value) -> bool {
    // SAFETY: the caller gives slots of the frame, which differ: the list is being taken. A number leaves
    // nothing in its slot that must be dropped.
    match unsafe { (&mut *list, &*value) } {
        (Value::List(list), Value::Int(int)) => list.push_int_in_place(*int),
        (Value::List(list), Value::Float(float)) => list.push_float_in_place(*float),
        _ => false,
    }
}

/// `SET_INDEX` of a number in a packed list that nobody else holds, within bounds.
#[inline(always)]
pub(crate) unsafe fn set_number(list: *mut Value, at: *const Value, value: *const Value) -> bool {
    // SAFETY: as in `append_number`.
    match unsafe { (&mut *list, &*at, &*value) } {
        (Value::List(list), Value::Int(at), Value::Int(int)) => list.set_int_in_place(*at as u64 as usize, *int),
        (Value::List(list), Value::Int(at), Value::Float(float)) => {
            list.set_float_in_place(*at as u64 as usize, *float)
        }
        _ => false,
    }
}

/// `ARRAY_SET` of a float in an array that nobody else holds, within bounds.
#[inline(always)]
pub(crate) unsafe fn set_float(array: *mut Value, at: *const Value, value: *const Value) -> bool {
    // SAFETY: as in `append_number`.
    match unsafe { (&mut *array, &*at, &*value) } {
        (Value::F64Array(array), Value::Int(at), Value::Float(float)) => {
            store(array.edit(), *at as u64 as usize, *float)
        }
        _ => false,
    }
}

const BIT_AND: u16 = Builtin::BitAnd as u16;
const BIT_OR: u16 = Builtin::BitOr as u16;
const BIT_XOR: u16 = Builtin::BitXor as u16;

/// What `BIT_AND`, `BIT_OR` or `BIT_XOR` gives.
#[inline(always)]
pub(crate) fn bits(builtin: u16, x: i64, y: i64) -> i64 {
    match builtin {
        BIT_AND => x & y,
        BIT_OR => x | y,
        _ => x ^ y,
    }
}

/// Built-ins on numbers that cost nothing and cannot fail.
#[inline(never)]
pub(crate) unsafe fn quick_builtin(frame: *mut Value, i: Instruction) -> bool {
    const SQRT: u16 = Builtin::Sqrt as u16;
    const NEG: u16 = Builtin::Neg as u16;
    const ABS: u16 = Builtin::Abs as u16;
    // SAFETY: C2: the arguments lie in slots of the frame; the second is only read for built-ins that take two.
    unsafe {
        let first = frame.add(usize::from(i.a));
        let second = first.add(1);
        let result = match (i.b, &*first) {
            (SQRT, Value::Float(float)) => Value::Float(float.sqrt()),
            (NEG, Value::Float(float)) => Value::Float(-float),
            (ABS, Value::Float(float)) => Value::Float(float.abs()),
            (BIT_AND | BIT_OR | BIT_XOR, Value::Int(x)) => {
                let Value::Int(y) = &*second else { return false };
                Value::Int(bits(i.b, *x, *y))
            }
            _ => return false,
        };
        first.write(result);
        true
    }
}

/// `INDEX` within bounds. Out of line, so that the loop keeps its registers.
#[inline(never)]
pub(crate) unsafe fn index(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.c)) else { return false };
        // A negative index becomes one beyond every length.
        let at = at as u64 as usize;
        let value = match &*frame.add(usize::from(i.b)) {
            Value::List(list) => list.get(at).map(ttvm_value::list::Item::to_value),
            Value::F64Array(array) => array.as_slice().get(at).map(|float| Value::Float(*float)),
            Value::I64Array(array) => array.as_slice().get(at).map(|int| Value::Int(*int)),
            _ => None,
        };
        let Some(value) = value else { return false };
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `ARRAY_GET` within bounds.
#[inline(never)]
pub(crate) unsafe fn array_get(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.c)) else { return false };
        // A negative index becomes one beyond every length.
        let at = at as u64 as usize;
        let value = match &*frame.add(usize::from(i.b)) {
            Value::F64Array(array) => array.as_slice().get(at).map(|float| Value::Float(*float)),
            Value::I64Array(array) => array.as_slice().get(at).map(|int| Value::Int(*int)),
            _ => None,
        };
        let Some(value) = value else { return false };
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `APPEND` to a list.
#[inline(never)]
pub(crate) unsafe fn append(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let list = &mut *frame.add(usize::from(i.a));
        if long::is_copied_for_long(list, &*frame.add(usize::from(i.b))) {
            return false;
        }
        let Value::List(list) = list else { return false };
        // Another reference goes into the list, so that nothing is lost when there is no memory for it.
        let value = frame.add(usize::from(i.b));
        let is_done = list.push((*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// `SET_INDEX` of a list within bounds.
#[inline(never)]
pub(crate) unsafe fn set_index(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.b)) else { return false };
        let list = &mut *frame.add(usize::from(i.a));
        if long::is_copied_for_long(list, &*frame.add(usize::from(i.c))) {
            return false;
        }
        let Value::List(list) = list else { return false };
        let Ok(at) = usize::try_from(at) else { return false };
        if at >= list.len() {
            return false;
        }
        let value = frame.add(usize::from(i.c));
        let is_done = list.set(at, (*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// `ARRAY_SET` within bounds, of an array nobody else holds.
#[inline(never)]
pub(crate) unsafe fn array_set(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.b)) else { return false };
        let at = at as u64 as usize;
        match (&mut *frame.add(usize::from(i.a)), &*frame.add(usize::from(i.c))) {
            (Value::F64Array(array), Value::Float(value)) => store(array.edit(), at, *value),
            (Value::I64Array(array), Value::Int(value)) => store(array.edit(), at, *value),
            _ => false,
        }
    }
}

/// `LEN` of a list or array.
#[inline(never)]
pub(crate) unsafe fn length(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let length = match &*frame.add(usize::from(i.b)) {
            Value::List(list) => list.len(),
            Value::F64Array(array) => array.len(),
            Value::I64Array(array) => array.len(),
            _ => return false,
        };
        set(frame.add(usize::from(i.a)), Value::Int(length as i64));
        true
    }
}

/// `GET_FIELD` of an object.
#[inline(never)]
pub(crate) unsafe fn get_field(frame: *mut Value, i: Instruction, name: &Value) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let (Value::Object(object), Value::Str(name)) = (&*frame.add(usize::from(i.b)), name) else { return false };
        let value = object.get(name).map_or(Value::Null, Value::clone);
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `SET_FIELD` of an object.
#[inline(never)]
pub(crate) unsafe fn set_field(frame: *mut Value, i: Instruction, name: &Value) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let (Value::Object(object), Value::Str(name)) = (&mut *frame.add(usize::from(i.a)), name) else { return false };
        let value = frame.add(usize::from(i.b));
        let is_done = object.set(name, (*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// The value of an int in a map of packed ints.
#[inline(always)]
pub(crate) unsafe fn packed_entry(map: *const Value, key: *const Value) -> Option<Value> {
    // SAFETY: the caller gives slots of the frame.
    match unsafe { (&*map, &*key) } {
        (Value::Map(map), Value::Int(key)) => Some(map.get_packed(*key)?.map_or(Value::Null, Value::Int)),
        _ => None,
    }
}

/// `MAP_GET` of a map.
#[inline(never)]
pub(crate) unsafe fn map_get(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Map(map) = &*frame.add(usize::from(i.b)) else { return false };
        let value = map.get(&*frame.add(usize::from(i.c))).unwrap_or(Value::Null);
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `MAP_PUT` of a map, taking the key but not the value.
#[inline(never)]
pub(crate) unsafe fn map_put(map: *mut Value, key: *mut Value, value: *const Value) -> bool {
    // SAFETY: the caller gives slots of the frame; the first two differ from each other and from the third.
    unsafe {
        let Value::Map(map) = &mut *map else { return false };
        if let (Value::Int(int), Value::Int(of_int)) = (&*key, &*value)
            && map.put_packed(*int, *of_int)
        {
            forget(key);
            return true;
        }
        let is_done = map.insert_at_once((*key).clone(), (*value).clone()).is_some_and(|done| done.is_ok());
        if is_done {
            drop(take(key));
        }
        is_done
    }
}

/// `CONCAT` of two strs. Gives its cost.
#[inline(never)]
pub(crate) unsafe fn concat(frame: *mut Value, i: Instruction) -> Option<u64> {
    // SAFETY: C2: the slots belong to the frame, and differ: the left operand is being taken.
    unsafe {
        let (left, right) = (frame.add(usize::from(i.a)), frame.add(usize::from(i.b)));
        if long::is_long_concatenation(&*left, &*right) {
            return None;
        }
        let Value::Str(right) = &*right else { return None };
        let Value::Str(text) = &mut *left else { return None };
        let bytes = right.as_str().len();
        text.push_str(right.as_str()).ok()?;
        Some(cost::of_elements(cost::size_of_bytes(bytes)))
    }
}

fn store<T>(elements: Option<&mut [T]>, at: usize, value: T) -> bool {
    let Some(place) = elements.and_then(|elements| elements.get_mut(at)) else { return false };
    *place = value;
    true
}
