//! A process between two turns: its frames, where it goes on, and what exact mode, modules and random
//! numbers need.
//!
//! Not here: running it (`interpret.rs`), unwinding (`unwind.rs`), exact mode (`exact.rs`).

use std::{collections::HashMap, ptr, sync::Arc};

use ttvm_isa::{Fault, Text, cost};
use ttvm_lowering::Instruction;
use ttvm_value::{FunctionRef, Value, ops::size::flat_size};

use crate::{
    code::{FunctionCode, LoadedModule, Site},
    frames::{self, Frames, OUTERMOST},
    kernel::{Answer, Kernel, Outcome},
    work::Working,
};

/// A process: the state of one thread of execution. Small, because there may be millions: see [`Process::BYTES`].
pub struct Process {
    pub(crate) frames: Frames,
    /// The instruction to go on with.
    pub(crate) pc: *const Instruction,
    pub(crate) function: *const FunctionCode,
    /// What is left of the budget; may be negative after an expensive instruction.
    pub(crate) reductions: i64,
    /// All reductions granted so far.
    pub(crate) granted: u64,
    pub(crate) rare: Option<Box<Rare>>,
    /// Cells from the stack's base to the newest frame's header.
    pub(crate) frame: u32,
    /// The instruction before `pc` waits for an answer. Until it comes, its slot a holds the size of its inputs.
    is_waiting: bool,
    /// The instruction at `pc` has begun and is not done: see `work.rs`.
    pub(crate) is_working: bool,
}

const _: () = assert!(Process::BYTES <= 192, "a process is at most 192 bytes");

/// What few processes need; made when first needed.
#[derive(Default)]
pub(crate) struct Rare {
    /// Operands in exact mode, and the runs of frames they belong to.
    pub operands: Vec<Value>,
    pub runs: Vec<Run>,
    /// Handlers armed in exact mode, oldest first.
    pub handlers: Vec<ExactHandler>,
    /// Continuations of calls whose callers went over to exact mode while the callee ran, by the original.
    pub twins: HashMap<*const Site, Box<Site>>,
    /// Continuations of instructions that functions answered for, by where they go on.
    pub answered: HashMap<*const Instruction, Box<Site>>,
    pub imports: Vec<ImportInProgress>,
    pub imported: HashMap<Text, Vec<(Text, Value)>>,
    pub observes: Observes,
    pub working: Option<Working>,
    /// The state of the random generator, once it was used.
    pub random: Option<u64>,
    // Last: everything above may point into modules.
    modules: Vec<Arc<LoadedModule>>,
}

/// What the kernel wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observes {
    /// Calls and returns.
    pub calls: bool,
    /// Every stack instruction; the program must have been loaded in exact mode.
    pub steps: bool,
}

/// Consecutive frames in exact mode that share one operand stack.
pub(crate) struct Run {
    /// The oldest of the frames.
    pub frame: usize,
    /// Where the operands of that frame begin.
    pub base: usize,
    /// The frame owns its operand stack: there is nothing for it below `base`.
    pub owns_stack: bool,
}

/// A handler armed in exact mode.
pub(crate) struct ExactHandler {
    pub frame: usize,
    pub code: *const Instruction,
    pub operands: usize,
}

/// A module whose main code is running for an `IMPORT`.
pub(crate) struct ImportInProgress {
    /// The frame of the module's main code.
    pub frame: usize,
    pub key: Text,
    pub exports: Vec<(Text, Value)>,
    pub module: Arc<LoadedModule>,
    /// Where the importer goes on; the frame's header points to it.
    pub _site: Box<Site>,
}

// SAFETY: a process is only used by the thread that holds it. Its values are reached by nobody else or are
// marked as shared; the pointers lead into modules that it keeps alive (C1), or that whoever made it does (`Process::spawn`).
unsafe impl Send for Process {}

impl Process {
    /// The size of a process with its first cells.
    pub const BYTES: usize = size_of::<Self>();

