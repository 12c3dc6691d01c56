//! Parts of operations that [`step`](crate::step::step) is made of: reading operands, checks, errors, printing.

use ttvm_isa::cost;
use ttvm_lowering::{Builtin, Instruction};
use ttvm_value::{
    Value,
    ops::{arrays, lists, maps, objects, size::flat_size, text},
};

use crate::{
    builtins,
    code::FunctionCode,
    frames::{set, take},
    kernel::{Entry, Kernel, Step, Stream},
    long,
    process::Process,
};

/// A called value: taken if it is in a temporary, else another reference.
#[inline(always)]
pub(crate) unsafe fn callee_value(slot: *mut Value, function: &FunctionCode, number: u16) -> Value {
    // SAFETY: C2: the slot belongs to the frame.
    unsafe { if number >= function.temporaries { take(slot) } else { (*slot).clone() } }
}

/// The slot if it is a temporary, else one that holds nothing to drop.
pub(crate) unsafe fn slot_if_temporary(frame: *mut Value, function: &FunctionCode, number: u16) -> *mut Value {
    static mut NOTHING: u128 = 0;
    if number >= function.temporaries { frame.wrapping_add(usize::from(number)) } else { (&raw mut NOTHING).cast() }
}

#[cold]
pub(crate) fn undefined(name: &Value) -> ttvm_isa::Fault {
    ttvm_isa::Fault::UndefinedVariable { name: name.to_string() }
}

#[cold]
pub(crate) fn mismatch(operation: &'static str, expected: &'static str, value: &Value) -> ttvm_isa::Fault {
    ttvm_isa::Fault::mismatch(operation, expected, text::debug_text(value))
}

#[cold]
pub(crate) fn mismatch_two(operation: &'static str, expected: &'static str, a: &Value, b: &Value) -> ttvm_isa::Fault {
    ttvm_isa::Fault::mismatch(operation, expected, text::debug_texts(&[a, b]))
}

pub(crate) fn exit_code(value: &Value) -> Result<i32, ttvm_isa::Fault> {
    match value {
        Value::Int(code) => Ok(*code as i32),
        other => Err(mismatch("EXIT", "an integer", other)),
    }
}

pub(crate) fn seed(value: &Value) -> Result<u64, ttvm_isa::Fault> {
    match value {
        Value::Int(seed) => Ok(*seed as u64),
        Value::BigInt(big) => Ok(big.number().iter_u64_digits().next().unwrap_or(0)),
        other => Err(mismatch("RANDOM_SEED", "an integer", other)),
    }
}

/// The sizes of a host operation's arguments.
pub(crate) fn size_of_all(arguments: &[Value]) -> u64 {
    arguments.iter().map(flat_size).fold(0u64, u64::saturating_add)
}

/// The checks that `SET_INDEX` fails with, before anything is taken.
pub(crate) fn check_index(list: &Value, at: &Value) -> Result<(), ttvm_isa::Fault> {
    match (list, at) {
        (Value::List(items), Value::Int(index)) if usize::try_from(*index).is_ok_and(|index| index < items.len()) => {
            Ok(())
        }
        // Reports as the operation itself does, which changes nothing when it fails.
        _ => lists::set_index(list.clone(), at, Value::Null).map(drop),
    }
}

/// The checks that `ARRAY_SET` fails with, before the array is taken.
pub(crate) fn check_element(array: &Value, at: &Value, value: &Value) -> Result<(), ttvm_isa::Fault> {
    let length = match (array, value) {
        (Value::I64Array(array), Value::Int(_)) => Some(array.len()),
        (Value::F64Array(array), Value::Float(_) | Value::Int(_)) => Some(array.len()),
        _ => None,
    };
    match (length, at) {
        (Some(length), Value::Int(index)) if usize::try_from(*index).is_ok_and(|index| index < length) => Ok(()),
        _ => arrays::array_set(array.clone(), at, value).map(drop),
    }
}

/// `MAP_GET`, or `GET_FIELD` of a name beyond the reach of its own operation.
pub(crate) fn query(
    function: &FunctionCode,
    at: *const Instruction,
    container: &Value,
    key: &Value,
) -> Result<Value, ttvm_isa::Fault> {
    match container {
        Value::Map(_) => maps::map_get(container, key),
        _ if is_field_operation(function, at) => objects::get_field(container, key),
        _ => maps::map_get(container, key),
    }
}

pub(crate) fn is_field_operation(function: &FunctionCode, at: *const Instruction) -> bool {
    let pc = function.origin(at).pc as usize;
    let code = &function.module().lowered.verified.module().code;
    matches!(code[pc], ttvm_isa::OpCode::GetField { .. } | ttvm_isa::OpCode::SetField { .. })
}

