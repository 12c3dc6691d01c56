//! Making and reading the values that the machine exchanges with programs: reasons, system messages, answers.

use ttvm_value::{List, Object, Ref, SharedValue, Str, Value};

/// An object of these fields.
#[must_use]
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut object = Object::new();
    for (name, value) in fields {
        // Without memory for a few fields, what there is must do.
        if Str::new(name).and_then(|name| object.set(&name, value)).is_err() {
            return Value::Null;
        }
    }
    Value::Object(object)
}

/// A field of an object.
#[must_use]
pub fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Object(object) = value else { return None };
    object.iter().find(|(field, _)| field.as_str() == name).map(|(_, value)| value)
}

/// A str; null if there is no memory even for that.
#[must_use]
pub fn text(text: &str) -> Value {
    Value::str(text).unwrap_or(Value::Null)
}

/// A list; null if there is no memory for it.
pub(crate) fn list(values: impl ExactSizeIterator<Item = Value>) -> Value {
    Value::list(values).unwrap_or(Value::Null)
}

/// The elements of a list, for other processes.
pub(crate) fn shared_items(list: &List) -> Vec<SharedValue> {
    list.iter().map(|item| SharedValue::new(item.to_value()).0).collect()
}

/// A str for other processes.
pub(crate) fn shared_text(name: &str) -> SharedValue {
    SharedValue::new(text(name)).0
}

/// The reason of a process that has reached one of its limits.
pub(crate) fn limit_reason(limit: &str) -> Value {
    object([("limit", text(limit))])
}

/// Whether a message says that the process watched with this ref has ended.
pub(crate) fn is_down_of(message: &Value, reference: Ref) -> bool {
    field(message, "signal").and_then(Value::as_str) == Some("down")
        && matches!(field(message, "ref"), Some(Value::Ref(found)) if *found == reference)
}

/// Whether a reason is that of an orderly end: `normal`, `shutdown` or `["shutdown", x]` (rule P63).
#[must_use]
pub fn is_orderly(reason: &Value) -> bool {
    match reason {
        Value::Str(name) => matches!(name.as_str(), "normal" | "shutdown"),
        Value::List(list) => {
            list.len() == 2 && list.get(0).is_some_and(|first| first.to_value().as_str() == Some("shutdown"))
        }
        _ => false,
    }
}
