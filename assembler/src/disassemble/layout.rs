//! Lines of text, placed so that each instruction has the line number it should have.

/// At most this many blank lines stand for lines that held nothing but comments; a `.line` says more shortly.
const BLANK_LINES_MAX: u32 = 3;

/// Collects lines and knows which number the assembler will give the next one.
#[derive(Debug)]
pub(super) struct Layout {
    text: String,
    /// The number of the next line; none where `.line 0` made lines unknown.
    next: Option<u32>,
}

impl Default for Layout {
    fn default() -> Self {
        Self { text: String::new(), next: Some(1) }
    }
}

impl Layout {
    /// Adds a line.
    pub(super) fn line(&mut self, line: String) {
        self.text.push_str(&line);
        self.text.push('\n');
        self.next = self.next.map(|next| next.saturating_add(1));
    }

    /// Adds an instruction that came from line `wanted` of its source (0 if unknown), with the lines above it.
    pub(super) fn instruction(&mut self, above: Vec<String>, instruction: String, wanted: u32) {
        let lines_above = u32::try_from(above.len()).unwrap_or(u32::MAX);
        let would_be = self.next.map(|next| next.saturating_add(lines_above));
        let blank_count = would_be.and_then(|would_be| wanted.checked_sub(would_be)).filter(|_| wanted > 0);
        match blank_count {
            Some(count) if count <= BLANK_LINES_MAX => {
                (0..count).for_each(|_| self.line(String::new()));
                above.into_iter().for_each(|line| self.line(line));
            }
            _ => {
                above.into_iter().for_each(|line| self.line(line));
                let is_right = if wanted == 0 { self.next.is_none() } else { self.next == Some(wanted) };
                if !is_right {
                    self.line(format!(".line {wanted}"));
                    self.next = (wanted > 0).then_some(wanted);
                }
            }
        }
        self.line(instruction);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
