//! Instructions that concern processes: asking the kernel to perform one, and receiving.
//!
//! An instruction that waits is executed again when the process goes on; until then its operands stay in their slots.
//! Not here: whether a message matches (`matching.rs`).

use ttvm_isa::{Fault, ProcessOperation, cost::Cost};
use ttvm_lowering::{
    Instruction, Op,
    receive::{Case, Jump, Receive, Time},
};
use ttvm_value::{Ref, Value};

use crate::{
    code::FunctionCode,
    frames,
    kernel::{Kernel, Made, Outcome, Reply, Request, Timeout, Waiting},
    matching::Matching,
    process::Process,
};

/// Messages that a receive may look at for nothing; each further one costs a reduction, so that a search through a
/// long queue comes to the end of its turn.
const MESSAGES_FREE: u32 = 8;

/// How an instruction was left.
type Asked = Result<Option<Outcome>, Fault>;

/// What [`perform`] does for `SEND` to a pid on the stack, for `SELF` and for most processes that are made, within the hot
/// loop: they need nothing of the process but their slots. Gives the reductions spent; `None` if nothing was done.
///
/// Counts as cold, so that nothing it needs takes a machine register in the loop.
///
/// # Safety
/// The slots of the instruction lie in the frame.
#[cold]
#[inline(never)]
pub(crate) unsafe fn quick(kernel: &mut dyn Kernel, frame: *mut Value, i: Instruction) -> Option<u64> {
    // SAFETY: the caller's promise.
    let first = unsafe { frame.add(usize::from(i.a)) };
    if i.b == ProcessOperation::Send as u16 && i.c == 2 {
        // SAFETY: C2: message and target lie in consecutive slots.
        let (message, target) = unsafe { (&mut *first, &*first.add(1)) };
        let Value::Pid(pid) = target else { return None };
        let spent = kernel.send(*pid, message)?;
        // SAFETY: C2; the kernel may have left something. The target is no heap value.
        unsafe { frames::clear(first) };
        return Some(1 + spent);
    }
    if i.b == ProcessOperation::SelfPid as u16 {
        let pid = kernel.pid()?;
        // SAFETY: C2.
        unsafe { frames::set(first, Value::Pid(pid)) };
        return Some(0);
    }
    // SAFETY: the caller's promise.
    unsafe { quick_spawn(kernel, first, i) }
}

/// The same for processes that are made.
///
/// # Safety
/// As for [`quick`]; `first` is the first of the instruction's slots.
#[inline(never)]
unsafe fn quick_spawn(kernel: &mut dyn Kernel, first: *mut Value, i: Instruction) -> Option<u64> {
    let operation = ProcessOperation::ALL[usize::from(i.b)];
    if !matches!(operation, ProcessOperation::Spawn | ProcessOperation::SpawnLink | ProcessOperation::SpawnMonitor) {
        return None;
    }
    // SAFETY: C2: the function lies behind its arguments in consecutive slots of the newest frame; nobody else refers to
    // them now.
    let values = unsafe { std::slice::from_raw_parts_mut(first, usize::from(i.c)) };
    let Made { pid, monitor, spent } = kernel.spawn(operation, values)?;
    for value in values {
        // SAFETY: C2, as above.
        unsafe { frames::clear(value) };
    }
    // SAFETY: C2: lowering has made room for as many results as the instruction has.
    unsafe {
        frames::set(first, Value::Pid(pid));
        if let Some(reference) = monitor {
            frames::set(first.add(1), Value::Ref(reference));
        }
    }
    Some(1 + spent)
}

/// `RECEIVE` into a slot; `false` if the process waits.
///
/// # Safety
/// The slot lies in the newest frame.
#[cold]
#[inline(never)]
pub(crate) unsafe fn quick_receive(kernel: &mut dyn Kernel, slot: *mut Value) -> bool {
    let Some(message) = kernel.receive() else { return false };
    // SAFETY: the caller's promise.
    unsafe { frames::set(slot, message) };
    true
}

