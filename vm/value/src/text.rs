//! Strs: UTF-8 with a note whether all of it is ASCII, in which case characters are bytes.
//!
//! Guards: a str's bytes are always UTF-8. Not here: what programs do with strs (`ops/strings.rs`).

#![expect(unsafe_code, reason = "a str is read as UTF-8 without looking at every byte again")]

use std::{
    fmt::{self, Write},
    ops::Deref,
};

use ttvm_isa::{Fault, limits::ELEMENTS_MAX};

use crate::{
    heap::{
        Any, Gc, Kind, NoRoom,
        header::FLAG_ASCII,
        literal::{self, StaticStr},
    },
    ops::text::ShortText,
    value::Value,
    work::Fuel,
};

static EMPTY: StaticStr<0> = StaticStr::new("");

/// Bytes that are copied in microseconds.
const PIECE: usize = 1 << 14;

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

    /// Copies a text to the heap, with pauses.
    ///
    /// # Errors
    /// As for [`Str::new`].
    pub(crate) async fn copy_in_pieces(text: &str, fuel: &Fuel) -> Result<Self, Fault> {
        if text.len() <= PIECE {
            fuel.burn(text.len() as u64 / 64 + 1);
            return Self::new(text);
        }
        let mut copy = Self::with_spare("", text.len())?;
        copy.push_in_pieces(text, fuel).await?;
        Ok(copy)
    }

    /// Puts a text at the end, with pauses.
    ///
    /// # Errors
    /// As for [`Str::push_str`].
    pub(crate) async fn push_in_pieces(&mut self, text: &str, fuel: &Fuel) -> Result<(), Fault> {
        if self.len().saturating_add(text.len()) > ELEMENTS_MAX {
            return Err(NoRoom::Elements.into());
        }
        for piece in pieces(text) {
            self.push_str(piece)?;
            fuel.spend(piece.len() as u64 / 64 + 1).await;
        }
        Ok(())
    }

    /// Puts a text at the end, with pauses, also if others hold the str.
    ///
    /// # Errors
    /// As for [`Str::push_str`].
    pub(crate) async fn own_and_push_in_pieces(&mut self, text: &str, fuel: &Fuel) -> Result<(), Fault> {
        if !self.0.claim() {
            let mut copy = Self::with_spare("", self.len().saturating_add(text.len()))?;
            copy.push_in_pieces(self, fuel).await?;
            *self = copy;
        }
        self.push_in_pieces(text, fuel).await
    }

    /// Whether putting a text at the end takes no longer than the text is: there is nobody else who holds the str.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.0.is_unique()
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

/// A text in parts that are copied in microseconds.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// A text that may get very long: kept in pieces until its end, so that it is never copied as a whole while it grows.
#[derive(Debug)]
pub(crate) struct TextInPieces {
    /// All of it while there is room.
    short: Option<ShortText>,
    full: Vec<Str>,
    last: Str,
    /// Bytes of the full pieces.
    bytes: usize,
}

impl TextInPieces {
    /// Bytes of a piece; the last str in it may make it longer.
    const PIECE: usize = 1 << 16;

    pub fn new() -> Self {
        Self { short: Some(ShortText::new()), full: Vec::new(), last: Str::empty(), bytes: 0 }
    }

    /// Puts what `PRINT` writes of a value at the end if all of the text is short then.
    #[inline]
    pub fn push_short(&mut self, value: &Value) -> bool {
        self.short.as_mut().is_some_and(|short| short.push(value))
    }

    /// Puts a text at the end.
    ///
    /// # Errors
    /// [`Fault::Limit`] when it gets too long or there is no memory.
    pub async fn push(&mut self, text: &str, fuel: &Fuel) -> Result<(), Fault> {
        for piece in pieces(text) {
            self.write_str(piece).map_err(|fmt::Error| NoRoom::Elements)?;
            fuel.spend(piece.len() as u64 / 64 + 1).await;
        }
        Ok(())
    }

    /// The str.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub async fn finish(self, fuel: &Fuel) -> Result<Str, Fault> {
        if let Some(short) = &self.short {
            return Str::new(short.as_str());
        }
        if self.full.is_empty() {
            return Ok(self.last);
        }
        let mut text = Str::with_spare("", self.bytes + self.last.len())?;
        for piece in self.full.into_iter().chain([self.last]) {
            text.push_in_pieces(&piece, fuel).await?;
        }
        Ok(text)
    }

    #[cold]
    fn write_long(&mut self, text: &str) -> fmt::Result {
        if let Some(short) = self.short.take() {
            self.last.push_str(short.as_str()).map_err(|_| fmt::Error)?;
        }
        if self.last.len() + text.len() > Self::PIECE && !self.last.is_empty() {
            self.bytes += self.last.len();
            self.full.push(std::mem::replace(&mut self.last, Str::empty()));
        }
        if self.bytes + self.last.len() + text.len() > ELEMENTS_MAX {
            return Err(fmt::Error);
        }
        self.last.push_str(text).map_err(|_| fmt::Error)
    }
}

impl Write for TextInPieces {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.short.as_mut().is_some_and(|short| short.write_str(text).is_ok()) {
            return Ok(());
        }
        self.write_long(text)
    }
}
