//! Exact mode: frames whose operands lie on an explicit stack, shared by label functions that call each other.
//!
//! Consecutive exact frames form a *run*, whose operands begin at its base. When code takes more than the run
//! has, or leaves for an ordinary caller what that did not expect, the caller goes over to exact mode: its
//! operands move from its slots to the stack, below the run's, and it continues in its exact-mode code.
//! Functions that own their operand stack (`.fn`, main code) end a run.

use ttvm_bytecode::analysis;
use ttvm_isa::{Fault, InstructionInfo, OpCode, limits};
use ttvm_lowering::{Instruction, Kept};
use ttvm_value::Value;

use crate::{
    captures,
    code::{Convention, FunctionCode, Site},
    frames,
    kernel::Outcome,
    process::{ExactHandler, Process, Run, code_of, function_of},
};

impl Process {
    fn site_of(&self, frame: usize) -> &Site {
        // SAFETY: `frame` is a live frame; C1 keeps its site alive.
        unsafe { &*frames::header(self.cell(frame)) }
    }

    /// Whether the caller of a frame is in exact mode.
    fn is_called_by_exact(&self, frame: usize) -> bool {
        let site = self.site_of(frame);
        // SAFETY: C1; the outermost site's function is null or an ordinary one.
        !site.function.is_null() && unsafe { (*site.function).is_exact }
    }

    /// The first instruction of an exact function: begins a run unless the caller's goes on.
    pub(crate) fn exact_enter(&mut self) {
        let frame = self.frame();
        let has_run = self.rare_mut().runs.last().is_some_and(|run| run.frame == frame);
        let owns_stack = self.function().owns_stack;
        if !has_run && (owns_stack || !self.is_called_by_exact(frame)) {
            let state = self.exact_state_mut();
            state.runs.push(Run { frame, base: state.operands.len(), owns_stack });
        }
    }

    fn base(&self) -> usize {
        self.exact_state().runs.last().map_or(0, |run| run.base)
    }

    pub(crate) fn exact_pop(&mut self, operation: u16) -> Result<Value, Fault> {
        while self.exact_state().operands.len() == self.base() {
            if !self.extend_run()? {
                let operation = InstructionInfo::mnemonic_of(usize::from(operation));
                return Err(Fault::StackUnderflow { operation });
            }
        }
        Ok(self.exact_state_mut().operands.pop().expect("the run has an operand"))
    }

    /// Makes sure that `needed` operands can be popped.
    pub(crate) fn exact_need(&mut self, needed: usize) -> Result<(), Fault> {
        while self.exact_state().operands.len() - self.base() < needed {
            if !self.extend_run()? {
                return Err(Fault::InsufficientStackItems {
                    needed,
                    available: self.exact_state().operands.len() - self.base(),
                });
            }
        }
        Ok(())
    }

    /// Adds the operands of the frame that called the run's oldest one. `false` if there are none to have.
    fn extend_run(&mut self) -> Result<bool, Fault> {
        let Some(run) = self.exact_state().runs.last() else { return Ok(false) };
        let frame = run.frame;
        if run.owns_stack {
            return Ok(false);
        }
        if self.is_called_by_exact(frame) {
            self.exact_state_mut().runs.pop();
            return Ok(true);
        }
        let site: *const Site = self.site_of(frame);
        // SAFETY: C1.
        let site_data = unsafe { &*site };
        let Some(call) = site_data.call() else { return Ok(false) };
        // SAFETY: C1: a call has a caller.
        let caller = unsafe { &*site_data.function };
        let caller_frame = frame - call.frame_cells as usize;
        self.convert(caller_frame, caller, call.pc, &call.operands)?;
        let exact_site = caller.exact_site(call.pc).expect("exact code has every call of the region");
        let twin = self.exact_state_mut().twins.entry(site).or_insert_with(|| {
            Box::new(Site {
                code: exact_site.code,
                function: exact_site.function,
                frame_cells: site_data.frame_cells,
                destination: exact_site.destination,
                callee: exact_site.callee,
                lowered: exact_site.lowered,
            })
        });
        let twin: *const Site = &raw const **twin;
        let header = self.cell(frame);
        // SAFETY: the header of a live frame; the twin lives as long as the process.
        unsafe { frames::set_header(header, twin) };
        Ok(true)
    }

