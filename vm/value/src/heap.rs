//! The heap: counted objects of one shape, a 16-byte header and elements of one type behind it.
//!
//! Everything that is unsafe about memory lives in the files of this module; the kinds of values above it
//! (lists, maps, strs, ...) are safe code over `Gc`. Rules the files share:
//!
//! * H1: the element type of an object is a function of its kind, which never changes.
//! * H2: only the holder of the single reference of an object changes it.
//! * H3: everything reachable from a shared object is shared or a literal.
//! * H4: a literal has count 0 and is flat or empty, or holds nothing but literals and immediate values; it is never changed.
//! * H5: a map node of kind `MapHashed` is known to one process only, and nobody borrows what is in it beyond one call
//!   of a method of `Map`; so it may be put in order while there are several references.
//! * H6: the third element of an object of kind `MapHashed` is the number of slots of the second, its table, if that is
//!   one of packed ints, else 0; and the object has the only reference to its table.
//! * H7: the third element of an object of kind `MapDense` is null or the tree that the map is as well; nobody borrows it
//!   beyond one function of `map/dense.rs`. So the tree may be put there while there are several references.

pub mod accounts;
pub(crate) mod blocks;
pub(crate) mod edit;
pub(crate) mod gc;
pub(crate) mod header;
pub mod literal;
pub(crate) mod reclaim;
pub mod share;

pub(crate) use self::{
    gc::{Any, Gc},
    header::{Element, Kind, NoRoom},
};
