//! The hot loop: the frequent half of the frequent operations, and nothing else.
//!
//! An arm that has done its instruction goes on with `continue`; whatever an arm does not do (other types, a
//! result that does not fit, an error, a rare operation) falls out of the `match` and is done by
//! [`step`](crate::step::step), which knows every operation whole. So the loop has one way out, its registers
//! stay in machine registers, and no arm contains an error path. An arm must not change anything before it
//! knows that it can do all of its instruction.
//!
//! What one loop that does everything itself costs: docs/decisions/0003-interpreter-loop.md.

use ttvm_lowering::{Instruction, Op};
use ttvm_value::Value;

use crate::{
    code::{FunctionCode, Site},
    frames::{clear, clear_header, drop_slot, forget, header, move_bits, set, set_header, take_moved},
    halves::{
        Number, append, append_number, array_element, array_get, array_set, bits, concat, copy, element, get_field,
        index, int, length, make_list, map_get, map_put, modulo, move_arguments, packed_entry, pass_captures,
        plain_callee, quick_builtin, set_field, set_float, set_index, set_number,
    },
    kernel::{Kernel, Outcome},
    messages::{Received, ask, quick, quick_receive, quick_receive_match},
    process::{Observes, Process},
    step::step,
};

/// Runs a process until it ends, waits or has used up its reductions.
#[inline]
pub(crate) fn run(process: &mut Process, kernel: &mut dyn Kernel) -> Outcome {
    if process.observes() != Observes::default() {
        return step::<true>(process, kernel).expect("an observed run goes on to the end of its turn");
    }
    if process.is_working
        && let Some(outcome) = step::<false>(process, kernel)
    {
        return outcome;
    }
    run_hot(process, kernel)
}

/// Writes the loop's registers to the process. Out of line: computing where the stack begins takes registers.
#[cold]
#[inline(never)]
fn save_registers(
    process: &mut Process,
    pc: *const Instruction,
    frame: *mut Value,
    function: *const FunctionCode,
    reductions: i64,
) {
    process.pc = pc;
    process.set_frame((frame as usize - process.frames.base() as usize) / size_of::<Value>());
    process.function = function;
    process.reductions = reductions;
}

