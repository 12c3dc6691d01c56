//! The whole meaning of every register operation, one instruction at a time.
//!
//! The hot loop (`interpret.rs`) comes here for whatever it does not do itself; observed runs do everything here.
//! The registers (`pc`, `frame`, `function`, …) are locals; `save!` writes them to the process before
//! anything looks at it, `load!` reads them back after anything may have changed them.
//!
//! This function is longer than others may be: see `docs/decisions/0003-interpreter-loop.md`.

use ttvm_isa::{HostOperation, cost};
use ttvm_lowering::{Instruction, Op};
use ttvm_value::{
    List, Value,
    ops::{arrays, lists, objects},
};

use crate::{
    captures::{make_closure, make_closure_by_name, note_capture},
    code::{FunctionCode, Site},
    exact::checked_callee,
    frames::{clear, clear_header, header, set, set_header, take},
    halves::{copy_captures, modulo, move_arguments, plain_callee},
    kernel::{Kernel, Outcome, Stream},
    long,
    messages::ask,
    operations::{
        builtin, callee_value, check_element, check_index, exit_code, mismatch, mismatch_two, observe_enter,
        observe_leave, observe_step, observe_unwound, print, put, query, seed, size_of_all, slot_if_temporary,
        undefined,
    },
    process::Process,
    slow::{self, Second},
};

