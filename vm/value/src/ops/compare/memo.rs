//! Pairs of objects that were found equal, so that what is shared within values is compared once.
//!
//! Without it, comparing two values in which everything occurs twice takes time in 2 to the power of their depth. What
//! is remembered never depends on addresses, only on what was compared when: a comparison takes the same steps in
//! every run.

use std::collections::HashSet;

use crate::value::Value;

/// Pairs of one generation. Half a megabyte each; growing to it is done in well below a millisecond.
const GENERATION: usize = 1 << 14;

/// Pairs found equal lately.
#[derive(Default)]
pub(super) struct Memo {
    young: HashSet<Pair>,
    old: HashSet<Pair>,
}

/// Two objects, by their addresses. They are alive as long as the comparison.
pub(super) type Pair = (usize, usize);

/// The pair to be remembered for two values; none if neither can be met again other than through the values that hold
/// them.
pub(super) fn pair(a: &Value, b: &Value) -> Option<Pair> {
    let (a, b) = (a.any()?, b.any()?);
    (!a.is_unique() || !b.is_unique()).then(|| (a.address(), b.address()))
}

impl Memo {
    /// Remembers a pair that was found equal.
    pub fn insert(&mut self, pair: Pair) {
        if self.young.len() == GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(pair);
    }

    /// Whether the pair was found equal lately.
    pub fn contains(&mut self, pair: Pair) -> bool {
        if self.young.contains(&pair) {
            return true;
        }
        let is_known = self.old.contains(&pair);
        if is_known {
            self.insert(pair);
        }
        is_known
    }
}
