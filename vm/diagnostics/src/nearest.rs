//! Which known word a misspelt one was probably meant to be.
//!
//! Work is bounded for hostile texts: only short words are compared, and each text has a budget of comparisons.

/// Longer words are no misspellings but something else.
const WORD_CHARACTERS_MAX: usize = 32;

/// How many words may be compared for one text: at about half a microsecond each, half a second.
const COMPARISONS_MAX: usize = 1_000_000;

/// Proposes words for the misspelt ones of a text, as long as its budget lasts.
#[derive(Debug)]
pub struct Proposer {
    comparisons_left: usize,
}

impl Proposer {
    /// A proposer for a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { comparisons_left: COMPARISONS_MAX }
    }

    /// The candidate nearest to `word`, of equals the first in the alphabet; none if all differ in more than a third of
    /// the word (one character of a short word), or in all of it.
    ///
    /// What counts are characters inserted, removed, replaced and exchanged with their neighbour (Damerau's distance in
    /// its restricted form: no piece is edited twice).
    pub fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        let length = word.chars().take(WORD_CHARACTERS_MAX + 1).count();
        if length > WORD_CHARACTERS_MAX {
            return None;
        }
        let mut distance_max = (length / 3).max(1).min(length.checked_sub(1)?);
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            self.comparisons_left = match self.comparisons_left.checked_sub(1) {
                Some(left) => left,
                None => break,
            };
            // Cheap first: a word has at least as many bytes as characters and at most four times as many.
            let is_far = candidate.len() > 4 * (length + distance_max)
                || candidate.chars().count().abs_diff(length) > distance_max;
            if is_far {
                continue;
            }
            let found = (strsim::osa_distance(word, candidate), candidate);
            if found.0 <= distance_max && best.is_none_or(|best| found < best) {
                distance_max = found.0;
                best = Some(found);
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

impl Default for Proposer {
    fn default() -> Self {
        Self::new()
    }
}

/// The candidate nearest to a single misspelt word, as [`Proposer::nearest`].
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    Proposer::new().nearest(word, candidates)
}

/// What to add to a message about a misspelt word: `, did you mean "x"?`, or else `; there are x, y, z`.
#[must_use]
pub fn advice(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(nearest) => format!(", did you mean {nearest:?}?"),
        None => format!("; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str) -> Option<&'static str> {
        nearest(word, ["PUSH_INT", "PUSH_STR", "STORE", "ADD_F", "ADD", "string-append", "X"].into_iter())
    }

    #[test]
    fn one_wrong_letter_finds_the_word() {
        assert_eq!(found("PUSH_ITN"), Some("PUSH_INT"));
        assert_eq!(found("STOR"), Some("STORE"));
        assert_eq!(found("AD"), Some("ADD"));
        assert_eq!(found("string-apend"), Some("string-append"));
    }

    #[test]
    fn of_equals_the_first_in_the_alphabet_is_found() {
        assert_eq!(found("PUSH_XXX"), None);
        assert_eq!(nearest("cxr", ["cdr", "car", "cons"].into_iter()), Some("car"));
    }

    #[test]
    fn a_different_word_finds_nothing() {
        assert_eq!(found("SPAGHETTI"), None);
        assert_eq!(found("Y"), None, "nothing of it would be left");
        assert_eq!(found(""), None);
        assert_eq!(found(&"A".repeat(1000)), None);
    }

    #[test]
    fn a_spent_budget_proposes_nothing() {
        let mut proposer = Proposer { comparisons_left: 1 };
        assert_eq!(proposer.nearest("STOR", ["ADD", "STORE"].into_iter()), None);
    }

    #[test]
    fn where_nothing_is_near_all_there_are_is_named() {
        assert_eq!(advice("paus", &["pause", "drop"]), ", did you mean \"pause\"?");
        assert_eq!(advice("hurry", &["pause", "drop"]), "; there are pause, drop");
    }
}
