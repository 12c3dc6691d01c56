//! Processes that begin with a function value, and what can be told of a process from outside.
//!
//! Not here: process identifiers, links, mailboxes: a process knows nothing of others.

use ttvm_isa::Fault;
use ttvm_value::Value;

use crate::{
    code::{FunctionCode, Site},
    exact::checked_callee,
    frames,
    process::{Process, code_of, first_frame_cells, function_of},
    unwind::FrameView,
};

/// Where a process that begins with a function returns to at its end.
fn last_site(code: &FunctionCode) -> &Site {
    let data = code.module();
    if code.owns_stack { &data.entry_site } else { &data.label_site }
}

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
        let mut process = Self::at(code, last_site(code))?;
        // SAFETY: the function has as many parameters.
        unsafe { process.give(function, arguments) };
        Ok(process)
    }

    /// Puts the arguments of a function, and what a closure has captured, into its first frame.
    ///
    /// # Safety
    /// The frame is this function's, which has a parameter for each argument.
    #[inline(always)]
    unsafe fn give(&mut self, function: &Value, arguments: impl Iterator<Item = Value>) {
        for (index, argument) in (1..).zip(arguments) {
            let slot = self.cell(self.frame() + index);
            // SAFETY: C2: the function has a slot for each parameter.
            unsafe { frames::set(slot, argument) };
        }
        if matches!(function, Value::Closure(_)) {
            self.bind_captures(Some(function));
        }
    }

    /// No process yet, but the place for one: see [`Process::is_blank`].
    #[must_use]
    pub fn blank() -> Self {
        Self::without_frames(std::ptr::null(), std::ptr::null())
    }

    /// Drops all that the process holds: it has ended.
    pub fn clear(&mut self) {
        self.unwind_to(0);
        self.frames.shrink();
    }

    /// Whether nothing is left of a process that was cleared but its place: [`Process::spawn_again`] may use it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        !self.has_frames() && !self.frames.is_spilled() && self.rare.is_none() && !self.is_waiting_for_answer()
    }

    /// Makes a process that is blank one that will run a function or closure with these arguments, as [`Process::spawn`]
    /// does, and takes them. `false`, with nothing changed, if `spawn` must do it: it has more to do, or fails.
    ///
    /// # Safety
    /// As for [`Process::spawn`].
    #[inline(always)]
    pub unsafe fn spawn_again(&mut self, function: &Value, arguments: &mut [Value]) -> bool {
        debug_assert!(self.is_blank(), "nothing is overwritten that must be dropped");
        let Some(object) = function_of(function) else { return false };
        // SAFETY: C1: a function value's module is kept alive by every process that can hold the value.
        let code = unsafe { &*code_of(object) };
        if usize::from(code.parameters) != arguments.len() {
            return false;
        }
        let cells = first_frame_cells(code);
        if !self.frames.has_room(cells) && self.frames.grow(cells).is_err() {
            return false;
        }
        self.reductions = 0;
        self.granted = 0;
        self.is_working = false;
        // SAFETY: its frames are gone, it has room for the first one, and the function has as many parameters.
        unsafe {
            self.enter_first(code, last_site(code));
            self.give(function, arguments.iter_mut().map(Value::take));
        }
        true
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
