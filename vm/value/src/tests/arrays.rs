//! Typed arrays.

use super::{float, int, outcome, s};
use crate::{F64Array, I64Array, Value, ops::arrays as a};

fn ints(elements: &[i64]) -> Value {
    Value::I64Array(I64Array::from_slice(elements).unwrap())
}

fn floats(elements: &[f64]) -> Value {
    Value::F64Array(F64Array::from_slice(elements).unwrap())
}

fn shown(value: &Value) -> String {
    match value {
        Value::I64Array(array) => format!("{:?}", array.as_slice()),
        Value::F64Array(array) => format!("{:?}", array.as_slice()),
        other => format!("{other:?}"),
    }
}

#[test]
fn elements_are_set_in_a_copy_if_somebody_holds_the_array() {
    let old = a::array_f64(&int(3)).unwrap();
    let new = a::array_set(old.clone(), &int(1), &int(5)).unwrap();
    assert_eq!((shown(&old), shown(&new)), ("[0.0, 0.0, 0.0]".into(), "[0.0, 5.0, 0.0]".into()));
    assert_eq!(outcome(a::array_get(&new, &int(1))), "Float(5.0)");
    assert_eq!(outcome(a::array_get(&new, &int(3))), "! Index 3 out of bounds for list of length 3");
    assert_eq!(outcome(a::array_get(&int(1), &int(0))), "! ARRAY_GET expects an array but got Int(1)");
    assert_eq!(
        outcome(a::array_set(ints(&[1]), &int(0), &float(1.0))),
        "! ARRAY_SET expects an integer of 64 bits but got Float(1.0)"
    );
    assert_eq!(outcome(a::array_set(new, &int(0), &s("x"))), "! ARRAY_SET expects a number but got Str(\"x\")");
    assert_eq!(outcome(a::array_i64(&int(-1))), "! ARRAY_I64: -1 is no number of elements");
    assert_eq!(shown(&a::array_fill(ints(&[1, 2]), &int(7)).unwrap()), "[7, 7]");
}

#[test]
fn sums_and_products_of_ints_are_exact() {
    assert_eq!(outcome(a::array_sum(&ints(&[i64::MAX, i64::MAX]))), "Int(18446744073709551614)");
    assert_eq!(outcome(a::array_sum(&floats(&[0.5, 1.0]))), "Float(1.5)");
    assert_eq!(outcome(a::array_sum(&ints(&[]))), "Int(0)");
    let least = ints(&[i64::MIN, i64::MIN, i64::MIN]);
    assert_eq!(outcome(a::array_dot(&least, &least)), "Int(255211775190703847597530955573826158592)");
    assert_eq!(outcome(a::array_dot(&floats(&[1.0, 2.0]), &floats(&[3.0, 4.0]))), "Float(11.0)");
    assert_eq!(outcome(a::array_dot(&ints(&[1]), &ints(&[1, 2]))), "! ARRAY_DOT: arrays of 1 and 2 elements");
    assert_eq!(
        outcome(a::array_dot(&ints(&[1]), &floats(&[1.0]))),
        "! ARRAY_DOT expects two arrays of one type but got I64Array(1), F64Array(1)"
    );
}

#[test]
fn axpy_gather_and_scatter() {
    let y = a::array_axpy(&float(2.0), &floats(&[1.0, 2.0]), floats(&[10.0, 20.0])).unwrap();
    assert_eq!(shown(&y), "[12.0, 24.0]");
    assert_eq!(shown(&a::array_axpy(&int(-1), &ints(&[1]), ints(&[5])).unwrap()), "[4]");
    assert_eq!(
        outcome(a::array_axpy(&int(2), &ints(&[i64::MAX]), ints(&[5]))),
        "! ARRAY_AXPY: element 0 does not fit in 64 bits"
    );
    assert_eq!(shown(&a::array_gather(&y, &ints(&[1, 0, 1])).unwrap()), "[24.0, 12.0, 24.0]");
    assert_eq!(outcome(a::array_gather(&y, &ints(&[2]))), "! Index 2 out of bounds for list of length 2");
    let sums = a::array_scatter_add(floats(&[0.0, 0.0]), &ints(&[1, 1, 0]), &floats(&[1.0, 2.0, 4.0])).unwrap();
    assert_eq!(shown(&sums), "[4.0, 3.0]");
    assert_eq!(
        outcome(a::array_scatter_add(ints(&[i64::MAX]), &ints(&[0]), &ints(&[1]))),
        "! ARRAY_SCATTER_ADD: element 0 does not fit in 64 bits"
    );
    assert_eq!(outcome(a::array_gather(&y, &s("x"))), "! ARRAY_GATHER expects an array of integers but got Str(\"x\")");
}
