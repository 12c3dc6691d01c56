//! The hot loop: the frequent half of the frequent operations, and nothing else.
//!
//! An arm that has done its instruction goes on with `continue`; whatever an arm does not do (other types, a
//! result that does not fit, an error, a rare operation) falls out of the `match` and is done by
//! [`step`](crate::step::step), which knows every operation whole. So the loop has one way out, its registers
//! stay in machine registers, and no arm contains an error path. An arm must not change anything before it
//! knows that it can do all of its instruction.
//!
//! Measured against one loop that does everything itself: 3.9 times fewer machine instructions for an integer
//! loop (docs/decisions/0003-interpreter-loop.md).

use ttvm_lowering::{Instruction, Op};
use ttvm_value::Value;

use crate::{
    code::{Convention, FunctionCode, Site},
    frames::{clear, clear_header, header, set, set_header, take},
    kernel::{Kernel, Outcome},
    process::{Process, code_of, function_of},
    step::step,
};

/// Runs a process until it ends, waits or has used up its reductions.
pub(crate) fn run(process: &mut Process, kernel: &mut dyn Kernel) -> Outcome {
    if process.observes.calls || process.observes.steps {
        return step::<true>(process, kernel).expect("an observed run goes on to the end of its turn");
    }
    run_hot(process, kernel)
}