    /// A process that will run the main code of a module.
    #[must_use]
    pub fn main(module: &Arc<LoadedModule>) -> Self {
        Self::of_function(module, 0)
    }

    /// A process that will run a function of a module that takes no parameters.
    ///
    /// # Panics
    /// If there is no such function, or it takes parameters.
    #[must_use]
    pub fn of_function(module: &Arc<LoadedModule>, function: usize) -> Self {
        let data = module.data();
        let code = &data.functions[function];
        assert!(code.parameters == 0, "only functions without parameters start a process so far");
        let mut process = Self::at(code, &data.entry_site).expect("one frame is below STACK_CELLS_MAX (V11)");
        process.keep(module);
        process
    }

    /// A process about to enter a function, which will return to `site`.
    #[inline(always)]
    pub(crate) fn at(code: &FunctionCode, site: &Site) -> Result<Self, Fault> {
        let mut process = Self::without_frames(code.entry, code);
        process.frames.grow(first_frame_cells(code))?;
        // SAFETY: it has no frames, and room for the first one.
        unsafe { process.enter_first(code, site) };
        Ok(process)
    }

    #[inline(always)]
    pub(crate) fn without_frames(pc: *const Instruction, function: *const FunctionCode) -> Self {
        Self {
            frames: Frames::new(),
            pc,
            function,
            reductions: 0,
            granted: 0,
            rare: None,
            frame: 0,
            is_waiting: false,
            is_working: false,
        }
    }

    /// Enters a function, which will return to `site`.
    ///
    /// # Safety
    /// There are no frames, and there is room for [`first_frame_cells`] of the function.
    #[inline(always)]
    pub(crate) unsafe fn enter_first(&mut self, code: &FunctionCode, site: &Site) {
        self.pc = code.entry;
        self.function = code;
        let header = self.cell(OUTERMOST);
        // SAFETY: the stack has the cell, which holds nothing.
        unsafe { frames::set_header(header, site) };
        self.set_frame(OUTERMOST);
    }

    /// Where the newest frame's header lies.
    #[inline(always)]
    pub(crate) fn frame(&self) -> usize {
        self.frame as usize
    }

    /// The address of the newest frame. Out of line: computed within the hot loop, it makes the addresses of slots
    /// there a quarter more expensive.
    #[inline(never)]
    pub(crate) fn newest_frame(&self) -> *mut Value {
        self.cell(self.frame())
    }

    #[inline(always)]
    pub(crate) fn set_frame(&mut self, frame: usize) {
        debug_assert!(u32::try_from(frame).is_ok(), "STACK_CELLS_MAX lies below 2^32");
        self.frame = frame as u32;
    }

    /// Whether it has frames: one that has ended has none.
    pub(crate) fn has_frames(&self) -> bool {
        self.frame() >= OUTERMOST
    }

    pub(crate) fn is_waiting_for_answer(&self) -> bool {
        self.is_waiting
    }

    /// Cells of 16 bytes of its call stack that lie on the heap; 0 while it fits in the process itself.
    #[must_use]
    pub fn heap_cells(&self) -> usize {
        self.frames.spilled_cells()
    }

    /// What few processes need, made now if there is none.
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The state of exact mode, while in it.
    #[inline(always)]
    pub(crate) fn exact_state(&self) -> &Rare {
        self.rare.as_ref().expect("exact mode begins with `exact_enter` or `convert_before_call`, which make it")
    }

    /// The same as [`Process::exact_state`], to change it.
    #[inline(always)]
    pub(crate) fn exact_state_mut(&mut self) -> &mut Rare {
        self.rare.as_mut().expect("exact mode begins with `exact_enter` or `convert_before_call`, which make it")
    }

    /// Seeds the process's random generator (SplitMix64); without, it begins with [`Kernel::seed`].
    pub(crate) fn seed(&mut self, seed: u64) {
        self.rare_mut().random = Some(seed);
    }

    /// Says what the kernel wants to see. Before the first run.
    pub fn observe(&mut self, observes: Observes) {
        if observes != Observes::default() {
            self.rare_mut().observes = observes;
        }
    }

