//! Matching messages against the shapes of a receive table.
//!
//! Nothing is set before a whole case matches: what a shape binds is kept aside. Not here: which message is looked at
//! and what follows (`messages.rs`).

use std::mem::{ManuallyDrop, MaybeUninit};

use ttvm_isa::{
    Fault, cost,
    receive::{Comparison, PatternKind},
};
use ttvm_lowering::receive::{Case, Shape, Term, Test};
use ttvm_value::{
    Value,
    list::Item,
    ops::{compare, order, size::flat_size},
};

use crate::code::FunctionCode;

/// Bindings of most cases: these need no memory.
const BINDINGS_INLINE: usize = 4;

/// What a message is matched in: the frame's variables, the module's constants, and what the case binds.
pub(crate) struct Matching {
    frame: *mut Value,
    constants: *const Value,
    /// The first bindings; [`Matching::is_bound`] has a bit for each that holds a value.
    few: [MaybeUninit<Value>; BINDINGS_INLINE],
    is_bound: u8,
    /// The others; undefined while they hold nothing.
    more: ManuallyDrop<Vec<Value>>,
    /// Elements compared so far.
    elements: u64,
    /// A guard needed a list that there was no memory for; the case does not match then.
    fault: Option<Fault>,
}

impl Matching {
    /// # Safety
    /// The frame is the newest one, of this function, and stays where it is.
    #[inline(always)]
    pub unsafe fn new(frame: *mut Value, function: &FunctionCode) -> Self {
        Self {
            frame,
            constants: function.constants,
            few: [const { MaybeUninit::uninit() }; BINDINGS_INLINE],
            is_bound: 0,
            more: ManuallyDrop::new(Vec::new()),
            elements: 0,
            fault: None,
        }
    }

    /// Whether a message matches a case, with its guard; what the case binds is then to be had from
    /// [`Matching::take_bound`].
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory for the rest of a list.
    #[inline(always)]
    pub fn matches(&mut self, case: &Case, message: &Value) -> Result<bool, Fault> {
        if self.holds_something() {
            self.forget();
        }
        if case.bound.len() > BINDINGS_INLINE {
            self.more.resize(case.bound.len() - BINDINGS_INLINE, Value::Undefined);
        }
        let matches = self.fits_quickly(&case.shape, message);
        if self.fault.is_some() {
            return self.fault.take().map_or(Ok(false), Err);
        }
        // A guard that fails with an error is false.
        Ok(matches && case.test.as_ref().is_none_or(|test| self.holds(test).unwrap_or(false)))
    }

    /// The value that a binding of the case that matched holds.
    pub fn take_bound(&mut self, number: usize) -> Value {
        let Some(few) = self.few.get_mut(number) else { return self.more[number - BINDINGS_INLINE].take() };
        let bit = 1 << number;
        if self.is_bound & bit == 0 {
            return Value::Undefined;
        }
        self.is_bound &= !bit;
        // SAFETY: its bit was set, so it holds a value, which is taken out once.
        unsafe { few.assume_init_read() }
    }

    #[inline(always)]
    fn holds_something(&self) -> bool {
        self.is_bound != 0 || self.more.capacity() > 0
    }

    /// Drops what is bound.
    #[cold]
    fn forget(&mut self) {
        (0..BINDINGS_INLINE).for_each(|number| drop(self.take_bound(number)));
        *self.more = Vec::new();
    }

    /// The reductions that the comparisons since the last call are worth.
    pub fn take_reductions(&mut self) -> u64 {
        cost::of_elements(std::mem::take(&mut self.elements))
    }

    /// What a binding holds.
    fn binding(&self, number: usize) -> Option<&Value> {
        match self.few.get(number) {
            // SAFETY: its bit is set, so it holds a value.
            Some(few) => (self.is_bound & 1 << number != 0).then(|| unsafe { few.assume_init_ref() }),
            None => self.more.get(number - BINDINGS_INLINE).filter(|value| !value.is_undefined()),
        }
    }

