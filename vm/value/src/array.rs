//! Typed arrays: unboxed, contiguous ints or floats.

use ttvm_isa::Fault;

use crate::{
    heap::{Any, Gc, Kind},
    work::Fuel,
};

/// An array of 64-bit ints.
#[derive(Clone)]
#[repr(transparent)]
pub struct I64Array(Any);

/// An array of 64-bit floats.
#[derive(Clone)]
#[repr(transparent)]
pub struct F64Array(Any);

macro_rules! define_array {
    ($array:ident, $element:ty, $kind:expr) => {
        impl $array {
            /// Makes an array of these elements.
            ///
            /// # Errors
            /// [`Fault::Limit`] when there are too many or there is no memory.
            pub fn collect(elements: impl ExactSizeIterator<Item = $element>) -> Result<Self, Fault> {
                Ok(Self(Gc::collect($kind, elements)?.into()))
            }

            /// Makes an array of copies of these elements.
            ///
            /// # Errors
            /// [`Fault::Limit`] when there are too many or there is no memory.
            pub fn from_slice(elements: &[$element]) -> Result<Self, Fault> {
                Ok(Self(Gc::from_slice($kind, elements, 0)?.into()))
            }

            /// An array of copies of these elements, with pauses.
            ///
            /// # Errors
            /// As for [`Self::from_slice`].
            pub(crate) async fn copy_in_pieces(elements: &[$element], fuel: &Fuel) -> Result<Self, Fault> {
                Ok(Self(Gc::copy_in_pieces($kind, elements, fuel).await?.into()))
            }

            /// An array of so many zeros, with pauses.
            ///
            /// # Errors
            /// As for [`Self::from_slice`].
            pub(crate) async fn zeros_in_pieces(length: usize, fuel: &Fuel) -> Result<Self, Fault> {
                Ok(Self(Gc::fill_in_pieces($kind, <$element>::default(), length, fuel).await?.into()))
            }

            /// The elements, to be changed; the array is copied first if somebody else holds it.
            ///
            /// # Errors
            /// As for [`Self::from_slice`].
            pub async fn edit_in_pieces(&mut self, fuel: &Fuel) -> Result<&mut [$element], Fault> {
                if !self.0.claim() {
                    *self = Self::copy_in_pieces(self.as_slice(), fuel).await?;
                }
                self.to_mut()
            }

            /// The elements.
            #[inline(always)]
            #[must_use]
            pub fn as_slice(&self) -> &[$element] {
                self.0.of::<$element>().expect("the kind fixes the element type")
            }

            /// The elements, to be changed; the array is copied first if somebody else holds it.
            ///
            /// # Errors
            /// [`Fault::Limit`] when there is no memory.
            #[inline]
            pub fn to_mut(&mut self) -> Result<&mut [$element], Fault> {
                let object = self.0.of_mut::<$element>().expect("the kind fixes the element type");
                Ok(object.edit_or_copy(0)?.into_slice())
            }

            /// The elements, to be changed, if nobody else holds the array.
            #[inline(always)]
            pub fn edit(&mut self) -> Option<&mut [$element]> {
                let object = self.0.of_mut::<$element>().expect("the kind fixes the element type");
                Some(object.edit()?.into_slice())
            }

            /// The number of elements.
            #[inline(always)]
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.length()
            }

            /// Whether there are no elements.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

define_array!(I64Array, i64, Kind::I64Array);
define_array!(F64Array, f64, Kind::F64Array);
