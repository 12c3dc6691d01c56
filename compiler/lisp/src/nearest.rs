//! Which known name a misspelt one was probably meant to be.

/// Longer words are no misspellings but something else.
const WORD_CHARS_MAX: usize = 32;

/// How many words may be compared for one program; keeps the time small for hostile ones.
const COMPARISONS_MAX: usize = 200_000;

/// Proposes names, as long as its budget lasts.
#[derive(Debug)]
pub(crate) struct Proposer {
    comparisons_left: usize,
}

impl Proposer {
    pub(crate) const fn new() -> Self {
        Self { comparisons_left: COMPARISONS_MAX }
    }

    /// The candidate nearest to `word`, the first in the alphabet of equals; none if all differ in more than a
    /// third of the word.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        let letters: Vec<char> = word.chars().take(WORD_CHARS_MAX + 1).collect();
        let distance_max = letters.len() / 3;
        if distance_max == 0 || letters.len() > WORD_CHARS_MAX {
            return None;
        }
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            let Some(left) = self.comparisons_left.checked_sub(1) else { break };
            self.comparisons_left = left;
            let other: Vec<char> = candidate.chars().take(2 * WORD_CHARS_MAX).collect();
            if other.len().abs_diff(letters.len()) > distance_max {
                continue;
            }
            let found = (distance(&letters, &other), candidate);
            if found.0 <= distance_max && best.is_none_or(|best| found < best) {
                best = Some(found);
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// The number of letters inserted, removed, replaced or exchanged with their neighbour between two words.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for row in 0..=a.len() {
        for column in 0..=b.len() {
            let at = row * width + column;
            table[at] = if row == 0 || column == 0 {
                row + column
            } else {
                let replaced = table[at - width - 1] + usize::from(a[row - 1] != b[column - 1]);
                let mut least = replaced.min(table[at - width] + 1).min(table[at - 1] + 1);
                if row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1] {
                    least = least.min(table[at - 2 * width - 2] + 1);
                }
                least
            };
        }
    }
    table[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_a_wrong_letter_is_found_and_others_are_not() {
        let nearest = |word| Proposer::new().nearest(word, ["string-append", "car", "cdr", "print"].into_iter());
        assert_eq!(nearest("string-apend"), Some("string-append"));
        assert_eq!(nearest("pritn"), Some("print"));
        assert_eq!(nearest("cxr"), Some("car"));
        assert_eq!(nearest("spaghetti"), None);
    }
}
