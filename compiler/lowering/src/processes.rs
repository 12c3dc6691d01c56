//! Instructions that concern processes: what the kernel performs, and receiving.

use ttvm_isa::{OpCode, ProcessOperation, receive::ReceiveTable};

use crate::{
    function::{FunctionLowering, Target},
    receive::{Jump, lower_table, needed},
    register::{Instruction, Op},
};

impl FunctionLowering<'_> {
    /// Lowers the present instruction if it concerns processes. Says whether control may go on behind it.
    pub fn lower_process(&mut self, op: &OpCode) -> Option<bool> {
        match op {
            OpCode::Receive {} => {
                let slot = self.destination();
                self.emit(Instruction::new(Op::Receive, slot, 0, 0));
                self.finish_result(slot);
            }
            OpCode::ReceiveTimeout { target } => self.lower_receive_timeout(*target),
            OpCode::BarrierTimeout { target } => self.lower_barrier_timeout(*target),
            OpCode::ReceiveMatch { table } => {
                self.lower_receive_match(table);
                return Some(false);
            }
            OpCode::ExitSelf {} => {
                let slot = self.resolve_taken(self.stack.len() - 1);
                self.stack.pop();
                self.emit(Instruction::new(Op::ExitSelf, slot, 0, 0));
                return Some(false);
            }
            _ => self.lower_operation(ProcessOperation::of(op)?, op),
        }
        Some(true)
    }

    fn lower_operation(&mut self, operation: ProcessOperation, op: &OpCode) {
        let (count, results) = op.effect().expect("instructions for processes have fixed effects");
        if matches!(operation, ProcessOperation::SelfPid | ProcessOperation::MakeRef) {
            // The others may wait for their result, and until it comes its slot is in use.
            let slot = self.destination();
            self.emit(Instruction::new(Op::Process, slot, operation as u16, 0));
            self.finish_result(slot);
            return;
        }
        let first = self.stack.len() - count as usize;
        let base = self.base_above(first);
        self.place(first, base);
        self.stack.truncate(first);
        self.touch(base);
        let count = u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
        self.emit(Instruction::new(Op::Process, base, operation as u16, count));
        for slot in (base..).take(results as usize) {
            self.push_temporary(slot);
        }
    }

    /// The milliseconds stay in their slot while the process waits; the message takes their place.
    fn lower_receive_timeout(&mut self, target: u32) {
        let pc = self.point().pc;
        self.flush();
        self.stack.pop();
        let slot = self.canonical(self.stack.len());
        let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
        let goes_back = target <= pc;
        let target = self.target(target, depth);
        if goes_back {
            // A jump back costs a reduction.
            self.emit(Instruction::wide(Op::ReceiveTimeout, slot, 2));
            self.emit_late_jump(target, goes_back);
        } else {
            self.emit_jump(Instruction::new(Op::ReceiveTimeout, slot, 0, 0), 0, target, false);
        }
        self.push_temporary(slot);
    }

    /// The kernel says how it ended: the engine goes on with the next instruction, or with the one behind that.
    fn lower_barrier_timeout(&mut self, target: u32) {
        let goes_back = target <= self.point().pc;
        self.flush();
        self.stack.truncate(self.stack.len() - 2);
        let slot = self.canonical(self.stack.len());
        let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
        let target = self.target(target, depth);
        self.emit(Instruction::new(Op::Process, slot, ProcessOperation::BarrierTimeout as u16, 2));
        self.emit_late_jump(target, goes_back);
        self.push_temporary(slot);
    }

    /// What stands behind an instruction that has two ways on: a jump for the first of them over the one for the second.
    fn emit_late_jump(&mut self, target: Target, goes_back: bool) {
        self.emit(Instruction::wide(Op::Jump, 0, 2));
        let code = if goes_back { Op::Loop } else { Op::Jump };
        self.emit_jump(Instruction::new(code, 0, 0, 0), 0, target, false);
    }

    fn lower_receive_match(&mut self, table: &ReceiveTable) {
        // Matching sets variables that operands may still stand for.
        self.flush();
        for name in needed(table) {
            let slot = self.variables.slot(&name);
            if !self.facts.exists_at(self.index, slot) {
                self.emit(Instruction::wide(Op::CheckDefined, slot, self.constants.text(&name)));
            }
        }
        let receive = lower_table(table, &self.variables, self.constants, self.point().pc);
        let number = self.out.receives.len();
        self.out.receives.push(receive);
        let depth = u32::try_from(self.stack.len()).expect("V11: operands fit in SLOTS_MAX");
        for (index, target) in table.targets().enumerate() {
            let target = self.target(target, depth);
            self.receive_jumps.push((number, index, target));
        }
        let number = u32::try_from(number).expect("V1: receives are instructions");
        self.emit(Instruction::wide(Op::ReceiveMatch, self.variables.scope_order, number));
    }

    /// The ends that receives jump to.
    pub fn receive_targets(&self) -> impl Iterator<Item = Target> + '_ {
        self.receive_jumps.iter().map(|(_, _, target)| *target)
    }

    /// Sets the targets of receives, when all labels are known.
    pub fn apply_receive_jumps(&mut self) {
        for (number, index, target) in std::mem::take(&mut self.receive_jumps) {
            let target = self.label(target);
            self.out.receives[number].set_target(index, target);
        }
    }
}

impl crate::receive::Receive {
    /// Sets a target, in the order of [`ReceiveTable::targets`].
    pub(crate) fn set_target(&mut self, index: usize, target: u32) {
        let after = self.after.as_mut().map(|(_, jump)| jump);
        let jump: &mut Jump = match self.cases.get_mut(index) {
            Some(case) => &mut case.jump,
            None => after.expect("a target beyond the cases is that of `after`"),
        };
        jump.target = target;
    }
}
