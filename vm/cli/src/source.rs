//! Source texts for showing lines of them: found by the names that messages give, made harmless, cut into lines.
//!
//! Not here: reading programs to run them (`ttvm-machine`).

use std::{
    collections::HashMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use ttvm_diagnostics::Spot;
use ttvm_machine::LIBRARY;

/// Larger files are not read just to show a line of them.
const SOURCE_BYTES_MAX: u64 = 1 << 26;

/// A text of which lines can be shown: valid UTF-8 without control characters, byte for byte as long as the file.
#[derive(Clone, Debug)]
pub struct SourceText {
    text: String,
    line_starts: Vec<usize>,
}

impl SourceText {
    /// Makes any bytes showable: what is no text, and what would move a terminal's cursor or turn its text around,
    /// becomes question marks.
    pub fn new(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                if is_harmless(character) {
                    text.push(character);
                } else {
                    text.extend(std::iter::repeat_n('?', character.len_utf8()));
                }
            }
            text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Self { text, line_starts }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number of lines.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The 0-based line that a byte is on.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) - 1
    }

    /// The bytes of a line, counted from 0, its end excluded.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let without_return = self.text[start..end].strip_suffix('\r').map_or(end, |line| start + line.len());
        start..without_return
    }

    /// What stands on a 1-based line, blanks and comment around it excluded.
    pub fn line_spot(&self, line: u32) -> Option<Spot> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        if index >= self.line_count() {
            return None;
        }
        let range = self.line_range(index);
        let text = &self.text[range.clone()];
        let shown = without_comment(text).trim_end();
        let blanks = shown.len() - shown.trim_start().len();
        let span = range.start + blanks..range.start + shown.len();
        let column = u32::try_from(text[..blanks].chars().count() + 1).ok()?;
        Some(Spot { span, line, column })
    }
}

/// The line up to a `;` outside quotes.
fn without_comment(line: &str) -> &str {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => is_quoted = !is_quoted,
            b';' if !is_quoted => return &line[..at],
            _ => {}
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    line
}

fn is_harmless(character: char) -> bool {
    match character {
        '\n' | '\t' | '\r' => true,
        // Marks that change the direction of text: what is shown would not be what is run.
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        other => !other.is_control(),
    }
}

/// Finds texts by the names that places give.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    known: HashMap<String, Option<Arc<SourceText>>>,
    /// Files changed later are not what the bytecode was made from.
    changed_until: Option<SystemTime>,
}

impl Sources {
    /// Sources for a program in a file: where that is bytecode, texts changed after it are not shown.
    pub fn of_program(path: &Path, is_bytecode: bool) -> Self {
        let modified = || fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Self { known: HashMap::new(), changed_until: if is_bytecode { modified() } else { None } }
    }

    /// Makes a text known by a name.
    pub fn add(&mut self, name: &str, text: &[u8]) {
        self.known.insert(name.to_owned(), Some(Arc::new(SourceText::new(text))));
    }

    /// The text of that name, if it is at hand.
    pub fn find(&mut self, name: &str) -> Option<Arc<SourceText>> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let found = self.read(name).map(|bytes| Arc::new(SourceText::new(&bytes)));
        self.known.insert(name.to_owned(), found.clone());
        found
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        if let Some(module) = LIBRARY.iter().find(|module| module.path == name) {
            return Some(module.text.as_bytes().to_vec());
        }
        let path = PathBuf::from(name);
        let metadata = fs::metadata(&path).ok()?;
        let is_newer = self.changed_until.is_some_and(|until| metadata.modified().is_ok_and(|changed| changed > until));
        if !metadata.is_file() || metadata.len() > SOURCE_BYTES_MAX || is_newer {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        // A place may name bytecode whose source is unknown: that has no lines to show.
        (!ttvm_bytecode::is_bytecode(&bytes)).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn showable_text_is_as_long_as_the_file() {
        let bytes = b"a\xFFb\x1B[31m\xE2\x80\xAEc\r\n\xC3";
        let source = SourceText::new(bytes);
        assert_eq!(source.text().len(), bytes.len());
        assert_eq!(source.text(), "a?b?[31m???c\r\n?");
        assert_eq!(source.line_range(0), 0..12);
        assert_eq!(source.line_of(bytes.len()), 1);
    }

    #[test]
    fn a_line_is_marked_without_blanks_and_comment() {
        let source = SourceText::new(b"\n  PUSH_STR \"a;b\" ; say it\n");
        let spot = source.line_spot(2).expect("there are three lines");
        assert_eq!(&source.text()[spot.span], "PUSH_STR \"a;b\"");
        assert_eq!((spot.line, spot.column), (2, 3));
        assert_eq!(source.line_spot(4), None);
        assert_eq!(source.line_spot(0), None);
    }
}
