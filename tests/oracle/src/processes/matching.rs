//! Patterns and guards of `.receive` blocks: whether a message fits, and what becomes a variable.

use num_bigint::BigInt;
use ttvm_isa::{
    Fault, Integer, Text,
    receive::{Comparison, Guard, GuardOperand, Pattern, PatternKind, ReceiveCase, Rest},
};

use crate::{compare::equals, machine::Code, operations::comparison, value::Value};

/// Variables and their values.
pub(super) type Variables = [(Text, Value)];

/// The variables that a case sets if it takes a message; `None` if it does not. `known` are those of the frame.
pub(super) fn matches(case: &ReceiveCase, message: &Value, known: &Variables) -> Option<Vec<(Text, Value)>> {
    let mut matching = Matching { known, bound: Vec::new() };
    if !matching.fits(&case.pattern, message) {
        return None;
    }
    // A guard that fails with an error is false.
    let holds = case.guard.as_ref().is_none_or(|guard| matching.holds(guard).unwrap_or(false));
    holds.then_some(matching.bound)
}

/// Every variable behind a `^` must exist, whatever messages there are.
pub(super) fn check_names(pattern: &Pattern, code: &Code) -> Result<(), Fault> {
    let parts: Vec<&Pattern> = match pattern {
        Pattern::Equal(name) => return code.variable(name).map(|_| ()),
        Pattern::List { items, .. } => items.iter().collect(),
        Pattern::Object(fields) => fields.iter().map(|(_, part)| part).collect(),
        Pattern::Exit { from, reason } => vec![from, reason],
        Pattern::Down { reference, pid, reason } => vec![reference, pid, reason],
        Pattern::Any
        | Pattern::Bind(_)
        | Pattern::Typed { .. }
        | Pattern::Integer(_)
        | Pattern::Float(_)
        | Pattern::Text(_)
        | Pattern::Flag(_)
        | Pattern::Null
        | Pattern::Signal(_) => Vec::new(),
    };
    parts.into_iter().try_for_each(|part| check_names(part, code))
}

/// One case and one message.
struct Matching<'a> {
    known: &'a Variables,
    bound: Vec<(Text, Value)>,
}

impl Matching<'_> {
    fn fits(&mut self, pattern: &Pattern, value: &Value) -> bool {
        match pattern {
            Pattern::Any => true,
            Pattern::Bind(name) => self.bind(name, value),
            Pattern::Typed { kind, name } => {
                is_of_kind(value, *kind) && name.as_ref().is_none_or(|name| self.bind(name, value))
            }
            Pattern::Equal(name) => find(self.known, name).is_some_and(|known| equals(known, value)),
            Pattern::Integer(integer) => equals(&int(integer), value),
            Pattern::Float(float) => equals(&Value::Float(float.get()), value),
            Pattern::Text(text) => equals(&Value::str(&**text), value),
            Pattern::Flag(flag) => equals(&Value::Bool(*flag), value),
            Pattern::Null => equals(&Value::Null, value),
            Pattern::List { items, rest } => self.fits_list(items, rest.as_ref(), value),
            Pattern::Object(fields) => {
                fields.iter().all(|(name, pattern)| self.fits_field(name, pattern, value)) && is_object(value)
            }
            Pattern::Exit { from, reason } => {
                is_signal(value, "exit")
                    && self.fits_field("from", from, value)
                    && self.fits_field("reason", reason, value)
            }
            Pattern::Down { reference, pid, reason } => {
                is_signal(value, "down")
                    && self.fits_field("ref", reference, value)
                    && self.fits_field("pid", pid, value)
                    && self.fits_field("reason", reason, value)
            }
            Pattern::Signal(name) => is_signal(value, name),
        }
    }

    fn fits_list(&mut self, items: &[Pattern], rest: Option<&Rest>, value: &Value) -> bool {
        let Value::List(values) = value else { return false };
        if values.len() < items.len() || (rest.is_none() && values.len() > items.len()) {
            return false;
        }
        let (first, others) = values.split_at(items.len());
        let fits = items.iter().zip(first).all(|(pattern, value)| self.fits(pattern, value));
        fits && match rest {
            Some(Rest::Bind(name)) => self.bind(name, &Value::list(others.to_vec())),
            Some(Rest::Any) | None => true,
        }
    }

    fn fits_field(&mut self, name: &str, pattern: &Pattern, value: &Value) -> bool {
        let Value::Object(object) = value else { return false };
        object.get(name).is_some_and(|value| self.fits(pattern, value))
    }

    /// A name that stands twice must match equal values.
    fn bind(&mut self, name: &Text, value: &Value) -> bool {
        if let Some(bound) = find(&self.bound, name) {
            return equals(bound, value);
        }
        self.bound.push((name.clone(), value.clone()));
        true
    }

    fn holds(&self, guard: &Guard) -> Result<bool, Fault> {
        match guard {
            Guard::All(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Guard::Either(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Guard::Not(part) => Ok(!self.holds(part)?),
            Guard::Truth(name) => Ok(self.variable(name)?.is_true()),
            Guard::Compare { comparison, left, right } => {
                let (left, right) = (self.side(left)?, self.side(right)?);
                let answer = match comparison {
                    Comparison::Equal => comparison::eq([left, right]),
                    Comparison::Unequal => comparison::ne([left, right]),
                    Comparison::Less => comparison::ordered("LT", [left, right], |order| order.is_lt()),
                    Comparison::LessOrEqual => comparison::ordered("LE", [left, right], |order| order.is_le()),
                    Comparison::Greater => comparison::ordered("GT", [left, right], |order| order.is_gt()),
                    Comparison::GreaterOrEqual => comparison::ordered("GE", [left, right], |order| order.is_ge()),
                };
                Ok(answer?.is_true())
            }
        }
    }

    fn side(&self, operand: &GuardOperand) -> Result<Value, Fault> {
        Ok(match operand {
            GuardOperand::Variable(name) => self.variable(name)?,
            GuardOperand::Integer(integer) => int(integer),
            GuardOperand::Float(float) => Value::Float(float.get()),
            GuardOperand::Text(text) => Value::str(&**text),
            GuardOperand::Flag(flag) => Value::Bool(*flag),
            GuardOperand::Null => Value::Null,
        })
    }

    /// A variable of the pattern, or else of the frame.
    fn variable(&self, name: &Text) -> Result<Value, Fault> {
        let found = find(&self.bound, name).or_else(|| find(self.known, name));
        found.cloned().ok_or_else(|| Fault::UndefinedVariable { name: name.to_string() })
    }
}

fn find<'a>(variables: &'a Variables, name: &Text) -> Option<&'a Value> {
    variables.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn int(integer: &Integer) -> Value {
    Value::Int(match integer {
        Integer::Small(small) => BigInt::from(*small),
        Integer::Big(big) => (**big).clone(),
    })
}

fn is_object(value: &Value) -> bool {
    matches!(value, Value::Object(_))
}

fn is_signal(value: &Value, name: &str) -> bool {
    let Value::Object(object) = value else { return false };
    object.get("signal").is_some_and(|signal| equals(signal, &Value::str(name)))
}

fn is_of_kind(value: &Value, kind: PatternKind) -> bool {
    match kind {
        PatternKind::Number => matches!(value, Value::Int(_) | Value::Float(_)),
        // The other words are those of TYPE_OF.
        kind => value.type_name() == kind.word(),
    }
}