#[expect(clippy::too_many_lines, reason = "one arm for each operation, see docs/decisions/0003-interpreter-loop.md")]
#[inline(never)]
fn run_hot(process: &mut Process, kernel: &mut dyn Kernel) -> Outcome {
    let mut pc: *const Instruction = process.pc;
    let mut frame: *mut Value = process.cell(process.frame);
    let mut function: *const FunctionCode = process.function;
    let mut reductions: i64 = process.reductions;

    macro_rules! save {
        () => {
            process.pc = pc;
            process.frame = (frame as usize - process.frames.base() as usize) / size_of::<Value>();
            process.function = function;
            process.reductions = reductions;
        };
    }
    macro_rules! slot {
        ($index:expr) => {
            frame.add($index as usize)
        };
    }
    macro_rules! constant {
        ($index:expr) => {
            &*(*function).constants.add($index as usize)
        };
    }
    // Writes a result that is no heap value into a slot that holds none.
    macro_rules! put {
        ($slot:expr, $value:expr) => {{
            let slot: *mut Value = $slot;
            if !(*slot).is_heap() {
                slot.write($value);
                continue;
            }
        }};
    }
    macro_rules! arithmetic {
        ($i:ident, $left:expr, $right:expr, $checked:ident, $operator:tt) => {
            match ($left, $right) {
                (Value::Int(x), Value::Int(y)) => {
                    if let Some(result) = x.$checked(*y) {
                        put!(slot!($i.a), Value::Int(result));
                    }
                }
                (Value::Float(x), Value::Float(y)) => {
                    let result = x $operator y;
                    put!(slot!($i.a), Value::Float(result));
                }
                _ => {}
            }
        };
    }
    // A division of ints whose divisor is neither 0 nor -1.
    macro_rules! division {
        ($i:ident, $left:expr, $right:expr, $x:ident, $y:ident, $result:expr) => {
            if let (Value::Int($x), Value::Int($y)) = ($left, $right)
                && (*$y > 0 || *$y < -1)
            {
                put!(slot!($i.a), Value::Int($result));
            }
        };
    }
    macro_rules! quotient {
        ($i:ident, $left:expr, $right:expr) => {
            match ($left, $right) {
                (Value::Float(x), Value::Float(y)) if *y != 0.0 => {
                    let result = x / y;
                    put!(slot!($i.a), Value::Float(result));
                }
                (Value::Int(x), Value::Int(y)) if *y > 0 || *y < -1 => {
                    let result = x / y;
                    put!(slot!($i.a), Value::Int(result));
                }
                _ => {}
            }
        };
    }
    macro_rules! comparison {
        ($i:ident, $operator:tt) => {
            match (&*slot!($i.b), &*slot!($i.c)) {
                (Value::Int(x), Value::Int(y)) => {
                    let holds = x $operator y;
                    put!(slot!($i.a), Value::one_or_zero(holds));
                }
                (Value::Float(x), Value::Float(y)) => {
                    let holds = x $operator y;
                    put!(slot!($i.a), Value::one_or_zero(holds));
                }
                _ => {}
            }
        };
    }
    macro_rules! jump_by {
        ($distance:expr) => {
            pc = pc.offset($distance as isize - 1)
        };
    }
    macro_rules! jump_if {
        ($i:ident, $condition:expr) => {{
            if $condition {
                jump_by!($i.c as i16);
            }
            continue;
        }};
    }
    macro_rules! compare_and_jump {
        ($i:ident, $wanted:literal, $operator:tt) => {
            match (&*slot!($i.a), &*slot!($i.b)) {
                (Value::Int(x), Value::Int(y)) => jump_if!($i, (x $operator y) == $wanted),
                (Value::Float(x), Value::Float(y)) => jump_if!($i, (x $operator y) == $wanted),
                _ => {}
            }
        };
    }
    macro_rules! compare_number_and_jump {
        ($i:ident, $wanted:literal, $operator:tt) => {
            if let Value::Int(x) = &*slot!($i.a) {
                jump_if!($i, (*x $operator i64::from($i.b as i16)) == $wanted)
            }
        };
    }
    // Goes on, unless the turn is over.
    macro_rules! next_turn {
        () => {{
            if reductions > 0 {
                continue;
            }
            save!();
            return Outcome::OutOfReductions;
        }};
    }
    macro_rules! enter {
        ($callee:expr) => {{
            let callee: *const FunctionCode = $callee;
            reductions -= 1;
            function = callee;
            pc = (*callee).entry;
            next_turn!();
        }};
    }
    macro_rules! has_room {
        ($frame:expr, $callee:expr) => {
            $frame.add((*$callee).frame_cells as usize) < process.frames.limit()
        };
    }
    // Leaves the present frame and goes on in its caller. Gives the site it was called from.
    macro_rules! leave {
        ($variables:expr) => {{
            for index in 1..=$variables as usize {
                clear(frame.add(index));
            }
            let site: *const Site = header(frame);
            clear_header(frame);
            frame = frame.sub((*site).frame_cells as usize);
            function = (*site).function;
            pc = (*site).code;
            site
        }};
    }

    loop {
        // SAFETY: C2: `pc` always points at an instruction of `function`; slots, constants, sites and distances
        // are in range. F1 and F2: slots of the frame hold values; callees are entered with enough room.
        unsafe {
            let i = *pc;
            pc = pc.add(1);
            match i.op {
                Op::Copy => {
                    let value = (*slot!(i.b)).clone();
                    set(slot!(i.a), value);
                    continue;
                }
                Op::Take => {
                    let value = take(slot!(i.b));
                    set(slot!(i.a), value);
                    continue;
                }
                Op::Constant => {
                    // A constant is no counted object: its bits are its copy.
                    let value = std::ptr::read(constant!(i.number()));
                    set(slot!(i.a), value);
                    continue;
                }
                Op::Drop => {
                    clear(slot!(i.a));
                    continue;
                }
                Op::CheckDefined => {
                    if !(*slot!(i.a)).is_undefined() {
                        continue;
                    }
                }
                Op::Undefine => {
                    set(slot!(i.a), Value::Undefined);
                    continue;
                }

                Op::Add => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_add, +),
                Op::Sub => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_sub, -),
                Op::Mul => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_mul, *),
                Op::Div => quotient!(i, &*slot!(i.b), &*slot!(i.c)),
                Op::Mod => division!(i, &*slot!(i.b), &*slot!(i.c), x, y, modulo(*x, *y)),
                Op::Rem => division!(i, &*slot!(i.b), &*slot!(i.c), x, y, x % y),
                Op::AddNumber => match &*slot!(i.b) {
                    Value::Int(x) => {
                        if let Some(result) = x.checked_add(i64::from(i.c as i16)) {
                            put!(slot!(i.a), Value::Int(result));
                        }
                    }
                    Value::Float(x) => {
                        let result = x + f64::from(i.c as i16);
                        put!(slot!(i.a), Value::Float(result));
                    }
                    _ => {}
                },
                Op::AddConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_add, +),
                Op::SubConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_sub, -),
                Op::MulConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_mul, *),
                Op::DivConstant => quotient!(i, &*slot!(i.b), constant!(i.c)),
                Op::ModConstant => division!(i, &*slot!(i.b), constant!(i.c), x, y, modulo(*x, *y)),
                Op::RemConstant => division!(i, &*slot!(i.b), constant!(i.c), x, y, x % y),
                Op::ConstantSub => arithmetic!(i, constant!(i.b), &*slot!(i.c), checked_sub, -),
                Op::ConstantDiv => quotient!(i, constant!(i.b), &*slot!(i.c)),

                Op::Eq => comparison!(i, ==),
                Op::Ne => comparison!(i, !=),
                Op::Lt => comparison!(i, <),
                Op::Le => comparison!(i, <=),
                Op::Gt => comparison!(i, >),
                Op::Ge => comparison!(i, >=),

                Op::Jump => {
                    jump_by!(i.distance());
                    continue;
                }
                Op::Loop => {
                    jump_by!(i.distance());
                    reductions -= 1;
                    next_turn!();
                }
                Op::JumpTrue => match &*slot!(i.a) {
                    Value::Int(0) | Value::Bool(false) | Value::Null => continue,
                    value if !value.is_heap() => {
                        jump_by!(i.distance());
                        continue;
                    }
                    _ => {}
                },
                Op::JumpFalse => match &*slot!(i.a) {
                    Value::Int(0) | Value::Bool(false) | Value::Null => {
                        jump_by!(i.distance());
                        continue;
                    }
                    value if !value.is_heap() => continue,
                    _ => {}
                },
                Op::JumpEq => compare_and_jump!(i, true, ==),
                Op::JumpNe => compare_and_jump!(i, true, !=),
                Op::JumpLt => compare_and_jump!(i, true, <),
                Op::JumpLe => compare_and_jump!(i, true, <=),
                Op::JumpGt => compare_and_jump!(i, true, >),
                Op::JumpGe => compare_and_jump!(i, true, >=),
                Op::JumpNotLt => compare_and_jump!(i, false, <),
                Op::JumpNotLe => compare_and_jump!(i, false, <=),
                Op::JumpNotGt => compare_and_jump!(i, false, >),
                Op::JumpNotGe => compare_and_jump!(i, false, >=),
                Op::JumpEqNumber => compare_number_and_jump!(i, true, ==),
                Op::JumpNeNumber => compare_number_and_jump!(i, true, !=),
                Op::JumpLtNumber => compare_number_and_jump!(i, true, <),
                Op::JumpLeNumber => compare_number_and_jump!(i, true, <=),
                Op::JumpGtNumber => compare_number_and_jump!(i, true, >),
                Op::JumpGeNumber => compare_number_and_jump!(i, true, >=),
                Op::JumpNotLtNumber => compare_number_and_jump!(i, false, <),
                Op::JumpNotLeNumber => compare_number_and_jump!(i, false, <=),
                Op::JumpNotGtNumber => compare_number_and_jump!(i, false, >),
                Op::JumpNotGeNumber => compare_number_and_jump!(i, false, >=),

                Op::Call => {
                    let site = (*function).sites.add(i.number() as usize);
                    let new = slot!(i.a);
                    let callee = (*site).callee;
                    if has_room!(new, callee) {
                        set_header(new, site);
                        frame = new;
                        enter!(callee);
                    }
                }
                Op::CallValue => {
                    let new = slot!(i.a);
                    if let Some(callee) = plain_callee(&*slot!(i.b), i.c)
                        && has_room!(new, callee)
                    {
                        let site = (*function).sites.add((*pc).number() as usize);
                        pass_captures(new, slot!(i.b), callee, i.b >= (*function).temporaries);
                        set_header(new, site);
                        frame = new;
                        enter!(callee);
                    }
                }
                Op::TailCall => {
                    let callee: *const FunctionCode = (*function).sibling(i.number());
                    if has_room!(frame, callee) {
                        move_arguments(frame, i.a, (*callee).parameters);
                        enter!(callee);
                    }
                }
                Op::Return => {
                    let value = take(slot!(i.a));
                    let site = leave!(i.b);
                    set(slot!((*site).destination), value);
                    continue;
                }
                Op::ReturnConstant => {
                    let value = std::ptr::read(constant!(i.a));
                    let site = leave!(i.b);
                    set(slot!((*site).destination), value);
                    continue;
                }

                Op::Index => {
                    if index(frame, i) {
                        continue;
                    }
                }
                Op::Append => {
                    if append(frame, i) {
                        continue;
                    }
                }
                Op::SetIndex => {
                    if set_index(frame, i) {
                        continue;
                    }
                }
                Op::ArraySet => {
                    if array_set(frame, i) {
                        continue;
                    }
                }
                Op::Len => {
                    if length(frame, i) {
                        continue;
                    }
                }
                Op::GetField => {
                    if get_field(frame, i, constant!(i.c)) {
                        continue;
                    }
                }
                Op::SetField => {
                    if set_field(frame, i, constant!(i.c)) {
                        continue;
                    }
                }
                Op::MapGet => {
                    if map_get(frame, i) {
                        continue;
                    }
                }
                Op::MapPut => {
                    if map_put(frame, i) {
                        continue;
                    }
                }
                Op::MakeFunction => {
                    let value = (*function).module().function_value(i.number() as usize);
                    set(slot!(i.a), value);
                    continue;
                }
                // Rare, or so slow that the way through `step` does not matter.
                Op::Swap
                | Op::Delete
                | Op::TailCallImport
                | Op::TailCallValue
                | Op::ReturnNothing
                | Op::Stop
                | Op::EnterExact
                | Op::Finish
                | Op::NoScope
                | Op::Throw
                | Op::Exit
                | Op::Extra
                | Op::MakeClosure
                | Op::MakeClosureDynamic
                | Op::MakeImport
                | Op::Concat
                | Op::MakeList
                | Op::Builtin
                | Op::Host
                | Op::Print
                | Op::Random
                | Op::RandomSeed
                | Op::Import
                | Op::Export
                | Op::DumpScope
                | Op::ScopeNote
                | Op::ScopeForget
                | Op::ExactEnter
                | Op::ExactPop
                | Op::ExactPush
                | Op::ExactNeed
                | Op::ExactCall
                | Op::ExactTailCall
                | Op::ExactCallValue
                | Op::ExactTailCallValue
                | Op::ExactReturn
                | Op::ExactReturnTop
                | Op::ExactTry
                | Op::ExactEndTry => {}
            }
            pc = pc.sub(1);
            save!();
            if let Some(outcome) = step::<false>(process, kernel) {
                return outcome;
            }
            pc = process.pc;
            frame = process.cell(process.frame);
            function = process.function;
            reductions = process.reductions;
        }
    }
}

