//! Making and reading the values that the machine exchanges with programs: reasons, system messages, answers.

use ttvm_value::{List, NewObject, Object, Pid, Ref, SharedValue, Str, Value, known};

/// An object of these fields, whose names differ.
#[must_use]
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    // Without memory for a few fields, null must do.
    let mut has_names = true;
    let mut named = |name: &str| {
        known::find(name).map_or_else(|| Str::new(name), Ok).unwrap_or_else(|_| {
            has_names = false;
            Str::empty()
        })
    };
    let fields = fields.map(|(name, value)| (named(name), value));
    if !has_names {
        return Value::Null;
    }
    Object::from_fields(fields).map_or(Value::Null, Value::Object)
}

/// A system message of these fields, whose names are known texts; null without memory for it.
macro_rules! message {
    ($fields:literal: $($name:ident = $value:expr),*) => {{
        let made = NewObject::new($fields).and_then(|mut object| {
            $(object.add(SharedValue::fixed(&known::$name))?;)*
            $(object.add($value)?;)*
            Ok(object.finish())
        });
        made.unwrap_or_else(|_| SharedValue::new(Value::Null).0)
    }};
}

/// The message that a watched process has ended.
#[inline(always)]
pub(crate) fn down_message(reference: Ref, pid: Pid, reason: SharedValue) -> SharedValue {
    let (reference, pid) = (SharedValue::new(Value::Ref(reference)).0, SharedValue::new(Value::Pid(pid)).0);
    message!(4: SIGNAL = SharedValue::fixed(&known::DOWN), REF = reference, PID = pid, REASON = reason)
}

/// The message that a linked process has ended, or that somebody wishes the receiver's end.
pub(crate) fn exit_message(from: Pid, reason: SharedValue) -> SharedValue {
    let from = SharedValue::new(Value::Pid(from)).0;
    message!(3: SIGNAL = SharedValue::fixed(&known::EXIT), FROM = from, REASON = reason)
}

/// The reason of most ends.
#[inline]
pub(crate) fn normal() -> SharedValue {
    SharedValue::fixed(&known::NORMAL)
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
    known::find(text).map_or_else(|| Value::str(text).unwrap_or(Value::Null), Value::Str)
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
