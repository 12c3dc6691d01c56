//! Exceptions: making them of faults, finding the handler, taking frames away.
//!
//! Nothing is paid for a handler until something is thrown: handlers of ordinary code are ranges of
//! instructions; only exact mode arms them as it runs.

use ttvm_isa::{Fault, limits};
use ttvm_lowering::Instruction;
use ttvm_value::{Exception, List, Value};

use crate::{
    code::FunctionCode,
    frames,
    kernel::{Crash, Outcome},
    process::Process,
};

/// A frame met on the way down the stack.
pub(crate) struct FrameView<'a> {
    /// Index of its header.
    pub frame: usize,
    pub function: &'a FunctionCode,
    /// The instruction it is executing.
    pub at: *const Instruction,
}

impl FrameView<'_> {
    /// The stack instruction it is executing; the first one where the frame has only been entered.
    pub fn pc(&self) -> u32 {
        let pc = self.function.origin(self.at).pc;
        if pc == u32::MAX { self.region().entry } else { pc }
    }

    fn region(&self) -> &ttvm_bytecode::Region {
        let region = self.function.lowered().region;
        &self.function.module().lowered.verified.regions()[region as usize]
    }

    /// `file:line` of the instruction.
    pub fn place(&self) -> String {
        self.function.module().lowered.verified.module().place(self.pc())
    }

    /// The function's or label's name.
    pub fn name(&self) -> String {
        let region = self.function.lowered().region as usize;
        self.function.module().lowered.verified.region_name(region)
    }
}

/// Where a thrown exception is caught.
enum Handler {
    Ordinary { frame: usize, target: *const Instruction, slot: usize },
    Exact { frame: usize },
}

impl Process {
    /// Raises a fault at the instruction before `pc`.
    ///
    /// # Errors
    /// The crash, if nobody catches it.
    #[cold]
    #[inline(never)]
    pub(crate) fn raise(&mut self, fault: Fault) -> Result<(), Outcome> {
        let exception = Exception::from_fault(&fault, self.present().pc(), self.trace());
        self.unwind(exception)
    }

    /// Throws a value at the instruction before `pc`.
    ///
    /// # Errors
    /// As for [`Process::raise`].
    pub(crate) fn throw(&mut self, value: Value) -> Result<(), Outcome> {
        let exception = Exception::thrown(value, self.present().pc(), self.trace());
        self.unwind(exception)
    }

