//! The source text as lines, and places in it.
//!
//! Offsets are bytes from the start of the file and fit in 32 bits (`limits::SOURCE_BYTES_MAX`). Lines and columns
//! are counted from 1, columns in characters.

use std::str;

use nom::Offset as _;
use ttvm_diagnostics::Spot;

/// What separates tokens. A carriage return counts, so CRLF files need no care.
pub(crate) const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r')
}

/// What some editors put in front of a text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// A piece of one line of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
    /// Number of the line it starts in.
    pub line: u32,
    /// Offset of that line's first byte.
    pub line_start: u32,
}

impl Span {
    /// The same for a message about the text. Columns count characters; bytes that are no UTF-8 count as they come.
    pub(crate) fn spot(self, text: &[u8]) -> Spot {
        let before = text.get(self.line_start as usize..self.start as usize).unwrap_or_default();
        let characters = before.iter().filter(|byte| !is_continuation(**byte)).count();
        Spot { span: self.start as usize..self.end as usize, line: self.line, column: narrow(characters + 1) }
    }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).expect("limits::SOURCE_BYTES_MAX fits in 32 bits and longer sources are refused first")
}

/// One line of the source, as far as it is UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceLine<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// Offset of its first byte.
    pub start: u32,
    /// Its text without the line end, cut off before the first byte that is no UTF-8.
    pub text: &'a str,
    /// Whether such a byte was found, right behind `text`.
    pub is_broken: bool,
}

impl SourceLine<'_> {
    /// The place of `piece`, which must be a part of this line's text.
    pub(crate) fn span(&self, piece: &str) -> Span {
        let start = self.start + narrow(self.text.offset(piece));
        Span { start, end: start + narrow(piece.len()), line: self.number, line_start: self.start }
    }

    /// The place of the first byte that is no UTF-8.
    pub(crate) fn broken_span(&self) -> Span {
        let start = self.start + narrow(self.text.len());
        Span { start, end: start + 1, line: self.number, line_start: self.start }
    }
}

/// The lines of a source; a byte order mark at its beginning belongs to none.
///
/// The text must be no longer than 32-bit offsets reach.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = SourceLine<'_>> {
    let mark_len = if text.starts_with(b"\xEF\xBB\xBF") { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let mut start = mark_len;
    text[mark_len..].split(|byte| *byte == b'\n').enumerate().map(move |(index, bytes)| {
        let (line_text, is_broken) = match str::from_utf8(bytes) {
            Ok(line_text) => (line_text, false),
            Err(error) => {
                let valid = str::from_utf8(&bytes[..error.valid_up_to()]);
                (valid.expect("`valid_up_to` ends valid UTF-8"), true)
            }
        };
        let line = SourceLine { number: narrow(index + 1), start: narrow(start), text: line_text, is_broken };
        start += bytes.len() + 1;
        line
    })
}

/// The place behind the last byte of a source.
pub(crate) fn end_span(text: &[u8]) -> Span {
    let line_start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = text.iter().filter(|byte| **byte == b'\n').count() + 1;
    let end = narrow(text.len());
    Span { start: end, end, line: narrow(line), line_start: narrow(line_start) }
}
