//! What the random numbers of groups come from: seeds that depend on the program's seed, the group and the processor, and on
//! nothing that differs between runs (rules S5, S12).

use ttvm_platform::entropy::Random;

/// The seed that comes from another one for a number. Those of neighbouring numbers have nothing in common, nor have the
/// sequences that begin with them.
pub(crate) fn derive(seed: u64, number: u64) -> u64 {
    let number = Random::new(number).next_number();
    Random::new(seed ^ number).next_number()
}
