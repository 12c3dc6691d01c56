//! Byte sequences.

use std::ops::Deref;

use ttvm_isa::Fault;

use crate::{
    heap::{Any, Gc, Kind},
    work::Fuel,
};

/// Bytes.
#[derive(Clone)]
#[repr(transparent)]
pub struct Bytes(Any);

impl Bytes {
    /// Copies bytes to the heap.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many or there is no memory.
    pub fn new(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self(Gc::from_slice(Kind::Bytes, bytes, 0)?.into()))
    }

    /// Copies bytes to the heap, with pauses.
    ///
    /// # Errors
    /// As for [`Bytes::new`].
    pub(crate) async fn copy_in_pieces(bytes: &[u8], fuel: &Fuel) -> Result<Self, Fault> {
        Ok(Self(Gc::copy_in_pieces(Kind::Bytes, bytes, fuel).await?.into()))
    }

    /// Puts bytes of an iterator on the heap, with pauses.
    ///
    /// # Errors
    /// The iterator's first error, or [`Fault::Limit`] when there is no memory.
    pub(crate) async fn collect_in_pieces(
        bytes: impl ExactSizeIterator<Item = Result<u8, Fault>>,
        fuel: &Fuel,
    ) -> Result<Self, Fault> {
        let mut object = Gc::with_capacity(Kind::Bytes, bytes.len())?;
        let mut edit = object.edit().expect("it was just made");
        for byte in bytes {
            edit.push(byte?)?;
            fuel.spend(1).await;
        }
        Ok(Self(object.into()))
    }

    /// The bytes.
    #[inline(always)]
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.0.of::<u8>().expect("bytes hold bytes")
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}