    /// The newest frame.
    pub(crate) fn present(&self) -> FrameView<'_> {
        FrameView { frame: self.frame(), function: self.function(), at: self.pc.wrapping_sub(1) }
    }

    /// All frames, newest first.
    pub(crate) fn walk(&self) -> impl Iterator<Item = FrameView<'_>> {
        let mut next = Some(self.present());
        std::iter::from_fn(move || {
            let view = next.take()?;
            // SAFETY: `view.frame` is a live frame; C1 keeps its site and function alive.
            let site = unsafe { &*frames::header(self.cell(view.frame)) };
            let below = view.frame - site.frame_cells as usize;
            if below >= frames::OUTERMOST {
                // SAFETY: C1; every site but the outermost has a caller.
                let function = unsafe { &*site.function };
                next = Some(FrameView { frame: below, function, at: site.code.wrapping_sub(1) });
            }
            Some(view)
        })
    }

    /// The call chain, innermost first, with its middle left out when it is long. `at` is where the newest frame is.
    pub(crate) fn chain(&self, at: *const Instruction) -> Vec<String> {
        let half = limits::TRACE_FRAMES_MAX / 2;
        let count = self.walk().count();
        let mut lines = Vec::new();
        for (index, mut view) in self.walk().enumerate() {
            if index == 0 {
                view.at = at;
            }
            if count <= limits::TRACE_FRAMES_MAX || index < half || index >= count - half {
                lines.push(format!("at {} ({})", view.name(), view.place()));
            } else if index == half {
                lines.push(format!("... {} more ...", count - 2 * half));
            }
        }
        lines
    }

    fn trace(&self) -> List {
        let lines = self.chain(self.present().at);
        let texts: Result<Vec<Value>, Fault> = lines.iter().map(|line| Value::str(line)).collect();
        // Without memory for the trace, the exception still says what went wrong.
        texts.and_then(|texts| List::collect(texts.into_iter())).unwrap_or_else(|_| List::new())
    }

    fn find_handler(&self) -> Option<Handler> {
        let mut armed = self.rare.iter().flat_map(|rare| rare.handlers.iter().rev()).peekable();
        for view in self.walk() {
            if view.function.is_exact {
                if armed.next_if(|handler| handler.frame == view.frame).is_some() {
                    return Some(Handler::Exact { frame: view.frame });
                }
            } else if let Some(range) = view.function.lowered().handler_at(view.function.index_of(view.at)) {
                let target = view.function.instruction(range.target);
                return Some(Handler::Ordinary { frame: view.frame, target, slot: usize::from(range.slot) });
            }
        }
        None
    }

    fn unwind(&mut self, exception: Exception) -> Result<(), Outcome> {
        let Some(handler) = self.find_handler() else {
            let place = self.present().place();
            self.unwind_to(0);
            return Err(Outcome::Crashed(Crash { exception, place }));
        };
        // Like a jump back: a loop through a handler must come to the end of its turn (rule L3.41).
        self.reductions -= 1;
        match handler {
            Handler::Ordinary { frame, target, slot } => {
                self.unwind_to(frame);
                self.clear_cells(frame + slot, frame + self.function().frame_cells as usize);
                let cell = self.cell(frame + slot);
                // SAFETY: the slot belongs to the frame, which is the newest again.
                unsafe { frames::set(cell, Value::Exception(exception)) };
                self.pc = target;
            }
            Handler::Exact { frame } => {
                self.unwind_to(frame);
                let handler = self
                    .exact_state_mut()
                    .handlers
                    .pop()
                    .expect("find_handler has seen it, and newer ones went with their frames");
                let function = self.function();
                let (from, to) = (frame + usize::from(function.temporaries), frame + function.frame_cells as usize);
                self.clear_cells(from, to);
                let operands = &mut self.exact_state_mut().operands;
                operands.truncate(handler.operands);
                operands.push(Value::Exception(exception));
                self.pc = handler.code;
            }
        }
        Ok(())
    }

    /// Takes away all frames above `frame`; 0 means all there are.
    pub(crate) fn unwind_to(&mut self, frame: usize) {
        while self.frame() > frame && self.has_frames() {
            self.pop_frame();
        }
        if !self.has_frames() {
            self.clear_cells(1, 2);
        }
    }

    /// Takes the newest frame away, with its operands, handlers and import, and makes its caller the newest.
    /// Gives the site it was called from.
    pub(crate) fn pop_frame(&mut self) -> *const crate::code::Site {
        let frame = self.frame();
        self.clear_cells(frame + 1, frame + self.function().frame_cells as usize);
        if let Some(rare) = &mut self.rare {
            while let Some(run) = rare.runs.pop_if(|run| run.frame >= frame) {
                rare.operands.truncate(run.base);
            }
            while rare.handlers.pop_if(|handler| handler.frame >= frame).is_some() {}
        }
        let header = self.cell(frame);
        // SAFETY: `frame` is the newest frame; C1 keeps its site alive.
        let site = unsafe { frames::header(header) };
        // SAFETY: as above.
        unsafe {
            frames::clear_header(header);
            self.set_frame(frame - (*site).frame_cells as usize);
            self.function = (*site).function;
            self.pc = (*site).code;
        }
        if let Some(import) = self.rare.as_mut().and_then(|rare| rare.imports.pop_if(|import| import.frame >= frame)) {
            self.keep(&import.module);
        }
        site
    }
}
