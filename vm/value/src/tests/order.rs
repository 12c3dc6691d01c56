//! Equality and orders.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::FromPrimitive;
use proptest::prelude::*;

use super::{big, float, int, list, outcome, s};
use crate::{
    Value,
    ops::{
        compare::{equals, total_cmp},
        maps, objects, order,
    },
};

/// A number as mantissa times 2^-1074, which every float and int is; none for NaN and infinities.
fn exact(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(int) => Some(BigInt::from(*int) << 1074),
        Value::BigInt(big) => Some(big.number() << 1074),
        Value::Float(float) if float.is_finite() => {
            let bits = float.to_bits();
            let exponent = (bits >> 52) & 0x7ff;
            let fraction = bits & ((1 << 52) - 1);
            let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
            let magnitude = BigInt::from_u64(mantissa)? << (exponent.max(1) - 1);
            Some(if float.is_sign_negative() { -magnitude } else { magnitude })
        }
        _ => None,
    }
}

fn number() -> impl Strategy<Value = Value> {
    let near = |value: i128| {
        prop_oneof![
            (-2_i128..3).prop_map(move |step| Value::big(BigInt::from(value + step)).unwrap()),
            (-2_i128..3).prop_map(move |step| float((value + step) as f64)),
            Just(float((value as f64).next_up())),
            Just(float((value as f64).next_down())),
        ]
    };
    prop_oneof![
        any::<i64>().prop_map(int),
        any::<f64>().prop_map(float),
        (-5..5_i64).prop_map(int),
        (-5..5_i64).prop_map(|half| float(half as f64 / 2.0)),
        near(1 << 53),
        near(i128::from(i64::MAX)),
        near(i128::from(i64::MIN)),
        near(1 << 100),
        near(-(1 << 100)),
        Just(float(f64::NAN)),
        Just(float(f64::INFINITY)),
        Just(float(f64::NEG_INFINITY)),
        Just(float(0.0)),
        Just(float(-0.0)),
        Just(float(f64::MAX)),
        Just(Value::big(BigInt::from(1) << 1024).unwrap()),
        Just(Value::big((BigInt::from(1) << 1024) - (BigInt::from(1) << 970)).unwrap()),
        Just(Value::big((BigInt::from(1) << 1024) - (BigInt::from(1) << 971)).unwrap()),
    ]
}

