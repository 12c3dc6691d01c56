//! Making processes.
//!
//! A process is made, linked, watched and named before it is visible and before its first instruction (rule P74);
//! its code begins in its own turn, never within its maker's call.

use ttvm_engine::{LoadedModule, Process};
use ttvm_isa::{Fault, Text, limits};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, SharedValue, Value};

use crate::{
    context::Context,
    host::EventKind,
    native::{NativeProcess, NativeStep},
    signal::Control,
    state::{Body, Link, Own, Priority, ProcessState, Wait},
};

/// How a new process is tied to its maker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// They are linked from the beginning.
    pub link: bool,
    /// The maker watches it from the beginning.
    pub monitor: bool,
    /// It is a child of its maker, a supervisor.
    pub is_child: bool,
}

/// A new process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// Its pid.
    pub pid: Pid,
    /// The ref of its monitor, if it has one.
    pub monitor: Option<Ref>,
}

/// A `SPAWN` that waits for a file to be found.
pub(crate) struct Pending {
    operation: &'static str,
    name: Text,
    arguments: Vec<SharedValue>,
    ties: Ties,
    /// The plain label of that name.
    label: Option<SharedValue>,
    /// The nearest name to it, for the warning.
    nearest: Option<String>,
}

impl Context<'_, '_> {
    /// Makes a process that runs a function with arguments.
    ///
    /// # Errors
    /// As [`Process::spawn`], and [`Fault::Limit`] when there are too many processes.
    pub fn spawn(
        &mut self,
        operation: &'static str,
        function: &Value,
        arguments: Vec<Value>,
        ties: Ties,
    ) -> Result<Spawned, Fault> {
        function.mark_shared();
        for argument in &arguments {
            argument.mark_shared();
        }
        // SAFETY: the machine keeps every module that entered it until all its processes and their values are gone,
        // and function values within it only come from such modules.
        #[expect(unsafe_code, reason = "the machine outlives its processes and keeps their modules")]
        let process = unsafe { Process::spawn(operation, function, arguments.into_iter()) }?;
        self.insert_code(process, ties)
    }

    /// Makes a process that runs the main code of a module.
    pub(crate) fn spawn_main(&mut self, module: &Arc<LoadedModule>, ties: Ties) -> Result<Spawned, Fault> {
        self.scheduler.shared.keep(module);
        self.insert_code(Process::main(module), ties)
    }

    /// Makes a process whose code is Rust.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there are too many processes.
    pub fn spawn_native(&mut self, native: Box<dyn NativeProcess>, ties: Ties) -> Result<Spawned, Fault> {
        self.insert(Body::Native(native), ties)
    }

    fn insert_code(&mut self, mut process: Process, ties: Ties) -> Result<Spawned, Fault> {
        process.observe(self.scheduler.shared.settings.observes);
        self.insert(Body::Code(process), ties)
    }