/// The remainder with the sign of the divisor.
pub(crate) fn modulo(x: i64, y: i64) -> i64 {
    let rest = x % y;
    if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest }
}

/// The callee, if it can be called in fixed slots.
#[inline(always)]
pub(crate) fn plain_callee(value: &Value, arguments: u16) -> Option<*const FunctionCode> {
    let code = code_of(function_of(value)?);
    // SAFETY: C1: a function value's module is kept alive by every process that can hold the value.
    let callee = unsafe { &*code };
    let fits = callee.convention == Convention::One && callee.parameters == arguments && !callee.binds_by_name;
    fits.then_some(code)
}

/// Puts a called closure's captures behind the arguments of the frame at `frame`, and takes it if it lies in a
/// temporary.
#[inline(never)]
unsafe fn pass_captures(frame: *mut Value, value: *mut Value, callee: *const FunctionCode, is_temporary: bool) {
    // SAFETY: C1; F2: the caller has checked the room. A temporary may lie where a capture goes, so it is read
    // first; the slots hold nothing else (F1).
    unsafe {
        let value = if is_temporary { take(value) } else { (*value).clone() };
        copy_captures(frame, &value, callee);
    }
}

/// Puts a closure's captures behind the arguments of the frame at `frame`.
#[inline(always)]
pub(crate) unsafe fn copy_captures(frame: *mut Value, value: &Value, callee: *const FunctionCode) {
    if let Value::Closure(closure) = value {
        // SAFETY: C1; F2: the caller has checked the room; the slots hold nothing (F1).
        unsafe {
            let first = frame.add(usize::from((*callee).parameters) + 1);
            for (index, captured) in closure.captured().iter().enumerate() {
                set(first.add(index), captured.clone());
            }
        }
    }
}