/// `MAP_PUT`, or `SET_FIELD` of a name beyond the reach of its own operation.
pub(crate) unsafe fn put(
    function: &FunctionCode,
    at: *const Instruction,
    frame: *mut Value,
    i: Instruction,
) -> Result<Value, ttvm_isa::Fault> {
    // SAFETY: C2: all three slots belong to the frame.
    unsafe {
        let (subject, key, value) =
            (frame.add(usize::from(i.a)), frame.add(usize::from(i.b)), frame.add(usize::from(i.c)));
        if matches!(&*subject, Value::Map(_)) {
            let (key, value) = (take(key), take(value));
            return maps::map_put(take(subject), key, value);
        }
        if !is_field_operation(function, at) {
            return Err(mismatch("MAP_PUT", "a map", &*subject));
        }
        if !matches!(&*subject, Value::Object(_)) {
            return Err(mismatch("SET_FIELD", "an object", &*subject));
        }
        let (key, value) = (take(key), take(value));
        objects::set_field(take(subject), &key, value)
    }
}

/// Runs a built-in and gives its cost; nothing if it goes on in the next turn.
pub(crate) unsafe fn builtin(
    process: &mut Process,
    function: &FunctionCode,
    at: *const Instruction,
    frame: *mut Value,
    i: Instruction,
) -> Result<Option<u64>, ttvm_isa::Fault> {
    let builtin = Builtin::ALL[usize::from(i.b)];
    let pc = function.origin(at).pc as usize;
    let kind = function.module().lowered.verified.module().code[pc].info().cost;
    // SAFETY: C2: the arguments lie in consecutive slots of the frame, which nobody else refers to now.
    let arguments = unsafe { std::slice::from_raw_parts_mut(frame.add(usize::from(i.a)), usize::from(i.c)) };
    let (result, before) = if !process.is_working && long::is_plain(builtin, arguments) {
        let before = builtins::elements_before(kind, arguments);
        (builtins::call_inlined(builtin, arguments)?, before)
    } else if let Some((result, before)) = process.finished() {
        (result?, before)
    } else {
        let before = builtins::elements_before(kind, arguments);
        match long::call(builtin, arguments) {
            Ok(result) => (result?, before),
            Err(work) => {
                process.begin_work(work, before);
                return Ok(None);
            }
        }
    };
    for argument in arguments {
        drop(argument.take());
    }
    let reductions = builtins::reductions_of(kind, before, &result);
    if !result.is_undefined() {
        // SAFETY: the result takes the place of the first argument.
        unsafe { set(frame.add(usize::from(i.a)), result) };
    }
    Ok(Some(reductions))
}

/// Prints a value and gives the size of its text; nothing if it goes on in the next turn.
pub(crate) fn print(
    process: &mut Process,
    kernel: &mut dyn Kernel,
    value: &Value,
    stream: u16,
) -> Result<Option<u64>, ttvm_isa::Fault> {
    let (stream, end) = match stream {
        0 => (Stream::Output, "\n"),
        1 => (Stream::Error, "\n"),
        _ => (Stream::Output, ""),
    };
    let mut write = |line: &str| {
        kernel.write(stream, line);
        cost::size_of_bytes(line.len() - end.len())
    };
    if let Some(cost) = text::with_short_text(value, end, &mut write) {
        return Ok(Some(cost));
    }
    let text = process.now_or_later(|| long::line(value, end))?;
    Ok(text.map(|text| write(text.as_str().unwrap_or_default())))
}

#[cold]
pub(crate) fn observe_enter(process: &Process, kernel: &mut dyn Kernel, function: &FunctionCode) {
    if process.observes().calls {
        let verified = &function.module().lowered.verified;
        let region = function.lowered().region as usize;
        let describe = || (verified.region_name(region), verified.module().place(verified.regions()[region].entry));
        kernel.enter(&Entry {
            // The same for the ordinary code and the exact-mode code of a function.
            function: std::ptr::from_ref(function.lowered()) as usize,
            describe: &describe,
            frame: process.frame(),
            reductions: process.reductions_spent(),
        });
    }
}

#[cold]
pub(crate) fn observe_leave(process: &Process, kernel: &mut dyn Kernel) {
    if process.observes().calls {
        kernel.leave(process.frame(), process.reductions_spent());
    }
}

/// An exception has taken the frames above the present one away.
#[cold]
pub(crate) fn observe_unwound(process: &Process, kernel: &mut dyn Kernel) {
    if process.observes().calls {
        kernel.leave(process.frame() + 1, process.reductions_spent());
    }
}

#[cold]
pub(crate) fn observe_step(process: &mut Process, kernel: &mut dyn Kernel) {
    if !process.observes().steps || !process.function().is_exact {
        return;
    }
    let function = process.function();
    let pc = function.origin(process.pc).pc;
    // The ordinary function knows where the exact-mode code of its instructions begins.
    let ordinary = &function.module().functions[function.number as usize];
    if pc == u32::MAX || ordinary.exact_start(pc) != process.pc {
        return;
    }
    let module = function.module().lowered.verified.module();
    let Some(rare) = &process.rare else { return };
    let base = rare.runs.last().map_or(0, |run| run.base);
    let step = Step {
        place: module.place(pc),
        pc,
        instruction: &module.code[pc as usize],
        frame: process.frame(),
        operands: &rare.operands[base.min(rare.operands.len())..],
    };
    kernel.step(&step);
}
