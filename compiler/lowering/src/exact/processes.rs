//! Instructions that concern processes, in exact mode.

use ttvm_bytecode::analysis;
use ttvm_isa::{OpCode, ProcessOperation};

use super::ExactLowering;
use crate::{
    receive::{lower_table, needed},
    register::{Instruction, Op},
};

impl ExactLowering<'_> {
    /// Instructions that concern processes.
    pub(super) fn lower_process(&mut self, op: &OpCode) -> bool {
        let t0 = self.temporary(0);
        match op {
            OpCode::Receive {} => {
                self.emit(Instruction::new(Op::Receive, t0, 0, 0));
                self.push(0);
            }
            OpCode::ReceiveTimeout { target } => {
                self.pop_all(op, 1);
                self.emit(Instruction::wide(Op::ReceiveTimeout, t0, 2));
                self.emit_late_jump(*target);
                self.push(0);
            }
            OpCode::BarrierTimeout { target } => {
                self.pop_all(op, 2);
                self.emit(Instruction::new(Op::Process, t0, ProcessOperation::BarrierTimeout as u16, 2));
                self.emit_late_jump(*target);
                self.push(0);
            }
            OpCode::ReceiveMatch { table } => {
                for name in needed(table) {
                    self.check_defined(&name);
                }
                let receive = lower_table(table, &self.variables, &self.constants, self.pc);
                let number = self.made.receives.len();
                self.made.receives.push(receive);
                for (index, target) in table.targets().enumerate() {
                    let target = analysis::inside(self.module, self.region.body, target);
                    self.receive_jumps.push((number, index, target));
                }
                let number = u32::try_from(number).expect("V1: receives are instructions");
                self.emit(Instruction::wide(Op::ReceiveMatch, self.variables.scope_order, number));
            }
            OpCode::ExitSelf {} => {
                self.pop_all(op, 1);
                self.emit(Instruction::new(Op::ExitSelf, t0, 0, 0));
            }
            _ => {
                let Some(operation) = ProcessOperation::of(op) else { return false };
                let (count, results) = op.effect().expect("instructions for processes have fixed effects");
                let count = u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
                self.pop_all(op, count);
                self.emit(Instruction::new(Op::Process, t0, operation as u16, count));
                (0..u16::try_from(results).expect("at most two")).for_each(|index| self.push(index));
            }
        }
        true
    }

    /// To what stands behind, or, when the time is over, to the jump, which costs a reduction if it goes back.
    fn emit_late_jump(&mut self, target: u32) {
        self.emit(Instruction::wide(Op::Jump, 0, 2));
        let code = if target <= self.pc { Op::Loop } else { Op::Jump };
        self.jump_to(Instruction::new(code, 0, 0, 0), target);
    }
}