/// Runs one instruction, or with `OBSERVED` all up to the end of the turn. Gives how the run ended, if it did.
#[expect(clippy::too_many_lines, reason = "one arm for each operation, see docs/decisions/0003-interpreter-loop.md")]
#[inline(never)]
pub(crate) fn step<const OBSERVED: bool>(process: &mut Process, kernel: &mut dyn Kernel) -> Option<Outcome> {
    let mut pc: *const Instruction = process.pc;
    let mut frame: *mut Value = process.cell(process.frame());
    let mut limit: *mut Value = process.frames.limit();
    let mut function: *const FunctionCode = process.function;
    let mut reductions: i64 = process.reductions;

    macro_rules! save {
        () => {
            process.pc = pc;
            process.set_frame((frame as usize - process.frames.base() as usize) / size_of::<Value>());
            process.function = function;
            process.reductions = reductions;
        };
    }
    macro_rules! load {
        () => {
            pc = process.pc;
            frame = process.cell(process.frame());
            limit = process.frames.limit();
            function = process.function;
            reductions = process.reductions;
        };
    }
    macro_rules! raise {
        ($fault:expr) => {{
            let fault = $fault;
            save!();
            if let Err(outcome) = process.raise(fault) {
                return Some(outcome);
            }
            load!();
            if OBSERVED {
                observe_unwound(process, kernel);
            }
        }};
    }
    // Runs a method of the process that may fail with a fault.
    macro_rules! outside {
        ($call:expr) => {{
            save!();
            match $call {
                Ok(()) => {
                    load!();
                }
                Err(fault) => {
                    if let Err(outcome) = process.raise(fault) {
                        return Some(outcome);
                    }
                    load!();
                }
            }
        }};
    }
    // The present instruction is under way: it will be executed again.
    macro_rules! later {
        () => {{
            pc = pc.sub(1);
            save!();
            return Some(Outcome::OutOfReductions);
        }};
    }
    macro_rules! slot {
        ($index:expr) => {
            frame.add($index as usize)
        };
    }
    // Before the present instruction puts a value into a container.
    macro_rules! prepare {
        ($instruction:lifetime, $container:expr, $key:expr, $value:expr) => {
            match process.prepare_update(&mut *slot!($container), &*slot!($key), &*slot!($value)) {
                Ok(true) => {}
                Ok(false) => later!(),
                Err(fault) => {
                    raise!(fault);
                    break $instruction;
                }
            }
        };
    }
    macro_rules! constant {
        ($index:expr) => {
            &*(*function).constants.add($index as usize)
        };
    }
    macro_rules! arithmetic_slow {
        ($i:ident) => {
            match slow::arithmetic(process, frame, &*function, pc.sub(1), $i) {
                Ok(None) => later!(),
                Ok(Some(elements)) => reductions = reductions.saturating_sub_unsigned(elements),
                Err(fault) => raise!(fault),
            }
        };
    }
    // An operation on two ints (with overflow check) or two floats.
    macro_rules! arithmetic {
        ($i:ident, $left:expr, $right:expr, $checked:ident, $operator:tt) => {
            match ($left, $right) {
                (Value::Int(x), Value::Int(y)) => match x.$checked(*y) {
                    Some(result) => set(slot!($i.a), Value::Int(result)),
                    None => arithmetic_slow!($i),
                },
                (Value::Float(x), Value::Float(y)) => set(slot!($i.a), Value::Float(x $operator y)),
                _ => arithmetic_slow!($i),
            }
        };
    }
    // A division-like operation on two ints with a divisor that is neither 0 nor -1.
    macro_rules! division {
        ($i:ident, $left:expr, $right:expr, $x:ident, $y:ident, $ints:expr) => {
            match ($left, $right) {
                (Value::Int($x), Value::Int($y)) if *$y > 0 || *$y < -1 => set(slot!($i.a), Value::Int($ints)),
                _ => arithmetic_slow!($i),
            }
        };
    }
    macro_rules! float_division {
        ($i:ident, $left:expr, $right:expr) => {
            match ($left, $right) {
                (Value::Float(x), Value::Float(y)) if *y != 0.0 => set(slot!($i.a), Value::Float(x / y)),
                (Value::Int(x), Value::Int(y)) if *y > 0 || *y < -1 => set(slot!($i.a), Value::Int(x / y)),
                _ => arithmetic_slow!($i),
            }
        };
    }
    macro_rules! comparison {
        ($i:ident, $op:expr, $operator:tt) => {
            match (&*slot!($i.b), &*slot!($i.c)) {
                (Value::Int(x), Value::Int(y)) => set(slot!($i.a), Value::one_or_zero(x $operator y)),
                (Value::Float(x), Value::Float(y)) => set(slot!($i.a), Value::one_or_zero(x $operator y)),
                _ => match slow::compare(process, frame, &*function, pc.sub(1), $op, $i.b, Second::Slot($i.c)) {
                    Ok(None) => later!(),
                    Ok(Some((holds, elements))) => {
                        reductions = reductions.saturating_sub_unsigned(elements);
                        set(slot!($i.a), Value::one_or_zero(holds));
                    }
                    Err(fault) => raise!(fault),
                },
            }
        };
    }
    macro_rules! jump_by {
        ($distance:expr) => {
            pc = pc.offset($distance as isize - 1)
        };
    }
    macro_rules! compare_and_jump {
        ($i:ident, $op:expr, $wanted:literal, $operator:tt) => {
            match (&*slot!($i.a), &*slot!($i.b)) {
                (Value::Int(x), Value::Int(y)) => {
                    if (x $operator y) == $wanted { jump_by!($i.c as i16) }
                }
                (Value::Float(x), Value::Float(y)) => {
                    if (x $operator y) == $wanted { jump_by!($i.c as i16) }
                }
                _ => match slow::compare(process, frame, &*function, pc.sub(1), $op, $i.a, Second::Slot($i.b)) {
                    Ok(None) => later!(),
                    Ok(Some((holds, elements))) => {
                        reductions = reductions.saturating_sub_unsigned(elements);
                        if holds == $wanted { jump_by!($i.c as i16) }
                    }
                    Err(fault) => raise!(fault),
                },
            }
        };
    }
    macro_rules! compare_number_and_jump {
        ($i:ident, $op:expr, $wanted:literal, $operator:tt) => {
            match &*slot!($i.a) {
                Value::Int(x) => {
                    if (*x $operator i64::from($i.b as i16)) == $wanted { jump_by!($i.c as i16) }
                }
                _ => match slow::compare(process, frame, &*function, pc.sub(1), $op, $i.a, Second::Number($i.b as i16)) {
                    Ok(None) => later!(),
                    Ok(Some((holds, elements))) => {
                        reductions = reductions.saturating_sub_unsigned(elements);
                        if holds == $wanted { jump_by!($i.c as i16) }
                    }
                    Err(fault) => raise!(fault),
                },
            }
        };
    }
    macro_rules! compare_constant_and_jump {
        ($i:ident, $op:expr, $wanted:literal) => {
            match slow::compare(process, frame, &*function, pc.sub(1), $op, $i.a, Second::Constant($i.b)) {
                Ok(None) => later!(),
                Ok(Some((holds, elements))) => {
                    reductions = reductions.saturating_sub_unsigned(elements);
                    if holds == $wanted {
                        jump_by!($i.c as i16)
                    }
                }
                Err(fault) => raise!(fault),
            }
        };
    }
    // Whether the value in a slot counts as true; a temporary on the heap is dropped.
    macro_rules! truth {
        ($slot:expr) => {
            match &*slot!($slot) {
                Value::Int(0) | Value::Bool(false) | Value::Null => false,
                value => {
                    if value.is_heap() {
                        slow::release_condition(frame, &*function, pc.sub(1), $slot);
                    }
                    true
                }
            }
        };
    }
    // Enters a function whose frame begins at `$new`, with its arguments in place.
    macro_rules! enter {
        ($callee:expr, $new:expr, $site:expr) => {{
            let callee: *const FunctionCode = $callee;
            let mut new: *mut Value = $new;
            reductions -= 1;
            let mut fits = true;
            if new.add((*callee).frame_cells as usize) >= limit {
                save!();
                let index = (new as usize - process.frames.base() as usize) / size_of::<Value>();
                match process.frames.grow(index + (*callee).frame_cells as usize + 1) {
                    Ok(()) => new = process.cell(index),
                    Err(fault) => {
                        fits = false;
                        if let Err(outcome) = process.raise(fault) {
                            return Some(outcome);
                        }
                    }
                }
                load!();
            }
            if fits {
                set_header(new, $site);
                frame = new;
                function = callee;
                pc = (*callee).entry;
                if OBSERVED {
                    save!();
                    observe_enter(process, kernel, &*function);
                }
            }
        }};
    }
    // Leaves the present frame and goes on in its caller. Gives the site it was called from.
    macro_rules! leave {
        ($variables:expr) => {{
            for index in 1..=$variables as usize {
                clear(frame.add(index));
            }
            if OBSERVED {
                save!();
                observe_leave(process, kernel);
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
            if OBSERVED && !process.is_working {
                save!();
                observe_step(process, kernel);
            }
            let i = Instruction { op: (*pc).op.plain(), ..*pc };
            pc = pc.add(1);
            'instruction: {
                match i.op {
                    Op::Copy => {
                        let value = (*slot!(i.b)).clone();
                        set(slot!(i.a), value);
                    }
                    Op::Take => {
                        let value = take(slot!(i.b));
                        set(slot!(i.a), value);
                    }
                    Op::Constant => {
                        let value = (constant!(i.number())).clone();
                        set(slot!(i.a), value);
                    }
                    Op::Drop => clear(slot!(i.a)),
                    Op::Swap => std::ptr::swap(slot!(i.a), slot!(i.b)),
                    Op::CheckDefined => {
                        if (*slot!(i.a)).is_undefined() {
                            raise!(undefined(constant!(i.number())));
                        }
                    }
                    Op::Undefine => set(slot!(i.a), Value::Undefined),
                    Op::Delete => {
                        if (*slot!(i.a)).is_undefined() {
                            let name = constant!(i.number());
                            kernel.warn(&format!("Warning: tried to DELETE unknown variable '{name}'\n"));
                        }
                        set(slot!(i.a), Value::Undefined);
                    }

                    Op::Add => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_add, +),
                    Op::Sub => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_sub, -),
                    Op::Mul => arithmetic!(i, &*slot!(i.b), &*slot!(i.c), checked_mul, *),
                    Op::Div => float_division!(i, &*slot!(i.b), &*slot!(i.c)),
                    Op::Mod => division!(i, &*slot!(i.b), &*slot!(i.c), x, y, modulo(*x, *y)),
                    Op::Rem => division!(i, &*slot!(i.b), &*slot!(i.c), x, y, x % y),
                    Op::AddNumber => match &*slot!(i.b) {
                        Value::Int(x) => match x.checked_add(i64::from(i.c as i16)) {
                            Some(result) => set(slot!(i.a), Value::Int(result)),
                            None => arithmetic_slow!(i),
                        },
                        Value::Float(x) => {
                            let result = x + f64::from(i.c as i16);
                            set(slot!(i.a), Value::Float(result));
                        }
                        _ => arithmetic_slow!(i),
                    },
                    Op::AddConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_add, +),
                    Op::SubConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_sub, -),
                    Op::MulConstant => arithmetic!(i, &*slot!(i.b), constant!(i.c), checked_mul, *),
                    Op::DivConstant => float_division!(i, &*slot!(i.b), constant!(i.c)),
                    Op::ModConstant => division!(i, &*slot!(i.b), constant!(i.c), x, y, modulo(*x, *y)),
                    Op::RemConstant => division!(i, &*slot!(i.b), constant!(i.c), x, y, x % y),
                    Op::ConstantSub => arithmetic!(i, constant!(i.b), &*slot!(i.c), checked_sub, -),
                    Op::ConstantDiv => float_division!(i, constant!(i.b), &*slot!(i.c)),

                    Op::Eq => comparison!(i, Op::Eq, ==),
                    Op::Ne => comparison!(i, Op::Ne, !=),
                    Op::Lt => comparison!(i, Op::Lt, <),
                    Op::Le => comparison!(i, Op::Le, <=),
                    Op::Gt => comparison!(i, Op::Gt, >),
                    Op::Ge => comparison!(i, Op::Ge, >=),

                    Op::Jump => jump_by!(i.distance()),
                    Op::Loop => {
                        jump_by!(i.distance());
                        reductions -= 1;
                    }
                    Op::JumpTrue => {
                        if truth!(i.a) {
                            jump_by!(i.distance());
                        }
                    }
                    Op::JumpFalse => {
                        if !truth!(i.a) {
                            jump_by!(i.distance());
                        }
                    }
                    Op::JumpEq => compare_and_jump!(i, Op::Eq, true, ==),
                    Op::JumpNe => compare_and_jump!(i, Op::Ne, true, !=),
                    Op::JumpLt => compare_and_jump!(i, Op::Lt, true, <),
                    Op::JumpLe => compare_and_jump!(i, Op::Le, true, <=),
                    Op::JumpGt => compare_and_jump!(i, Op::Gt, true, >),
                    Op::JumpGe => compare_and_jump!(i, Op::Ge, true, >=),
                    Op::JumpNotLt => compare_and_jump!(i, Op::Lt, false, <),
                    Op::JumpNotLe => compare_and_jump!(i, Op::Le, false, <=),
                    Op::JumpNotGt => compare_and_jump!(i, Op::Gt, false, >),
                    Op::JumpNotGe => compare_and_jump!(i, Op::Ge, false, >=),
                    Op::JumpEqNumber => compare_number_and_jump!(i, Op::Eq, true, ==),
                    Op::JumpNeNumber => compare_number_and_jump!(i, Op::Ne, true, !=),
                    Op::JumpLtNumber => compare_number_and_jump!(i, Op::Lt, true, <),
                    Op::JumpLeNumber => compare_number_and_jump!(i, Op::Le, true, <=),
                    Op::JumpGtNumber => compare_number_and_jump!(i, Op::Gt, true, >),
                    Op::JumpGeNumber => compare_number_and_jump!(i, Op::Ge, true, >=),
                    Op::JumpNotLtNumber => compare_number_and_jump!(i, Op::Lt, false, <),
                    Op::JumpNotLeNumber => compare_number_and_jump!(i, Op::Le, false, <=),
                    Op::JumpNotGtNumber => compare_number_and_jump!(i, Op::Gt, false, >),
                    Op::JumpNotGeNumber => compare_number_and_jump!(i, Op::Ge, false, >=),

                    Op::JumpEqConstant => compare_constant_and_jump!(i, Op::Eq, true),
                    Op::JumpNeConstant => compare_constant_and_jump!(i, Op::Ne, true),
                    Op::JumpLtConstant => compare_constant_and_jump!(i, Op::Lt, true),
                    Op::JumpLeConstant => compare_constant_and_jump!(i, Op::Le, true),
                    Op::JumpGtConstant => compare_constant_and_jump!(i, Op::Gt, true),
                    Op::JumpGeConstant => compare_constant_and_jump!(i, Op::Ge, true),
                    Op::JumpNotLtConstant => compare_constant_and_jump!(i, Op::Lt, false),
                    Op::JumpNotLeConstant => compare_constant_and_jump!(i, Op::Le, false),
                    Op::JumpNotGtConstant => compare_constant_and_jump!(i, Op::Gt, false),
                    Op::JumpNotGeConstant => compare_constant_and_jump!(i, Op::Ge, false),
                    Op::Call => {
                        let site = (*function).sites.add(i.number() as usize);
                        enter!((*site).callee, slot!(i.a), site);
                    }
                    Op::CallValue => {
                        let site = (*function).sites.add((*pc).number() as usize);
                        pc = pc.add(1);
                        match plain_callee(&*slot!(i.b), i.c) {
                            Some(callee) if slot!(i.a).add((*callee).frame_cells as usize) < limit => {
                                let value = callee_value(slot!(i.b), &*function, i.b);
                                copy_captures(slot!(i.a), &value, callee);
                                drop(value);
                                enter!(callee, slot!(i.a), site);
                            }
                            Some(callee) => {
                                // Room first; the call is made again then.
                                let index = (frame as usize - process.frames.base() as usize) / size_of::<Value>();
                                let cells = index + usize::from(i.a) + (*callee).frame_cells as usize;
                                outside!(process.make_room(cells, 2));
                            }
                            None => {
                                let value = callee_value(slot!(i.b), &*function, i.b);
                                outside!(process.call_unusual(&*site, value, i.c));
                            }
                        }
                    }
                    Op::TailCall | Op::TailCallImport => {
                        let callee: *const FunctionCode = if i.op == Op::TailCall {
                            &raw const (*function).module().functions[i.number() as usize]
                        } else {
                            (*(*function).sites.add(i.number() as usize)).callee
                        };
                        reductions -= 1;
                        if frame.add((*callee).frame_cells as usize) >= limit {
                            save!();
                            if let Err(fault) =
                                process.frames.grow(process.frame() + (*callee).frame_cells as usize + 1)
                            {
                                raise!(fault);
                                break 'instruction;
                            }
                            load!();
                        }
                        move_arguments(frame, i.a, (*callee).parameters);
                        if OBSERVED {
                            save!();
                            observe_enter(process, kernel, &*callee);
                        }
                        function = callee;
                        pc = (*callee).entry;
                    }
                    Op::TailCallValue => {
                        let site = (*function).sites.add((*pc).number() as usize);
                        pc = pc.add(1);
                        match plain_callee(&*slot!(i.b), i.c) {
                            Some(callee) if frame.add((*callee).frame_cells as usize) < limit => {
                                let value = callee_value(slot!(i.b), &*function, i.b);
                                reductions -= 1;
                                // The value may lie in a variable of the frame that is about to go.
                                let value = if value.is_undefined() { (*slot!(i.b)).clone() } else { value };
                                move_arguments(frame, i.a, (*callee).parameters);
                                copy_captures(frame, &value, callee);
                                drop(value);
                                if OBSERVED {
                                    save!();
                                    observe_enter(process, kernel, &*callee);
                                }
                                function = callee;
                                pc = (*callee).entry;
                            }
                            Some(callee) => {
                                let index = (frame as usize - process.frames.base() as usize) / size_of::<Value>();
                                outside!(process.make_room(index + (*callee).frame_cells as usize, 2));
                            }
                            None => {
                                let value = callee_value(slot!(i.b), &*function, i.b);
                                outside!(process.call_unusual(&*site, value, i.c));
                            }
                        }
                    }
                    Op::Return => {
                        let value = take(slot!(i.a));
                        let site = leave!(i.b);
                        set(slot!((*site).destination), value);
                    }
                    Op::ReturnConstant => {
                        let value = (constant!(i.a)).clone();
                        let site = leave!(i.b);
                        set(slot!((*site).destination), value);
                    }
                    Op::ReturnNothing => {
                        let _ = leave!(i.b);
                        if (*function).is_exact {
                            // Behind the push that is for values.
                            pc = pc.add(1);
                        }
                    }
                    Op::Stop => {
                        save!();
                        if !process.finish_import() {
                            if OBSERVED {
                                observe_leave(process, kernel);
                            }
                            process.unwind_to(0);
                            return Some(Outcome::Done(Value::Null));
                        }
                        load!();
                    }
                    Op::Finish => {
                        let value = take(slot!(1));
                        save!();
                        return Some(Outcome::Done(value));
                    }
                    Op::NoScope => raise!(ttvm_isa::Fault::NoVariableScope),
                    Op::Throw => {
                        let value = take(slot!(i.a));
                        save!();
                        if let Err(outcome) = process.throw(value) {
                            return Some(outcome);
                        }
                        load!();
                        if OBSERVED {
                            observe_unwound(process, kernel);
                        }
                    }
                    Op::Exit => match exit_code(&*slot!(i.a)) {
                        Ok(code) => {
                            save!();
                            return Some(Outcome::Exit(code));
                        }
                        Err(fault) => raise!(fault),
                    },
                    Op::Extra => unreachable!("the second half of an instruction is skipped by the first"),

                    Op::MakeFunction => set(slot!(i.a), (*function).module().function_value(i.number() as usize)),
                    Op::MakeClosure => {
                        let target = (*pc).number() as usize;
                        pc = pc.add(1);
                        let captured = (0..usize::from(i.c)).map(|index| take(frame.add(usize::from(i.b) + index)));
                        match make_closure(&*function, target, captured) {
                            Ok(closure) => set(slot!(i.a), closure),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::MakeClosureDynamic => {
                        let target = (*pc).number() as usize;
                        pc = pc.add(1);
                        match make_closure_by_name(&*function, frame, target, i.b, i.c) {
                            Ok(closure) => set(slot!(i.a), closure),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::CaptureNote => {
                        if let Err(fault) = note_capture(frame, i.a, i.b) {
                            raise!(fault);
                        }
                    }
                    Op::MakeImport => {
                        let callee = (*(*function).sites.add(i.number() as usize)).callee;
                        set(slot!(i.a), (*callee).module().function_value((*callee).number as usize));
                    }

                    Op::Index => match process.now_or_later(|| long::element_of(&*slot!(i.b), &*slot!(i.c))) {
                        Ok(None) => later!(),
                        Ok(Some(value)) => set(slot!(i.a), value),
                        Err(fault) => raise!(fault),
                    },
                    Op::Len => match process.now_or_later(|| long::length_of(&*slot!(i.b))) {
                        Ok(None) => later!(),
                        Ok(Some(value)) => set(slot!(i.a), value),
                        Err(fault) => raise!(fault),
                    },
                    Op::GetField => match objects::get_field(&*slot!(i.b), constant!(i.c)) {
                        Ok(value) => set(slot!(i.a), value),
                        Err(fault) => raise!(fault),
                    },
                    Op::MapGet => match query(&*function, pc.sub(1), &*slot!(i.b), &*slot!(i.c)) {
                        Ok(value) => set(slot!(i.a), value),
                        Err(fault) => raise!(fault),
                    },
                    Op::ArrayGet => match arrays::array_get(&*slot!(i.b), &*slot!(i.c)) {
                        Ok(value) => set(slot!(i.a), value),
                        Err(fault) => raise!(fault),
                    },
                    Op::Append => {
                        prepare!('instruction, i.a, i.b, i.b);
                        if !matches!(&*slot!(i.a), Value::List(_)) {
                            raise!(mismatch("APPEND", "a list", &*slot!(i.a)));
                            break 'instruction;
                        }
                        let value = take(slot!(i.b));
                        match lists::append(take(slot!(i.a)), value) {
                            Ok(list) => set(slot!(i.a), list),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::SetIndex => {
                        prepare!('instruction, i.a, i.b, i.c);
                        match check_index(&*slot!(i.a), &*slot!(i.b)) {
                            Ok(()) => {
                                let value = take(slot!(i.c));
                                match lists::set_index(take(slot!(i.a)), &*slot!(i.b), value) {
                                    Ok(list) => set(slot!(i.a), list),
                                    Err(fault) => raise!(fault),
                                }
                            }
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::SetField => {
                        if !matches!(&*slot!(i.a), Value::Object(_)) {
                            raise!(mismatch("SET_FIELD", "an object", &*slot!(i.a)));
                            break 'instruction;
                        }
                        let value = take(slot!(i.b));
                        match objects::set_field(take(slot!(i.a)), constant!(i.c), value) {
                            Ok(object) => set(slot!(i.a), object),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::MapPut => {
                        prepare!('instruction, i.a, i.b, i.c);
                        match put(&*function, pc.sub(1), frame, i) {
                            Ok(map) => set(slot!(i.a), map),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::ArraySet => {
                        prepare!('instruction, i.a, i.b, i.c);
                        // The array is only given up when nothing can go wrong with the element.
                        match check_element(&*slot!(i.a), &*slot!(i.b), &*slot!(i.c)) {
                            Ok(()) => {
                                let array = take(slot!(i.a));
                                match arrays::array_set(array, &*slot!(i.b), &*slot!(i.c)) {
                                    Ok(array) => set(slot!(i.a), array),
                                    Err(fault) => raise!(fault),
                                }
                                clear(slot_if_temporary(frame, &*function, i.c));
                            }
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::Concat => {
                        // While it is under way, the left operand lies with its work.
                        let is_str = process.is_working || matches!(&*slot!(i.a), Value::Str(_));
                        if let (true, Value::Str(right)) = (is_str, &*slot!(i.b)) {
                            let elements = cost::size_of_bytes(right.as_str().len());
                            match process.now_or_later(|| long::concatenation(&mut *slot!(i.a), &*slot!(i.b))) {
                                Ok(None) => later!(),
                                Ok(Some(text)) => {
                                    set(slot!(i.a), text);
                                    reductions = reductions.saturating_sub_unsigned(cost::of_elements(elements));
                                }
                                Err(fault) => raise!(fault),
                            }
                        } else {
                            raise!(mismatch_two("CONCAT", "two strings", &*slot!(i.a), &*slot!(i.b)));
                        }
                    }
                    Op::MakeList => {
                        let count = i.number() as usize;
                        let values = (0..count).map(|index| take(frame.add(usize::from(i.a) + index)));
                        match List::collect(values) {
                            Ok(list) => {
                                set(slot!(i.a), Value::List(list));
                                reductions = reductions.saturating_sub_unsigned(cost::of_elements(count as u64));
                            }
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::Builtin => match builtin(process, &*function, pc.sub(1), frame, i) {
                        Ok(None) => later!(),
                        Ok(Some(spent)) => reductions = reductions.saturating_sub_unsigned(spent),
                        Err(fault) => raise!(fault),
                    },
                    Op::Host => {
                        let operation = HostOperation::ALL[usize::from(i.b)];
                        let first = usize::from(i.a);
                        let arguments: Vec<Value> =
                            (0..usize::from(i.c)).map(|index| take(frame.add(first + index))).collect();
                        save!();
                        process.wait_for_answer(slot!(i.a), size_of_all(&arguments));
                        return Some(Outcome::Host { operation, arguments });
                    }
                    Op::Process | Op::Receive | Op::ReceiveTimeout | Op::ReceiveMatch | Op::ExitSelf => {
                        save!();
                        let asked = ask(process, kernel, i);
                        load!();
                        match asked {
                            Ok(None) => {}
                            Ok(Some(outcome)) => return Some(outcome),
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::Print => match print(process, kernel, &*slot!(i.a), i.b) {
                        Ok(None) => later!(),
                        Ok(Some(elements)) => {
                            reductions = reductions.saturating_sub_unsigned(cost::of_elements(elements));
                        }
                        Err(fault) => raise!(fault),
                    },
                    Op::Random => {
                        let value = Value::Float(process.random_float(kernel));
                        set(slot!(i.a), value);
                    }
                    Op::RandomSeed => match seed(&*slot!(i.a)) {
                        Ok(seed) => {
                            process.seed(seed);
                            clear(slot_if_temporary(frame, &*function, i.a));
                        }
                        Err(fault) => raise!(fault),
                    },
                    Op::Import => {
                        let Value::Str(path) = constant!(i.number()) else {
                            unreachable!("C2: the path of an import is a text constant")
                        };
                        let path = path.as_str().into();
                        save!();
                        let importer = (*function).module().lowered.verified.module().source.clone();
                        return Some(Outcome::Import { path, importer });
                    }
                    Op::Export => {
                        let value = (*slot!(i.a)).clone();
                        if let Value::Str(name) = constant!(i.number()) {
                            process.export(name.as_str(), value);
                        }
                    }
                    Op::DumpScope => {
                        save!();
                        let text = process.scope_text();
                        kernel.write(Stream::Output, &text);
                    }
                    Op::ScopeNote => {
                        save!();
                        process.note_variable(i.b);
                    }
                    Op::ScopeForget => {
                        save!();
                        process.forget_variable(i.b);
                    }

                    Op::EnterExact => {
                        save!();
                        let exact: *const FunctionCode = (*function).exact();
                        match process.frames.grow(process.frame() + (*exact).frame_cells as usize + 1) {
                            Ok(()) => {
                                process.function = exact;
                                process.pc = (*exact).entry;
                            }
                            Err(fault) => {
                                if let Err(outcome) = process.raise(fault) {
                                    return Some(outcome);
                                }
                            }
                        }
                        load!();
                    }
                    Op::ExactEnter => {
                        save!();
                        process.exact_enter();
                    }
                    Op::ExactPop => {
                        save!();
                        match process.exact_pop(i.b) {
                            Ok(value) => {
                                load!();
                                set(slot!(i.a), value);
                            }
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::ExactPush => process.exact_state_mut().operands.push(take(slot!(i.a))),
                    Op::ExactNeed => outside!(process.exact_need(i.number() as usize)),
                    Op::ExactCall | Op::ExactTailCall => {
                        let site = &*(*function).sites.add(i.number() as usize);
                        reductions -= 1;
                        let callee = &*site.callee;
                        if i.op == Op::ExactCall {
                            outside!(process.exact_call(site, callee, None));
                        } else {
                            outside!(process.exact_tail_call(site, callee, None));
                        }
                        if OBSERVED {
                            observe_enter(process, kernel, callee);
                        }
                    }
                    Op::ExactCallValue | Op::ExactTailCallValue => {
                        let site = &*(*function).sites.add((*pc).number() as usize);
                        pc = pc.add(1);
                        let value = take(slot!(i.a));
                        let in_place = i.op == Op::ExactTailCallValue;
                        save!();
                        match process.exact_call_value(site, &value, i.b, in_place) {
                            Ok(()) => {
                                load!();
                                reductions -= 1;
                                if OBSERVED {
                                    observe_enter(process, kernel, &*function);
                                }
                            }
                            Err(fault) => raise!(fault),
                        }
                    }
                    Op::ExactReturn => {
                        save!();
                        if OBSERVED {
                            observe_leave(process, kernel);
                        }
                        if let Err(outcome) = process.exact_return() {
                            return Some(outcome);
                        }
                        load!();
                    }
                    Op::ExactReturnTop => {
                        save!();
                        if OBSERVED {
                            observe_leave(process, kernel);
                        }
                        process.exact_return_top();
                        load!();
                    }
                    Op::ExactTry => {
                        let target = pc.offset(i.distance() as isize - 1);
                        outside!(process.exact_try(target));
                    }
                    Op::ExactEndTry => {
                        save!();
                        process.exact_end_try();
                    }
                    Op::LoopTrue
                    | Op::LoopLt
                    | Op::LoopLe
                    | Op::LoopGt
                    | Op::LoopGe
                    | Op::LoopLtNumber
                    | Op::LoopLeNumber
                    | Op::LoopGtNumber
                    | Op::LoopGeNumber
                    | Op::CountLt
                    | Op::CountLe
                    | Op::CountLtNumber
                    | Op::CountLeNumber
                    | Op::MulConstantAddNumber
                    | Op::MulAdd
                    | Op::MulSub
                    | Op::IndexAdd
                    | Op::IndexSub
                    | Op::ArrayGetAdd
                    | Op::ArrayGetSub
                    | Op::AddNumberCall
                    | Op::AddReturn
                    | Op::CopyAppend
                    | Op::CopyMapPut
                    | Op::MapGetDrop
                    | Op::CopyCall
                    | Op::CopyCallValue
                    | Op::ConstantBits => unreachable!("a plain operation is not fused"),
                }
            }
            // Whatever an instruction cost: a turn ends behind it, also in a loop of nothing but errors and handlers.
            if reductions <= 0 {
                save!();
                return Some(Outcome::OutOfReductions);
            }
            if !OBSERVED {
                save!();
                return None;
            }
        }
    }
}

impl Process {
    /// Makes room on the stack and goes back `instructions` so that the present one runs again.
    #[cold]
    pub(crate) fn make_room(&mut self, cells: usize, instructions: usize) -> Result<(), ttvm_isa::Fault> {
        self.frames.grow(cells + 1)?;
        self.pc = self.pc.wrapping_sub(instructions);
        Ok(())
    }

    /// A call through a value that is no function in fixed slots with one result and this many parameters.
    #[cold]
    pub(crate) fn call_unusual(&mut self, site: &Site, value: Value, arguments: u16) -> Result<(), ttvm_isa::Fault> {
        let call = site.call().expect("a call through a value has a site");
        let module = self.function().module().lowered.verified.module();
        let written = match &module.code[call.pc as usize] {
            ttvm_isa::OpCode::CallFunction { count: Some(_) } => Some(arguments),
            _ => None,
        };
        checked_callee("CALL_FUNCTION", &value, written)?;
        self.convert_before_call(site, usize::from(arguments), value)
    }
}