    /// Reductions spent so far.
    #[must_use]
    pub fn reductions_spent(&self) -> u64 {
        let left = self.reductions;
        if left >= 0 { self.granted - left.unsigned_abs() } else { self.granted + left.unsigned_abs() }
    }

    /// Runs for about `budget` reductions, or until the process ends or waits.
    #[inline]
    pub fn run(&mut self, budget: u32, kernel: &mut dyn Kernel) -> Outcome {
        debug_assert!(!self.is_waiting, "what it waits for must be answered first");
        let wanted = i64::from(budget);
        // What an expensive instruction overdrew is paid back first.
        if self.reductions < wanted {
            self.granted += (wanted - self.reductions).unsigned_abs();
            self.reductions = wanted;
        }
        self.frames.begin_turn();
        if self.is_working
            && let Some(outcome) = self.go_on_working()
        {
            return outcome;
        }
        crate::interpret::run(self, kernel)
    }

    /// The address of a cell.
    pub(crate) fn cell(&self, index: usize) -> *mut Value {
        debug_assert!(index < self.frames.capacity());
        self.frames.base().wrapping_add(index)
    }

    pub(crate) fn function(&self) -> &FunctionCode {
        // SAFETY: C1: modules that the process or whoever made it keeps hold the code of all frames.
        unsafe { &*self.function }
    }

    /// What the kernel wants to see.
    pub(crate) fn observes(&self) -> Observes {
        self.rare.as_ref().map_or_else(Observes::default, |rare| rare.observes)
    }

    /// Keeps a module alive as long as the process.
    pub(crate) fn keep(&mut self, module: &Arc<LoadedModule>) {
        let modules = &mut self.rare_mut().modules;
        if !modules.iter().any(|known| Arc::ptr_eq(known, module)) {
            modules.push(Arc::clone(module));
        }
    }

    /// Notes that the instruction before `pc`, whose result goes to `slot`, waits for its answer. It had inputs of
    /// this size.
    pub(crate) fn wait_for_answer(&mut self, slot: *mut Value, inputs: u64) {
        self.is_waiting = true;
        // SAFETY: the slot is a temporary of the newest frame.
        unsafe { frames::set(slot, Value::Int(i64::try_from(inputs).unwrap_or(i64::MAX))) };
    }

    pub(crate) fn op_before(&self) -> &ttvm_isa::OpCode {
        self.op_at(self.pc.wrapping_sub(1))
    }

    /// The operation of an instruction of the present function.
    pub(crate) fn op_at(&self, pc: *const Instruction) -> &ttvm_isa::OpCode {
        let function = self.function();
        let pc = function.origin(pc).pc;
        &function.module().lowered.verified.module().code[pc as usize]
    }

    /// Answers what the last run ended with, [`Outcome::Host`], [`Outcome::Elsewhere`] or [`Outcome::Answer`]. The process goes on with the
    /// next run; if a fault is not caught, that is what it ends with at once.
    ///
    /// # Panics
    /// If nothing waits for an answer.
    pub fn answer(&mut self, answer: Answer) -> Option<Outcome> {
        if self.is_working {
            self.answer_work(answer);
            return None;
        }
        let slot = self.take_wait();
        // SAFETY: the slot belongs to the newest frame, which has not changed since.
        let inputs = unsafe { frames::take(slot) };
        let value = match answer {
            Ok(value) => value,
            Err(fault) => return self.raise(fault).err(),
        };
        let op = self.op_before();
        let elements = match (op.info().cost, inputs) {
            (cost::Cost::Result, _) => flat_size(&value),
            (cost::Cost::Inputs, Value::Int(inputs)) => inputs.unsigned_abs(),
            _ => 0,
        };
        let has_result = op.effect().is_some_and(|(_, pushes)| pushes > 0);
        self.reductions -= i64::try_from(cost::of_elements(elements)).unwrap_or(i64::MAX);
        if has_result {
            // SAFETY: as above.
            unsafe { frames::set(slot, value) };
        }
        None
    }

