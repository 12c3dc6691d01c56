//! Modules: linking by `.import`, running by `IMPORT`, exports.

use std::{collections::HashMap, rc::Rc};

use ttvm_bytecode::VerifiedModule;
use ttvm_isa::{Fault, OpCode, Text};

use super::{Frame, FrameKind, Imported, Interruption, Oracle, Step, calls::Callee, set_named};
use crate::{
    host::ImportProblem,
    value::{Function, Value},
};

/// A module of the program.
pub(super) struct LoadedModule {
    pub verified: Rc<VerifiedModule>,
    /// The modules of its `.import` directives by prefix.
    links: HashMap<Text, usize>,
}

impl LoadedModule {
    pub(super) fn new(verified: VerifiedModule) -> Self {
        Self { verified: Rc::new(verified), links: HashMap::new() }
    }

    /// The region that a call to `entry` enters. Number 0 is the top level, which no call enters.
    pub(super) fn region_at(&self, entry: u32) -> usize {
        let regions = self.verified.regions();
        (1..regions.len())
            .find(|number| regions[*number].entry == entry)
            .expect("the analysis makes a region for every target of a call or function")
    }
}

impl Oracle {
    pub(super) fn main_entry(&self, module: usize) -> u32 {
        self.modules[module].verified.regions()[0].entry
    }

    /// The number of the module that `importer` means by `path`, loaded and linked if it is new.
    fn load(&mut self, importer: usize, path: &str) -> Result<usize, ImportProblem> {
        let source = self.modules[importer].verified.module().source.clone();
        let verified = self.host.load(&source, path)?;
        // Number 0 is left out: a program that imports its own main file runs it as a module.
        let known =
            (1..self.modules.len()).find(|n| self.modules[*n].verified.module().source == verified.module().source);
        if let Some(known) = known {
            return Ok(known);
        }
        self.modules.push(LoadedModule::new(verified));
        let number = self.modules.len() - 1;
        let linked = self.link(number);
        if linked.is_err() {
            self.modules.truncate(number);
        }
        linked.map(|()| number)
    }

    /// Loads what a module's `.import` directives name and checks what it uses of it.
    pub(super) fn link(&mut self, number: usize) -> Result<(), ImportProblem> {
        let verified = Rc::clone(&self.modules[number].verified);
        let module = verified.module();
        for import in &module.imports {
            let linked = self.load(number, &import.path)?;
            self.modules[number].links.insert(import.prefix.clone(), linked);
        }
        for op in &module.code {
            let problem = match op {
                OpCode::CallImport { prefix, name, count } => match self.imported(number, prefix, name) {
                    Some(function) if function.parameters.len() != *count as usize => {
                        Some(format!("`{prefix}.{name}` takes {} arguments, not {count}", function.parameters.len()))
                    }
                    Some(_) => None,
                    None => Some(format!("`{prefix}` exports no function `{name}`")),
                },
                OpCode::LoadImport { prefix, name } if self.imported(number, prefix, name).is_none() => {
                    Some(format!("`{prefix}` exports no function `{name}`"))
                }
                _ => None,
            };
            if let Some(reason) = problem {
                return Err(ImportProblem { reason });
            }
        }
        Ok(())
    }

    /// A function that a module exports by `.export`.
    fn exported_function(&self, module: usize, name: &Text) -> Option<Function> {
        let data = self.modules[module].verified.module();
        let body = data.bodies.iter().find(|body| body.name == *name && data.function_at(body.start) == Some(*body))?;
        let is_exported = data.exports.contains(name);
        is_exported.then(|| Function { module, entry: body.start, parameters: body.parameters.clone(), captured: None })
    }

    fn imported(&self, importer: usize, prefix: &Text, name: &Text) -> Option<Function> {
        self.exported_function(*self.modules[importer].links.get(prefix)?, name)
    }

    pub(super) fn load_import(&mut self, prefix: &Text, name: &Text) -> Step {
        let function = self.imported(self.frame().module, prefix, name).expect("linking checked every name");
        self.push(Value::Function(Rc::new(function)));
        Step::Next
    }

    pub(super) fn imported_callee(&self, prefix: &Text, name: &Text) -> Callee {
        let function = self.imported(self.frame().module, prefix, name).expect("linking checked every name");
        Callee::of_function(&function)
    }

    /// `IMPORT`: runs the module if it has not run yet, then copies its exports.
    pub(super) fn import(&mut self, path: &Text) -> Result<Step, Interruption> {
        let importer = self.frame().module;
        let number = self
            .load(importer, path)
            .map_err(|problem| Fault::Import { path: path.to_string(), reason: problem.reason })?;
        match self.code.imports.get(&number).map(|imported| imported.is_done) {
            Some(false) => Err(Fault::CircularDependency { path: path.to_string() }.into()),
            Some(true) => {
                self.code.reductions += 1;
                self.copy_exports(number);
                Ok(Step::Next)
            }
            None => {
                self.code.reductions += 1;
                self.code.imports.insert(number, Imported::default());
                let entry = self.main_entry(number);
                self.code.frames.push(Frame::new(number, 0, FrameKind::Module, self.code.stack.len(), entry));
                Ok(Step::Frame)
            }
        }
    }

    /// Ends the module whose top level is the newest frame.
    pub(super) fn finish_import(&mut self) {
        let frame = self.code.frames.pop().expect("the caller found the module's frame");
        self.code.stack.truncate(frame.base);
        self.imported_mut(frame.module).is_done = true;
        self.copy_exports(frame.module);
        self.go_on_after_call();
    }

    /// Copies a module's exports into the newest frame: what it exported as it ran, then its `.export`ed
    /// functions, which yield to a variable of the same name.
    fn copy_exports(&mut self, number: usize) {
        let mut exports = self.imported_mut(number).exports.clone();
        for name in &self.modules[number].verified.module().exports {
            let is_taken = exports.iter().any(|(known, _)| known == name);
            if let (false, Some(function)) = (is_taken, self.exported_function(number, name)) {
                exports.push((name.clone(), Value::Function(Rc::new(function))));
            }
        }
        for (name, value) in exports {
            self.frame_mut().set_variable(&name, value);
        }
    }

    /// `EXPORT`: adds to the exports of the newest module being imported; outside an import nobody would get it.
    pub(super) fn export(&mut self, name: &Text) -> Result<Step, Fault> {
        let value = self.frame().variable(name)?.clone();
        let importing =
            self.code.frames.iter().rfind(|frame| frame.kind == FrameKind::Module).map(|frame| frame.module);
        if let Some(number) = importing {
            set_named(&mut self.imported_mut(number).exports, name, value);
        }
        Ok(Step::Next)
    }

    fn imported_mut(&mut self, number: usize) -> &mut Imported {
        self.code.imports.get_mut(&number).expect("the process imports the module or has imported it")
    }
}
