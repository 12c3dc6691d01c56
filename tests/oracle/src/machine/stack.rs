//! Taking operands from the operand stack and putting results on it.

use ttvm_isa::{Fault, OpCode};

use super::{Oracle, Step};
use crate::{cost, value::Value};

impl Oracle {
    /// Values that the newest frame sees.
    pub(super) fn available(&self) -> usize {
        self.code.stack.len() - self.frame().base
    }

    pub(crate) fn push(&mut self, value: Value) {
        self.code.stack.push(value);
    }

    /// Takes the top of the stack.
    pub(crate) fn pop(&mut self, operation: &'static str) -> Result<Value, Fault> {
        if self.available() == 0 {
            return Err(Fault::StackUnderflow { operation });
        }
        Ok(self.code.stack.pop().expect("a value is available"))
    }

    /// Takes `count` values, the top first: those above a missing one are gone. The result is in the order
    /// in which they were pushed.
    pub(crate) fn pop_operands(&mut self, operation: &'static str, count: usize) -> Result<Vec<Value>, Fault> {
        let mut operands = Vec::with_capacity(count);
        for _ in 0..count {
            operands.push(self.pop(operation)?);
        }
        operands.reverse();
        Ok(operands)
    }

    /// Takes the arguments of a call or `MAKE_LIST`: all or, where there are too few, none.
    pub(super) fn pop_arguments(&mut self, needed: usize) -> Result<Vec<Value>, Fault> {
        let available = self.available();
        if available < needed {
            return Err(Fault::InsufficientStackItems { needed, available });
        }
        Ok(self.code.stack.split_off(self.code.stack.len() - needed))
    }

    /// Executes a data instruction: takes its operands, pushes the result, charges the cost.
    pub(super) fn apply<const N: usize>(
        &mut self,
        op: &OpCode,
        operation: impl FnOnce([Value; N]) -> Result<Value, Fault>,
    ) -> Result<Step, Fault> {
        let operands = self.pop_operands(op.mnemonic(), N)?;
        let sizes: Vec<u64> = operands.iter().map(cost::flat_size).collect();
        let operands: [Value; N] = operands.try_into().expect("N operands were taken");
        let result = operation(operands)?;
        self.code.reductions += cost::of_data(op.info().cost, &sizes, &result);
        self.push(result);
        Ok(Step::Next)
    }
}
