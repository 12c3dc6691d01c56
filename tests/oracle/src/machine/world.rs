//! Output, random numbers, the host, and `EXIT`.

use num_bigint::{BigInt, Sign};
use ttvm_isa::{Fault, HostOperation, OpCode, cost, info::InstructionInfo};

use super::{Ending, Interruption, Oracle, Step, random::SplitMix};
use crate::{
    cost::{flat_size, of_data},
    operations::mismatch,
    text::Printed,
    value::Value,
};

impl Oracle {
    pub(super) fn push_random(&mut self) -> Step {
        let float = self.code.random.next_float();
        self.push_constant(Value::Float(float))
    }

    /// The seed is what the lowest 64 bits of the int say.
    pub(super) fn seed_random(&mut self) -> Result<Step, Fault> {
        match self.pop("RANDOM_SEED")? {
            Value::Int(int) => {
                let low: BigInt = int & BigInt::from(u64::MAX);
                let seed = u64::try_from(low).expect("the number was cut to 64 bits");
                self.code.random = SplitMix::new(seed);
                Ok(Step::Next)
            }
            other => Err(mismatch("RANDOM_SEED", "an integer", &[&other])),
        }
    }

    pub(super) fn write(&mut self, op: &OpCode, write: impl FnOnce(&mut Self, &str)) -> Result<Step, Fault> {
        let value = self.pop(op.mnemonic())?;
        let text = Printed(&value).to_string();
        self.code.reductions += cost::of_elements(cost::size_of_bytes(text.len()));
        write(self, &text);
        Ok(Step::Next)
    }

    pub(super) fn exit(&mut self) -> Result<Step, Interruption> {
        let value = self.pop("EXIT")?;
        match &value {
            Value::Int(int) => match i64::try_from(int) {
                Ok(code) => Err(Interruption::End(Ending::Exit(code))),
                Err(_) => {
                    let size = if int.sign() == Sign::Minus { "small" } else { "big" };
                    let error = format!("the exit code is too {size}");
                    Err(Fault::Argument { operation: "EXIT", error }.into())
                }
            },
            other => Err(mismatch("EXIT", "an integer", &[other]).into()),
        }
    }

    pub(super) fn ask_host(&mut self, operation: HostOperation) -> Result<Step, Interruption> {
        let arguments = self.pop_operands(operation.mnemonic(), operation.arguments())?;
        let sizes: Vec<u64> = arguments.iter().map(flat_size).collect();
        let result = self.host.perform(operation, arguments)?;
        let info = InstructionInfo::of_mnemonic(operation.mnemonic()).expect("a host operation is an instruction");
        self.code.reductions += of_data(info.cost, &sizes, &result);
        if operation.has_result() {
            self.push(result);
        }
        Ok(Step::Next)
    }
}
