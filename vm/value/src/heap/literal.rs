//! Objects whose references are not counted: texts compiled into the machine, empty collections, and the
//! constants of a loaded program.
//!
//! Guards rule H4. A literal is never changed: updating one makes a copy, because it is never unique.

#![expect(unsafe_code, reason = "literals are referred to without being counted")]

use std::{
    collections::HashMap,
    fmt,
    mem::{ManuallyDrop, size_of},
    ptr::NonNull,
    sync::Arc,
};

use num_bigint::BigInt;
use ttvm_isa::{Fault, Integer};

use super::{
    gc::{Any, Gc},
    header::{FLAG_ASCII, Header, Kind},
    reclaim,
};
use crate::{known, text::Str, value::Value};

/// A str compiled into the machine. Make it a `static` and its values with [`Str::from_static`].
#[repr(C)]
pub struct StaticStr<const N: usize> {
    header: Header,
    bytes: [u8; N],
}

const _: () = assert!(size_of::<StaticStr<0>>() == size_of::<Header>());

impl<const N: usize> StaticStr<N> {
    /// Lays out the text, which has `N` bytes, all ASCII.
    ///
    /// # Panics
    /// When the text has another length or other characters; in a `static`, that fails to compile.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        assert!(text.len() == N);
        assert!(text.is_ascii());
        let mut bytes = [0; N];
        let mut index = 0;
        while index < N {
            bytes[index] = text.as_bytes()[index];
            index += 1;
        }
        Self { header: Header::literal(Kind::Str, FLAG_ASCII, N as u32), bytes }
    }

    pub(crate) fn object(&'static self) -> Gc<u8> {
        let bytes = NonNull::from(self).cast::<Header>();
        // SAFETY: the object lives for ever and its references are not counted.
        let any = ManuallyDrop::new(unsafe { Any::from_pointer(bytes) });
        any.of::<u8>().expect("a str holds bytes").clone()
    }
}

/// An empty collection of the machine.
pub(crate) struct StaticEmpty(Header);

impl StaticEmpty {
    /// An empty object of this kind.
    pub(crate) const fn new(kind: Kind) -> Self {
        Self(Header::literal(kind, 0, 0))
    }

    /// A reference to it.
    #[inline(always)]
    pub(crate) fn object(&'static self) -> Any {
        // SAFETY: the object lives for ever and its references are not counted; it has no elements.
        unsafe { Any::from_pointer(NonNull::from(&self.0)) }
    }
}

/// The strs of one ASCII character, which indexing and splitting would otherwise make again and again.
static ASCII: [StaticStr<1>; 128] = {
    let mut table = [const { StaticStr::<1>::new(" ") }; 128];
    let mut code = 0;
    while code < 128 {
        table[code as usize].bytes[0] = code;
        code += 1;
    }
    table
};

/// The str of one ASCII character.
pub(crate) fn ascii(byte: u8) -> Gc<u8> {
    ASCII[usize::from(byte)].object()
}

/// The constants of a loaded program: strs and big ints that all its processes use without counting.
///
/// Equal constants are one object, so that names usually compare by their address.
#[derive(Default)]
pub struct LiteralPool {
    objects: Vec<(NonNull<Header>, Tag)>,
    texts: HashMap<Arc<str>, u32>,
}

/// What a literal is.
#[derive(Clone, Copy)]
enum Tag {
    Str,
    /// A str of the machine itself, which stays.
    Known,
    BigInt,
}

// SAFETY: literals are never changed and never counted (H4); the vector and the map are ordinary data.
unsafe impl Send for LiteralPool {}
// SAFETY: as above.
unsafe impl Sync for LiteralPool {}

impl LiteralPool {
    /// A pool without constants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a str, if it is not there yet, and gives its index.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn add_text(&mut self, text: &Arc<str>) -> Result<u32, Fault> {
        if let Some(&index) = self.texts.get(text) {
            return Ok(index);
        }
        let index = match known::find(text) {
            Some(known) => self.keep(known.into_any(), Tag::Known),
            None => {
                let Value::Str(object) = Value::str(text)? else { unreachable!("`Value::str` makes a str") };
                self.keep(object.into_any(), Tag::Str)
            }
        };
        self.texts.insert(Arc::clone(text), index);
        Ok(index)
    }

    /// Adds an integer that does not fit in 64 bits and gives its index.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn add_big(&mut self, value: &BigInt) -> Result<u32, Fault> {
        let object = Gc::collect(Kind::BigInt, std::iter::once(value.clone()))?;
        Ok(self.keep(object.into(), Tag::BigInt))
    }

    /// Adds an integer of any size: the value itself if it fits in 64 bits, else the index.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn add_integer(&mut self, value: &Integer) -> Result<Result<i64, u32>, Fault> {
        Ok(match value {
            Integer::Small(small) => Ok(*small),
            Integer::Big(big) => Err(self.add_big(big)?),
        })
    }

    fn keep(&mut self, object: Any, tag: Tag) -> u32 {
        object.header().make_literal();
        let index = u32::try_from(self.objects.len()).expect("a module has fewer than 2^32 instructions");
        self.objects.push((object.into_pointer(), tag));
        index
    }

    /// The number of constants.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are no constants.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The constant with this index.
    ///
    /// # Panics
    /// If `add_*` never gave the index.
    ///
    /// # Safety
    /// The pool outlives the value, all its clones and everything that holds one of them, dead objects that wait to be
    /// taken apart included. Dropping the pool takes apart those of its own thread; on every other thread that has
    /// dropped such values, [`reclaim`](crate::reclaim) must have given `false` before.
    #[inline]
    #[must_use]
    pub unsafe fn get(&self, index: u32) -> Value {
        let (pointer, tag) = self.objects[index as usize];
        // SAFETY: the object lives as long as the pool, and its references are not counted.
        let any = unsafe { Any::from_pointer(pointer) };
        match tag {
            Tag::Str | Tag::Known => Value::Str(Str::from_any(any)),
            Tag::BigInt => Value::BigInt(crate::big::Big::from_any(any)),
        }
    }
}

impl Drop for LiteralPool {
    fn drop(&mut self) {
        // Dead objects that wait on this thread may hold literals, and taking them apart looks at each.
        while reclaim::reclaim(usize::MAX) {}
        let made = self.objects.drain(..).filter(|(_, tag)| !matches!(tag, Tag::Known));
        for (object, _) in made {
            // SAFETY: the objects are flat, made by `add_*`, and by the promise of `get` nobody refers to them.
            unsafe { reclaim::free_flat(object) };
        }
    }
}

impl fmt::Debug for LiteralPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiteralPool").field("len", &self.len()).finish_non_exhaustive()
    }
}
