//! Functions as values: a pointer to what the loaded program says about a function.

#![expect(unsafe_code, reason = "a function value points into the loaded program")]

use std::{cmp::Ordering, fmt, ptr::NonNull};

use ttvm_isa::Names;

/// What function values point to. Owned by the loaded program, which outlives every value.
#[derive(Clone, Debug)]
pub struct FunctionObject {
    /// The index of the function's first instruction in its module.
    pub instruction: u32,
    /// The names of its parameters, the last one taken from the top of the stack.
    pub parameters: Names,
    /// The number of the module in the loaded program.
    pub module: u32,
    /// Closures over the function hold, after the values they captured, the names of those values.
    pub names_captures: bool,
    /// Where the engine finds the code; this crate never looks at it.
    pub code: usize,
}

/// A function value.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct FunctionRef(NonNull<FunctionObject>);

impl FunctionRef {
    /// Refers to a function.
    ///
    /// # Safety
    /// The object is not moved, changed or dropped while this reference, a copy of it or a value that holds
    /// one exists, on any thread.
    #[must_use]
    pub const unsafe fn new(object: &FunctionObject) -> Self {
        Self(NonNull::from_ref(object))
    }

    /// What the program says about the function.
    #[inline(always)]
    #[must_use]
    pub fn object(&self) -> &FunctionObject {
        // SAFETY: the promise of `new`.
        unsafe { self.0.as_ref() }
    }

    /// Orders by instruction, then module, then parameters; equal only for the same code and parameters.
    #[must_use]
    pub fn total_cmp(self, other: Self) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        let key = |function: &FunctionObject| (function.instruction, function.module);
        let (a, b) = (self.object(), other.object());
        key(a).cmp(&key(b)).then_with(|| a.parameters.cmp(&b.parameters))
    }
}

/// Writes `85 (a, b)`.
impl fmt::Display for FunctionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.object();
        write!(f, "{} (", object.instruction)?;
        for (index, name) in object.parameters.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for FunctionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.object().instruction)
    }
}
