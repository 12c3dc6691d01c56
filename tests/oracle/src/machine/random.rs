//! The random generator behind `RANDOM`: SplitMix64, so that a seed gives one sequence everywhere.

/// Sebastiano Vigna's SplitMix64.
pub(super) struct SplitMix {
    state: u64,
}

impl SplitMix {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A float, 0 <= r < 1, from the upper 53 bits of the next number.
    pub(super) fn next_float(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // 53 bits fit in a double without rounding.
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_of_seed_0_is_the_published_one() {
        // 0xE220A8397B1DCDAF is the first output of SplitMix64 for seed 0.
        let expected = (0xE220_A839_7B1D_CDAF_u64 >> 11) as f64 / (1u64 << 53) as f64;
        assert_eq!(SplitMix::new(0).next_float(), expected);
    }
}