/// Drops what the frame holds below `base` and moves the arguments behind `base` to its first slots.
#[inline(always)]
pub(crate) unsafe fn move_arguments(frame: *mut Value, base: u16, count: u16) {
    // SAFETY: C2: `base` and the slots behind it belong to the frame.
    unsafe {
        for index in 1..usize::from(base) {
            clear(frame.add(index));
        }
        for index in 1..=usize::from(count) {
            let value = take(frame.add(usize::from(base) + index));
            set(frame.add(index), value);
        }
    }
}

/// `INDEX` within bounds. Out of line, so that the loop keeps its registers.
#[inline(never)]
unsafe fn index(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.c)) else { return false };
        // A negative index becomes one beyond every length.
        let at = at as u64 as usize;
        let value = match &*frame.add(usize::from(i.b)) {
            Value::List(list) => list.get(at).map(ttvm_value::list::Item::to_value),
            Value::F64Array(array) => array.as_slice().get(at).map(|float| Value::Float(*float)),
            Value::I64Array(array) => array.as_slice().get(at).map(|int| Value::Int(*int)),
            _ => None,
        };
        let Some(value) = value else { return false };
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `APPEND` to a list.
#[inline(never)]
unsafe fn append(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::List(list) = &mut *frame.add(usize::from(i.a)) else { return false };
        // Another reference goes into the list, so that nothing is lost when there is no memory for it.
        let value = frame.add(usize::from(i.b));
        let is_done = list.push((*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// `SET_INDEX` of a list within bounds.
#[inline(never)]
unsafe fn set_index(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.b)) else { return false };
        let Value::List(list) = &mut *frame.add(usize::from(i.a)) else { return false };
        let Ok(at) = usize::try_from(at) else { return false };
        if at >= list.len() {
            return false;
        }
        let value = frame.add(usize::from(i.c));
        let is_done = list.set(at, (*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// `ARRAY_SET` within bounds, of an array nobody else holds.
#[inline(never)]
unsafe fn array_set(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Int(at) = *frame.add(usize::from(i.b)) else { return false };
        let at = at as u64 as usize;
        match (&mut *frame.add(usize::from(i.a)), &*frame.add(usize::from(i.c))) {
            (Value::F64Array(array), Value::Float(value)) => store(array.to_mut().ok(), at, *value),
            (Value::I64Array(array), Value::Int(value)) => store(array.to_mut().ok(), at, *value),
            _ => false,
        }
    }
}

/// `LEN` of a list or array.
#[inline(never)]
unsafe fn length(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let length = match &*frame.add(usize::from(i.b)) {
            Value::List(list) => list.len(),
            Value::F64Array(array) => array.len(),
            Value::I64Array(array) => array.len(),
            _ => return false,
        };
        set(frame.add(usize::from(i.a)), Value::Int(length as i64));
        true
    }
}

/// `GET_FIELD` of an object.
#[inline(never)]
unsafe fn get_field(frame: *mut Value, i: Instruction, name: &Value) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let (Value::Object(object), Value::Str(name)) = (&*frame.add(usize::from(i.b)), name) else { return false };
        let value = object.get(name).map_or(Value::Null, Value::clone);
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `SET_FIELD` of an object.
#[inline(never)]
unsafe fn set_field(frame: *mut Value, i: Instruction, name: &Value) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let (Value::Object(object), Value::Str(name)) = (&mut *frame.add(usize::from(i.a)), name) else { return false };
        let value = frame.add(usize::from(i.b));
        let is_done = object.set(name, (*value).clone()).is_ok();
        if is_done {
            drop(take(value));
        }
        is_done
    }
}

/// `MAP_GET` of a map.
#[inline(never)]
unsafe fn map_get(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Map(map) = &*frame.add(usize::from(i.b)) else { return false };
        let value = map.get(&*frame.add(usize::from(i.c))).map_or(Value::Null, Value::clone);
        set(frame.add(usize::from(i.a)), value);
        true
    }
}

/// `MAP_PUT` of a map.
#[inline(never)]
unsafe fn map_put(frame: *mut Value, i: Instruction) -> bool {
    // SAFETY: C2: the slots belong to the frame.
    unsafe {
        let Value::Map(map) = &mut *frame.add(usize::from(i.a)) else { return false };
        let (key, value) = (frame.add(usize::from(i.b)), frame.add(usize::from(i.c)));
        let is_done = map.insert((*key).clone(), (*value).clone()).is_ok();
        if is_done {
            drop(take(key));
            drop(take(value));
        }
        is_done
    }
}

fn store<T>(elements: Option<&mut [T]>, at: usize, value: T) -> bool {
    let Some(place) = elements.and_then(|elements| elements.get_mut(at)) else { return false };
    *place = value;
    true
}
