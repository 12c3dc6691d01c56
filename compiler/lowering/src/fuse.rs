//! Operations that do the work of two or three: the first instruction of a frequent sequence gets another
//! operation, and the others stay where they are.
//!
//! A fused operation has the fields of the plain one in whose place it stands. It may do the whole sequence,
//! reading the fields of the instructions behind it, and go on behind them; or it may be taken for the plain
//! one ([`Op::plain`]), and the rest follows as ever. So nothing else knows of it: jumps into a sequence,
//! origins, handlers and errors are those of the plain instructions. Here: which sequences there are. Not
//! here: what the engine does with them.

use crate::{
    builtin::Builtin,
    register::{Instruction, Op},
};

/// Fuses sequences in a function's code, whose temporaries begin at this slot.
pub(crate) fn fuse(code: &mut [Instruction], temporaries: u16) {
    for index in 0..code.len() {
        if let Some(op) = fused_op(&code[index..], temporaries) {
            code[index].op = op;
        }
    }
}

/// The fused operation for the sequence that begins here, if it is one. All instructions are plain still.
fn fused_op(code: &[Instruction], temporaries: u16) -> Option<Op> {
    let [first, second, rest @ ..] = code else { return None };
    if second.op == Op::Loop {
        // A jump over the loop's own jump.
        return if jumps_by(*first) == 2 { loop_op(first.op) } else { None };
    }
    let counts = first.op == Op::AddNumber && first.a == first.b && second.a == first.a;
    if counts && jumps_by(*second) == 2 && matches!(rest, [third, ..] if third.op == Op::Loop) {
        return counting_op(*first, *second);
    }
    match (first.op, second.op) {
        (Op::AddNumber, Op::Call) => return Some(Op::AddNumberCall),
        (Op::MapGet, Op::Drop) if second.a == first.c => return Some(Op::MapGetDrop),
        _ => {}
    }
    // The result in between lies in a temporary that only the second instruction reads.
    if first.a < temporaries {
        return None;
    }
    let (is_left, is_right) = (second.b == first.a, second.c == first.a);
    match (first.op, second.op) {
        (Op::MulConstant, Op::AddNumber) if is_left => Some(Op::MulConstantAddNumber),
        (Op::Mul, Op::Add) if is_right && !is_left => Some(Op::MulAdd),
        (Op::Mul, Op::Sub) if is_right && !is_left => Some(Op::MulSub),
        (Op::Add, Op::Return) if second.a == first.a => Some(Op::AddReturn),
        (Op::Copy, Op::Call) => Some(Op::CopyCall),
        (Op::Copy, Op::CallValue) if !is_left => Some(Op::CopyCallValue),
        (Op::Constant, Op::Builtin) if gives_bits(second.b) && first.a == second.a + 1 => Some(Op::ConstantBits),
        // What is put into itself is another reference first.
        (Op::Copy, Op::Append | Op::MapPut) if first.b == second.a => None,
        (Op::Copy, Op::Append) if is_left => Some(Op::CopyAppend),
        (Op::Copy, Op::MapPut) if is_right && !is_left => Some(Op::CopyMapPut),
        (Op::Index, Op::Add) if is_right && !is_left => Some(Op::IndexAdd),
        (Op::Index, Op::Sub) if is_right && !is_left => Some(Op::IndexSub),
        (Op::ArrayGet, Op::Add) if is_right && !is_left => Some(Op::ArrayGetAdd),
        (Op::ArrayGet, Op::Sub) if is_right && !is_left => Some(Op::ArrayGetSub),
        _ => None,
    }
}

/// Whether a built-in is one of those that [`Op::ConstantBits`] does.
fn gives_bits(builtin: u16) -> bool {
    [Builtin::BitAnd, Builtin::BitOr, Builtin::BitXor].iter().any(|bits| *bits as u16 == builtin)
}

/// How far a jump that compares goes.
fn jumps_by(jump: Instruction) -> i32 {
    if jump.op == Op::JumpFalse { jump.distance() } else { i32::from(jump.c as i16) }
}

/// A comparison whose jump leaves the loop, and the jump back.
fn loop_op(jump: Op) -> Option<Op> {
    match jump {
        Op::JumpFalse => Some(Op::LoopTrue),
        Op::JumpNotLt => Some(Op::LoopLt),
        Op::JumpNotLe => Some(Op::LoopLe),
        Op::JumpNotGt => Some(Op::LoopGt),
        Op::JumpNotGe => Some(Op::LoopGe),
        Op::JumpNotLtNumber => Some(Op::LoopLtNumber),
        Op::JumpNotLeNumber => Some(Op::LoopLeNumber),
        Op::JumpNotGtNumber => Some(Op::LoopGtNumber),
        Op::JumpNotGeNumber => Some(Op::LoopGeNumber),
        _ => None,
    }
}

/// A counter that goes on, its comparison and the jump back.
fn counting_op(add: Instruction, jump: Instruction) -> Option<Op> {
    match jump.op {
        Op::JumpNotLt if jump.b != add.a => Some(Op::CountLt),
        Op::JumpNotLe if jump.b != add.a => Some(Op::CountLe),
        Op::JumpNotLtNumber => Some(Op::CountLtNumber),
        Op::JumpNotLeNumber => Some(Op::CountLeNumber),
        _ => None,
    }
}

