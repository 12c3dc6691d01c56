//! Answering an instruction that waits with what a function returns.
//!
//! The function is called as if the instruction had called it: its value is the instruction's result, what it throws is
//! thrown by the instruction, and call chains show both. Not here: answers that are there at once (`process.rs`).

use std::ptr;

use ttvm_isa::Fault;
use ttvm_value::Value;

use crate::{
    code::{FunctionCode, Site},
    exact::checked_callee,
    frames,
    kernel::Outcome,
    process::Process,
};

impl Process {
    /// Answers the instruction that waits with what a `.fn` gives for these arguments. It runs with the next run; if
    /// it cannot be called and nobody catches that, the fault is what the process ends with at once.
    ///
    /// # Panics
    /// If nothing waits for an answer, or the instruction leaves no value.
    ///
    /// # Safety
    /// As for [`Process::spawn`].
    pub unsafe fn call_waiting(
        &mut self,
        function: &Value,
        arguments: impl ExactSizeIterator<Item = Value>,
    ) -> Option<Outcome> {
        let op = self.op_before();
        let (operation, results) = (op.info().mnemonic, op.effect().map_or(0, |(_, pushes)| pushes));
        assert!(results > 0, "the instruction has a place for what the function returns");
        let slot = self.take_wait();
        // SAFETY: the slot belongs to the newest frame; it holds the size of the inputs, which is no result.
        unsafe { frames::clear(slot) };
        let given = u16::try_from(arguments.len()).unwrap_or(u16::MAX);
        match checked_callee(operation, function, Some(given)).and_then(|callee| self.enter(operation, callee)) {
            Ok(()) => {}
            Err(fault) => return self.raise(fault).err(),
        }
        for (index, argument) in (1..).zip(arguments) {
            let slot = self.cell(self.frame() + index);
            // SAFETY: C2: the function has a slot for each parameter.
            unsafe { frames::set(slot, argument) };
        }
        self.bind_captures(Some(function));
        None
    }

    /// Makes a frame for a function that returns to the instruction behind the one that waits.
    fn enter(&mut self, operation: &'static str, callee: &FunctionCode) -> Result<(), Fault> {
        if !callee.owns_stack {
            // What a label function leaves is for callers that know it.
            let error = "a function that begins at a label cannot answer for the machine".to_owned();
            return Err(Fault::Argument { operation, error });
        }
        let frame = self.frame() + self.function().frame_cells as usize;
        self.frames.grow(frame + callee.frame_cells as usize + 1)?;
        let (pc, function, frame_cells) = (self.pc, self.function, self.function().frame_cells);
        // SAFETY: the instruction before `pc` is the one that waits (C2).
        let destination = u32::from(unsafe { (*pc.wrapping_sub(1)).a });
        // One for each instruction that is ever answered so: how often code runs does not matter.
        let site = self.rare_mut().answered.entry(pc).or_insert_with(|| {
            Box::new(Site { code: pc, function, frame_cells, destination, callee: ptr::null(), lowered: ptr::null() })
        });
        let site: *const Site = &raw const **site;
        let header = self.cell(frame);
        // SAFETY: F2: the stack has room above the newest frame, and the cell holds nothing (F1).
        unsafe { frames::set_header(header, site) };
        self.reductions -= 1;
        self.pc = callee.entry;
        self.function = callee;
        self.set_frame(frame);
        Ok(())
    }
}
