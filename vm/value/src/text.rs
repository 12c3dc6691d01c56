//! Strs: UTF-8 with a note whether all of it is ASCII, in which case characters are bytes.
//!
//! Guards: a str's bytes are always UTF-8. Not here: what programs do with strs (`ops/strings.rs`).

#![expect(unsafe_code, reason = "a str is read as UTF-8 without looking at every byte again")]

use std::{fmt, ops::Deref};

use ttvm_isa::Fault;

use crate::heap::{
    Any, Gc, Kind, NoRoom,
    header::FLAG_ASCII,
    literal::{self, StaticStr},
};

static EMPTY: StaticStr<0> = StaticStr::new("");

/// Text.
#[derive(Clone)]
#[repr(transparent)]
pub struct Str(Any);

impl Str {
    /// Copies a text to the heap.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it is too long or there is no memory.
    pub fn new(text: &str) -> Result<Self, Fault> {
        Ok(Self::with_spare(text, 0)?)
    }

    fn with_spare(text: &str, spare: usize) -> Result<Self, NoRoom> {
        let mut object = Gc::from_slice(Kind::Str, text.as_bytes(), spare)?;
        if text.is_ascii() {
            object.edit().expect("it was just made").set_flags(FLAG_ASCII);
        }
        Ok(Self(object.into()))
    }

    /// A text compiled into the machine; takes no memory.
    #[must_use]
    pub fn from_static<const N: usize>(text: &'static StaticStr<N>) -> Self {
        Self(text.object().into())
    }

    /// The str of one character.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub fn from_char(character: char) -> Result<Self, Fault> {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => Ok(Self(literal::ascii(byte).into())),
            _ => Self::new(character.encode_utf8(&mut [0; 4])),
        }
    }

    /// The str without characters.
    #[must_use]
    pub fn empty() -> Self {
        Self::from_static(&EMPTY)
    }

    pub(crate) fn from_any(object: Any) -> Self {
        assert!(object.kind() == Kind::Str, "only strs hold UTF-8");
        Self(object)
    }

    pub(crate) fn into_any(self) -> Any {
        self.0
    }

    #[inline(always)]
    fn bytes(&self) -> &Gc<u8> {
        self.0.of::<u8>().expect("a str holds bytes")
    }

    /// The text.
    #[inline(always)]
    #[must_use]
    pub fn as_str(&self) -> &str {
        // SAFETY: only this file makes objects of kind `Str` (and `StaticStr`, of ASCII), all from texts.
        unsafe { str::from_utf8_unchecked(self.bytes()) }
    }

    /// Whether all characters are ASCII, so that character and byte indexes agree.
    #[inline]
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.bytes().flags() & FLAG_ASCII != 0
    }

    /// The number of characters (Unicode scalar values); O(1) for ASCII.
    #[must_use]
    pub fn char_count(&self) -> usize {
        if self.is_ascii() { self.len() } else { self.as_str().chars().count() }
    }

    /// Puts a text at the end: in place if nobody else holds the str, then O(length of the text) amortised.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it gets too long or there is no memory; the str is unchanged then.
    pub fn push_str(&mut self, text: &str) -> Result<(), Fault> {
        let is_ascii = self.is_ascii() && text.is_ascii();
        let bytes = self.0.of_mut::<u8>().expect("a str holds bytes");
        let mut edit = bytes.edit_or_copy(text.len())?;
        edit.extend_from_slice(text.as_bytes())?;
        edit.set_flags(if is_ascii { FLAG_ASCII } else { 0 });
        Ok(())
    }

    /// Whether both are the same object.
    #[inline(always)]
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Deref for Str {
    type Target = str;

    #[inline(always)]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Builds a str piece by piece, remembering the first error for the end.
#[derive(Debug)]
pub struct StrBuilder {
    text: Str,
    fault: Option<Fault>,
}

impl StrBuilder {
    /// A builder with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self { text: Str::empty(), fault: None }
    }

    /// The str.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it got too long or there was no memory.
    pub fn finish(self) -> Result<Str, Fault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.text),
        }
    }
}

impl Default for StrBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Write for StrBuilder {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text).map_err(|fault| {
            self.fault = Some(fault);
            fmt::Error
        })
    }
}