pub(super) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        number(),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        "[a-cä]{0,3}".prop_map(|text| s(&text)),
        prop::collection::vec(0..3_u8, 0..3).prop_map(|bytes| Value::bytes(&bytes).unwrap()),
        prop::collection::vec(0..3_i64, 0..3)
            .prop_map(|ints| Value::I64Array(crate::I64Array::from_slice(&ints).unwrap())),
        prop::collection::vec(0..3_i64, 0..3).prop_map(|ints| {
            Value::F64Array(crate::F64Array::collect(ints.iter().map(|int| *int as f64)).unwrap())
        }),
        (1..4_u64).prop_map(|number| Value::Pid(crate::Pid::new(number, 0))),
        (1..4_u64).prop_map(|number| Value::Ref(crate::Ref(number))),
        (1..4_u64).prop_map(|number| Value::Resource(crate::Resource::new(crate::ResourceKind::Conn, number))),
        (1..4_u64).prop_map(|number| Value::Barrier(crate::Barrier(crate::Pid::new(number, 0)))),
        (1..4_u64).prop_map(|number| Value::Future(crate::Future(crate::Pid::new(number, 0)))),
        (1..4_u64).prop_map(|number| Value::Stream(crate::Stream(crate::Pid::new(number, 0)))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let pairs = prop::collection::vec((inner.clone(), inner.clone()), 0..3);
        let fields = prop::collection::vec(("[ab]{1,2}", inner.clone()), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|values| list(&values)),
            pairs.prop_map(|pairs| {
                pairs.into_iter().fold(maps::map_new(), |map, (key, value)| maps::map_put(map, key, value).unwrap())
            }),
            fields.prop_map(|fields| {
                fields.into_iter().fold(objects::make_object(), |object, (name, value)| {
                    objects::set_field(object, &s(&name), value).unwrap()
                })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn numbers_are_compared_by_exact_value(a in number(), b in number()) {
        if let (Some(x), Some(y)) = (exact(&a), exact(&b)) {
            prop_assert_eq!(order::less_than(&a, &b).unwrap(), x < y);
            prop_assert_eq!(order::greater_or_equal(&a, &b).unwrap(), x >= y);
            prop_assert_eq!(order::equal_number(&a, &b).unwrap(), x == y);
            if x != y {
                prop_assert_eq!(total_cmp(&a, &b), x.cmp(&y));
            }
        }
    }

    #[test]
    fn the_order_of_numbers_is_total(a in number(), b in number(), c in number()) {
        check_total(&a, &b, &c)?;
    }

    #[test]
    fn the_order_of_values_is_total(a in any_value(), b in any_value(), c in any_value()) {
        check_total(&a, &b, &c)?;
    }

    #[test]
    fn equal_in_the_total_order_and_free_of_nan_means_equal(a in any_value(), b in any_value()) {
        if total_cmp(&a, &b).is_eq() && !format!("{a:?}").contains("NaN") {
            prop_assert!(equals(&a, &b));
        }
        if equals(&a, &b) && !format!("{a:?}{b:?}").contains("-0.0") {
            prop_assert!(total_cmp(&a, &b).is_eq());
        }
    }
}

fn check_total(a: &Value, b: &Value, c: &Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(total_cmp(a, a), Ordering::Equal);
    prop_assert_eq!(total_cmp(a, b), total_cmp(b, a).reverse());
    if total_cmp(a, b).is_le() && total_cmp(b, c).is_le() {
        prop_assert!(total_cmp(a, c).is_le());
    }
    if total_cmp(a, b).is_eq() {
        prop_assert_eq!(total_cmp(a, c), total_cmp(b, c));
    }
    Ok(())
}

#[test]
fn types_have_their_places_in_the_order() {
    let mut values = [
        Value::Resource(crate::Resource::new(crate::ResourceKind::Socket, 1)),
        Value::Resource(crate::Resource::new(crate::ResourceKind::Conn, 2)),
        Value::Stream(crate::Stream(crate::Pid::new(1, 0))),
        Value::Future(crate::Future(crate::Pid::new(2, 0))),
        Value::Barrier(crate::Barrier(crate::Pid::new(1, 0))),
        Value::Ref(crate::Ref(1)),
        Value::Pid(crate::Pid::new(1, 0)),
        crate::ops::arrays::array_f64(&int(1)).unwrap(),
        crate::ops::arrays::array_i64(&int(9)).unwrap(),
        maps::map_new(),
        objects::make_object(),
        list(&[]),
        Value::bytes(b"").unwrap(),
        s(""),
        Value::Null,
        Value::Bool(false),
        float(f64::NAN),
        big("99999999999999999999"),
        float(0.0),
        float(-0.0),
        int(0),
    ];
    values.sort_by(total_cmp);
    let texts: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    assert_eq!(
        texts.join(" "),
        "Int(0) Float(-0.0) Float(0.0) Int(99999999999999999999) Float(NaN) Bool(false) Null Str(\"\") Bytes(0) \
         List([]) Object({}) Map({}) I64Array(9) F64Array(1) Pid(1) Ref(1) \
         Barrier(1) Future(2) Stream(1) Conn(2) Socket(1)"
    );
}

#[test]
fn containers_are_ordered_by_their_elements_then_sizes() {
    let object = |fields: &[(&str, i64)]| {
        fields.iter().fold(objects::make_object(), |object, (name, value)| {
            objects::set_field(object, &s(name), int(*value)).unwrap()
        })
    };
    assert!(total_cmp(&list(&[int(1)]), &list(&[int(1), int(0)])).is_lt());
    assert!(total_cmp(&list(&[int(2)]), &list(&[int(1), int(0)])).is_gt());
    assert!(total_cmp(&object(&[("b", 1)]), &object(&[("a", 1), ("b", 1)])).is_lt(), "fewer fields first");
    assert!(total_cmp(&object(&[("a", 9)]), &object(&[("b", 1)])).is_lt(), "names before values");
    assert!(total_cmp(&object(&[("b", 1), ("a", 1)]), &object(&[("a", 1), ("b", 1)])).is_eq());
}

#[test]
fn equality_tells_types_apart_and_follows_ieee() {
    assert!(!equals(&int(1), &float(1.0)));
    assert!(order::equal_number(&int(1), &float(1.0)).unwrap());
    assert!(!equals(&float(f64::NAN), &float(f64::NAN)));
    assert!(equals(&float(0.0), &float(-0.0)));
    let nested = list(&[list(&[float(f64::NAN)])]);
    assert!(!equals(&nested, &nested.clone()), "NaN differs from itself wherever it is");
    assert!(equals(&big("99999999999999999999"), &big("99999999999999999999")));
    assert!(!equals(&Value::Null, &Value::Bool(false)));
}

#[test]
fn deep_values_are_compared_without_recursion() {
    let deep = |last: i64| (0..1_000_000).fold(list(&[int(last)]), |value, _| list(&[value]));
    let (a, b, c) = (deep(1), deep(1), deep(2));
    assert!(equals(&a, &b));
    assert!(!equals(&a, &c));
    assert!(total_cmp(&a, &c).is_lt());
}

#[test]
fn comparison_errors_show_both_operands() {
    let bool_of = |result: Result<bool, ttvm_isa::Fault>| outcome(result.map(Value::one_or_zero));
    assert_eq!(
        bool_of(order::less_than(&s("a"), &int(1))),
        "! LT expects two numbers (int or float) but got Str(\"a\"), Int(1)"
    );
    assert_eq!(
        bool_of(order::less_than_float(&s("a"), &int(1))),
        "! LT_F expects two floats but got Str(\"a\"), Int(1)"
    );
    assert_eq!(
        bool_of(order::equal_number(&Value::Null, &int(1))),
        "! EQ_NUM expects two numbers (int or float) but got Null, Int(1)"
    );
}

#[test]
fn float_comparisons_take_any_numbers_and_a_small_difference() {
    assert!(order::equal_float(&float(0.1 + 0.2), &float(0.3)).unwrap());
    assert!(order::equal_float(&float(f64::INFINITY), &float(f64::INFINITY)).unwrap());
    assert!(!order::equal_float(&float(f64::NAN), &float(f64::NAN)).unwrap());
    assert!(order::not_equal_float(&int(1), &float(1.1)).unwrap());
    assert!(order::greater_than_float(&int(2), &float(1.5)).unwrap());
    assert!(!order::less_or_equal(&float(f64::NAN), &int(1)).unwrap());
}

#[test]
fn min_and_max_follow_the_total_order() {
    assert_eq!(outcome(order::min(&float(1.0), &int(1))), "Int(1)");
    assert_eq!(outcome(order::max(&float(1.0), &int(1))), "Float(1.0)");
    assert_eq!(outcome(order::min(&float(f64::NAN), &int(1))), "Int(1)");
    assert_eq!(outcome(order::max(&float(0.0), &float(-0.0))), "Float(0.0)");
    assert_eq!(
        outcome(order::min(&s("a"), &int(1))),
        "! MIN expects two numbers (int or float) but got Str(\"a\"), Int(1)"
    );
    assert_eq!(format!("{:?}", order::compare(&int(1), &s("a"))), "Int(-1)");
}