    /// Moves an ordinary frame's operands to the bottom of the newest run and arms its handlers there. The
    /// caller sees to where the frame goes on.
    fn convert(&mut self, frame: usize, function: &FunctionCode, pc: u32, operands: &[Kept]) -> Result<(), Fault> {
        let room = function.exact().frame_cells as usize + usize::from(u8::MAX) + 2;
        self.frames.grow(frame + room)?;
        // SAFETY: C2: the frame is the function's.
        unsafe { captures::note_known_captures(function, self.cell(frame), pc)? };
        let cell = |slot: u16| self.cell(frame + usize::from(slot));
        // SAFETY: C2: the slots belong to the frame and hold its operands; the constant is one of the function's.
        let value = |kept: &Kept| unsafe {
            match *kept {
                Kept::Slot(slot) => frames::take(cell(slot)),
                Kept::Variable(slot) => (*cell(slot)).clone(),
                Kept::Constant(index) => (*function.constants.add(index as usize)).clone(),
            }
        };
        let values: Vec<Value> = operands.iter().map(value).collect();
        let moved = values.len();
        let base = self.base();
        self.exact_state_mut().operands.splice(base..base, values);
        let run = self.exact_state_mut().runs.last_mut().expect("frames are converted into a run");
        run.frame = frame;
        run.owns_stack = function.owns_stack;
        let first_newer = self.exact_state().handlers.partition_point(|handler| handler.frame < frame);
        for handler in &mut self.exact_state_mut().handlers[first_newer..] {
            handler.operands += moved;
        }
        let armed = self.ordinary_handlers(frame, function, pc, base);
        self.exact_state_mut().handlers.splice(first_newer..first_newer, armed);
        Ok(())
    }

    /// The handlers armed in an ordinary frame at `pc`, oldest first, as exact mode has them.
    fn ordinary_handlers(&self, frame: usize, function: &FunctionCode, pc: u32, base: usize) -> Vec<ExactHandler> {
        let verified = &function.module().lowered.verified;
        let region = &verified.regions()[function.lowered().region as usize];
        let mut armed = Vec::new();
        let mut next = region.point(pc).and_then(|point| point.handler);
        while let Some(handler) = next {
            let OpCode::Try { target } = &verified.module().code[handler.try_pc as usize] else {
                unreachable!("the analysis names TRY instructions only")
            };
            let target = analysis::inside(verified.module(), region.body, *target).unwrap_or(u32::MAX);
            let code = function.exact_start(target);
            armed.push(ExactHandler { frame, code, operands: base + handler.depth as usize });
            next = region.point(handler.try_pc).and_then(|point| point.handler);
        }
        armed.reverse();
        armed
    }

    /// Goes over to exact mode before a call through a value that does not fit: operands, arguments and
    /// function go to the operand stack, and the call is made again there.
    pub(crate) fn convert_before_call(&mut self, site: &Site, arguments: usize, function: Value) -> Result<(), Fault> {
        let call = site.call().expect("a call through a value has a site");
        let (frame, present) = (self.frame(), self.function);
        // SAFETY: C1.
        let present = unsafe { &*present };
        let state = self.rare_mut();
        state.runs.push(Run { frame, base: state.operands.len(), owns_stack: present.owns_stack });
        self.convert(frame, present, call.pc, &call.operands)?;
        let first = frame + call.frame_cells as usize + 1;
        for index in first..first + arguments {
            let slot = self.cell(index);
            // SAFETY: C2: the arguments lie behind the callee's header.
            self.exact_state_mut().operands.push(unsafe { frames::take(slot) });
        }
        self.exact_state_mut().operands.push(function);
        self.function = present.exact();
        self.pc = present.exact_start(call.pc);
        Ok(())
    }

    pub(crate) fn exact_try(&mut self, code: *const Instruction) -> Result<(), Fault> {
        let frame = self.frame();
        let state = self.exact_state_mut();
        if state.handlers.len() >= limits::HANDLERS_MAX {
            return Err(Fault::Limit { what: "armed handlers", max: limits::HANDLERS_MAX as u64 });
        }
        state.handlers.push(ExactHandler { frame, code, operands: state.operands.len() });
        Ok(())
    }

    pub(crate) fn exact_end_try(&mut self) {
        let frame = self.frame();
        self.exact_state_mut().handlers.pop_if(|handler| handler.frame == frame);
    }

    fn has_handler(&self) -> bool {
        self.exact_state().handlers.last().is_some_and(|handler| handler.frame == self.frame())
    }

