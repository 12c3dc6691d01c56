//! Integers that do not fit in 64 bits.

use std::ops::Deref;

use num_bigint::BigInt;
use ttvm_isa::{Fault, limits::INTEGER_BITS_MAX};

use crate::{
    heap::{Any, Gc, Kind},
    value::Value,
};

/// An integer that does not fit in 64 bits; those that do are [`Value::Int`].
#[derive(Clone)]
#[repr(transparent)]
pub struct Big(Any);

impl Big {
    pub(crate) fn from_any(object: Any) -> Self {
        debug_assert_eq!(object.kind(), Kind::BigInt);
        Self(object)
    }

    /// Makes an int value: a big one only if 64 bits are too few.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it has more bits than ints may have, or there is no memory.
    pub fn value(number: BigInt) -> Result<Value, Fault> {
        if let Ok(small) = i64::try_from(&number) {
            return Ok(Value::Int(small));
        }
        if number.bits() > INTEGER_BITS_MAX {
            return Err(Self::too_big());
        }
        let object = Gc::collect(Kind::BigInt, std::iter::once(number))?;
        Ok(Value::BigInt(Self(object.into())))
    }

    /// The error for an int with too many bits.
    #[cold]
    #[must_use]
    pub fn too_big() -> Fault {
        Fault::Limit { what: "bits in an int", max: INTEGER_BITS_MAX }
    }

    /// The number.
    #[inline]
    #[must_use]
    pub fn number(&self) -> &BigInt {
        &self.0.of::<BigInt>().expect("a big int holds a big int")[0]
    }
}

impl Deref for Big {
    type Target = BigInt;

    fn deref(&self) -> &BigInt {
        self.number()
    }
}
