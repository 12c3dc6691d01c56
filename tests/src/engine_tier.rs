//! The engine as a tier: ordinary code, or everything in exact mode; with turns as short as one wants.

use std::{collections::HashMap, sync::Arc};

use ttvm_bytecode::Module;
use ttvm_engine::{Kernel, LoadMode, LoadedModule, Outcome, Process, Stream, circular};
use ttvm_host::{Input, World, WorldConfiguration};
use ttvm_isa::{Fault, Permissions};
use ttvm_platform::clock::Clock;

use crate::{
    program::{Program, verified},
    tier::{Ending, Observed, Tier},
};

/// The engine.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// What failures call it.
    pub name: &'static str,
    /// Ordinary or exact.
    pub mode: LoadMode,
    /// Reductions of a turn.
    pub turn: u32,
    /// Reductions after which it gives up.
    pub reductions_max: u64,
}

impl Tier for Engine {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&self, program: &Program) -> Observed {
        let mut modules = Modules { program, mode: self.mode, loading: Vec::new(), loaded: HashMap::new() };
        let ended = |ending| Observed { stdout: String::new(), stderr: String::new(), ending, reductions: 0 };
        let main = match modules.link(program.module.clone()) {
            Ok(main) => main,
            Err(problem) => return ended(Ending::NotLoaded(problem)),
        };
        let mut console = Console::default();
        let mut process = Process::main(&main);
        let world = World::new(WorldConfiguration {
            arguments: program.arguments.clone(),
            input: Input::Bytes(program.input.clone().into_bytes()),
            clock: Arc::new(Clock::virtual_time()),
            permissions: Permissions::all(),
        });
        let ending = self.drive(&mut process, &mut console, &world, &mut modules);
        let (stdout, stderr) = (console.stdout, console.stderr);
        Observed { stdout, stderr, ending, reductions: process.reductions_spent() }
    }
}

impl Engine {
    fn drive(&self, process: &mut Process, console: &mut Console, world: &World, modules: &mut Modules<'_>) -> Ending {
        loop {
            let mut outcome = Some(process.run(self.turn, console));
            while let Some(ended) = outcome.take() {
                outcome = match ended {
                    Outcome::Done(_) => return Ending::Normal,
                    Outcome::Exit(code) => return Ending::Exit(i64::from(code)),
                    Outcome::Crashed(crash) => {
                        let exception = crash.exception;
                        return Ending::Uncaught {
                            message: exception.message().as_str().to_owned(),
                            kind: exception.kind().as_str().to_owned(),
                            instruction: exception.instruction(),
                            trace: exception.trace().iter().map(|line| line.to_value().to_string()).collect(),
                        };
                    }
                    Outcome::OutOfReductions if process.reductions_spent() > self.reductions_max => {
                        return Ending::GaveUp("it runs for too long".to_owned());
                    }
                    Outcome::OutOfReductions => None,
                    Outcome::Host { operation, arguments } => {
                        let answer = world.perform(operation, arguments);
                        process.answer(answer)
                    }
                    Outcome::Elsewhere { task, .. } => process.answer(task.perform()),
                    Outcome::Import { path, importer } => import(process, modules, &importer, &path),
                    Outcome::Receive | Outcome::Answer | Outcome::Yield | Outcome::Ended(_) => {
                        unreachable!("these programs have no instructions for processes")
                    }
                };
            }
        }
    }
}

fn import(process: &mut Process, modules: &mut Modules<'_>, importer: &str, path: &str) -> Option<Outcome> {
    let module = match modules.program.load(importer, path) {
        Ok(module) => module,
        Err(error) => {
            return process.fail(Fault::Import { path: path.to_owned(), reason: error.to_string() });
        }
    };
    let key = module.source.to_string();
    if process.is_importing(&key) {
        return process.fail(circular(path));
    }
    if process.has_imported(&key) {
        process.bind_import(&key);
        return None;
    }
    match modules.link(module) {
        Ok(module) => process.import(&key, module),
        Err(reason) => process.fail(Fault::Import { path: path.to_owned(), reason }),
    }
}

struct Modules<'a> {
    program: &'a Program,
    mode: LoadMode,
    loading: Vec<String>,
    loaded: HashMap<String, Arc<LoadedModule>>,
}

impl Modules<'_> {
    fn link(&mut self, module: Module) -> Result<Arc<LoadedModule>, String> {
        let source = module.source.to_string();
        if let Some(loaded) = self.loaded.get(&source) {
            return Ok(Arc::clone(loaded));
        }
        let verified = verified(module).map_err(|error| error.to_string())?;
        let mut imports = HashMap::new();
        self.loading.push(source.clone());
        for import in &verified.module().imports {
            let module = self.program.load(&source, &import.path).map_err(|error| error.to_string())?;
            if self.loading.contains(&module.source.to_string()) {
                return Err(circular(&import.path).to_string());
            }
            imports.insert(import.prefix.clone(), self.link(module)?);
        }
        self.loading.pop();
        let number = u32::try_from(self.loaded.len()).map_err(|error| error.to_string())?;
        let module = LoadedModule::load(verified, imports, number, self.mode).map_err(|error| error.to_string())?;
        self.loaded.insert(source, Arc::clone(&module));
        Ok(module)
    }
}

#[derive(Default)]
struct Console {
    stdout: String,
    stderr: String,
}

impl Kernel for Console {
    fn write(&mut self, stream: Stream, text: &str) {
        match stream {
            Stream::Output => self.stdout.push_str(text),
            Stream::Error => self.stderr.push_str(text),
        }
    }
}
