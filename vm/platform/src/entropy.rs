//! Random numbers: a small generator that a seed reproduces, and seeds from the operating system.

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0. (Bias below 2^-32 for bounds below 2^32.)
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_number()) * u128::from(bound)) >> 64) as u64
    }
}

/// The seed that comes from another one for a number. Those of neighbouring numbers have nothing in common, nor have the
/// sequences that begin with them.
#[must_use]
pub fn derive(seed: u64, number: u64) -> u64 {
    let number = Random::new(number).next_number();
    Random::new(seed ^ number).next_number()
}

/// A seed nobody can foresee; 0 if the operating system has none to give.
#[must_use]
pub fn seed() -> u64 {
    getrandom::u64().unwrap_or(0)
}

/// Fills a buffer with numbers nobody can foresee, fit for keys and nonces.
///
/// # Errors
/// If the operating system has none to give.
pub fn fill(buffer: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(buffer)
}

#[cfg(test)]
mod tests {
    use super::{Random, derive};

    #[test]
    fn a_seed_reproduces_its_numbers_and_bounds_hold() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..100).map(|_| random.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        assert!(numbers(3).iter().all(|number| *number < 10));
    }

    #[test]
    fn sequences_of_neighbouring_numbers_share_nothing() {
        let numbers = |number| {
            let mut random = Random::new(derive(0, number));
            (0..1000).map(move |_| random.next_number())
        };
        let all: std::collections::BTreeSet<u64> = (0..100).flat_map(numbers).collect();
        assert_eq!(all.len(), 100_000);
    }
}
