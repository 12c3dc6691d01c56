//! Arithmetic, bits, rounding, truth.

use num_bigint::BigInt;
use proptest::prelude::*;

use super::{big, float, int, outcome, s};
use crate::{
    Value,
    ops::{arithmetic as a, bits, logic, rounding},
};

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

#[test]
fn overflow_gives_a_big_int_and_comes_back() {
    assert_eq!(outcome(a::add(&int(MAX), &int(1))), "Int(9223372036854775808)");
    assert_eq!(outcome(a::sub(&int(MIN), &int(1))), "Int(-9223372036854775809)");
    assert_eq!(outcome(a::mul(&int(MAX), &int(MAX))), "Int(85070591730234615847396907784232501249)");
    assert_eq!(outcome(a::neg(&int(MIN))), "Int(9223372036854775808)");
    assert_eq!(outcome(a::abs(&int(MIN))), "Int(9223372036854775808)");
    assert_eq!(outcome(a::div(&int(MIN), &int(-1))), "Int(9223372036854775808)");
    let back = a::sub(&big("9223372036854775808"), &int(1)).unwrap();
    assert_eq!(back.tag(), 0, "what fits in 64 bits is no heap object");
}

#[test]
fn division_truncates_and_remainders_have_their_signs() {
    for (x, y, quotient, remainder, modulo) in [
        (7, 2, 3, 1, 1),
        (-7, 2, -3, -1, 1),
        (7, -2, -3, 1, -1),
        (-7, -2, 3, -1, -1),
        (6, 3, 2, 0, 0),
        (-6, 3, -2, 0, 0),
    ] {
        assert_eq!(outcome(a::div(&int(x), &int(y))), format!("Int({quotient})"));
        assert_eq!(outcome(a::remainder(&int(x), &int(y))), format!("Int({remainder})"));
        assert_eq!(outcome(a::modulo(&int(x), &int(y))), format!("Int({modulo})"));
        let (fx, fy) = (float(x as f64), float(y as f64));
        assert_eq!(a::remainder(&fx, &fy).unwrap().to_string().replace("-0", "0"), remainder.to_string());
        assert_eq!(a::modulo(&fx, &fy).unwrap().to_string(), modulo.to_string());
    }
    assert_eq!(outcome(a::remainder(&int(MIN), &int(-1))), "Int(0)");
    assert_eq!(outcome(a::modulo(&int(MIN), &int(-1))), "Int(0)");
    assert_eq!(outcome(a::modulo(&big("-100000000000000000000"), &int(7))), "Int(5)");
    assert_eq!(outcome(a::remainder(&big("-100000000000000000000"), &int(7))), "Int(-2)");
}

#[test]
fn a_zero_divisor_is_an_error_whatever_its_type() {
    for zero in [int(0), float(0.0), float(-0.0)] {
        for x in [int(1), float(1.0), big("99999999999999999999")] {
            assert_eq!(outcome(a::div(&x, &zero)), "! Division by zero");
            assert_eq!(outcome(a::modulo(&x, &zero)), "! Division by zero");
            assert_eq!(outcome(a::remainder(&x, &zero)), "! Division by zero");
        }
    }
    assert_eq!(outcome(a::div_float(&int(1), &int(0))), "! DIV_F expects non-zero divisor but got zero");
}

#[test]
fn mixed_operands_give_floats() {
    assert_eq!(outcome(a::add(&int(1), &float(0.5))), "Float(1.5)");
    assert_eq!(outcome(a::mul(&float(0.5), &int(4))), "Float(2.0)");
    assert_eq!(outcome(a::div(&int(1), &float(4.0))), "Float(0.25)");
    assert_eq!(outcome(a::add_float(&int(1), &int(2))), "Float(3.0)");
    assert_eq!(outcome(a::sub(&big("100000000000000000000"), &float(1e20))), "Float(0.0)");
    assert_eq!(
        outcome(a::add(&s("a"), &int(1))),
        "! ADD expects two numbers (int or float) but got Str(\"a\"), Int(1)"
    );
    assert_eq!(outcome(a::sub_float(&Value::Null, &int(1))), "! SUB_F expects two floats but got Null, Int(1)");
    assert_eq!(outcome(a::neg(&Value::Bool(true))), "! NEG expects a number but got Bool(true)");
}

#[test]
fn powers_check_their_size_first() {
    assert_eq!(outcome(a::pow(&int(2), &int(10))), "Int(1024)");
    assert_eq!(outcome(a::pow(&int(-2), &int(3))), "Int(-8)");
    assert_eq!(outcome(a::pow(&int(2), &int(64))), "Int(18446744073709551616)");
    assert_eq!(outcome(a::pow(&int(2), &int(-1))), "Float(0.5)");
    assert_eq!(outcome(a::pow(&int(0), &int(-1))), "Float(inf)");
    assert_eq!(outcome(a::pow(&int(0), &int(0))), "Int(1)");
    assert_eq!(outcome(a::pow(&float(2.0), &float(0.5))), "Float(1.4142135623730951)");
    let huge = big("1000000000000000000000");
    assert_eq!(outcome(a::pow(&int(1), &huge)), "Int(1)");
    assert_eq!(outcome(a::pow(&int(0), &huge)), "Int(0)");
    assert_eq!(outcome(a::pow(&int(-1), &huge)), "Int(1)");
    assert_eq!(outcome(a::pow(&int(-1), &int(MAX))), "Int(-1)");
    assert_eq!(outcome(a::pow(&int(2), &huge)), "! Limit reached: at most 1073741824 bits in an int");
    assert_eq!(outcome(a::pow(&int(3), &int(MAX))), "! Limit reached: at most 1073741824 bits in an int");
}