    /// Calls a function with arguments from the operand stack, of which there are enough.
    pub(crate) fn exact_call(
        &mut self,
        site: &Site,
        callee: &FunctionCode,
        closure: Option<&Value>,
    ) -> Result<(), Fault> {
        let callee = self.exact_callee(callee);
        let count = usize::from(callee.parameters);
        let frame = self.frame() + site.frame_cells as usize;
        self.frames.grow(frame + callee.frame_cells as usize + 1)?;
        let first = self.exact_state().operands.len() - count;
        for (index, value) in (1..).zip(self.exact_state_mut().operands.split_off(first)) {
            let slot = self.cell(frame + index);
            // SAFETY: F2: the frame has room, and its cells hold nothing yet (F1).
            unsafe { frames::set(slot, value) };
        }
        let header = self.cell(frame);
        // SAFETY: as above.
        unsafe { frames::set_header(header, site) };
        self.set_frame(frame);
        self.function = callee;
        self.pc = callee.entry;
        self.bind_captures(closure);
        Ok(())
    }

    /// Puts a closure's captures into the newest frame.
    pub(crate) fn bind_captures(&mut self, closure: Option<&Value>) {
        let function = self.function;
        // SAFETY: C1.
        let function = unsafe { &*function };
        let Some(Value::Closure(closure)) = closure else { return };
        if !function.binds_by_name {
            for (index, value) in (usize::from(function.parameters) + 1..).zip(closure.captured()) {
                let slot = self.cell(self.frame() + index);
                // SAFETY: C2: the closure has as many captures as its function has slots for.
                unsafe { frames::set(slot, value.clone()) };
            }
            return;
        }
        let lowered = function.lowered();
        let variables = usize::from(function.parameters) + 1..=lowered.variables.len();
        for index in variables.chain(std::iter::once(usize::from(lowered.scope_order)).filter(|slot| *slot != 0)) {
            let slot = self.cell(self.frame() + index);
            // SAFETY: C2: every variable has a slot.
            unsafe { frames::set(slot, Value::Undefined) };
        }
        let (values, names) = closure.captured().split_at(closure.captured_count());
        for (value, name) in values.iter().zip(names) {
            let Some(name) = name.as_str() else { continue };
            if lowered.parameters.iter().any(|parameter| &**parameter == name) {
                continue;
            }
            match lowered.slot_of(name) {
                Some(slot) => {
                    self.note_variable(slot);
                    let slot = self.cell(self.frame() + usize::from(slot));
                    // SAFETY: C2: every variable has a slot.
                    unsafe { frames::set(slot, value.clone()) };
                }
                None => self.note_unnamed(name, value),
            }
        }
    }

