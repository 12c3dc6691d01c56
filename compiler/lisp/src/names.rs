//! Names of the result, made different from each other.

use std::collections::{HashMap, HashSet};

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
}
