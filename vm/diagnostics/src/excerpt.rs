//! Pieces of a text within a message.

/// Enough to recognise a word; a hostile one may be megabytes long.
const CHARACTERS_MAX: usize = 60;

/// A short, printable form of a piece of a text, for messages.
#[must_use]
pub fn excerpt(piece: &str) -> String {
    let mut shown = String::new();
    for (index, character) in piece.chars().enumerate() {
        if index == CHARACTERS_MAX {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out_and_long_pieces_cut() {
        assert_eq!(excerpt("a\tb\u{1b}"), "a\\tb\\u{1b}");
        assert_eq!(excerpt(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(excerpt(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }
}
