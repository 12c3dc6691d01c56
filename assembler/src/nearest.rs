//! Which known word a misspelt one was probably meant to be.
//!
//! Work is bounded for hostile files: only short words are compared, and each file has a budget of comparisons.

use std::collections::VecDeque;

/// Longer words are no misspellings but something else.
const WORD_CHARS_MAX: usize = 32;

/// How many words may be compared for one file: at about half a microsecond each, half a second.
const COMPARISONS_MAX: usize = 1_000_000;

/// Proposes words, as long as its budget lasts.
#[derive(Debug)]
pub(crate) struct Proposer {
    comparisons_left: usize,
}

impl Proposer {
    pub(crate) const fn new() -> Self {
        Self { comparisons_left: COMPARISONS_MAX }
    }

    /// The candidate nearest to `word`, the first of equals; none if all differ in more than a third of the word.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        let word: Vec<char> = word.chars().take(WORD_CHARS_MAX + 1).collect();
        if word.is_empty() || word.len() > WORD_CHARS_MAX {
            return None;
        }
        let mut distance_max = (word.len() / 3).max(1);
        let mut best = None;
        for candidate in candidates {
            let Some(left) = self.comparisons_left.checked_sub(1) else { break };
            self.comparisons_left = left;
            // Cheap first: a word has at least as many bytes as characters and at most four times as many.
            if candidate.len() > 4 * (word.len() + distance_max) {
                continue;
            }
            let candidate_chars: Vec<char> = candidate.chars().collect();
            if candidate_chars.len().abs_diff(word.len()) > distance_max {
                continue;
            }
            let distance = distance(&word, &candidate_chars);
            if distance <= distance_max {
                best = Some(candidate);
                match distance.checked_sub(1) {
                    Some(smaller) => distance_max = smaller,
                    None => break,
                }
            }
        }
        best
    }
}

/// The number of insertions, deletions, replacements and exchanges of neighbours between two words
/// (Damerau's distance in its restricted form: no piece is edited twice).
fn distance(a: &[char], b: &[char]) -> usize {
    let first_row: Vec<usize> = (0..=b.len()).collect();
    // The last two rows of the table: `rows[0]` is two letters back, `rows[1]` one.
    let mut rows = VecDeque::from([first_row.clone(), first_row]);
    for (i, letter) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, other) in b.iter().enumerate() {
            let replaced = rows[1][j] + usize::from(letter != other);
            let mut least = replaced.min(rows[1][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                least = least.min(rows[0][j - 1] + 1);
            }
            row.push(least);
        }
        rows.pop_front();
        rows.push_back(row);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(word: &str) -> Option<&'static str> {
        Proposer::new().nearest(word, ["PUSH_INT", "PUSH_STR", "ADD", "ADD_F", "STORE"].into_iter())
    }

    #[test]
    fn one_wrong_letter_finds_the_word() {
        assert_eq!(nearest("PUSH_ITN"), Some("PUSH_INT"));
        assert_eq!(nearest("STOR"), Some("STORE"));
        assert_eq!(nearest("AD"), Some("ADD"));
    }

    #[test]
    fn a_different_word_finds_nothing() {
        assert_eq!(nearest("SPAGHETTI"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"A".repeat(1000)), None);
    }

    #[test]
    fn a_spent_budget_proposes_nothing() {
        let mut proposer = Proposer { comparisons_left: 1 };
        assert_eq!(proposer.nearest("STOR", ["ADD", "STORE"].into_iter()), None);
    }
}
