//! What instructions leave when all they take is constant: the same values the machine would compute.
//!
//! Only what cannot fail is computed, and only where the result is a constant again. Where the result would be
//! large, or where computing it needs more than this small set (an int of more than 64 bits meeting a float, powers
//! of floats), the machine does it. Here: everything but arithmetic and order, which are in `fold/`.

mod arithmetic;
mod number;
mod order;

use ttvm_isa::{Integer, OpCode};

use self::{
    arithmetic::{arithmetic, bits, one_number},
    number::Number,
    order::{compare, equals},
};
use crate::literal::Literal;

/// Bits of an int that is computed here, and bytes of a str: files must not grow by much.
const RESULT_BITS_MAX: u64 = 1024;
const RESULT_BYTES_MAX: usize = 1024;

/// The values that `op` leaves in place of the constants that it takes, the top of the stack last. `None` where it
/// must be left to the machine.
pub(crate) fn fold(op: &OpCode, inputs: &[Literal]) -> Option<Vec<Literal>> {
    if let Some(left) = rearrange(op, inputs) {
        return Some(left);
    }
    match (op, inputs) {
        (OpCode::Assert {}, [a]) => a.is_true().then(Vec::new),
        (OpCode::AssertEq {}, [a, b]) => equals(a, b).then(Vec::new),
        (_, [a]) => unary(op, a).map(|value| vec![value]),
        (_, [a, b]) => binary(op, a, b).map(|value| vec![value]),
        (_, _) => None,
    }
}

/// Instructions that only move values.
fn rearrange(op: &OpCode, inputs: &[Literal]) -> Option<Vec<Literal>> {
    let places: &[usize] = match op {
        OpCode::Pop {} => &[],
        OpCode::Dup {} => &[0, 0],
        OpCode::Swap {} => &[1, 0],
        OpCode::Over {} => &[0, 1, 0],
        OpCode::Rot {} => &[1, 2, 0],
        // Everything else computes something.
        _other => return None,
    };
    Some(places.iter().map(|place| inputs[*place].clone()).collect())
}

fn unary(op: &OpCode, a: &Literal) -> Option<Literal> {
    match op {
        OpCode::Not {} => a.as_condition().map(|is_true| Literal::Bool(!is_true)),
        OpCode::TypeOf {} => Some(Literal::Text(type_name(a).into())),
        OpCode::ToStr {} => text(printed(a)),
        OpCode::ToInt {} => match a {
            Literal::Int(_) => Some(a.clone()),
            Literal::Bool(value) => Some(answer(*value)),
            Literal::Float(value) => number::whole(value.get().trunc()),
            Literal::Text(_) | Literal::Null => None,
        },
        OpCode::ToFloat {} => match a {
            Literal::Bool(value) => Some(number::float(f64::from(u8::from(*value)))),
            Literal::Int(_) | Literal::Float(_) => Number::of(a)?.as_float().map(number::float),
            Literal::Text(_) | Literal::Null => None,
        },
        OpCode::Len {} | OpCode::StrLen {} => match a {
            Literal::Text(value) => i64::try_from(value.chars().count()).ok().map(|count| Literal::Int(count.into())),
            Literal::Int(_) | Literal::Float(_) | Literal::Bool(_) | Literal::Null => None,
        },
        // Numbers, or nothing that is computed here.
        other => one_number(other, &Number::of(a)?),
    }
}

fn binary(op: &OpCode, a: &Literal, b: &Literal) -> Option<Literal> {
    match op {
        OpCode::And {} => Some((a.as_condition()? & b.as_condition()?).into()),
        OpCode::Or {} => Some((a.as_condition()? | b.as_condition()?).into()),
        OpCode::Concat {} => match (a, b) {
            (Literal::Text(a), Literal::Text(b)) if a.len() + b.len() <= RESULT_BYTES_MAX => text(format!("{a}{b}")),
            _ => None,
        },
        // Comparisons, then numbers, or nothing that is computed here.
        other => compare(other, a, b).or_else(|| {
            let (a, b) = (Number::of(a)?, Number::of(b)?);
            arithmetic(other, &a, &b).or_else(|| bits(other, &a, &b))
        }),
    }
}

/// The int that comparisons push.
fn answer(is_so: bool) -> Literal {
    Literal::Int(Integer::Small(i64::from(is_so)))
}

fn text(value: String) -> Option<Literal> {
    (value.len() <= RESULT_BYTES_MAX).then(|| Literal::Text(value.into()))
}

fn type_name(literal: &Literal) -> &'static str {
    match literal {
        Literal::Int(_) => "int",
        Literal::Float(_) => "float",
        Literal::Text(_) => "str",
        Literal::Bool(_) => "bool",
        Literal::Null => "null",
    }
}

/// The text that `PRINT` writes. An int too large to be computed here stays with the machine: its text is too long.
fn printed(literal: &Literal) -> String {
    match literal {
        Literal::Int(value) => value.to_string(),
        // Rust writes floats as the language does: the shortest text that reads back, without an exponent.
        Literal::Float(value) => value.get().to_string(),
        Literal::Text(value) => value.to_string(),
        Literal::Bool(value) => value.to_string(),
        Literal::Null => "null".to_owned(),
    }
}
