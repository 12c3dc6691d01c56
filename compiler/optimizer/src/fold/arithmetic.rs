//! Arithmetic on constant numbers: ints exactly, floats as IEEE says, mixed operands as floats.

use num_bigint::{BigInt, Sign};
use ttvm_isa::OpCode;

use super::{
    RESULT_BITS_MAX,
    number::{Number, float, int, total, whole},
};
use crate::literal::Literal;

/// What an instruction on one number leaves.
pub(crate) fn one_number(op: &OpCode, a: &Number) -> Option<Literal> {
    match op {
        OpCode::Neg {} => on_one(a, |a| Some(-a), |a| -a),
        OpCode::Abs {} => on_one(a, |a| Some(if a.sign() == Sign::Minus { -a } else { a }), f64::abs),
        OpCode::Sqrt {} => Some(float(a.as_float()?.sqrt())),
        OpCode::Floor {} => rounded(a, f64::floor),
        OpCode::Ceil {} => rounded(a, f64::ceil),
        OpCode::Round {} => rounded(a, f64::round),
        // Nothing that is computed here.
        _other => None,
    }
}

fn on_one(
    a: &Number,
    on_int: impl FnOnce(BigInt) -> Option<BigInt>,
    on_float: impl FnOnce(f64) -> f64,
) -> Option<Literal> {
    match a {
        Number::Int(value) => int(on_int(value.clone())?),
        Number::Float(value) => Some(float(on_float(*value))),
    }
}

fn rounded(a: &Number, round: impl FnOnce(f64) -> f64) -> Option<Literal> {
    match a {
        Number::Int(value) => int(value.clone()),
        Number::Float(value) => whole(round(*value)),
    }
}

/// What an instruction on two numbers leaves.
pub(crate) fn arithmetic(op: &OpCode, a: &Number, b: &Number) -> Option<Literal> {
    match op {
        OpCode::Add {} => on_two(a, b, |a, b| Some(a + b), |a, b| a + b),
        OpCode::Sub {} => on_two(a, b, |a, b| Some(a - b), |a, b| a - b),
        OpCode::Mul {} => on_two(a, b, |a, b| Some(a * b), |a, b| a * b),
        OpCode::Div {} => without_zero(a, b, |a, b| a / b, |a, b| a / b),
        OpCode::Rem {} => without_zero(a, b, |a, b| a % b, |a, b| a % b),
        OpCode::Mod {} => without_zero(a, b, int_modulo, float_modulo),
        OpCode::Pow {} => power(a, b),
        OpCode::Min {} => literal(if total(b, a)?.is_lt() { b } else { a }),
        OpCode::Max {} => literal(if total(b, a)?.is_gt() { b } else { a }),
        OpCode::AddF {} => as_floats(a, b, |a, b| a + b),
        OpCode::SubF {} => as_floats(a, b, |a, b| a - b),
        OpCode::MulF {} => as_floats(a, b, |a, b| a * b),
        OpCode::DivF {} if !b.is_zero() => as_floats(a, b, |a, b| a / b),
        // Nothing that is computed here.
        _other => None,
    }
}

fn literal(number: &Number) -> Option<Literal> {
    match number {
        Number::Int(value) => int(value.clone()),
        Number::Float(value) => Some(float(*value)),
    }
}

fn as_floats(a: &Number, b: &Number, compute: impl FnOnce(f64, f64) -> f64) -> Option<Literal> {
    Some(float(compute(a.as_float()?, b.as_float()?)))
}

fn on_two(
    a: &Number,
    b: &Number,
    on_ints: impl FnOnce(BigInt, BigInt) -> Option<BigInt>,
    on_floats: impl FnOnce(f64, f64) -> f64,
) -> Option<Literal> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => int(on_ints(a.clone(), b.clone())?),
        (a, b) => as_floats(a, b, on_floats),
    }
}

fn without_zero(
    a: &Number,
    b: &Number,
    on_ints: impl FnOnce(BigInt, BigInt) -> BigInt,
    on_floats: impl FnOnce(f64, f64) -> f64,
) -> Option<Literal> {
    if b.is_zero() { None } else { on_two(a, b, |a, b| Some(on_ints(a, b)), on_floats) }
}

/// The remainder with the sign of the divisor.
fn int_modulo(a: BigInt, b: BigInt) -> BigInt {
    let rest = a % &b;
    let is_other_side = rest != BigInt::ZERO && (rest.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
    if is_other_side { rest + b } else { rest }
}

fn float_modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}

/// Powers of ints to ints that are not negative. Other powers are the machine's: they need its own mathematics.
fn power(a: &Number, b: &Number) -> Option<Literal> {
    let (Number::Int(base), Number::Int(exponent)) = (a, b) else { return None };
    let exponent = u32::try_from(exponent).ok()?;
    let bits = base.bits().max(1).checked_mul(u64::from(exponent))?;
    if bits <= RESULT_BITS_MAX { int(base.pow(exponent)) } else { None }
}

/// What an instruction on the bits of two ints leaves.
pub(crate) fn bits(op: &OpCode, a: &Number, b: &Number) -> Option<Literal> {
    let (Number::Int(a), Number::Int(b)) = (a, b) else { return None };
    match op {
        OpCode::BitAnd {} => int(a & b),
        OpCode::BitOr {} => int(a | b),
        OpCode::BitXor {} => int(a ^ b),
        OpCode::Shl {} => {
            let count = u64::try_from(b).ok().filter(|count| *count <= RESULT_BITS_MAX)?;
            int(a << count)
        }
        OpCode::Shr {} => {
            let count = u64::try_from(b).ok().filter(|count| *count <= RESULT_BITS_MAX)?;
            int(a >> count)
        }
        // Nothing that is computed here.
        _other => None,
    }
}
