//! `DUMP_SCOPE`: the order in which a frame's variables came into existence.
//!
//! Functions that never print their scope pay nothing for it. The others keep a list in a hidden variable: a
//! slot number for each variable, or a pair of name and value for what an import brought that the
//! function does not mention.

use std::fmt::Write;

use ttvm_bytecode::Captured;
use ttvm_value::{List, Value, list::Item, ops::text::debug_text};

use crate::{frames, process::Process};

impl Process {
    fn scope_slot(&self) -> Option<*mut Value> {
        let slot = self.function().lowered().scope_order;
        (slot != 0).then(|| self.cell(self.frame() + usize::from(slot)))
    }

    fn variable(&self, slot: i64) -> Option<&Value> {
        let index = usize::try_from(slot).ok()?;
        // SAFETY: C2: the list holds slots of variables of this frame.
        let value = unsafe { &*self.cell(self.frame() + index) };
        (!value.is_undefined()).then_some(value)
    }

    /// The frame's order; at first the parameters and captures.
    fn scope_order(&self, cell: *mut Value) -> Vec<Value> {
        // SAFETY: the hidden variable is a slot of the newest frame.
        match unsafe { &*cell } {
            Value::List(list) => list.iter().map(Item::to_value).collect(),
            _ => self.initial_slots().map(Value::Int).collect(),
        }
    }

    fn initial_slots(&self) -> impl Iterator<Item = i64> + '_ {
        let function = self.function();
        let captured = match &function.module().lowered.verified.functions()[function.number as usize].captured {
            Captured::Nothing => 0,
            Captured::Known(names) => names.len(),
            // Bound one by one when the closure was called.
            Captured::Unknown => 0,
        };
        let count = (usize::from(function.parameters) + captured).min(function.lowered().variables.len());
        (1..=count as i64).filter(|slot| self.variable(*slot).is_some())
    }

    fn set_scope_order(&mut self, cell: *mut Value, order: Vec<Value>) {
        if let Ok(list) = List::collect(order.into_iter()) {
            // SAFETY: the hidden variable is a slot of the newest frame.
            unsafe { frames::set(cell, Value::List(list)) };
        }
    }

    /// Notes that the variable in `slot` is about to exist, last if it did not before.
    pub(crate) fn note_variable(&mut self, slot: u16) {
        let Some(cell) = self.scope_slot() else { return };
        let mut order = self.scope_order(cell);
        let is_known = order.iter().any(|entry| matches!(entry, Value::Int(known) if *known == i64::from(slot)));
        if !is_known {
            order.push(Value::Int(i64::from(slot)));
        }
        self.set_scope_order(cell, order);
    }

    /// Notes that the variable in `slot` does not exist any more.
    pub(crate) fn forget_variable(&mut self, slot: u16) {
        let Some(cell) = self.scope_slot() else { return };
        let mut order = self.scope_order(cell);
        order.retain(|entry| !matches!(entry, Value::Int(known) if *known == i64::from(slot)));
        self.set_scope_order(cell, order);
    }

    /// Notes a variable that the function does not mention and only its printed scope can show.
    pub(crate) fn note_unnamed(&mut self, name: &str, value: &Value) {
        let Some(cell) = self.scope_slot() else { return };
        let Ok(name_value) = Value::str(name) else { return };
        let Ok(pair) = Value::list([name_value, value.clone()].into_iter()) else { return };
        let mut order = self.scope_order(cell);
        match order.iter_mut().find(|entry| unnamed(entry).is_some_and(|(known, _)| known == name)) {
            Some(entry) => *entry = pair,
            None => order.push(pair),
        }
        self.set_scope_order(cell, order);
    }

    /// The line that `DUMP_SCOPE` prints.
    pub(crate) fn scope_text(&self) -> String {
        let mut text = String::from("Current scope: Some({");
        let order = self.scope_slot().map_or_else(Vec::new, |cell| self.scope_order(cell));
        let names = &self.function().lowered().variables;
        let mut separator = "";
        for entry in &order {
            let (name, value) = match entry {
                Value::Int(slot) => match self.variable(*slot) {
                    Some(value) => (names[*slot as usize - 1].to_string(), value.clone()),
                    None => continue,
                },
                other => match unnamed(other) {
                    Some(pair) => pair,
                    None => continue,
                },
            };
            let value = debug_text(&value);
            write!(text, "{separator}{name:?}: {value}").expect("writing to a String cannot fail");
            separator = ", ";
        }
        text.push_str("})\n");
        text
    }
}

fn unnamed(entry: &Value) -> Option<(String, Value)> {
    let Value::List(pair) = entry else { return None };
    let name = pair.get(0)?.to_value().as_str()?.to_owned();
    Some((name, pair.get(1)?.to_value()))
}
