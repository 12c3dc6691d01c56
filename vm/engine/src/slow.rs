//! The rarer half of operations that the interpreter has a fast half of: other types, big ints, errors.
//!
//! Operands that were temporaries are dropped here (rule R1), as their origin says.

use ttvm_isa::{Fault, OpCode, cost};
use ttvm_lowering::{Instruction, Op};
use ttvm_value::{
    Value,
    ops::{arithmetic, order, size::flat_size},
};

use crate::{code::FunctionCode, frames, long, process::Process};

/// A place where an operand is, or a number written in the instruction.
enum Source {
    Slot(*mut Value),
    Number(Value),
}

impl Source {
    fn value(&self) -> &Value {
        match self {
            // SAFETY: C2: the slot belongs to the frame of the running function.
            Self::Slot(slot) => unsafe { &**slot },
            Self::Number(value) => value,
        }
    }

    fn release(&self, is_temporary: bool) {
        if let Self::Slot(slot) = self
            && is_temporary
        {
            // SAFETY: as above; R1: a temporary that was read holds nothing afterwards.
            unsafe { frames::clear(*slot) };
        }
    }
}

/// Arithmetic whose operands are not both ints or both floats, or whose result does not fit. Gives its cost; nothing if
/// it is done elsewhere.
#[cold]
#[inline(never)]
pub(crate) fn arithmetic(
    process: &mut Process,
    frame: *mut Value,
    function: &FunctionCode,
    at: *const Instruction,
    instruction: Instruction,
) -> Result<Option<u64>, Fault> {
    let origin = function.origin(at);
    let op = &function.module().lowered.verified.module().code[origin.pc as usize];
    let slot = |number: u16| Source::Slot(frame.wrapping_add(usize::from(number)));
    // SAFETY: C2: constant numbers are in range.
    let constant = |number: u16| Source::Slot(function.constants.wrapping_add(usize::from(number)).cast_mut());
    let (a, b) = match instruction.op {
        Op::AddNumber => {
            let number = i64::from(instruction.c as i16);
            let written = if matches!(op, OpCode::Sub {}) { -number } else { number };
            (slot(instruction.b), Source::Number(Value::Int(written)))
        }
        Op::AddConstant | Op::SubConstant | Op::MulConstant | Op::DivConstant | Op::ModConstant | Op::RemConstant => {
            (slot(instruction.b), constant(instruction.c))
        }
        Op::ConstantSub | Op::ConstantDiv => (constant(instruction.b), slot(instruction.c)),
        _ => (slot(instruction.b), slot(instruction.c)),
    };
    let (result, elements) = {
        let (a, b) = (a.value(), b.value());
        let operation = match op {
            OpCode::Add {} => arithmetic::add,
            OpCode::Sub {} => arithmetic::sub,
            OpCode::Mul {} => arithmetic::mul,
            OpCode::Div {} => arithmetic::div,
            OpCode::Mod {} => arithmetic::modulo,
            OpCode::Rem {} => arithmetic::remainder,
            other => unreachable!("{} is no arithmetic", other.mnemonic()),
        };
        let result = match process.finished() {
            Some((result, _)) => result?,
            None if long::is_long_arithmetic(a, b, matches!(op, OpCode::Add {} | OpCode::Sub {})) => {
                process.begin_work(long::elsewhere(operation, a, b), 0);
                return Ok(None);
            }
            None => operation(a, b)?,
        };
        let reductions = match op {
            OpCode::Add {} | OpCode::Sub {} => cost::of_elements(flat_size(a).saturating_add(flat_size(b))),
            _ => cost::of_product(flat_size(a), flat_size(b)),
        };
        (result, reductions)
    };
    a.release(origin.temporaries & 1 != 0);
    b.release(origin.temporaries & 2 != 0);
    // SAFETY: C2: the destination is a slot of the frame.
    unsafe { frames::set(frame.wrapping_add(usize::from(instruction.a)), result) };
    Ok(Some(elements))
}

/// The right operand of a comparison.
#[derive(Clone, Copy)]
pub(crate) enum Second {
    /// In a slot.
    Slot(u16),
    /// Written in the instruction.
    Number(i16),
    /// In the constant table.
    Constant(u16),
}

/// A comparison of operands that are not both ints or both floats. Gives whether it holds, and its cost; nothing if that
/// is found out later.
///
/// `first` is the left operand's slot.
#[cold]
#[inline(never)]
pub(crate) fn compare(
    process: &mut Process,
    frame: *mut Value,
    function: &FunctionCode,
    at: *const Instruction,
    comparison: Op,
    first: u16,
    second: Second,
) -> Result<Option<(bool, u64)>, Fault> {
    let origin = function.origin(at);
    let a = Source::Slot(frame.wrapping_add(usize::from(first)));
    let b = match second {
        Second::Slot(slot) => Source::Slot(frame.wrapping_add(usize::from(slot))),
        Second::Number(number) => Source::Number(Value::Int(i64::from(number))),
        Second::Constant(index) => Source::Slot(function.constants.wrapping_add(usize::from(index)).cast_mut()),
    };
    let (holds, elements) = {
        let (a, b) = (a.value(), b.value());
        let size = || cost::of_elements(flat_size(a).min(flat_size(b)));
        match comparison {
            Op::Eq | Op::Ne => match process.equals(a, b) {
                Some(are_equal) => (are_equal == (comparison == Op::Eq), size()),
                None => return Ok(None),
            },
            Op::Lt => (order::less_than(a, b)?, 0),
            Op::Le => (order::less_or_equal(a, b)?, 0),
            Op::Gt => (order::greater_than(a, b)?, 0),
            Op::Ge => (order::greater_or_equal(a, b)?, 0),
            other => unreachable!("{other:?} is no comparison"),
        }
    };
    a.release(origin.temporaries & 1 != 0);
    b.release(origin.temporaries & 2 != 0);
    Ok(Some((holds, elements)))
}

/// The truth of a value that is none of int, bool and null. A temporary is dropped.
#[cold]
#[inline(never)]
pub(crate) fn release_condition(frame: *mut Value, function: &FunctionCode, at: *const Instruction, slot: u16) {
    if function.origin(at).temporaries & 1 != 0 {
        // SAFETY: C2: the slot belongs to the frame; R1.
        unsafe { frames::clear(frame.wrapping_add(usize::from(slot))) };
    }
}
