//! Exceptions: what a handler gets when something was thrown or went wrong.

use ttvm_isa::Fault;

use crate::{
    heap::{Any, Gc, Kind, literal::StaticStr},
    list::List,
    ops::text,
    text::Str,
    value::Value,
};

static THROWN: StaticStr<6> = StaticStr::new("thrown");
static LIMIT: StaticStr<5> = StaticStr::new("limit");
static OUT_OF_MEMORY: StaticStr<36> = StaticStr::new("Limit reached: there is no more room");

/// A caught error: message, kind, the index of the instruction that failed, call chain.
#[derive(Clone)]
#[repr(transparent)]
pub struct Exception(Any);

impl Exception {
    /// Makes the exception of a fault. The trace has a str for each frame, innermost first.
    #[must_use]
    pub fn from_fault(fault: &Fault, instruction: u32, trace: List) -> Self {
        let texts = Str::new(&fault.to_string()).and_then(|message| Ok((message, Str::new(fault.kind())?)));
        let (message, kind) = texts.unwrap_or_else(|_| (Str::from_static(&OUT_OF_MEMORY), Str::from_static(&LIMIT)));
        Self::of_parts(message, kind, instruction, trace)
    }

    /// Makes the exception of a thrown value: a str is its message, an exception is thrown again unchanged,
    /// anything else gives `Thrown value: <debug form>`.
    #[must_use]
    pub fn thrown(value: Value, instruction: u32, trace: List) -> Self {
        let message = match value {
            Value::Exception(exception) => return exception,
            Value::Str(message) => message,
            other => Str::new(&format!("Thrown value: {}", text::debug_text(&other)))
                .unwrap_or_else(|_| Str::from_static(&OUT_OF_MEMORY)),
        };
        Self::of_parts(message, Str::from_static(&THROWN), instruction, trace)
    }

    /// Makes an exception of a message and a kind that programs may test, such as `file`.
    #[must_use]
    pub fn of_parts(message: Str, kind: Str, instruction: u32, trace: List) -> Self {
        let parts =
            [Value::Str(message), Value::Str(kind), Value::Int(i64::from(instruction)), Value::List(trace)].into_iter();
        match Gc::collect(Kind::Exception, parts) {
            Ok(object) => Self(object.into()),
            // Not even 80 bytes are to be had: there is nothing left that could be done.
            Err(_) => std::alloc::handle_alloc_error(std::alloc::Layout::new::<[Value; 5]>()),
        }
    }

    fn values(&self) -> &[Value; 4] {
        self.0.of::<Value>().and_then(|values| values.first_chunk()).expect("`of_parts` makes four values")
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &Str {
        let Value::Str(message) = &self.values()[0] else { unreachable!("`of_parts` puts the message first") };
        message
    }

    /// The word `ERROR_KIND` gives.
    #[must_use]
    pub fn kind(&self) -> &Str {
        let Value::Str(kind) = &self.values()[1] else { unreachable!("`of_parts` puts the kind second") };
        kind
    }

    /// The index of the instruction that failed.
    #[must_use]
    pub fn instruction(&self) -> u32 {
        let Value::Int(instruction) = self.values()[2] else { unreachable!("`of_parts` puts the index third") };
        u32::try_from(instruction).expect("`of_parts` made it of 32 bits")
    }

    /// The call chain, innermost first.
    #[must_use]
    pub fn trace(&self) -> &List {
        let Value::List(trace) = &self.values()[3] else { unreachable!("`of_parts` puts the trace last") };
        trace
    }

    /// The exception with another trace.
    #[must_use]
    pub fn with_trace(mut self, trace: List) -> Self {
        let object = self.0.of_mut::<Value>().expect("an exception holds values");
        if let Ok(edit) = object.edit_or_copy(0) {
            edit.into_slice()[3] = Value::List(trace);
        }
        self
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}