/// What the hot loop does not do. Counts as cold, so that nothing it needs takes a machine register in the loop.
#[cold]
#[inline(never)]
fn step_once(process: &mut Process, kernel: &mut dyn Kernel) -> Option<Outcome> {
    // SAFETY: C1 and C2: `pc` is within the function's code.
    let instruction = unsafe { *process.pc };
    if !matches!(instruction.op, Op::Process | Op::Receive | Op::ReceiveTimeout | Op::ReceiveMatch | Op::ExitSelf) {
        return step::<false>(process, kernel);
    }
    // Messages are what processes do most besides computing: not through the loop of `step`.
    // SAFETY: as above; none of these is the last instruction of a unit without one behind it.
    process.pc = unsafe { process.pc.add(1) };
    let outcome = match ask(process, kernel, instruction) {
        Ok(outcome) => outcome,
        Err(fault) => process.raise(fault).err(),
    };
    match outcome {
        None if process.reductions <= 0 => Some(Outcome::OutOfReductions),
        outcome => outcome,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each operation, see docs/decisions/0003-interpreter-loop.md")]
#[inline(never)]
fn run_hot(process: &mut Process, kernel: &mut dyn Kernel) -> Outcome {
    let mut pc: *const Instruction = process.pc;
    let mut frame: *mut Value = process.newest_frame();
    let mut function: *const FunctionCode = process.function;
    let mut reductions: i64 = process.reductions;

    macro_rules! save {
        () => {
            save_registers(process, pc, frame, function, reductions);
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
    // Goes on behind so many instructions.
    macro_rules! go_on {
        ($instructions:expr) => {{
            pc = pc.add($instructions);
            continue;
        }};
    }
    // Writes a result that is no heap value into a slot that holds none.
    macro_rules! put {
        ($slot:expr, $value:expr) => {{
            let slot: *mut Value = $slot;
            if !(*slot).is_heap() {
                slot.write($value);
                go_on!(1);
            }
        }};
    }
    // Drops what a slot holds, which is overwritten next. Not `set`: where the new value is known before the old one is
    // dropped, the registers that hold it are saved and restored by the whole arm.
    macro_rules! release {
        ($slot:expr) => {
            if (*$slot).is_heap() {
                drop_slot($slot);
            }
        };
    }
    // Writes a value that is no counted object into a slot.
    macro_rules! overwrite {
        ($slot:expr, $value:expr) => {{
            release!($slot);
            $slot.write($value);
            go_on!(1);
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
            pc = pc.offset($distance as isize);
            continue;
        };
    }
    macro_rules! jump_if {
        ($i:ident, $condition:expr) => {{
            if $condition {
                jump_by!($i.c as i16);
            }
            go_on!(1);
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
    macro_rules! compare_constant_and_jump {
        ($i:ident, $wanted:literal, $operator:tt) => {
            match (&*slot!($i.a), constant!($i.b)) {
                (Value::Int(x), Value::Int(y)) => jump_if!($i, (x $operator y) == $wanted),
                (Value::Float(x), Value::Float(y)) => jump_if!($i, (x $operator y) == $wanted),
                _ => {}
            }
        };
    }
    // The result of a fused operation, written where the second instruction writes it.
    macro_rules! put_second {
        ($second:ident, $value:expr) => {{
            let slot: *mut Value = slot!($second.a);
            if !(*slot).is_heap() {
                slot.write($value);
                go_on!(2);
            }
        }};
    }
    // A product and what is done with it.
    macro_rules! multiply_and {
        ($i:ident, $checked:ident, $operator:tt) => {{
            let second = &*pc.add(1);
            match (&*slot!($i.b), &*slot!($i.c), &*slot!(second.b)) {
                (Value::Float(x), Value::Float(y), Value::Float(z)) => {
                    let result = z $operator (x * y);
                    put_second!(second, Value::Float(result));
                }
                (Value::Int(x), Value::Int(y), Value::Int(z)) => {
                    if let Some(result) = x.checked_mul(*y).and_then(|product| z.$checked(product)) {
                        put_second!(second, Value::Int(result));
                    }
                }
                _ => {}
            }
        }};
    }
    // An element of an array or a packed list, and what is done with it.
    macro_rules! index_and {
        ($i:ident, $element:ident, $checked:ident, $operator:tt) => {{
            let second = &*pc.add(1);
            match ($element(slot!($i.b), slot!($i.c)), &*slot!(second.b)) {
                (Some(Number::Float(y)), Value::Float(x)) => {
                    let result = x $operator y;
                    put_second!(second, Value::Float(result));
                }
                (Some(Number::Int(y)), Value::Int(x)) => {
                    if let Some(result) = x.$checked(y) {
                        put_second!(second, Value::Int(result));
                    }
                }
                _ => {}
            }
        }};
    }
    // The jump back, so many instructions behind this one, or what follows it.
    macro_rules! loop_if {
        ($behind:literal, $condition:expr) => {{
            if $condition {
                let back = pc.add($behind);
                pc = back.offset((*back).distance() as isize);
                reductions -= 1;
                next_turn!();
            }
            go_on!($behind + 1);
        }};
    }
    macro_rules! compare_and_loop {
        ($i:ident, $operator:tt) => {
            match (&*slot!($i.a), &*slot!($i.b)) {
                (Value::Int(x), Value::Int(y)) => loop_if!(1, x $operator y),
                (Value::Float(x), Value::Float(y)) => loop_if!(1, x $operator y),
                _ => {}
            }
        };
    }
    macro_rules! compare_number_and_loop {
        ($i:ident, $operator:tt) => {
            if let Value::Int(x) = &*slot!($i.a) {
                loop_if!(1, *x $operator i64::from($i.b as i16))
            }
        };
    }
    // A counter that goes on and is compared: `$limit` gives the other side, of the instruction behind.
    macro_rules! count {
        ($i:ident, $jump:ident, $limit:expr, $operator:tt) => {{
            let $jump = &*pc.add(1);
            if let (Value::Int(count), Some(limit)) = (&mut *slot!($i.a), $limit)
                && let Some(next) = count.checked_add(i64::from($i.c as i16))
            {
                *count = next;
                loop_if!(2, next $operator limit)
            }
        }};
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
    // Enters a callee in a frame of its own, whose arguments are in their places.
    macro_rules! call {
        ($new:expr, $site:expr, $callee:expr) => {{
            set_header($new, $site);
            frame = $new;
            enter!($callee);
        }};
    }
    macro_rules! has_room {
        ($frame:expr, $callee:expr) => {
            $frame.add((*$callee).frame_cells as usize) < process.frames.limit()
        };
    }
    // Drops the variables of the present frame, but not what the cell `$kept` holds; `frame` itself is no variable.
    macro_rules! drop_variables {
        ($variables:expr, $kept:expr) => {
            for index in 1..=$variables as usize {
                if frame.add(index) != $kept {
                    clear(frame.add(index));
                }
            }
        };
    }
    // Leaves the present frame, whose variables are dropped. Gives the slot of the caller that the result goes to.
    macro_rules! leave {
        () => {{
            let site: *const Site = header(frame);
            clear_header(frame);
            frame = frame.sub((*site).frame_cells as usize);
            function = (*site).function;
            pc = (*site).code;
            slot!((*site).destination)
        }};
    }

    loop {
        // SAFETY: C2: `pc` always points at an instruction of `function`; slots, constants, sites and distances
        // are in range. F1 and F2: slots of the frame hold values; callees are entered with enough room.
        unsafe {
            // Behind a reference: each arm loads the fields it needs, where it needs them.
            let i = &*pc;
            match i.op {
                Op::Copy => {
                    if (*slot!(i.b)).is_heap() {
                        copy(frame, *i);
                        go_on!(1);
                    }
                    release!(slot!(i.a));
                    move_bits(slot!(i.b), slot!(i.a));
                    go_on!(1);
                }
                Op::Take => {
                    debug_assert_ne!(i.a, i.b, "nothing is moved to where it is");
                    release!(slot!(i.a));
                    move_bits(slot!(i.b), slot!(i.a));
                    forget(slot!(i.b));
                    go_on!(1);
                }
                Op::Constant => {
                    // A constant is no counted object: its bits are its copy.
                    overwrite!(slot!(i.a), std::ptr::read(constant!(i.number())));
                }
                Op::Drop => {
                    clear(slot!(i.a));
                    go_on!(1);
                }
                Op::CheckDefined => {
                    if !(*slot!(i.a)).is_undefined() {
                        go_on!(1);
                    }
                }
                Op::Undefine => {
                    overwrite!(slot!(i.a), Value::Undefined);
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
                }
                Op::Loop => {
                    pc = pc.offset(i.distance() as isize);
                    reductions -= 1;
                    next_turn!();
                }
                Op::JumpTrue => match &*slot!(i.a) {
                    Value::Int(0) | Value::Bool(false) | Value::Null => go_on!(1),
                    value if !value.is_heap() => {
                        jump_by!(i.distance());
                    }
                    _ => {}
                },
                Op::JumpFalse => match &*slot!(i.a) {
                    Value::Int(0) | Value::Bool(false) | Value::Null => {
                        jump_by!(i.distance());
                    }
                    value if !value.is_heap() => go_on!(1),
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

                Op::JumpEqConstant => compare_constant_and_jump!(i, true, ==),
                Op::JumpNeConstant => compare_constant_and_jump!(i, true, !=),
                Op::JumpLtConstant => compare_constant_and_jump!(i, true, <),
                Op::JumpLeConstant => compare_constant_and_jump!(i, true, <=),
                Op::JumpGtConstant => compare_constant_and_jump!(i, true, >),
                Op::JumpGeConstant => compare_constant_and_jump!(i, true, >=),
                Op::JumpNotLtConstant => compare_constant_and_jump!(i, false, <),
                Op::JumpNotLeConstant => compare_constant_and_jump!(i, false, <=),
                Op::JumpNotGtConstant => compare_constant_and_jump!(i, false, >),
                Op::JumpNotGeConstant => compare_constant_and_jump!(i, false, >=),

                Op::Call => {
                    let site = (*function).sites.add(i.number() as usize);
                    let new = slot!(i.a);
                    let callee = (*site).callee;
                    if has_room!(new, callee) {
                        call!(new, site, callee);
                    }
                }
                Op::CallValue => {
                    let new = slot!(i.a);
                    if let Some(callee) = plain_callee(&*slot!(i.b), i.c)
                        && has_room!(new, callee)
                    {
                        let site = (*function).sites.add((*pc.add(1)).number() as usize);
                        // A function that captured nothing is an immediate value and may stay where it is.
                        if (*slot!(i.b)).is_heap() {
                            pass_captures(new, slot!(i.b), callee, i.b >= (*function).temporaries);
                        }
                        call!(new, site, callee);
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
                    let source = slot!(i.a);
                    drop_variables!(i.b, source);
                    let destination = leave!();
                    if destination != source {
                        release!(destination);
                        move_bits(source, destination);
                        forget(source);
                    }
                    continue;
                }
                Op::ReturnConstant => {
                    let value: *const Value = constant!(i.a);
                    drop_variables!(i.b, frame);
                    let destination = leave!();
                    release!(destination);
                    destination.write(std::ptr::read(value));
                    continue;
                }

                Op::Index => {
                    match element(slot!(i.b), slot!(i.c)) {
                        Some(Number::Float(float)) => put!(slot!(i.a), Value::Float(float)),
                        Some(Number::Int(int)) => put!(slot!(i.a), Value::Int(int)),
                        None => {}
                    }
                    if index(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::ArrayGet => {
                    match array_element(slot!(i.b), slot!(i.c)) {
                        Some(Number::Float(float)) => put!(slot!(i.a), Value::Float(float)),
                        Some(Number::Int(int)) => put!(slot!(i.a), Value::Int(int)),
                        None => {}
                    }
                    if array_get(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::Append => {
                    if append_number(slot!(i.a), slot!(i.b)) || append(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::SetIndex => {
                    if set_number(slot!(i.a), slot!(i.b), slot!(i.c)) || set_index(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::ArraySet => {
                    if set_float(slot!(i.a), slot!(i.b), slot!(i.c)) || array_set(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::Len => {
                    if length(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::GetField => {
                    if get_field(frame, *i, constant!(i.c)) {
                        go_on!(1);
                    }
                }
                Op::SetField => {
                    if set_field(frame, *i, constant!(i.c)) {
                        go_on!(1);
                    }
                }
                Op::MapGet => {
                    if let Some(value) = packed_entry(slot!(i.b), slot!(i.c)) {
                        overwrite!(slot!(i.a), value);
                    }
                    if map_get(frame, *i) {
                        go_on!(1);
                    }
                }
                Op::MapPut => {
                    if map_put(slot!(i.a), slot!(i.b), slot!(i.c)) {
                        clear(slot!(i.c));
                        go_on!(1);
                    }
                }
                Op::Concat => {
                    if let Some(spent) = concat(frame, *i) {
                        reductions = reductions.saturating_sub_unsigned(spent);
                        go_on!(1);
                    }
                }
                Op::MakeFunction => {
                    let value = (*function).module().function_value(i.number() as usize);
                    set(slot!(i.a), value);
                    go_on!(1);
                }
                Op::Builtin => {
                    if quick_builtin(frame, *i) {
                        go_on!(1);
                    }
                }

                Op::MakeList => {
                    if let Some(spent) = make_list(frame, *i) {
                        reductions = reductions.saturating_sub_unsigned(spent);
                        go_on!(1);
                    }
                }
                Op::Process => {
                    if let Some(spent) = quick(kernel, frame, *i) {
                        reductions = reductions.saturating_sub_unsigned(spent);
                        pc = pc.add(1);
                        next_turn!();
                    }
                }
                // Most processes come here once, and many do little else.
                Op::Finish => {
                    let value = take_moved(slot!(1));
                    save!();
                    return Outcome::Done(value);
                }
                Op::Receive => {
                    if quick_receive(kernel, slot!(i.a)) {
                        reductions -= 1;
                        pc = pc.add(1);
                        next_turn!();
                    }
                    // It is executed again when the process goes on.
                    save!();
                    return Outcome::Receive;
                }
                Op::ReceiveMatch if i.a == 0 => {
                    let spent = match quick_receive_match(kernel, frame, &*function, *i, reductions) {
                        Received::GoesOn(next, spent) => {
                            reductions = reductions.saturating_sub_unsigned(spent);
                            pc = next;
                            next_turn!();
                        }
                        Received::Wait(spent) => {
                            reductions = reductions.saturating_sub_unsigned(spent);
                            save!();
                            return Outcome::Receive;
                        }
                        Received::Later(spent) => {
                            reductions = reductions.saturating_sub_unsigned(spent);
                            save!();
                            return Outcome::OutOfReductions;
                        }
                        Received::Failed(spent) => spent,
                    };
                    reductions = reductions.saturating_sub_unsigned(spent);
                }

                Op::LoopTrue => match &*slot!(i.a) {
                    Value::Int(int) => loop_if!(1, *int != 0),
                    Value::Bool(is_true) => loop_if!(1, *is_true),
                    _ => {}
                },
                Op::LoopLt => compare_and_loop!(i, <),
                Op::LoopLe => compare_and_loop!(i, <=),
                Op::LoopGt => compare_and_loop!(i, >),
                Op::LoopGe => compare_and_loop!(i, >=),
                Op::LoopLtNumber => compare_number_and_loop!(i, <),
                Op::LoopLeNumber => compare_number_and_loop!(i, <=),
                Op::LoopGtNumber => compare_number_and_loop!(i, >),
                Op::LoopGeNumber => compare_number_and_loop!(i, >=),
                Op::CountLt => count!(i, jump, int(&*slot!(jump.b)), <),
                Op::CountLe => count!(i, jump, int(&*slot!(jump.b)), <=),
                Op::CountLtNumber => count!(i, jump, Some(i64::from(jump.b as i16)), <),
                Op::CountLeNumber => count!(i, jump, Some(i64::from(jump.b as i16)), <=),
                Op::MulConstantAddNumber => {
                    let second = &*pc.add(1);
                    match (&*slot!(i.b), constant!(i.c)) {
                        (Value::Int(x), Value::Int(y)) => {
                            let number = i64::from(second.c as i16);
                            if let Some(result) = x.checked_mul(*y).and_then(|product| product.checked_add(number)) {
                                put_second!(second, Value::Int(result));
                            }
                        }
                        (Value::Float(x), Value::Float(y)) => {
                            let result = x * y + f64::from(second.c as i16);
                            put_second!(second, Value::Float(result));
                        }
                        _ => {}
                    }
                }
                Op::MulAdd => multiply_and!(i, checked_add, +),
                Op::MulSub => multiply_and!(i, checked_sub, -),
                Op::IndexAdd => index_and!(i, element, checked_add, +),
                Op::IndexSub => index_and!(i, element, checked_sub, -),
                Op::ArrayGetAdd => index_and!(i, array_element, checked_add, +),
                Op::ArrayGetSub => index_and!(i, array_element, checked_sub, -),
                Op::AddNumberCall => {
                    let call = &*pc.add(1);
                    let (argument, new) = (slot!(i.a), slot!(call.a));
                    let site = (*function).sites.add(call.number() as usize);
                    let callee = (*site).callee;
                    if let Value::Int(x) = &*slot!(i.b)
                        && let Some(sum) = x.checked_add(i64::from(i.c as i16))
                        && !(*argument).is_heap()
                        && has_room!(new, callee)
                    {
                        argument.write(Value::Int(sum));
                        call!(new, site, callee);
                    }
                }
                Op::AddReturn => {
                    let result = match (&*slot!(i.b), &*slot!(i.c)) {
                        (Value::Int(x), Value::Int(y)) => x.checked_add(*y).map(Value::Int),
                        (Value::Float(x), Value::Float(y)) => Some(Value::Float(x + y)),
                        _ => None,
                    };
                    if let Some(result) = result {
                        drop_variables!((*pc.add(1)).b, frame);
                        let destination = leave!();
                        release!(destination);
                        destination.write(result);
                        continue;
                    }
                }
                Op::CopyAppend => {
                    if append_number(slot!((*pc.add(1)).a), slot!(i.b)) {
                        go_on!(2);
                    }
                }
                Op::CopyMapPut => {
                    let put = &*pc.add(1);
                    if map_put(slot!(put.a), slot!(put.b), slot!(i.b)) {
                        go_on!(2);
                    }
                }
                Op::MapGetDrop => {
                    if let Some(value) = packed_entry(slot!(i.b), slot!(i.c)) {
                        // The key is an int, which needs no dropping.
                        release!(slot!(i.a));
                        slot!(i.a).write(value);
                        go_on!(2);
                    }
                    if map_get(frame, *i) {
                        clear(slot!((*pc.add(1)).a));
                        go_on!(2);
                    }
                }
                Op::CopyCall => {
                    let call = &*pc.add(1);
                    let new = slot!(call.a);
                    let site = (*function).sites.add(call.number() as usize);
                    let callee = (*site).callee;
                    if !(*slot!(i.b)).is_heap() && has_room!(new, callee) {
                        // A temporary holds nothing before it is written.
                        move_bits(slot!(i.b), slot!(i.a));
                        call!(new, site, callee);
                    }
                    copy(frame, *i);
                    go_on!(1);
                }
                Op::CopyCallValue => {
                    let call = &*pc.add(1);
                    let (new, value) = (slot!(call.a), slot!(call.b));
                    if !(*slot!(i.b)).is_heap()
                        && !(*value).is_heap()
                        && let Some(callee) = plain_callee(&*value, call.c)
                        && has_room!(new, callee)
                    {
                        let site = (*function).sites.add((*pc.add(2)).number() as usize);
                        move_bits(slot!(i.b), slot!(i.a));
                        call!(new, site, callee);
                    }
                    copy(frame, *i);
                    go_on!(1);
                }
                Op::ConstantBits => {
                    let builtin = &*pc.add(1);
                    let argument = slot!(builtin.a);
                    let mask = constant!(i.number());
                    if let (Value::Int(x), Value::Int(y)) = (&*argument, mask) {
                        let result = bits(builtin.b, *x, *y);
                        argument.write(Value::Int(result));
                        go_on!(2);
                    }
                    slot!(i.a).write(std::ptr::read(mask));
                    go_on!(1);
                }

                // Rare, or so slow that the way through `step` does not matter.
                Op::Swap
                | Op::Delete
                | Op::TailCallImport
                | Op::TailCallValue
                | Op::ReturnNothing
                | Op::Stop
                | Op::EnterExact
                | Op::NoScope
                | Op::Throw
                | Op::Exit
                | Op::Extra
                | Op::MakeClosure
                | Op::MakeClosureDynamic
                | Op::CaptureNote
                | Op::MakeImport
                | Op::Host
                | Op::ReceiveTimeout
                | Op::ReceiveMatch
                | Op::ExitSelf
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
            save!();
            if let Some(outcome) = step_once(process, kernel) {
                return outcome;
            }
            pc = process.pc;
            frame = process.newest_frame();
            function = process.function;
            reductions = process.reductions;
        }
    }
}
