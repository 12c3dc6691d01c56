//! Calls, returns, function values and jumps.

use ttvm_bytecode::Captured;
use ttvm_isa::OpCode;

use crate::{
    function::FunctionLowering,
    module::{CallSite, Callee},
    register::{Instruction, Op},
    stack::Operand,
};

impl FunctionLowering<'_> {
    /// Lowers calls, returns and function values. `false` if control does not go on behind the instruction.
    pub fn lower_call(&mut self, op: &OpCode) -> bool {
        match op {
            OpCode::Call { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Nothing);
                let region = &self.verified.regions()[self.lookup.region(*target) as usize];
                let results = region.results;
                let returns = results.is_some() || region.exact.is_some();
                let keeps_operands = region.body.is_none();
                if self.is_tail_call() && self.can_replace_frame(parameters.len(), results) {
                    self.lower_tail_call(parameters.len(), Instruction::wide(Op::TailCall, 0, function), None);
                    return false;
                }
                let expects = results != Some(0);
                self.lower_plain_call(parameters.len(), Callee::Function(function), keeps_operands, expects);
                returns
            }
            OpCode::TailCall { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Nothing);
                let region = &self.verified.regions()[self.lookup.region(*target) as usize];
                let results = region.results;
                if self.can_replace_frame(parameters.len(), results) {
                    self.lower_tail_call(parameters.len(), Instruction::wide(Op::TailCall, 0, function), None);
                } else {
                    let expects = results != Some(0);
                    self.lower_plain_call(parameters.len(), Callee::Function(function), region.body.is_none(), expects);
                    if self.is_main() { self.emit(Instruction::new(Op::NoScope, 0, 0, 0)) } else { self.emit_return() }
                }
                false
            }
            OpCode::CallFunction { .. } => self.lower_value_call(),
            OpCode::CallImport { prefix, name, count } => {
                let callee = Callee::Import { prefix: prefix.clone(), name: name.clone(), arguments: *count };
                let count = *count as usize;
                if self.is_tail_call() && self.can_replace_frame(count, Some(1)) {
                    let site = self.add_site(callee, 0, 0, false);
                    self.lower_tail_call(count, Instruction::wide(Op::TailCallImport, 0, site), None);
                    return false;
                }
                self.lower_plain_call(count, callee, false, true);
                true
            }
            OpCode::LoadImport { prefix, name } => {
                let callee = Callee::Import { prefix: prefix.clone(), name: name.clone(), arguments: u32::MAX };
                let site = self.add_site(callee, 0, 0, false);
                let slot = self.destination();
                self.emit(Instruction::wide(Op::MakeImport, slot, site));
                self.finish_result(slot);
                true
            }
            OpCode::Ret {} => {
                if self.is_main() {
                    self.emit(Instruction::new(Op::NoScope, 0, 0, 0));
                } else {
                    self.emit_return();
                }
                false
            }
            OpCode::MakeFunction { target, parameters } => {
                let function = self.lookup.function(*target, parameters, Captured::Nothing);
                let slot = self.destination();
                self.emit(Instruction::wide(Op::MakeFunction, slot, function));
                self.finish_result(slot);
                true
            }
            OpCode::MakeLambda { target, parameters } => {
                self.lower_make_lambda(*target, parameters);
                true
            }
            other => unreachable!("{} is lowered elsewhere", other.mnemonic()),
        }
    }

    fn lower_make_lambda(&mut self, target: u32, parameters: &ttvm_isa::Names) {
        let mut captured = self.point().captured.clone();
        if matches!(&captured, Captured::Known(names) if names.iter().any(|name| parameters.contains(name))) {
            // A parameter hides what was captured under its name: such captures are bound by name.
            captured = Captured::Unknown;
        }
        let function = self.lookup.function(target, parameters, captured.clone());
        let slot = self.destination();
        match captured {
            Captured::Nothing => {
                self.emit(Instruction::new(Op::MakeClosure, slot, 0, 0));
                self.emit(Instruction::wide(Op::Extra, 0, function));
            }
            Captured::Known(names) => {
                let base = self.base_above(self.stack.len()).max(self.next_temporary());
                for (offset, name) in (0u16..).zip(names.iter()) {
                    let hidden = self.variables.capture_slot(name).expect("a captured name has a hidden variable");
                    self.touch(base + offset);
                    self.emit(Instruction::new(Op::Take, base + offset, hidden, 0));
                }
                if self.variables.capture_order != 0 && self.variables.notes_captures {
                    self.emit(Instruction::new(Op::Undefine, self.variables.capture_order, 0, 0));
                }
                let count = u16::try_from(names.len()).expect("V11: captures fit in SLOTS_MAX");
                self.emit(Instruction::new(Op::MakeClosure, slot, base, count));
                self.emit(Instruction::wide(Op::Extra, 0, function));
            }
            Captured::Unknown => {
                let first = self.variables.captures.first().map_or(0, |(_, slot)| *slot);
                let count = u16::try_from(self.variables.captures.len()).expect("V11: captures fit in SLOTS_MAX");
                self.emit(Instruction::new(Op::MakeClosureDynamic, slot, first, count));
                self.emit(Instruction::wide(Op::Extra, 0, function));
            }
        }
        self.finish_result(slot);
    }

    fn is_main(&self) -> bool {
        self.verified.functions()[self.number as usize].region == 0
    }

    /// Whether the next instruction is RET, with no handler armed.
    fn is_tail_call(&self) -> bool {
        let next = self.point().pc + 1;
        let is_inside = match self.region.body {
            Some(body) => next < self.module.bodies[body as usize].end,
            None => self.module.body_of(next).is_none(),
        };
        is_inside && matches!(self.module.code.get(next as usize), Some(OpCode::Ret {}))
    }

    /// Whether a callee that leaves `results` values can take this frame's place: nothing of ours would be
    /// returned with them. A callee that never returns always can.
    fn can_replace_frame(&self, arguments: usize, results: Option<u32>) -> bool {
        let left = self.stack.len() - arguments;
        let fits = match (self.region.body, results) {
            (_, None) => true,
            (Some(_), Some(results)) => results == 1,
            (None, _) => left == 0 && results == self.region.results,
        };
        !self.is_main() && fits && self.point().handler.is_none()
    }

    /// The slot of the callee's frame; the arguments are behind it.
    fn place_arguments(&mut self, count: usize) -> u16 {
        let first = self.stack.len() - count;
        let lowest = self.base_above(first);
        let pc = self.point().pc;
        let base = self.call_bases.get(&pc).copied().filter(|base| *base >= lowest).unwrap_or(lowest);
        self.place(first, base + 1);
        self.touch(base + u16::try_from(count).expect("V1: PARAMETERS_MAX") + 1);
        self.stack.truncate(first);
        base
    }

    fn add_site(&mut self, callee: Callee, frame_cells: u16, destination: u16, keeps_operands: bool) -> u32 {
        let operands = if keeps_operands { self.kept(self.stack.len()) } else { Box::default() };
        let site = u32::try_from(self.out.sites.len()).expect("V10 keeps the number of calls below 2^32");
        self.out.sites.push(CallSite {
            callee,
            function: self.number,
            return_to: 0,
            frame_cells,
            destination,
            pc: self.point().pc,
            operands,
        });
        site
    }

    fn lower_plain_call(&mut self, count: usize, callee: Callee, keeps_operands: bool, expects: bool) {
        let base = self.place_arguments(count);
        let destination = if expects { self.destination() } else { 0 };
        let site = self.add_site(callee, base, destination, keeps_operands);
        self.emit(Instruction::wide(Op::Call, base, site));
        self.out.sites[site as usize].return_to = self.position();
        if expects {
            self.finish_result(destination);
        }
    }

    fn lower_value_call(&mut self) -> bool {
        let count = self.point().arguments as usize;
        let below = self.stack.len() - count - 1;
        // A function that is no variable goes above the arguments, where it is read before the frame is made.
        let tail = self.is_tail_call() && self.can_replace_frame(count + 1, Some(1));
        let slot = match self.stack[below + count] {
            Operand::Variable { slot, .. } => {
                // It is read there by the call itself, behind all that brings the operands to their places.
                self.keep_variable(slot);
                slot
            }
            _ => {
                let lowest = self.base_above(below);
                let base = self.call_bases.get(&self.point().pc).copied().filter(|b| *b >= lowest).unwrap_or(lowest);
                let slot = base + 1 + u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
                self.place(below, base + 1);
                debug_assert_eq!(self.stack[below + count], Operand::Temporary(slot));
                slot
            }
        };
        let temporaries = self.temporary_bit(below + count, 0);
        self.stack.pop();
        let count_field = u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
        if tail {
            let site = self.add_site(Callee::Value, 0, 0, false);
            let instruction = Instruction::new(Op::TailCallValue, 0, slot, count_field);
            self.out.sites[site as usize].operands = self.kept(below);
            self.lower_tail_call(count, instruction, Some((site, temporaries)));
            return false;
        }
        let base = self.place_arguments(count);
        let destination = self.destination();
        let site = self.add_site(Callee::Value, base, destination, true);
        self.emit_with(Instruction::new(Op::CallValue, base, slot, count_field), temporaries);
        self.emit(Instruction::wide(Op::Extra, 0, site));
        self.out.sites[site as usize].return_to = self.position();
        self.finish_result(destination);
        true
    }

    fn lower_tail_call(&mut self, count: usize, instruction: Instruction, site: Option<(u32, u8)>) {
        let base = self.place_arguments(count);
        let (site, temporaries) = site.map_or((None, 0), |(site, temporaries)| (Some(site), temporaries));
        self.emit_with(Instruction { a: base, ..instruction }, temporaries);
        if let Some(site) = site {
            self.out.sites[site as usize].frame_cells = base;
            self.emit(Instruction::wide(Op::Extra, 0, site));
        }
    }

    /// Emits what happens at the end of the code or body: stop, or return.
    pub fn emit_end(&mut self) {
        if self.region.body.is_none() {
            self.emit(Instruction::new(Op::Stop, 0, 0, 0));
        } else {
            self.emit_return();
        }
    }

    fn emit_return(&mut self) {
        let variables = self.variables.temporaries - 1;
        let value = self.stack.pop();
        for operand in std::mem::take(&mut self.stack) {
            if let Operand::Temporary(slot) = operand {
                self.emit(Instruction::new(Op::Drop, slot, 0, 0));
            }
        }
        match value {
            Some(Operand::Temporary(slot) | Operand::Variable { slot, .. }) => {
                self.emit(Instruction::new(Op::Return, slot, variables, 0));
            }
            Some(Operand::Constant(index)) => self.emit_return_constant(index, variables),
            None if self.region.body.is_some() => {
                let null = self.constants.index(&crate::module::Constant::Null);
                self.emit_return_constant(null, variables);
            }
            None => self.emit(Instruction::new(Op::ReturnNothing, 0, variables, 0)),
        }
    }

    fn emit_return_constant(&mut self, index: u32, variables: u16) {
        match u16::try_from(index) {
            Ok(index) => self.emit(Instruction::new(Op::ReturnConstant, index, variables, 0)),
            Err(_) => {
                let slot = self.next_temporary();
                self.move_to(Operand::Constant(index), slot);
                self.emit(Instruction::new(Op::Return, slot, variables, 0));
            }
        }
    }

    /// `JMP`, and `JZ` and `JNZ` behind anything but a comparison.
    pub fn lower_jump(&mut self, op: &OpCode) {
        let pc = self.point().pc;
        let (condition, target) = match op {
            OpCode::Jmp { target } => (None, *target),
            OpCode::Jz { target } => (Some(false), *target),
            OpCode::Jnz { target } => (Some(true), *target),
            other => unreachable!("{} is no jump", other.mnemonic()),
        };
        let Some(condition) = condition else {
            self.flush();
            let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
            let goes_back = target <= pc;
            let target = self.target(target, depth);
            let op = if goes_back { Op::Loop } else { Op::Jump };
            self.emit_jump(Instruction::new(op, 0, 0, 0), 0, target, false);
            return;
        };
        self.flush_below(1);
        let slot = self.resolve(self.stack.len() - 1);
        let temporaries = self.temporary_bit(self.stack.len() - 1, 0);
        self.stack.pop();
        let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
        let goes_back = target <= pc;
        let target = self.target(target, depth);
        // A jump back costs a reduction when taken: it is skipped by the opposite condition.
        let op = if condition == goes_back { Op::JumpFalse } else { Op::JumpTrue };
        if goes_back {
            self.emit_with(Instruction::wide(op, slot, 2), temporaries);
            self.emit_jump(Instruction::new(Op::Loop, 0, 0, 0), 0, target, false);
        } else {
            self.emit_jump(Instruction::new(op, slot, 0, 0), temporaries, target, false);
        }
    }

    /// A comparison and the conditional jump at `jump_pc` behind it.
    pub fn lower_fused_jump(&mut self, comparison: Op, jumps_if: bool, jump_pc: u32, target: u32) {
        self.flush_below(2);
        let (left, right) = (self.stack.len() - 2, self.stack.len() - 1);
        let goes_back = target <= jump_pc;
        let holds = jumps_if != goes_back;
        let a = self.resolve(left);
        let mut temporaries = self.temporary_bit(left, 0);
        let constant = if let Operand::Constant(index) = self.stack[right] { u16::try_from(index).ok() } else { None };
        let (op, b) = match (self.number_operand(right), constant) {
            (Some(number), _) => (fused(comparison, holds).1, number as u16),
            (None, Some(constant)) => (fused(comparison, holds).2, constant),
            (None, None) => {
                let slot = self.resolve(right);
                temporaries |= self.temporary_bit(right, 1);
                (fused(comparison, holds).0, slot)
            }
        };
        self.stack.truncate(left);
        let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
        let target = self.target(target, depth);
        if goes_back {
            self.emit_with(Instruction::new(op, a, b, 2), temporaries);
            self.emit_jump(Instruction::new(Op::Loop, 0, 0, 0), 0, target, false);
        } else {
            self.emit_jump(Instruction::new(op, a, b, 0), temporaries, target, true);
        }
    }
}