    /// Answers an instruction that leaves one result and costs the same whatever that is, such as `SUPERSTEP`: many are answered
    /// at once.
    ///
    /// # Panics
    /// If nothing waits for an answer.
    pub fn answer_one(&mut self, value: Value) {
        debug_assert!(self.op_before().effect().is_some_and(|(_, pushes)| pushes == 1), "there is one result");
        debug_assert!(!matches!(self.op_before().info().cost, cost::Cost::Result | cost::Cost::Inputs));
        let slot = self.take_wait();
        // SAFETY: the slot belongs to the newest frame, which has not changed since.
        unsafe { frames::set(slot, value) };
    }

    /// Answers an instruction with two results, such as `SPAWN_MONITOR`, as [`Process::answer`] does.
    ///
    /// # Panics
    /// If no such instruction waits for an answer.
    pub fn answer_two(&mut self, one: Value, two: Value) {
        let results = self.op_before().effect().map_or(0, |(_, pushes)| pushes);
        assert_eq!(results, 2, "the instruction has two results");
        // SAFETY: the instruction before `pc` is the one that waits (C2).
        let slot = self.cell(self.frame() + usize::from(unsafe { (*self.pc.wrapping_sub(1)).a }));
        let outcome = self.answer(Ok(one));
        debug_assert!(outcome.is_none(), "only faults end a process");
        // SAFETY: C2: lowering has made room for as many results as the instruction has, in the newest frame.
        unsafe { frames::set(slot.add(1), two) };
    }

    /// Answers an instruction with two ways on, such as `BARRIER_TIMEOUT`, that its time is over: it goes to its target
    /// and leaves nothing.
    ///
    /// # Panics
    /// If no such instruction waits for an answer.
    pub fn answer_branch(&mut self) {
        assert!(self.op_before().waits_until(), "the instruction has a target");
        let slot = self.take_wait();
        // SAFETY: the slot belongs to the newest frame; it holds the size of the inputs, which is no result.
        unsafe { frames::clear(slot) };
        self.branch();
    }

    /// Ends the wait for an answer and gives the slot of its result.
    pub(crate) fn take_wait(&mut self) -> *mut Value {
        assert!(self.is_waiting, "only a process that waits is answered");
        self.is_waiting = false;
        // SAFETY: the instruction before `pc` is the one that waits (C2).
        self.cell(self.frame() + usize::from(unsafe { (*self.pc.wrapping_sub(1)).a }))
    }

    /// Raises a fault in the process as if its last instruction had failed, for whoever drives it.
    pub fn fail(&mut self, fault: Fault) -> Option<Outcome> {
        self.raise(fault).err()
    }

    /// What the random generator has come to, once it was used.
    pub(crate) fn random(&self) -> Option<u64> {
        self.rare.as_ref().and_then(|rare| rare.random)
    }

    pub(crate) fn random_float(&mut self, kernel: &dyn Kernel) -> f64 {
        // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
        let random = self.rare_mut().random.get_or_insert_with(|| kernel.seed());
        *random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Drops the frame's cells from `from` on up to the end of its function's room, header excluded.
    pub(crate) fn clear_cells(&mut self, from: usize, to: usize) {
        for index in from..to.min(self.frames.capacity()) {
            // SAFETY: F1: cells between headers hold values.
            unsafe { frames::clear(self.cell(index)) };
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.unwind_to(0);
    }
}

/// Cells of a stack that holds a function's frame and no other.
#[inline(always)]
pub(crate) fn first_frame_cells(code: &FunctionCode) -> usize {
    OUTERMOST + code.frame_cells as usize + 1
}

/// The function a value stands for, if it is one.
pub(crate) fn function_of(value: &Value) -> Option<FunctionRef> {
    match value {
        Value::Function(function) => Some(*function),
        Value::Closure(closure) => Some(closure.function()),
        _ => None,
    }
}

/// The code behind a function value.
pub(crate) fn code_of(function: FunctionRef) -> *const FunctionCode {
    ptr::with_exposed_provenance(function.object().code)
}
