//! What a name starts: a function of the module, a program in a file, what is built in, or a label.
//!
//! A name is looked up where it is written, in the caller's module. The result holds no name any more, so that
//! whoever starts it, now or a hundred times later, needs neither the module nor a file.

use ttvm_diagnostics::nearest;
use ttvm_engine::LoadedModule;
use ttvm_isa::{Fault, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{SharedValue, Value};

use crate::{
    context::Context,
    native::{NativeProcess, NativeStep},
    spawn::{Spawned, Ties},
};

/// Something that a process can run.
pub(crate) enum Startable {
    /// A function.
    Function(SharedValue),
    /// The main code of a program.
    Program { name: Text, module: Arc<LoadedModule> },
    /// A text to be printed.
    Text { name: Text, text: String },
}

/// What a name may mean.
pub(crate) enum Candidate {
    /// This.
    Found(Startable),
    /// A program, if there is one, or else one of these.
    Name {
        name: Text,
        /// The plain label of that name.
        label: Option<SharedValue>,
        /// The nearest name to it, for the warning.
        nearest: Option<String>,
    },
}

impl Candidate {
    /// What a module says about a name.
    pub fn new(module: &LoadedModule, name: &str) -> Self {
        if let Some(function) = module.entry_named(name) {
            return Self::Found(Startable::Function(SharedValue::new(function).0));
        }
        let label = module.label_named(name).map(|label| SharedValue::new(label).0);
        // Only a name that may mean nothing is compared with all others.
        let may_be_nothing = label.is_none() && built_in(name).is_none();
        let nearest = if may_be_nothing { nearest_name(module, name) } else { None };
        Self::Name { name: Text::from(name), label, nearest }
    }

    /// The program that it is worth looking for.
    pub fn program(&self) -> Option<&Text> {
        match self {
            Self::Found(_) => None,
            Self::Name { name, .. } => Some(name),
        }
    }
}

impl Context<'_, '_> {
    /// Decides what a name means whose program was looked for.
    ///
    /// # Errors
    /// [`Fault::Argument`] if it means nothing, and the machine is strict.
    pub(crate) fn settle(&self, operation: &'static str, candidate: Candidate) -> Result<Startable, Fault> {
        let (name, label, nearest) = match candidate {
            Candidate::Found(startable) => return Ok(startable),
            Candidate::Name { name, label, nearest } => (name, label, nearest),
        };
        let shared = self.scheduler.shared;
        if let Some(Some(module)) = shared.known_program(&self.own.rights(), &name) {
            return Ok(Startable::Program { name, module });
        }
        if let Some(text) = built_in(&name) {
            return Ok(Startable::Text { name, text: text.to_owned() });
        }
        if let Some(function) = label {
            return Ok(Startable::Function(function));
        }
        let advice = nearest.map(|nearest| format!(", did you mean {nearest:?}?")).unwrap_or_default();
        if shared.settings.is_strict {
            let error = format!("no function, program or label is called {name:?}{advice}");
            return Err(Fault::Argument { operation, error });
        }
        shared.host.warn(&format!("{operation}: no function, program or label is called {name:?}{advice}"));
        let text = format!("Spawned process: {name}\n");
        Ok(Startable::Text { name, text })
    }

    /// Makes a process that runs something.
    ///
    /// # Errors
    /// As [`Context::spawn`], and [`Fault::Argument`] if a program is given arguments.
    pub(crate) fn spawn_startable(
        &mut self,
        operation: &'static str,
        startable: &Startable,
        arguments: Vec<Value>,
        ties: Ties,
    ) -> Result<Spawned, Fault> {
        let takes_none = |what: &str, name: &str| {
            let error = format!("{what} {name:?} takes no arguments, but {} are given", arguments.len());
            if arguments.is_empty() { Ok(()) } else { Err(Fault::Argument { operation, error }) }
        };
        match startable {
            Startable::Function(function) => self.spawn(operation, function.value(), arguments, ties),
            Startable::Program { name, module } => {
                takes_none("the program", name)?;
                self.spawn_main(module, ties)
            }
            Startable::Text { name, text } => {
                takes_none("the built-in program", name)?;
                self.spawn_native(Box::new(Printer { text: text.clone() }), ties)
            }
        }
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
    nearest(name, functions.chain(labels).map(AsRef::as_ref)).map(str::to_owned)
}