/// The jumps taken when `comparison` holds, or when it does not: with a slot, a number, a constant on the right.
fn fused(comparison: Op, holds: bool) -> (Op, Op, Op) {
    match (comparison, holds) {
        (Op::Eq, true) | (Op::Ne, false) => (Op::JumpEq, Op::JumpEqNumber, Op::JumpEqConstant),
        (Op::Ne, true) | (Op::Eq, false) => (Op::JumpNe, Op::JumpNeNumber, Op::JumpNeConstant),
        (Op::Lt, true) => (Op::JumpLt, Op::JumpLtNumber, Op::JumpLtConstant),
        (Op::Le, true) => (Op::JumpLe, Op::JumpLeNumber, Op::JumpLeConstant),
        (Op::Gt, true) => (Op::JumpGt, Op::JumpGtNumber, Op::JumpGtConstant),
        (Op::Ge, true) => (Op::JumpGe, Op::JumpGeNumber, Op::JumpGeConstant),
        (Op::Lt, false) => (Op::JumpNotLt, Op::JumpNotLtNumber, Op::JumpNotLtConstant),
        (Op::Le, false) => (Op::JumpNotLe, Op::JumpNotLeNumber, Op::JumpNotLeConstant),
        (Op::Gt, false) => (Op::JumpNotGt, Op::JumpNotGtNumber, Op::JumpNotGtConstant),
        (Op::Ge, false) => (Op::JumpNotGe, Op::JumpNotGeNumber, Op::JumpNotGeConstant),
        (other, _) => unreachable!("{other:?} is no comparison"),
    }
}