    fn variable(&self, slot: u16) -> &Value {
        // SAFETY: C2: the slot belongs to the frame, which stays where it is while there is a `Matching` (`new`).
        unsafe { &*self.frame.add(usize::from(slot)) }
    }

    fn constant(&self, index: u32) -> &Value {
        // SAFETY: C2: the constant is one of the module's.
        unsafe { &*self.constants.add(index as usize) }
    }

    #[inline(always)]
    fn bind(&mut self, number: u16, value: Value) -> bool {
        match self.few.get_mut(usize::from(number)) {
            Some(few) if self.is_bound & 1 << number == 0 => {
                few.write(value);
                self.is_bound |= 1 << number;
                true
            }
            _ => self.bind_again_or_further(usize::from(number), value),
        }
    }

    #[inline(never)]
    fn bind_again_or_further(&mut self, number: usize, value: Value) -> bool {
        if let Some(bound) = self.binding(number) {
            let (are_equal, elements) = (compare::equals(bound, &value), flat_size(bound).min(flat_size(&value)));
            self.elements = self.elements.saturating_add(elements);
            return are_equal;
        }
        self.more[number - BINDINGS_INLINE] = value;
        true
    }

    #[inline(always)]
    fn equals(&mut self, wanted: *const Value, value: &Value) -> bool {
        // SAFETY: a variable or constant: see `variable` and `constant`, of which it is the address.
        let wanted = unsafe { &*wanted };
        match (wanted, value) {
            // Most strs that programs compare are constants.
            (Value::Str(wanted), Value::Str(value)) if wanted.is_same(value) => {
                self.elements = self.elements.saturating_add(cost::size_of_bytes(wanted.len()));
                true
            }
            _ => self.equals_throughout(wanted, value),
        }
    }

    #[inline(never)]
    fn equals_throughout(&mut self, wanted: *const Value, value: &Value) -> bool {
        // SAFETY: as in `equals`.
        let wanted = unsafe { &*wanted };
        match (wanted, value) {
            (Value::Int(wanted), Value::Int(value)) => return wanted == value,
            (Value::Ref(wanted), Value::Ref(value)) => return wanted == value,
            (Value::Pid(wanted), Value::Pid(value)) => return wanted == value,
            // Of different lengths it costs what the shorter one costs, as for other values.
            (Value::Str(wanted), Value::Str(value)) => {
                let elements = cost::size_of_bytes(wanted.len().min(value.len()));
                self.elements = self.elements.saturating_add(elements);
                return wanted.as_str() == value.as_str();
            }
            _ => {}
        }
        self.elements = self.elements.saturating_add(flat_size(wanted).min(flat_size(value)));
        compare::equals(wanted, value)
    }

    /// [`Matching::fits`] without a call for what most patterns are made of.
    #[inline(always)]
    fn fits_quickly(&mut self, shape: &Shape, value: &Value) -> bool {
        match shape {
            Shape::Any => true,
            Shape::Bind(number) => self.bind(*number, value.clone()),
            Shape::Constant(index) => self.equals(self.constant(*index), value),
            _ => self.fits(shape, value),
        }
    }

    fn fits(&mut self, shape: &Shape, value: &Value) -> bool {
        match shape {
            Shape::Any | Shape::Bind(_) | Shape::Constant(_) => self.fits_quickly(shape, value),
            Shape::Typed(kind, binding) => {
                is_of_kind(*kind, value) && binding.is_none_or(|number| self.bind(number, value.clone()))
            }
            Shape::Equal(slot) => self.equals(self.variable(*slot), value),
            Shape::List { items, is_open, rest } => self.fits_list(items, *is_open, *rest, value),
            Shape::Object(fields) => {
                let Value::Object(object) = value else { return false };
                // Patterns mostly name fields in the order in which they were set.
                let near = object.small_fields();
                fields.iter().enumerate().all(|(ordinal, (name, shape))| {
                    let Value::Str(name) = self.constant(*name) else { return false };
                    let field = match near.clone().nth(ordinal) {
                        Some((Value::Str(key), field)) if key.is_same(name) => Some(field),
                        _ => object.get(name),
                    };
                    field.is_some_and(|field| matches!(shape, Shape::Any) || self.fits(shape, field))
                })
            }
        }
    }

