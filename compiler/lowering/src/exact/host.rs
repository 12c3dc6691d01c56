//! Host operations in exact mode: arguments are popped into the first temporaries, and a text written in the
//! instruction follows them.

use ttvm_isa::{HostOperation, OpCode};

use super::ExactLowering;
use crate::register::{Instruction, Op};

impl ExactLowering<'_> {
    pub(super) fn lower_host(&mut self, operation: HostOperation, op: &OpCode) {
        let mut count = u16::try_from(operation.arguments()).expect("host operations have few arguments");
        self.pop_all(op, count);
        if let Some(text) = op.host_text() {
            self.touch(self.temporary(count));
            let index = self.constants.text(text);
            self.emit(Instruction::wide(Op::Constant, self.temporary(count), index));
            count += 1;
        }
        self.emit(Instruction::new(Op::Host, self.temporary(0), operation as u16, count));
        if operation.has_result() {
            self.push(0);
        }
    }
}
