//! Host operations in exact mode: arguments are popped into the first temporaries, and what is written in
//! the instruction follows them.

use ttvm_isa::{HostOperation, OpCode};

use super::ExactLowering;
use crate::{
    constants::constant_of_operand,
    register::{Instruction, Op},
};

impl ExactLowering<'_> {
    pub(super) fn lower_host(&mut self, operation: HostOperation, op: &OpCode) {
        let (count, _) = op.effect().expect("host operations have fixed effects");
        let mut count = u16::try_from(count).expect("V11: operands fit in SLOTS_MAX");
        self.pop_all(op, count);
        if let Some(operand) = op.host_operand() {
            self.touch(self.temporary(count));
            let index = self.constant(&constant_of_operand(operand));
            self.emit(Instruction::wide(Op::Constant, self.temporary(count), index));
            count += 1;
        }
        self.emit(Instruction::new(Op::Host, self.temporary(0), operation as u16, count));
        if operation.has_result() {
            self.push(0);
        }
    }
}
