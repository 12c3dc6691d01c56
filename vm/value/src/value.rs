//! The type [`Value`]: 16 bytes, a tag word and a payload word.
//!
//! The layout is a promise to the interpreter and to native code: see the assertions below. Not here:
//! operations on values (`ops`), what the heap kinds are made of (a file each).

#![expect(unsafe_code, reason = "reads the tag and the payload of a value at their promised places")]

use std::{fmt, mem, ptr};

use num_bigint::BigInt;
use ttvm_isa::{Fault, Integer};

use crate::{
    array::{F64Array, I64Array},
    big::Big,
    bytes::Bytes,
    closure::Closure,
    exception::Exception,
    function::FunctionRef,
    heap::Any,
    identity::{Barrier, Future, Pid, Ref, Resource, Stream},
    list::List,
    map::Map,
    object::Object,
    text::Str,
};

/// A value of a program. Immutable: updating one gives another, in place if nobody else holds the old one.
///
/// Tags below 12 are whole in these 16 bytes; from 12 up the payload is a counted pointer.
#[repr(C, u64)]
pub enum Value {
    /// An integer of 64 bits.
    Int(i64) = 0,
    /// An IEEE 754 double.
    Float(f64) = 1,
    /// Null.
    Null = 2,
    /// True or false.
    Bool(bool) = 3,
    /// A process.
    Pid(Pid) = 4,
    /// A reference that is like no other.
    Ref(Ref) = 5,
    /// A function that captured nothing.
    Function(FunctionRef) = 6,
    /// No value: an absent variable or an emptied slot. Programs never see it.
    Undefined = 7,
    /// A barrier.
    Barrier(Barrier) = 8,
    /// Something outside the machine.
    Resource(Resource) = 9,
    /// What will come of something.
    Future(Future) = 10,
    /// A queue of values between processes.
    Stream(Stream) = 11,
    /// Text.
    Str(Str) = 12,
    /// A list.
    List(List) = 13,
    /// An object.
    Object(Object) = 14,
    /// Bytes.
    Bytes(Bytes) = 15,
    /// A function with what it captured.
    Closure(Closure) = 16,
    /// Unboxed ints.
    I64Array(I64Array) = 17,
    /// Unboxed floats.
    F64Array(F64Array) = 18,
    /// An integer that does not fit in 64 bits.
    BigInt(Big) = 19,
    /// A map.
    Map(Map) = 20,
    /// A caught error.
    Exception(Exception) = 21,
}

/// The first tag whose payload is a counted pointer.
pub const TAG_HEAP_MIN: u64 = 12;

const _: () = assert!(size_of::<Value>() == 16);
const _: () = assert!(align_of::<Value>() == 8);
const _: () = {
    // The tag lies at 0 and the payload at 8: read both back from a known value.
    // SAFETY: an `Int` is two initialised words.
    let words: [u64; 2] = unsafe { mem::transmute(mem::ManuallyDrop::new(Value::Int(0x1234))) };
    assert!(words[0] == 0 && words[1] == 0x1234);
};
const _: () = assert!(size_of::<Str>() == 8 && size_of::<List>() == 8 && size_of::<FunctionRef>() == 8);

impl Value {
    /// The tag word.
    #[inline(always)]
    #[must_use]
    pub fn tag(&self) -> u64 {
        // SAFETY: `repr(C, u64)` puts the discriminant first.
        unsafe { *ptr::from_ref(self).cast::<u64>() }
    }

    /// Whether the payload is a counted pointer.
    #[inline(always)]
    #[must_use]
    pub fn is_heap(&self) -> bool {
        self.tag() >= TAG_HEAP_MIN
    }

    /// The heap object, if the value has one.
    #[inline(always)]
    pub(crate) fn any(&self) -> Option<&Any> {
        // SAFETY: the tag was tested.
        if self.is_heap() { Some(unsafe { self.any_unchecked() }) } else { None }
    }

    /// The heap object.
    ///
    /// # Safety
    /// The value's tag is at least [`TAG_HEAP_MIN`].
    #[inline(always)]
    pub(crate) unsafe fn any_unchecked(&self) -> &Any {
        // SAFETY: the payload of every variant from 12 up is a transparent wrapper of `Any`.
        unsafe { &*ptr::from_ref(self).cast::<Any>().add(1) }
    }

    /// Drops the value; the test whether it is on the heap is inlined, the rest is not.
    #[inline(always)]
    pub fn discard(self) {
        if self.is_heap() { self.discard_heap() } else { mem::forget(self) }
    }

    #[inline(never)]
    fn discard_heap(self) {
        drop(self);
    }

    /// Makes a str.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it is too long or there is no memory.
    pub fn str(text: &str) -> Result<Self, Fault> {
        Ok(Self::Str(Str::new(text)?))
    }

    /// Makes bytes.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many or there is no memory.
    pub fn bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self::Bytes(Bytes::new(bytes)?))
    }

    /// Makes an int, on the heap only if it does not fit in 64 bits.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it has too many bits or there is no memory.
    pub fn big(value: BigInt) -> Result<Self, Fault> {
        Big::value(value)
    }

    /// Makes an int of a literal.
    ///
    /// # Errors
    /// As for [`Value::big`].
    pub fn integer(value: &Integer) -> Result<Self, Fault> {
        match value {
            Integer::Small(small) => Ok(Self::Int(*small)),
            Integer::Big(big) => Self::big(BigInt::clone(big)),
        }
    }

    /// Makes a list of these values.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many or there is no memory.
    pub fn list(values: impl ExactSizeIterator<Item = Self>) -> Result<Self, Fault> {
        Ok(Self::List(List::collect(values)?))
    }

    /// Makes the int 1 or 0 that comparisons give.
    #[inline(always)]
    #[must_use]
    pub const fn one_or_zero(condition: bool) -> Self {
        Self::Int(condition as i64)
    }

    /// The text, if the value is a str.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text.as_str()) } else { None }
    }

    /// Takes the value out and leaves [`Value::Undefined`].
    #[inline(always)]
    #[must_use]
    pub fn take(&mut self) -> Self {
        mem::replace(self, Self::Undefined)
    }

    /// Whether the value is [`Value::Undefined`].
    #[inline(always)]
    #[must_use]
    pub const fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Self {
        if let Some(object) = self.any() {
            mem::forget(object.clone());
        }
        // SAFETY: tags below 10 are plain data; for the others the copy's reference was just counted.
        unsafe { ptr::read(self) }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// Writes what `PRINT` writes, cut off with `…` when it gets very long: for messages and reports.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::ops::text::display_text(self))
    }
}

/// Writes the debug form that error texts use.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::ops::text::long_debug_text(self))
    }
}
