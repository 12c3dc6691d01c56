//! Running a `.computation` block of a program by itself, with an input of its own.

use ttvm_bytecode::{Body, BodyKind, Module};
use ttvm_isa::{Integer, OpCode, Text};

use crate::loader::{LoadError, Loader, Program};

/// What the code that starts a computation is called in call chains.
const STARTER: &str = "bsp run";

/// Which computation is run, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComputationStart {
    /// Its name.
    pub name: String,
    /// Its input.
    pub input: ComputationInput,
    /// How many processors there are, instead of what the block says.
    pub processors: Option<u32>,
    /// How many iterations there may be, instead of what the block says.
    pub max_supersteps: Option<u64>,
    /// After how many supersteps a checkpoint is taken, instead of what the block says.
    pub checkpoint_every: Option<u64>,
    /// The results are printed as JSON, not as `PRINT` does.
    pub prints_json: bool,
}

/// What a computation is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ComputationInput {
    /// Null.
    #[default]
    Nothing,
    /// The value that this JSON text says.
    Json(String),
    /// A string.
    Text(String),
}

impl Program {
    /// The names of the program's `.computation` blocks, in order.
    #[must_use]
    pub fn computations(&self) -> Vec<String> {
        self.module.verified().module().computations.iter().map(|spec| spec.name.to_string()).collect()
    }
}

impl Loader {
    /// The program again, with a body that runs one of its computations and prints the list of results: a number for
    /// [`crate::Machine::for_test`].
    ///
    /// # Errors
    /// [`LoadError::Verify`] if the program has no computation of that name.
    pub fn load_computation(
        &mut self,
        program: &Program,
        start: &ComputationStart,
    ) -> Result<(Program, usize), LoadError> {
        let mut module = Module::clone(program.module.verified().module());
        let number = module.bodies.len();
        let begin = position(&module);
        module.code.extend(start.code());
        // No line of the text says any of this.
        module.lines.resize(module.code.len(), 0);
        let (kind, name) = (BodyKind::Test, Text::from(STARTER));
        module.bodies.push(Body { kind, name, parameters: [].into(), start: begin, end: position(&module) });
        Ok((self.load_module(module)?, number))
    }
}

fn position(module: &Module) -> u32 {
    u32::try_from(module.code.len()).unwrap_or(u32::MAX)
}

impl ComputationStart {
    fn code(&self) -> Vec<OpCode> {
        let mut code = Vec::new();
        match &self.input {
            ComputationInput::Nothing => code.push(OpCode::Null {}),
            ComputationInput::Json(json) => {
                code.extend([OpCode::PushStr { value: Text::from(json.as_str()) }, OpCode::JsonParse {}]);
            }
            ComputationInput::Text(text) => code.push(OpCode::PushStr { value: Text::from(text.as_str()) }),
        }
        code.push(OpCode::MakeObject {});
        let options = [
            ("processors", self.processors.map(u64::from)),
            ("max_supersteps", self.max_supersteps),
            ("checkpoint", self.checkpoint_every),
        ];
        for (name, number) in options {
            if let Some(number) = number {
                let value = Integer::Small(i64::try_from(number).unwrap_or(i64::MAX));
                code.extend([OpCode::PushInt { value }, OpCode::SetField { name: Text::from(name) }]);
            }
        }
        code.push(OpCode::Compute { name: Text::from(self.name.as_str()) });
        if self.prints_json {
            code.push(OpCode::JsonStringify {});
        }
        code.extend([OpCode::Print {}, OpCode::Null {}, OpCode::Ret {}]);
        code
    }
}
