//! Running a `.computation` block of a program by itself, with an input of its own.

use std::time::Duration;

use ttvm_bytecode::{Body, BodyKind, Module};
use ttvm_isa::{Integer, OpCode, Text};
use ttvm_superstep::CheckpointRecord;

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
    /// How long processors wait for one another, instead of what the block says.
    pub barrier_timeout: Option<Duration>,
    /// How many crashes are repaired, instead of what the block says.
    pub restarts: Option<u32>,
    /// Where its checkpoints are kept, if they are to outlive the machine.
    pub checkpoints: Option<CheckpointFolder>,
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

/// A folder for checkpoints. Where a computation expects to begin or to go on, they stay in the end, for
/// [`CheckpointRecord::remove`]: whoever runs it knows when the results are where they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFolder {
    /// Its path.
    pub path: String,
    /// What happens if there are some already.
    pub start: CheckpointStart,
}

/// Whether a computation begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointStart {
    /// It begins; checkpoints that there are already are an error.
    New,
    /// It goes on, with the input that was kept; it is an error if there are no checkpoints.
    Resume,
    /// It goes on if there are checkpoints of the same program with the same input, else it begins.
    Either,
}

impl ComputationStart {
    /// Goes on where the machine was killed that wrote the checkpoints in a folder, of which `record` was read there.
    #[must_use]
    pub fn resume(path: String, record: &CheckpointRecord) -> Self {
        Self {
            name: record.name.clone(),
            processors: Some(record.processors),
            max_supersteps: record.max_supersteps,
            checkpoint_every: record.checkpoint_every,
            barrier_timeout: record.barrier_timeout,
            restarts: Some(record.restarts),
            checkpoints: Some(CheckpointFolder { path, start: CheckpointStart::Resume }),
            ..Self::default()
        }
    }
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
            ("barrier_timeout", self.barrier_timeout.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))),
            ("on_crash", self.restarts.map(u64::from)),
        ];
        for (name, number) in options {
            if let Some(number) = number {
                let value = Integer::Small(i64::try_from(number).unwrap_or(i64::MAX));
                code.extend([OpCode::PushInt { value }, OpCode::SetField { name: Text::from(name) }]);
            }
        }
        if let Some(CheckpointFolder { path, start }) = &self.checkpoints {
            let mut set = |name: &str, value: &str| {
                code.extend([
                    OpCode::PushStr { value: Text::from(value) },
                    OpCode::SetField { name: Text::from(name) },
                ]);
            };
            set("checkpoint_dir", path);
            match start {
                CheckpointStart::New => set("checkpoint_start", "new"),
                CheckpointStart::Resume => set("checkpoint_start", "resume"),
                CheckpointStart::Either => {}
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
