//! How strings and names are written, so that reading them gives them back.

use std::fmt::Write as _;

/// Whether a name can stand without quotes everywhere, also before the colon of a label.
pub(crate) fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || "_-?!".contains(character))
}

/// Appends a name, in quotes if it needs them.
pub(crate) fn push_name(text: &mut String, name: &str) {
    if is_plain(name) { text.push_str(name) } else { push_quoted(text, name) }
}

/// Appends a string in quotes.
pub(crate) fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\0' => text.push_str("\\0"),
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            control if control.is_control() => {
                write!(text, "\\u{{{:X}}}", u32::from(control)).expect("writing to a String cannot fail");
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// A short, printable form of a piece of the source, for messages.
pub(crate) fn excerpt(piece: &str) -> String {
    /// Enough to recognise a word; a hostile one may be megabytes long.
    const CHARACTERS_MAX: usize = 60;
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