    /// What is to be called from exact mode. While an armed handler remembers more operands than there are, what a
    /// label function leaves behind when it fails takes their place: then it must run in exact mode too.
    fn exact_callee<'a>(&self, callee: &'a FunctionCode) -> &'a FunctionCode {
        let left = self.exact_state().operands.len() - usize::from(callee.parameters);
        let is_cut_open = self.exact_state().handlers.iter().any(|handler| handler.operands > left);
        if is_cut_open && !callee.owns_stack { callee.exact() } else { callee }
    }

    /// Whether a callee can take this frame's place.
    fn can_be_replaced(&self, callee: &FunctionCode) -> bool {
        let function = self.function();
        if self.has_handler() {
            return false;
        }
        if function.owns_stack {
            // What a label function leaves would still have to be cut to one value.
            return callee.owns_stack;
        }
        let starts_run = self.exact_state().runs.last().is_some_and(|run| run.frame == self.frame());
        let shares_stack = callee.convention == Convention::Exact && !callee.owns_stack;
        if !starts_run || shares_stack || self.is_called_by_exact(self.frame()) {
            return true;
        }
        let expects = usize::from(self.site_of(self.frame()).destination != 0);
        let leaves = usize::from(callee.convention != Convention::Nothing);
        self.exact_state().operands.len() - usize::from(callee.parameters) == self.base() && expects == leaves
    }

    /// The same as [`Process::exact_call`] in place of this frame where that can be.
    pub(crate) fn exact_tail_call(
        &mut self,
        site: &Site,
        callee: &FunctionCode,
        closure: Option<&Value>,
    ) -> Result<(), Fault> {
        let callee = self.exact_callee(callee);
        if !self.can_be_replaced(callee) {
            return self.exact_call(site, callee, closure);
        }
        self.frames.grow(self.frame() + callee.frame_cells as usize + 1)?;
        let frame = self.frame();
        let first = self.exact_state().operands.len() - usize::from(callee.parameters);
        let arguments = self.exact_state_mut().operands.split_off(first);
        self.clear_cells(frame + 1, frame + self.function().frame_cells as usize);
        let shares_stack = callee.convention == Convention::Exact && !callee.owns_stack;
        let starts_run = self.exact_state().runs.last().is_some_and(|run| run.frame == frame);
        if starts_run && (self.function().owns_stack || !shares_stack) {
            let run = self.exact_state_mut().runs.pop().expect("it starts a run");
            if run.owns_stack {
                self.exact_state_mut().operands.truncate(run.base);
            }
        }
        for (index, value) in (1..).zip(arguments) {
            let slot = self.cell(frame + index);
            // SAFETY: F2: the frame has room; its cells were cleared.
            unsafe { frames::set(slot, value) };
        }
        self.function = callee;
        self.pc = callee.entry;
        self.bind_captures(closure);
        Ok(())
    }

    /// Calls through a value. `written` is one more than the count in the text, or 0.
    pub(crate) fn exact_call_value(
        &mut self,
        site: &Site,
        value: &Value,
        written: u16,
        in_place: bool,
    ) -> Result<(), Fault> {
        let callee = checked_callee("CALL_FUNCTION", value, written.checked_sub(1))?;
        self.exact_need(usize::from(callee.parameters))?;
        if in_place {
            self.exact_tail_call(site, callee, Some(value))
        } else {
            self.exact_call(site, callee, Some(value))
        }
    }

    /// Returns from a label function, leaving its operands for the caller.
    pub(crate) fn exact_return(&mut self) -> Result<(), Outcome> {
        let frame = self.frame();
        let starts_run = self.exact_state().runs.last().is_some_and(|run| run.frame == frame);
        let is_caller_exact = self.is_called_by_exact(frame);
        let run = if starts_run { self.exact_state_mut().runs.pop() } else { None };
        let site = self.pop_frame();
        // SAFETY: C1.
        let site = unsafe { &*site };
        if site.lowered.is_null() {
            // The process's first function has returned, to nobody who expects values.
            self.exact_state_mut().operands.truncate(run.map_or(0, |run| run.base));
            return Ok(());
        }
        let Some(run) = run.filter(|_| !is_caller_exact) else {
            // The push behind the call is for values that come in a slot.
            self.pc = site.code.wrapping_add(1);
            return Ok(());
        };
        let left = self.exact_state().operands.len() - run.base;
        if left == usize::from(site.destination != 0) {
            if let Some(value) = self.exact_state_mut().operands.pop_if(|_| left == 1) {
                let slot = self.cell(self.frame() + site.destination as usize);
                // SAFETY: C2: the destination is a slot of the caller.
                unsafe { frames::set(slot, value) };
            }
            return Ok(());
        }
        self.exact_state_mut().runs.push(run);
        self.continue_exact(site)
    }

    /// The caller expected another number of values: it goes on in exact mode behind the call.
    fn continue_exact(&mut self, site: &Site) -> Result<(), Outcome> {
        let function = self.function;
        // SAFETY: C1.
        let function = unsafe { &*function };
        let call = site.call().expect("only calls of label functions come here, and they have a site");
        if let Err(fault) = self.convert(self.frame(), function, call.pc, &call.operands) {
            return self.raise(fault);
        }
        let verified = &function.module().lowered.verified;
        let body = verified.regions()[function.lowered().region as usize].body;
        let next = analysis::inside(verified.module(), body, call.pc + 1).unwrap_or(u32::MAX);
        self.function = function.exact();
        self.pc = function.exact_start(next);
        Ok(())
    }

    /// Returns the top operand, or null, from a function that owns its stack.
    pub(crate) fn exact_return_top(&mut self) {
        let base = self.base();
        let value = if self.exact_state().operands.len() > base { self.exact_state_mut().operands.pop() } else { None };
        let site = self.pop_frame();
        // SAFETY: C1.
        let destination = unsafe { (*site).destination };
        let slot = self.cell(self.frame() + destination as usize);
        // SAFETY: C2: the destination is a slot of the caller.
        unsafe { frames::set(slot, value.unwrap_or(Value::Null)) };
    }
}

/// The code of a function value, if it takes as many arguments as the text says.
pub(crate) fn checked_callee<'a>(
    operation: &'static str,
    value: &Value,
    written: Option<u16>,
) -> Result<&'a FunctionCode, Fault> {
    let Some(function) = function_of(value) else {
        return Err(Fault::mismatch(operation, "a function", format!("{value:?}")));
    };
    // SAFETY: C1: a function value's module is kept alive by every process that can hold the value.
    let callee = unsafe { &*code_of(function) };
    match written {
        Some(given) if given != callee.parameters => {
            let (takes, plural) = (callee.parameters, if callee.parameters == 1 { "" } else { "s" });
            let verb = if given == 1 { "is" } else { "are" };
            let error = format!("the function takes {takes} argument{plural} but {given} {verb} given");
            Err(Fault::Argument { operation, error })
        }
        _ => Ok(callee),
    }
}
