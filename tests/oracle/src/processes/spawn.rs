//! `SPAWN` and its relatives.

use ttvm_isa::{Fault, OpCode};

use crate::{
    machine::{Ending, Interruption, Oracle, Step},
    operations::mismatch,
    value::{Function, Value},
};

impl Oracle {
    /// Makes a process that runs a function with `count` arguments. It is linked and watched before it runs (rule P74).
    pub(super) fn spawn(&mut self, op: &OpCode, count: u32) -> Result<Step, Interruption> {
        let mut operands = self.pop_operands(op.mnemonic(), count as usize + 1)?;
        let function = operands.pop().expect("there is one operand at least");
        let function = self.startable(op, &function)?;
        let (takes, given) = (function.parameters.len(), operands.len());
        if takes != given {
            let plural = if takes == 1 { "" } else { "s" };
            let verb = if given == 1 { "is" } else { "are" };
            let error = format!("the function takes {takes} argument{plural} but {given} {verb} given");
            return Err(Fault::Argument { operation: op.mnemonic(), error }.into());
        }
        self.code.reductions += 1;
        let code = self.code_of(&function, operands);
        let child = self.processes.add(code);
        self.push(Value::Pid(child));
        match op {
            OpCode::SpawnLink { .. } => self.processes.tie(child),
            OpCode::SpawnMonitor { .. } => {
                let reference = self.processes.watch(child);
                self.push(Value::Reference(reference));
            }
            _ => {}
        }
        Ok(Step::Next)
    }

    /// The function that a value means: itself, or what the module calls by that name. Programs in files, built-in ones
    /// and labels are not known here.
    fn startable(&self, op: &OpCode, function: &Value) -> Result<Function, Interruption> {
        match function {
            Value::Function(function) => Ok((**function).clone()),
            Value::Str(name) => {
                let unknown = Interruption::End(Ending::Unsupported("a process by the name of no function"));
                self.function_named(name).ok_or(unknown)
            }
            other => Err(mismatch(op.mnemonic(), "a function", &[other]).into()),
        }
    }
}
