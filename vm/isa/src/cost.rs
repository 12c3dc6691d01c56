//! What instructions cost in reductions, the currency of preemption.
//!
//! A call and a backward jump cost one. Built-ins that do work in proportion to their data pay one
//! reduction for [`ELEMENTS_PER_REDUCTION`] elements, counted from what the program can see (sizes of
//! operands and results), so that every tier of execution charges the same.

/// Elements of work that cost one reduction. 16 elements at 1-2 ns are about 25 ns, what a call costs
/// in the interpreter.
pub const ELEMENTS_PER_REDUCTION: u64 = 16;

/// How an instruction's cost is found. "Size" is the flat size of a value: the elements of a list, map,
/// object or array, an eighth of the bytes of a str or bytes, the 64-bit digits of an int that does not
/// fit in 64 bits, and 0 for everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Nothing.
    Free,
    /// One reduction; who hands values to a process pays for the pass over what is new in them as well.
    Call,
    /// One reduction if taken and the target does not lie behind the instruction.
    BackwardJump,
    /// The sum of the sizes of all operands on the stack.
    Inputs,
    /// The size of the result.
    Result,
    /// The size of the operand on top of the stack.
    Last,
    /// The count written in the instruction.
    Count,
    /// n times the bits of n, n being the size of the operand.
    Sort,
    /// The smaller of the two operands' sizes.
    Compare,
    /// (size of a + 1) times (size of b + 1), less 1: 0 for ints of 64 bits.
    Product,
    /// The square of the size of the result.
    Power,
    /// An eighth of the bytes of the value's text.
    Deep,
    /// One reduction for a message sent or taken; a sender pays for the pass over what is new in it as well.
    Message,
}

impl Cost {
    /// A sentence for the reference page.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Free => "0",
            Self::Call => "1",
            Self::BackwardJump => "1 if backward and taken",
            Self::Inputs => "sizes of operands / 16",
            Self::Result => "size of result / 16",
            Self::Last => "size of top operand / 16",
            Self::Count => "count / 16",
            Self::Sort => "n bits(n) / 16",
            Self::Compare => "smaller size / 16",
            Self::Product => "product of sizes / 16",
            Self::Power => "size of result squared / 16",
            Self::Deep => "bytes of text / 128",
            Self::Message => "1 a message",
        }
    }
}

/// The reductions for this many elements of work.
#[must_use]
pub const fn of_elements(elements: u64) -> u64 {
    elements / ELEMENTS_PER_REDUCTION
}

/// The size of a string or byte sequence of this many bytes.
#[must_use]
pub const fn size_of_bytes(bytes: usize) -> u64 {
    bytes as u64 / 8
}

/// The reductions of sorting `n` elements ([`Cost::Sort`]).
#[must_use]
pub const fn of_sort(n: u64) -> u64 {
    of_elements(n.saturating_mul((u64::BITS - n.leading_zeros()) as u64))
}

/// The reductions of [`Cost::Product`] for operands of these sizes.
#[must_use]
pub const fn of_product(a: u64, b: u64) -> u64 {
    of_elements((a.saturating_add(1)).saturating_mul(b.saturating_add(1)) - 1)
}

/// The reductions of [`Cost::Power`] for a result of this size.
#[must_use]
pub const fn of_power(size: u64) -> u64 {
    of_elements(size.saturating_mul(size))
}
