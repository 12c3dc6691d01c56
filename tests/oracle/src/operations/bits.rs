//! Bitwise instructions, on two's complement without end.

use num_bigint::{BigInt, Sign};
use ttvm_isa::{Fault, limits};

use super::{limited, mismatch, too_many_bits};
use crate::value::Value;

fn two_ints(operation: &'static str, operands: [Value; 2]) -> Result<(BigInt, BigInt), Fault> {
    match operands {
        [Value::Int(a), Value::Int(b)] => Ok((a, b)),
        [a, b] => Err(mismatch(operation, "two integers", &[&a, &b])),
    }
}

pub(crate) fn and(operands: [Value; 2]) -> Result<Value, Fault> {
    two_ints("BIT_AND", operands).map(|(a, b)| Value::Int(a & b))
}

pub(crate) fn or(operands: [Value; 2]) -> Result<Value, Fault> {
    two_ints("BIT_OR", operands).map(|(a, b)| Value::Int(a | b))
}

pub(crate) fn xor(operands: [Value; 2]) -> Result<Value, Fault> {
    two_ints("BIT_XOR", operands).map(|(a, b)| Value::Int(a ^ b))
}

fn refuse_negative(operation: &'static str, count: &BigInt) -> Result<(), Fault> {
    if count.sign() == Sign::Minus {
        return Err(Fault::Argument { operation, error: "the number of bits is negative".to_owned() });
    }
    Ok(())
}

pub(crate) fn shl(operands: [Value; 2]) -> Result<Value, Fault> {
    let (a, count) = two_ints("SHL", operands)?;
    refuse_negative("SHL", &count)?;
    if a == BigInt::ZERO {
        return Ok(Value::Int(a));
    }
    let count = u64::try_from(&count).map_err(|_| too_many_bits())?;
    if count > limits::INTEGER_BITS_MAX {
        return Err(too_many_bits());
    }
    limited(a << count)
}

pub(crate) fn shr(operands: [Value; 2]) -> Result<Value, Fault> {
    let (a, count) = two_ints("SHR", operands)?;
    refuse_negative("SHR", &count)?;
    let all_gone = if a.sign() == Sign::Minus { BigInt::from(-1) } else { BigInt::ZERO };
    Ok(Value::Int(match u64::try_from(&count) {
        Ok(count) if count <= a.bits() => a >> count,
        _ => all_gone,
    }))
}
