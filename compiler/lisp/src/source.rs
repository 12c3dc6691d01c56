//! Places in the program text.

use ttvm_diagnostics::Spot;

/// A piece of the program text, with the line and column of its first character, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
    pub line: u32,
    /// In characters.
    pub column: u32,
}

impl Span {
    /// The very beginning of the text.
    pub(crate) const START: Self = Self { start: 0, end: 0, line: 1, column: 1 };

    /// From the beginning of this span to the end of another.
    pub(crate) fn up_to(self, end: u32) -> Self {
        Self { end, ..self }
    }

    /// The same for a message.
    pub(crate) fn spot(self) -> Spot {
        Spot { span: self.start as usize..self.end as usize, line: self.line, column: self.column }
    }
}

/// Offsets into a source are 32-bit.
const _: () = assert!(ttvm_isa::limits::SOURCE_BYTES_MAX <= u32::MAX as u64);