impl Op {
    /// The operation that a fused one stands in place of; every other one itself.
    #[must_use]
    pub const fn plain(self) -> Self {
        match self {
            Self::LoopTrue => Self::JumpFalse,
            Self::LoopLt => Self::JumpNotLt,
            Self::LoopLe => Self::JumpNotLe,
            Self::LoopGt => Self::JumpNotGt,
            Self::LoopGe => Self::JumpNotGe,
            Self::LoopLtNumber => Self::JumpNotLtNumber,
            Self::LoopLeNumber => Self::JumpNotLeNumber,
            Self::LoopGtNumber => Self::JumpNotGtNumber,
            Self::LoopGeNumber => Self::JumpNotGeNumber,
            Self::CountLt | Self::CountLe | Self::CountLtNumber | Self::CountLeNumber | Self::AddNumberCall => {
                Self::AddNumber
            }
            Self::MulConstantAddNumber => Self::MulConstant,
            Self::MulAdd | Self::MulSub => Self::Mul,
            Self::IndexAdd | Self::IndexSub => Self::Index,
            Self::ArrayGetAdd | Self::ArrayGetSub => Self::ArrayGet,
            Self::AddReturn => Self::Add,
            Self::CopyAppend | Self::CopyMapPut | Self::CopyCall | Self::CopyCallValue => Self::Copy,
            Self::ConstantBits => Self::Constant,
            Self::MapGetDrop => Self::MapGet,
            plain => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPORARIES: u16 = 10;

    fn check(code: &[Instruction], expected: &[Op]) {
        let mut fused = code.to_vec();
        fuse(&mut fused, TEMPORARIES);
        assert_eq!(fused.iter().map(|i| i.op).collect::<Vec<_>>(), expected);
        for (before, after) in code.iter().zip(&fused) {
            assert_eq!(*before, Instruction { op: after.op.plain(), ..*after }, "only the operation changes");
        }
    }

    #[test]
    fn a_counter_its_comparison_and_the_jump_back_are_one_operation() {
        let counter = Instruction::new(Op::AddNumber, 1, 1, 1);
        let back = Instruction::wide(Op::Loop, 0, -4_i32 as u32);
        check(&[counter, Instruction::new(Op::JumpNotLt, 1, 2, 2), back], &[Op::CountLt, Op::LoopLt, Op::Loop]);
        check(
            &[counter, Instruction::new(Op::JumpNotLeNumber, 1, 5, 2), back],
            &[Op::CountLeNumber, Op::LoopLeNumber, Op::Loop],
        );
    }

    #[test]
    fn a_counter_compared_with_itself_is_not_fused() {
        let counter = Instruction::new(Op::AddNumber, 1, 1, 1);
        let back = Instruction::wide(Op::Loop, 0, -4_i32 as u32);
        check(&[counter, Instruction::new(Op::JumpNotLt, 1, 1, 2), back], &[Op::AddNumber, Op::LoopLt, Op::Loop]);
    }

    #[test]
    fn a_product_in_a_temporary_is_added_in_one_operation() {
        let sum = |b, c| Instruction::new(Op::Add, 1, b, c);
        let product = Instruction::new(Op::Mul, 10, 2, 3);
        check(&[product, sum(1, 10)], &[Op::MulAdd, Op::Add]);
        check(&[product, sum(10, 1)], &[Op::Mul, Op::Add]);
        check(&[product, sum(10, 10)], &[Op::Mul, Op::Add]);
    }

    #[test]
    fn what_is_copied_to_be_put_somewhere_is_put_there_at_once() {
        let copy = Instruction::new(Op::Copy, 11, 1, 0);
        check(&[copy, Instruction::new(Op::Append, 2, 11, 0)], &[Op::CopyAppend, Op::Append]);
        check(&[copy, Instruction::new(Op::MapPut, 2, 10, 11)], &[Op::CopyMapPut, Op::MapPut]);
        check(&[copy, Instruction::new(Op::MapPut, 2, 11, 10)], &[Op::Copy, Op::MapPut]);
        check(&[copy, Instruction::new(Op::Append, 1, 11, 0)], &[Op::Copy, Op::Append]);
    }

    #[test]
    fn the_last_argument_is_copied_by_the_call() {
        let copy = Instruction::new(Op::Copy, 12, 1, 0);
        check(&[copy, Instruction::wide(Op::Call, 11, 0)], &[Op::CopyCall, Op::Call]);
        check(&[copy, Instruction::new(Op::CallValue, 11, 3, 1)], &[Op::CopyCallValue, Op::CallValue]);
        check(&[copy, Instruction::new(Op::CallValue, 10, 12, 1)], &[Op::Copy, Op::CallValue]);
    }

    #[test]
    fn a_constant_mask_is_read_by_what_masks() {
        let mask = Instruction::wide(Op::Constant, 11, 4);
        let builtin = |first, builtin: Builtin| Instruction::new(Op::Builtin, first, builtin as u16, 2);
        check(&[mask, builtin(10, Builtin::BitAnd)], &[Op::ConstantBits, Op::Builtin]);
        check(&[mask, builtin(10, Builtin::Shl)], &[Op::Constant, Op::Builtin]);
        check(&[mask, builtin(11, Builtin::BitAnd)], &[Op::Constant, Op::Builtin]);
    }

    #[test]
    fn what_a_variable_holds_is_not_passed_over() {
        let product = Instruction::new(Op::Mul, 9, 2, 3);
        check(&[product, Instruction::new(Op::Add, 1, 1, 9)], &[Op::Mul, Op::Add]);
    }
}
