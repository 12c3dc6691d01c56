//! Names of the result: made different from each other, and written so that the assembler reads them back.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

/// Gives out names, each once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// The number to try next for each name that was asked for twice.
    next: HashMap<String, u32>,
}

impl Names {
    /// The name itself, or with a number behind it if it is taken here or `is_taken` elsewhere.
    pub(crate) fn fresh(&mut self, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let mut candidate = name.to_owned();
        while self.taken.contains(&candidate) || is_taken(&candidate) {
            let number = self.next.entry(name.to_owned()).or_insert(2);
            candidate = format!("{name}#{number}");
            *number += 1;
        }
        self.taken.insert(candidate.clone());
        candidate
    }
}

/// Whether a name can stand without quotes everywhere.
fn is_plain(name: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_asked_for_again_gets_a_number() {
        let mut names = Names::default();
        let mut fresh = |name: &str| names.fresh(name, |other| other == "global");
        assert_eq!(fresh("x"), "x");
        assert_eq!(fresh("x"), "x#2");
        assert_eq!(fresh("x#2"), "x#2#2");
        assert_eq!(fresh("x"), "x#3");
        assert_eq!(fresh("global"), "global#2");
    }

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
