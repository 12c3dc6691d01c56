//! How names and strings are written in the assembly language, so that reading them gives them back.

use std::fmt::Write as _;

/// Whether a name can stand without quotes everywhere, also before the colon of a label.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || "_-?!".contains(character))
}

/// Appends a name, in quotes if it needs them.
pub fn push_name(text: &mut String, name: &str) {
    if is_plain(name) { text.push_str(name) } else { push_quoted(text, name) }
}

/// Appends a string in quotes.
pub fn push_quoted(text: &mut String, value: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_assembler_would_read_otherwise_are_quoted() {
        let written = |name: &str| {
            let mut text = String::new();
            push_name(&mut text, name);
            text
        };
        assert_eq!(written("even?"), "even?");
        assert_eq!(written("a->b"), "\"a->b\"");
        assert_eq!(written("a\\b\"c"), "\"a\\\\b\\\"c\"");
        assert_eq!(written("12"), "\"12\"");
    }
}
