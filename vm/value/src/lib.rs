//! The values of ttvm: 16 bytes each, counted, immutable, updated in place when nobody else holds them.
//!
//! Here: the type [`Value`], its heap, the kinds of values, and every operation of the instruction table
//! that only needs values ([`ops`]). Never here: instructions, frames, processes, the world outside.

#![deny(unsafe_code)]

pub mod heap;
pub mod value;

pub mod array;
pub mod big;
pub mod bytes;
pub mod closure;
pub mod exception;
pub mod function;
pub mod identity;
pub mod known;
pub mod list;
pub mod map;
pub mod object;
pub mod text;

pub mod ops;
pub mod wire;
pub mod work;

#[cfg(any(test, feature = "count-objects"))]
pub use crate::heap::blocks::live_objects;
pub use crate::{
    array::{F64Array, I64Array},
    big::Big,
    bytes::Bytes,
    closure::Closure,
    exception::Exception,
    function::{FunctionObject, FunctionRef},
    heap::{
        accounts::Account,
        blocks::take_balance,
        literal::{LiteralPool, StaticStr},
        reclaim::{Garbage, reclaim},
        share::{Marked, Marking, NewObject, SharedValue},
    },
    identity::{Barrier, Future, Pid, Ref, Resource, ResourceKind, Stream},
    list::List,
    map::Map,
    object::Object,
    text::Str,
    value::Value,
};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing preparation may end a test")]
mod tests;
