//! Processes that begin with a function value, and what can be told of a process from outside.
//!
//! Not here: process identifiers, links, mailboxes: a process knows nothing of others.

use ttvm_isa::Fault;
use ttvm_value::Value;

use crate::{
    exact::checked_callee,
    frames,
    process::{Process, function_of},
    unwind::FrameView,
};

impl Process {
    /// A process that will run a function or closure with these arguments, and end when it returns. `operation` is
    /// the mnemonic that errors name.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`] if the value is no function, [`Fault::Argument`] if it takes another number of
    /// arguments, [`Fault::Limit`] when there is no memory.
    ///
    /// # Safety
    /// The modules of the function, and of every function within the arguments, outlive the process.
    #[inline]
    pub unsafe fn spawn(
        operation: &'static str,
        function: &Value,
        arguments: impl ExactSizeIterator<Item = Value>,
    ) -> Result<Self, Fault> {
        if function_of(function).is_none() {
            return Err(Fault::mismatch(operation, "a function", format!("{function:?}")));
        }
        let given = u16::try_from(arguments.len()).unwrap_or(u16::MAX);
        let code = checked_callee(operation, function, Some(given))?;
        let data = code.module();
        let site = if code.owns_stack { &data.entry_site } else { &data.label_site };
        let mut process = Self::at(code, site)?;
        for (index, argument) in (1..).zip(arguments) {
            let slot = process.cell(process.frame() + index);
            // SAFETY: C2: the function has a slot for each parameter.
            unsafe { frames::set(slot, argument) };
        }
        process.bind_captures(Some(function));
        Ok(process)
    }

    /// What the process is doing: the function's or label's name, and `file:line` of the instruction that it will
    /// go on with or waits in. Empty when it has ended.
    #[must_use]
    pub fn place(&self) -> (String, String) {
        match self.whereabouts() {
            Some(view) => (view.name(), view.place()),
            None => (String::new(), String::new()),
        }
    }

    /// The call chain, innermost first, as in exceptions.
    #[must_use]
    pub fn trace_lines(&self) -> Vec<String> {
        self.whereabouts().map_or_else(Vec::new, |view| self.chain(view.at))
    }

    fn whereabouts(&self) -> Option<FrameView<'_>> {
        let mut view = self.has_frames().then(|| self.present())?;
        if !self.is_waiting_for_answer() {
            view.at = self.pc;
        }
        Some(view)
    }
}