/// What a `RECEIVE_MATCH` did, having spent so many reductions.
pub(crate) enum Received {
    /// It took a message, or its time is over: the process goes on here.
    GoesOn(*const Instruction, u64),
    /// It has looked at all messages and waits.
    Wait(u64),
    /// The turn is over; it goes on with the messages that it has not looked at.
    Later(u64),
    /// It fails, with a fault that is kept aside.
    Failed(u64),
}

/// `RECEIVE_MATCH` in a function that keeps no order of its variables. What fails has changed nothing, and [`ask`] is
/// to do it again.
///
/// # Safety
/// The frame is the newest one, of this function, which has the instruction.
#[cold]
#[inline(never)]
pub(crate) unsafe fn quick_receive_match(
    kernel: &mut dyn Kernel,
    frame: *mut Value,
    function: &FunctionCode,
    i: Instruction,
    reductions: i64,
) -> Received {
    // SAFETY: the caller's promise.
    unsafe { receive_match(kernel, frame, function, function.receive(i.number()), reductions, &mut None, |_| {}) }
}

/// Performs the instruction before `pc`, one of those that concern processes. The registers lie in the process.
#[inline(never)]
pub(crate) fn ask(process: &mut Process, kernel: &mut dyn Kernel, i: Instruction) -> Asked {
    match i.op {
        Op::Process => perform(process, kernel, i),
        Op::Receive => receive(process, kernel, i),
        Op::ReceiveTimeout => receive_timeout(process, kernel, i),
        Op::ReceiveMatch => ask_receive_match(process, kernel, i),
        Op::ExitSelf => {
            // SAFETY: C2.
            let reason = unsafe { frames::take(slot(process, i.a)) };
            process.unwind_to(0);
            Ok(Some(Outcome::Ended(reason)))
        }
        other => unreachable!("{other:?} does not concern processes"),
    }
}

fn slot(process: &Process, index: u16) -> *mut Value {
    process.cell(process.frame() + usize::from(index))
}

fn perform(process: &mut Process, kernel: &mut dyn Kernel, i: Instruction) -> Asked {
    let (first, count) = (slot(process, i.a), usize::from(i.c));
    let (reply, spent, results) = {
        let view = process.present();
        let module = view.function.module().loaded();
        let instruction = &module.verified().module().code[view.pc() as usize];
        // SAFETY: C2: the arguments lie in consecutive slots of the newest frame; nobody else refers to them now.
        let arguments = unsafe { std::slice::from_raw_parts_mut(first, count) };
        let spent = match instruction.info().cost {
            Cost::Call | Cost::Message => 1,
            _ => 0,
        };
        let place = || view.place();
        let operation = ProcessOperation::ALL[usize::from(i.b)];
        let random = process.random();
        let mut request = Request { operation, instruction, arguments, module, place: &place, spent, random };
        let reply = kernel.process(&mut request);
        let spent = request.spent;
        let results = instruction.effect().map_or(0, |(_, pushes)| pushes);
        (reply, spent, results)
    };
    if !matches!(reply, Reply::Again) {
        for index in 0..count {
            // SAFETY: C2, as above.
            unsafe { frames::clear(first.add(index)) };
        }
    }
    let outcome = match reply {
        Reply::Fault(fault) => return Err(fault),
        Reply::Exit(reason) => {
            process.unwind_to(0);
            return Ok(Some(Outcome::Ended(reason)));
        }
        Reply::Nothing => {
            finish(first, results, Value::Null, Value::Null);
            None
        }
        Reply::Value(value) => {
            finish(first, results, value, Value::Null);
            None
        }
        Reply::Two(one, two) => {
            finish(first, results, one, two);
            None
        }
        Reply::Branch => {
            process.branch();
            None
        }
        Reply::Yield => {
            finish(first, results, Value::Null, Value::Null);
            Some(Outcome::Yield)
        }
        Reply::Wait => {
            process.wait_for_answer(first, 0);
            Some(Outcome::Answer)
        }
        Reply::Again => Some(process.again(Outcome::Yield)),
    };
    process.spend(spent);
    Ok(outcome)
}