    fn fits_list(&mut self, items: &[Shape], is_open: bool, rest: Option<u16>, value: &Value) -> bool {
        let Value::List(list) = value else { return false };
        if list.len() < items.len() || (!is_open && list.len() > items.len()) {
            return false;
        }
        let values = list.values().unwrap_or_default();
        for (index, shape) in items.iter().enumerate() {
            if let Some(value) = values.get(index) {
                if !self.fits_quickly(shape, value) {
                    return false;
                }
                continue;
            }
            let fits = match list.get(index) {
                Some(Item::Value(value)) => self.fits(shape, value),
                Some(number) => self.fits(shape, &number.to_value()),
                None => false,
            };
            if !fits {
                return false;
            }
        }
        let Some(number) = rest else { return true };
        self.elements = self.elements.saturating_add((list.len() - items.len()) as u64);
        match list.slice(items.len(), list.len()) {
            Ok(rest) => self.bind(number, Value::List(rest)),
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }

    /// Whether a test holds; none when it fails with an error.
    fn holds(&mut self, test: &Test) -> Option<bool> {
        match test {
            Test::All(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Test::Either(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Test::Not(part) => self.holds(part).map(|holds| !holds),
            Test::Compare(comparison, left, right) => {
                let (left, right) = (self.existing(*left)?, self.existing(*right)?);
                let elements = flat_size(left).min(flat_size(right));
                let holds = compare_as(*comparison, left, right);
                self.elements = self.elements.saturating_add(elements);
                holds
            }
            Test::Truth(term) => {
                let value = self.existing(*term)?;
                Some(!matches!(value, Value::Int(0) | Value::Bool(false) | Value::Null))
            }
        }
    }

    /// An operand; a variable that does not exist is an error.
    fn existing(&self, term: Term) -> Option<&Value> {
        match term {
            Term::Binding(number) => self.binding(usize::from(number)),
            Term::Slot(slot) => Some(self.variable(slot)).filter(|value| !value.is_undefined()),
            Term::Constant(index) => Some(self.constant(index)),
        }
    }
}

impl Drop for Matching {
    #[inline(always)]
    fn drop(&mut self) {
        // A vector without room needs no drop.
        if self.holds_something() {
            self.forget();
        }
    }
}

fn compare_as(comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
    match comparison {
        Comparison::Equal => Some(compare::equals(left, right)),
        Comparison::Unequal => Some(!compare::equals(left, right)),
        Comparison::Less => order::less_than(left, right).ok(),
        Comparison::LessOrEqual => order::less_or_equal(left, right).ok(),
        Comparison::Greater => order::greater_than(left, right).ok(),
        Comparison::GreaterOrEqual => order::greater_or_equal(left, right).ok(),
    }
}

fn is_of_kind(kind: PatternKind, value: &Value) -> bool {
    match kind {
        PatternKind::Int => matches!(value, Value::Int(_) | Value::BigInt(_)),
        PatternKind::Float => matches!(value, Value::Float(_)),
        PatternKind::Number => matches!(value, Value::Int(_) | Value::BigInt(_) | Value::Float(_)),
        PatternKind::Str => matches!(value, Value::Str(_)),
        PatternKind::Bool => matches!(value, Value::Bool(_)),
        PatternKind::List => matches!(value, Value::List(_)),
        PatternKind::Object => matches!(value, Value::Object(_)),
        PatternKind::Map => matches!(value, Value::Map(_)),
        PatternKind::Bytes => matches!(value, Value::Bytes(_)),
        PatternKind::Array => matches!(value, Value::I64Array(_) | Value::F64Array(_)),
        PatternKind::Pid => matches!(value, Value::Pid(_)),
        PatternKind::Ref => matches!(value, Value::Ref(_)),
        PatternKind::Function => matches!(value, Value::Function(_) | Value::Closure(_)),
        PatternKind::Exception => matches!(value, Value::Exception(_)),
    }
}