#[test]
fn shifts_keep_every_bit_and_check_their_size_first() {
    assert_eq!(outcome(bits::shift_left(&int(1), &int(62))), "Int(4611686018427387904)");
    assert_eq!(outcome(bits::shift_left(&int(1), &int(63))), "Int(9223372036854775808)");
    assert_eq!(outcome(bits::shift_left(&int(-1), &int(63))), "Int(-9223372036854775808)");
    assert_eq!(outcome(bits::shift_left(&int(-1), &int(64))), "Int(-18446744073709551616)");
    assert_eq!(outcome(bits::shift_left(&int(0), &int(MAX))), "Int(0)");
    assert_eq!(outcome(bits::shift_left(&int(1), &int(1 << 30))), "! Limit reached: at most 1073741824 bits in an int");
    assert_eq!(outcome(bits::shift_left(&int(1), &int(-1))), "! SHL: the number of bits is negative");
    assert_eq!(outcome(bits::shift_right(&int(-5), &int(1))), "Int(-3)");
    assert_eq!(outcome(bits::shift_right(&int(-5), &int(1000))), "Int(-1)");
    assert_eq!(outcome(bits::shift_right(&big("-18446744073709551617"), &int(64))), "Int(-2)");
    assert_eq!(outcome(bits::shift_right(&big("18446744073709551617"), &big("99999999999999999999"))), "Int(0)");
    assert_eq!(outcome(bits::bit_and(&int(-1), &big("18446744073709551617"))), "Int(18446744073709551617)");
    assert_eq!(outcome(bits::bit_xor(&int(6), &int(3))), "Int(5)");
    assert_eq!(outcome(bits::bit_or(&float(1.0), &int(3))), "! BIT_OR expects two integers but got Float(1.0), Int(3)");
}

#[test]
fn rounding_gives_ints_of_any_size() {
    assert_eq!(outcome(rounding::floor(&float(-1.5))), "Int(-2)");
    assert_eq!(outcome(rounding::ceil(&float(-1.5))), "Int(-1)");
    assert_eq!(outcome(rounding::round(&float(2.5))), "Int(3)");
    assert_eq!(outcome(rounding::round(&float(-2.5))), "Int(-3)");
    assert_eq!(outcome(rounding::round(&float(0.49999999999999994))), "Int(0)");
    assert_eq!(outcome(rounding::floor(&float(1e20))), "Int(100000000000000000000)");
    assert_eq!(outcome(rounding::floor(&float(9_223_372_036_854_775_808.0))), "Int(9223372036854775808)");
    assert_eq!(outcome(rounding::floor(&int(5))), "Int(5)");
    assert_eq!(outcome(rounding::floor(&float(f64::NAN))), "! FLOOR: there is no int for NaN");
    assert_eq!(outcome(rounding::ceil(&float(f64::INFINITY))), "! CEIL: there is no int for inf");
    assert_eq!(outcome(rounding::round(&s("1"))), "! ROUND expects a number but got Str(\"1\")");
}

#[test]
fn roots_of_ints_beyond_the_floats() {
    assert_eq!(outcome(rounding::sqrt(&int(16))), "Float(4.0)");
    assert_eq!(outcome(rounding::sqrt(&int(-1))), "Float(NaN)");
    let huge = Value::big(BigInt::from(10).pow(400)).unwrap();
    assert_eq!(outcome(rounding::sqrt(&huge)), "Float(1e200)");
    let beyond = Value::big(BigInt::from(10).pow(700)).unwrap();
    assert_eq!(outcome(rounding::sqrt(&beyond)), "Float(inf)");
}

#[test]
fn truth_is_false_for_zero_false_and_null_only() {
    for (value, truth) in [
        (int(0), false),
        (Value::Null, false),
        (Value::Bool(false), false),
        (float(0.0), true),
        (s(""), true),
        (int(-1), true),
    ] {
        assert_eq!(logic::truth(&value), truth);
    }
    assert_eq!(outcome(logic::not(&int(0))), "Bool(true)");
    assert_eq!(outcome(logic::and(&int(5), &Value::Bool(true))), "Bool(true)");
    assert_eq!(outcome(logic::or(&int(0), &Value::Bool(false))), "Bool(false)");
    assert_eq!(outcome(logic::not(&float(1.0))), "! NOT expects Bool or Int but got Float(1.0)");
    assert_eq!(outcome(logic::and(&Value::Null, &int(1))), "! AND expects two Booleans but got Null, Int(1)");
}

proptest! {
    #[test]
    fn int_arithmetic_agrees_with_wide_ints(x in any::<i64>(), y in any::<i64>()) {
        let (wx, wy) = (i128::from(x), i128::from(y));
        let text = |value: i128| format!("Int({value})");
        prop_assert_eq!(outcome(a::add(&int(x), &int(y))), text(wx + wy));
        prop_assert_eq!(outcome(a::sub(&int(x), &int(y))), text(wx - wy));
        prop_assert_eq!(outcome(a::mul(&int(x), &int(y))), text(wx * wy));
        if y != 0 {
            prop_assert_eq!(outcome(a::div(&int(x), &int(y))), text(wx / wy));
            prop_assert_eq!(outcome(a::remainder(&int(x), &int(y))), text(wx % wy));
            prop_assert_eq!(outcome(a::modulo(&int(x), &int(y))), text(wx - wy * wx.div_euclid(wy) - if wy < 0 && wx.rem_euclid(wy) != 0 { -wy } else { 0 }));
        }
    }

    #[test]
    fn shifting_left_and_back_changes_nothing(x in any::<i64>(), count in 0..300_i64) {
        let shifted = bits::shift_left(&int(x), &int(count)).unwrap();
        prop_assert_eq!(outcome(bits::shift_right(&shifted, &int(count))), format!("Int({x})"));
    }
}