/// Puts the results where the instruction leaves them.
fn finish(first: *mut Value, results: u32, one: Value, two: Value) {
    // SAFETY: C2: lowering has made room for as many results as the instruction has.
    unsafe {
        if results >= 1 {
            frames::set(first, one);
        }
        if results >= 2 {
            frames::set(first.add(1), two);
        }
    }
}

fn receive(process: &mut Process, kernel: &mut dyn Kernel, i: Instruction) -> Asked {
    // SAFETY: C2.
    if !unsafe { quick_receive(kernel, slot(process, i.a)) } {
        return Ok(Some(process.again(Outcome::Receive)));
    }
    process.spend(1);
    Ok(None)
}

fn receive_timeout(process: &mut Process, kernel: &mut dyn Kernel, i: Instruction) -> Asked {
    let place = slot(process, i.a);
    // SAFETY: C2: the milliseconds lie in the slot.
    let timeout = milliseconds("RECEIVE_TIMEOUT", unsafe { &*place })?;
    if kernel.message(None).is_some() {
        let message = kernel.take_message();
        process.spend(1);
        // SAFETY: C2.
        unsafe { frames::set(place, message) };
        return Ok(None);
    }
    match kernel.wait(timeout) {
        Waiting::Wait => Ok(Some(process.again(Outcome::Receive))),
        Waiting::Fault(fault) => Err(fault),
        Waiting::TimedOut => {
            // SAFETY: C2.
            unsafe { frames::clear(place) };
            // The distance counts from the instruction, which lies before `pc`.
            process.pc = process.pc.wrapping_offset(i.distance() as isize - 1);
            Ok(None)
        }
    }
}

fn ask_receive_match(process: &mut Process, kernel: &mut dyn Kernel, i: Instruction) -> Asked {
    let function = process.function;
    // SAFETY: C1: the function's module is kept alive; C2: it has the table.
    let (function, table) = unsafe { (&*function, (*function).receive(i.number())) };
    let (frame, reductions, mut fault) = (slot(process, 0), process.reductions, None);
    let note = |slot| process.note_variable(slot);
    // SAFETY: the frame is the newest, and nothing moves it.
    let (outcome, spent) = match unsafe { receive_match(kernel, frame, function, table, reductions, &mut fault, note) }
    {
        Received::GoesOn(next, spent) => {
            process.pc = next;
            (None, spent)
        }
        Received::Wait(spent) => (Some(process.again(Outcome::Receive)), spent),
        Received::Later(spent) => (Some(process.again(Outcome::OutOfReductions)), spent),
        Received::Failed(spent) => (None, spent),
    };
    process.spend(spent);
    match fault {
        None => Ok(outcome),
        Some(fault) => {
            kernel.abandon_receive();
            Err(fault)
        }
    }
}

/// Looks for a message that matches, with so many reductions left, and waits if there is none. `note` hears of the slot
/// of every variable before it is set; a fault goes to `failure`.
///
/// # Safety
/// The frame is the newest one, of this function, which has the table; `note` does not move it.
#[inline(always)]
unsafe fn receive_match(
    kernel: &mut dyn Kernel,
    frame: *mut Value,
    function: &FunctionCode,
    table: &Receive,
    reductions: i64,
    failure: &mut Option<Fault>,
    mut note: impl FnMut(u16),
) -> Received {
    let goes_on =
        |jump: Jump, spent| Received::GoesOn(function.instruction(jump.target), spent + u64::from(jump.goes_back));
    let time = match table.after {
        None => None,
        // SAFETY: C2: the variable has a slot of the frame.
        Some((time, jump)) => match unsafe { timeout_of(time, frame) } {
            Ok(timeout) => Some((timeout, jump)),
            Err(fault) => {
                *failure = Some(fault);
                return Received::Failed(0);
            }
        },
    };
    let reference = reference_of(table, frame);
    let (mut looked_at, mut spent) = (0, 0);
    let mut shown = kernel.message(reference);
    if shown.is_some() {
        // SAFETY: the caller's promise.
        let mut matching = unsafe { Matching::new(frame, function) };
        while let Some(message) = shown {
            let case = find_case(&mut matching, table, message);
            spent += matching.take_reductions();
            match case {
                Ok(Some(case)) => {
                    kernel.take_message().discard();
                    for (number, slot) in case.bound.iter().enumerate() {
                        note(*slot);
                        // SAFETY: C2: every variable has a slot of the frame, which has not moved.
                        unsafe { frames::set(frame.add(usize::from(*slot)), matching.take_bound(number)) };
                    }
                    return goes_on(case.jump, spent + 1);
                }
                Ok(None) => {}
                Err(fault) => {
                    *failure = Some(fault);
                    return Received::Failed(spent);
                }
            }
            kernel.skip_message();
            looked_at += 1;
            spent += u64::from(looked_at > MESSAGES_FREE);
            if reductions <= 0 || spent >= reductions.unsigned_abs() {
                return Received::Later(spent);
            }
            shown = kernel.message(reference);
        }
    }
    // One that waits for ever has no time to begin, and none that is over.
    let Some((timeout, jump)) = time else { return Received::Wait(spent) };
    match kernel.wait(timeout) {
        Waiting::Wait => Received::Wait(spent),
        Waiting::TimedOut => goes_on(jump, spent),
        Waiting::Fault(fault) => {
            *failure = Some(fault);
            Received::Failed(spent)
        }
    }
}