    fn insert(&mut self, mut body: Body, ties: Ties) -> Result<Spawned, Fault> {
        let shared = self.scheduler.shared;
        let number = shared.new_number();
        if let Body::Code(process) = &mut body {
            process.seed(shared.settings.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
        let mut own = Own::new(Priority::Normal);
        let monitor = ties.monitor.then(|| self.scheduler.new_ref());
        if ties != Ties::default() {
            let extras = own.extras();
            extras.is_supervised = ties.is_child;
            if ties.link {
                extras.links.insert(self.pid, Link::Active);
            }
            if let Some(reference) = monitor {
                extras.watchers.insert(reference, self.pid);
            }
        }
        let inserted = shared.slab.insert(&mut self.scheduler.cache, number, ProcessState { body, own });
        let Ok(runnable) = inserted else {
            return Err(Fault::Limit { what: "processes", max: u64::from(limits::PROCESSES_MAX) });
        };
        let pid = shared.slab.pid(&runnable);
        shared.enter_number(pid);
        if ties.link {
            self.own.extras().links.insert(pid, Link::Active);
        }
        if let Some(reference) = monitor {
            self.take_signals();
            self.own.inbox.mark(reference);
            self.own.extras().monitors.insert(reference, pid);
        }
        self.scheduler.counters().spawned.add(1);
        self.scheduler.trace(pid, &EventKind::Spawn(Some(self.pid)));
        if ties.link {
            self.scheduler.trace(self.pid, &EventKind::Link(pid));
        }
        self.scheduler.enqueue(runnable, Priority::Normal);
        Ok(Spawned { pid, monitor })
    }

    /// `SPAWN` of a str: a function of the module, else a program in a file, else what is built in, else a label.
    /// `None`: the file is being looked for, and the process waits.
    pub(crate) fn spawn_named(
        &mut self,
        operation: ttvm_isa::ProcessOperation,
        module: &LoadedModule,
        name: &str,
        arguments: Vec<Value>,
        ties: Ties,
    ) -> Result<Option<Spawned>, Fault> {
        if let Some(function) = module.entry_named(name) {
            return self.spawn(operation.mnemonic(), &function, arguments, ties).map(Some);
        }
        let label = module.label_named(name).map(|label| SharedValue::new(label).0);
        let arguments = arguments.into_iter().map(|argument| SharedValue::new(argument).0).collect();
        let nearest = nearest_name(module, name);
        let (mnemonic, name) = (operation.mnemonic(), Text::from(name));
        let pending = Pending { operation: mnemonic, name: name.clone(), arguments, ties, label, nearest };
        let shared = self.scheduler.shared;
        if let Some(found) = shared.known_program(&name) {
            return self.spawn_pending(pending, found).map(Some);
        }
        if shared.settings.is_deterministic {
            let found = shared.find_program(&name)?;
            return self.spawn_pending(pending, found).map(Some);
        }
        self.own.extras().spawn = Some(Box::new(pending));
        let number = self.own.begin_wait(Wait::Operation(operation));
        let pid = self.pid;
        self.scheduler.start_job(pid, move |shared| Control::Found { number, module: shared.find_program(&name) });
        Ok(None)
    }

    /// The file was looked for.
    pub(crate) fn spawn_found(&mut self, found: Result<Option<Arc<LoadedModule>>, Fault>) -> Result<Spawned, Fault> {
        let pending = self.own.extras().spawn.take().expect("a process that waits for a program wants to spawn it");
        self.spawn_pending(*pending, found?)
    }

    fn spawn_pending(&mut self, pending: Pending, found: Option<Arc<LoadedModule>>) -> Result<Spawned, Fault> {
        let Pending { operation, name, arguments, ties, label, nearest } = pending;
        let takes_none = |what: &str| {
            let error = format!("{what} {name:?} takes no arguments, but {} are given", arguments.len());
            if arguments.is_empty() { Ok(()) } else { Err(Fault::Argument { operation, error }) }
        };
        if let Some(module) = found {
            takes_none("the program")?;
            return self.spawn_main(&module, ties);
        }
        if let Some(text) = built_in(&name) {
            takes_none("the built-in program")?;
            return self.spawn_native(Box::new(Printer { text: text.to_owned() }), ties);
        }
        if let Some(function) = label {
            let arguments = arguments.into_iter().map(SharedValue::into_value).collect();
            return self.spawn(operation, function.value(), arguments, ties);
        }
        let advice = nearest.map(|nearest| format!(", did you mean {nearest:?}?")).unwrap_or_default();
        if self.scheduler.shared.settings.is_strict {
            let error = format!("no function, program or label is called {name:?}{advice}");
            return Err(Fault::Argument { operation, error });
        }
        let warning = format!("{operation}: no function, program or label is called {name:?}{advice}");
        self.scheduler.shared.host.warn(&warning);
        self.spawn_native(Box::new(Printer { text: format!("Spawned process: {name}\n") }), ties)
    }
}

/// The output of a built-in program.
fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "hello_world" => Some("Hello from spawned process!\n"),
        "counter" => Some("1\n2\n3\n"),
        _ => None,
    }
}

/// A process that prints something and ends.
struct Printer {
    text: String,
}

impl NativeProcess for Printer {
    fn name(&self) -> &str {
        "printer"
    }

    fn run(&mut self, context: &mut Context<'_, '_>) -> NativeStep {
        context.print(&self.text);
        NativeStep::End(crate::terms::text("normal"))
    }
}

/// The function or label of a module whose name is nearest to a misspelt one.
fn nearest_name(module: &LoadedModule, name: &str) -> Option<String> {
    let module = module.verified().module();
    let functions = module.bodies.iter().map(|body| &body.name);
    let labels = module.labels.iter().filter(|label| label.body.is_none()).map(|label| &label.name);
    let distance = |known: &&Text| strsim::damerau_levenshtein(known, name);
    let nearest = functions.chain(labels).min_by_key(distance)?;
    (strsim::damerau_levenshtein(nearest, name) <= name.len().div_ceil(3)).then(|| nearest.to_string())
}
