//! Comparisons of constants.

use std::cmp::Ordering;

use ttvm_isa::{Integer, OpCode};

use super::{
    answer,
    number::{Number, Order, by_value, total},
};
use crate::literal::Literal;

/// What a comparison pushes; `None` if the instruction is none, would fail, or is left to the machine.
pub(crate) fn compare(op: &OpCode, a: &Literal, b: &Literal) -> Option<Literal> {
    match op {
        OpCode::Eq {} => Some(answer(equals(a, b))),
        OpCode::Ne {} => Some(answer(!equals(a, b))),
        OpCode::Cmp {} => Some(Literal::Int(Integer::Small(total_order(a, b)? as i64))),
        OpCode::Gt {} => by_exact_value(a, b, Ordering::is_gt),
        OpCode::Lt {} => by_exact_value(a, b, Ordering::is_lt),
        OpCode::Ge {} => by_exact_value(a, b, Ordering::is_ge),
        OpCode::Le {} => by_exact_value(a, b, Ordering::is_le),
        OpCode::EqNum {} => by_exact_value(a, b, Ordering::is_eq),
        OpCode::EqF {} => as_floats(a, b, nearly_equal),
        OpCode::NeF {} => as_floats(a, b, |a, b| !nearly_equal(a, b)),
        OpCode::GtF {} => as_floats(a, b, |a, b| a > b),
        OpCode::LtF {} => as_floats(a, b, |a, b| a < b),
        OpCode::GeF {} => as_floats(a, b, |a, b| a >= b),
        OpCode::LeF {} => as_floats(a, b, |a, b| a <= b),
        // No comparison.
        _other => None,
    }
}

/// Equality as `EQ` says: values of different types differ, floats compare as IEEE says.
pub(crate) fn equals(a: &Literal, b: &Literal) -> bool {
    match (a, b) {
        (Literal::Float(a), Literal::Float(b)) => a.get() == b.get(),
        (a, b) => a == b,
    }
}

fn by_exact_value(a: &Literal, b: &Literal, is_so: impl FnOnce(Ordering) -> bool) -> Option<Literal> {
    Some(match by_value(&Number::of(a)?, &Number::of(b)?)? {
        Order::Without => answer(false),
        Order::By(order) => answer(is_so(order)),
    })
}

fn as_floats(a: &Literal, b: &Literal, is_so: impl FnOnce(f64, f64) -> bool) -> Option<Literal> {
    Some(answer(is_so(Number::of(a)?.as_float()?, Number::of(b)?.as_float()?)))
}

/// The classic tolerance.
fn nearly_equal(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < f64::EPSILON
}

fn total_order(a: &Literal, b: &Literal) -> Option<Ordering> {
    match (a, b) {
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        _ if rank(a) == 0 && rank(b) == 0 => total(&Number::of(a)?, &Number::of(b)?),
        _ => Some(rank(a).cmp(&rank(b))),
    }
}

/// The place of a type in the total order.
fn rank(literal: &Literal) -> u8 {
    match literal {
        Literal::Int(_) | Literal::Float(_) => 0,
        Literal::Bool(_) => 1,
        Literal::Null => 2,
        Literal::Text(_) => 3,
    }
}