/// How long a table waits.
///
/// # Safety
/// The frame has the slots that the table names.
#[inline(always)]
unsafe fn timeout_of(time: Time, frame: *mut Value) -> Result<Timeout, Fault> {
    match time {
        Time::Never => Ok(Timeout::Never),
        Time::Milliseconds(milliseconds) => Ok(Timeout::After(milliseconds)),
        // SAFETY: the caller's promise.
        Time::Slot(slot) => milliseconds("RECEIVE_MATCH", unsafe { &*frame.add(usize::from(slot)) }),
    }
}

#[inline(always)]
fn find_case<'t>(matching: &mut Matching, table: &'t Receive, message: &Value) -> Result<Option<&'t Case>, Fault> {
    for case in &table.cases {
        if matching.matches(case, message)? {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

/// The reference that every message must hold that the table takes, if there is one.
#[inline(always)]
fn reference_of(table: &Receive, frame: *mut Value) -> Option<Ref> {
    // SAFETY: C2: the variables have slots of the frame.
    let value = |slot: &u16| unsafe { &*frame.add(usize::from(*slot)) };
    table
        .references
        .iter()
        .find_map(|slot| if let Value::Ref(reference) = value(slot) { Some(*reference) } else { None })
}

/// A time as programs give it. Fractions are rounded up, so that nothing fires early.
fn milliseconds(operation: &'static str, value: &Value) -> Result<Timeout, Fault> {
    match value {
        Value::Int(milliseconds) if *milliseconds >= 0 => Ok(Timeout::After(milliseconds.unsigned_abs())),
        Value::Float(milliseconds) if *milliseconds >= 0.0 => Ok(Timeout::After(milliseconds.ceil() as u64)),
        Value::Str(text) if text.as_str() == "infinity" => Ok(Timeout::Never),
        Value::Int(_) | Value::Float(_) => {
            Err(Fault::Argument { operation, error: format!("{value} is no number of milliseconds") })
        }
        other => Err(Fault::mismatch(operation, "milliseconds or infinity", format!("{other:?}"))),
    }
}

impl Process {
    fn spend(&mut self, reductions: u64) {
        self.reductions = self.reductions.saturating_sub_unsigned(reductions);
    }

    /// Ends the run so that the present instruction is executed again.
    fn again(&mut self, outcome: Outcome) -> Outcome {
        self.pc = self.pc.wrapping_sub(1);
        outcome
    }

    /// Goes to the target of the instruction before `pc`, which [`ttvm_isa::OpCode::waits_until`] names: lowering has
    /// put a jump behind the next one for that.
    pub(crate) fn branch(&mut self) {
        debug_assert!(self.op_before().waits_until(), "only what waits until a time has two ways on");
        self.pc = self.pc.wrapping_add(1);
    }
}
