//! The only way to runnable code: checks a [`Module`] and works out how its functions behave.
//!
//! Here: the rules a module must keep (V1 to V13, `docs/internals/verifier.md`) and the type that proves they were
//! checked. Not here: how operand stacks and handlers are followed through the code (`analysis.rs`).

mod computations;
mod supervisors;

use std::{collections::HashSet, fmt, sync::Arc};

use ttvm_isa::{Names, OpCode, Text, limits};

use crate::{
    analysis::{self, Region},
    module::{BodyKind, Module},
};

/// A module that keeps the verifier's rules, with what the verifier found out about its functions.
///
/// It can only be made by [`verify`].
#[derive(Clone, Debug)]
pub struct VerifiedModule {
    module: Arc<Module>,
    regions: Vec<Region>,
    functions: Vec<Function>,
}

/// What a frame can be made for: a region of code, entered with parameters and captured variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Index in [`VerifiedModule::regions`].
    pub region: u32,
    /// Names of the parameters, the last one from the top of the stack.
    pub parameters: Names,
    /// Names a closure brings along.
    pub captured: Captured,
}

/// What is known of the variables that a closure's `CAPTURE`s add to its frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Captured {
    /// Not made by `MAKE_LAMBDA`, or without captures.
    Nothing,
    /// These names, in order of capture; a name captured twice appears once.
    Known(Names),
    /// Which names depends on the way execution took.
    Unknown,
}

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {rule}: {problem}")]
pub struct VerifyError {
    /// `file:line`, or the file where no instruction is to blame.
    pub place: String,
    /// The instruction to blame, if one is.
    pub instruction: Option<u32>,
    /// The number of the broken rule.
    pub rule: Rule,
    /// What is wrong.
    pub problem: String,
}

/// The verifier's rules. Their numbers are cited by `SAFETY` comments and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Sizes stay within `ttvm_isa::limits`.
    V1Limits,
    /// Bodies are not empty, lie within the code, rise and do not overlap.
    V2Bodies,
    /// Names of functions are unique; exports and labels name what exists.
    V3Names,
    /// Jumps and handlers stay within their body.
    V4Targets,
    /// Calls and functions enter a body only at its start, with its parameters.
    V5Calls,
    /// Parameter names of one call differ from each other.
    V6Parameters,
    /// Operand stacks inside a `.fn` never underflow and have one depth at each instruction.
    V7Depth,
    /// Handlers inside a `.fn` are the same on every way to an instruction.
    V8Handlers,
    /// A prefix used by `CALL_IMPORT` and `LOAD_IMPORT` is imported once.
    V9Imports,
    /// Functions share code only within `limits::SHARED_CODE_FACTOR`.
    V10SharedCode,
    /// A function's variables and operands fit in `limits::SLOTS_MAX`.
    V11Slots,
    /// Supervisors and children are unique, agree with themselves, and no supervisor is inside of itself.
    V12Supervisors,
    /// Computations are unique, agree with themselves and name functions of the module with the right
    /// parameters; operations that fold values exist.
    V13Computations,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1Limits => "V1",
            Self::V2Bodies => "V2",
            Self::V3Names => "V3",
            Self::V4Targets => "V4",
            Self::V5Calls => "V5",
            Self::V6Parameters => "V6",
            Self::V7Depth => "V7",
            Self::V8Handlers => "V8",
            Self::V9Imports => "V9",
            Self::V10SharedCode => "V10",
            Self::V11Slots => "V11",
            Self::V12Supervisors => "V12",
            Self::V13Computations => "V13",
        })
    }
}

/// At most this many errors are reported for one module; more help nobody.
const ERRORS_MAX: usize = 100;

impl VerifiedModule {
    /// The module itself.
    #[must_use]
    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// All regions; number 0 is the main one.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// All functions; number 0 is the main one.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// A region's name for people: `main`, the function's or label's name, or `instruction 12`.
    #[must_use]
    pub fn region_name(&self, region: usize) -> String {
        let region_data = &self.regions[region];
        if region == 0 {
            return "main".to_owned();
        }
        match region_data.body {
            Some(body) => self.module.bodies[body as usize].name.to_string(),
            None => match self.module.labels.iter().find(|label| label.body.is_none() && label.at == region_data.entry)
            {
                Some(label) => label.name.to_string(),
                None => format!("instruction {}", region_data.entry),
            },
        }
    }
}

/// Checks a module and analyses its functions.
///
/// # Errors
/// All broken rules (at most 100), each with its place.
pub fn verify(module: impl Into<Arc<Module>>) -> Result<VerifiedModule, Vec<VerifyError>> {
    let module = module.into();
    let prefixes = module.imports.iter().map(|import| &import.prefix).collect();
    let mut checker = Checker { module: &module, errors: Vec::new(), prefixes };
    checker.check_sizes();
    checker.check_bodies();
    if checker.errors.is_empty() {
        checker.check_names();
        checker.check_instructions();
        checker.check_supervisors();
        checker.check_computations();
        checker.check_folds();
    }
    if !checker.errors.is_empty() {
        return Err(checker.errors);
    }
    let analysed = analysis::analyse(&module)?;
    Ok(VerifiedModule { module, regions: analysed.regions, functions: analysed.functions })
}

struct Checker<'a> {
    module: &'a Module,
    errors: Vec<VerifyError>,
    prefixes: HashSet<&'a Text>,
}

pub(crate) fn error(module: &Module, instruction: Option<u32>, rule: Rule, problem: String) -> VerifyError {
    let place = instruction.map_or_else(|| module.source.to_string(), |index| module.place(index));
    VerifyError { place, instruction, rule, problem }
}

impl Checker<'_> {
    fn report(&mut self, instruction: Option<u32>, rule: Rule, problem: String) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error(self.module, instruction, rule, problem));
        }
    }

    fn check_sizes(&mut self) {
        let count = self.module.code.len();
        if count > limits::INSTRUCTIONS_MAX as usize {
            self.report(
                None,
                Rule::V1Limits,
                format!("{count} instructions, at most {} are allowed", limits::INSTRUCTIONS_MAX),
            );
        }
        if self.module.lines.len() != count {
            let lines = self.module.lines.len();
            self.report(None, Rule::V1Limits, format!("{lines} line numbers for {count} instructions"));
        }
    }

    fn check_bodies(&mut self) {
        let mut end_before = 0;
        for body in &self.module.bodies {
            let name = &body.name;
            if body.start >= body.end {
                self.report(None, Rule::V2Bodies, format!("the body of `{name}` is empty"));
            } else if body.end as usize > self.module.code.len() {
                self.report(None, Rule::V2Bodies, format!("the body of `{name}` reaches past the end of the code"));
            } else if body.start < end_before {
                self.report(Some(body.start), Rule::V2Bodies, format!("the body of `{name}` overlaps the one before"));
            }
            end_before = end_before.max(body.end);
            self.check_parameters(Some(body.start), &body.parameters);
        }
    }

    fn check_names(&mut self) {
        let mut names: Vec<_> = self.module.bodies.iter().filter(|body| body.kind == BodyKind::Function).collect();
        names.sort_by(|a, b| a.name.cmp(&b.name));
        for pair in names.windows(2) {
            if pair[0].name == pair[1].name {
                let problem = format!("two functions are named `{}`", pair[0].name);
                self.report(Some(pair[1].start), Rule::V3Names, problem);
            }
        }
        for export in &self.module.exports {
            if names.binary_search_by(|body| body.name.cmp(export)).is_err() {
                self.report(None, Rule::V3Names, format!("`.export {export}` names no function"));
            }
        }
        for label in &self.module.labels {
            if label.at as usize > self.module.code.len() {
                self.report(None, Rule::V3Names, format!("the label `{}` lies outside the code", label.name));
            }
            if label.body.is_some_and(|body| body as usize >= self.module.bodies.len()) {
                self.report(None, Rule::V3Names, format!("the label `{}` belongs to no body", label.name));
            }
        }
        let mut prefixes: Vec<_> = self.module.imports.iter().map(|import| &import.prefix).collect();
        prefixes.sort();
        for pair in prefixes.windows(2) {
            if pair[0] == pair[1] {
                self.report(None, Rule::V9Imports, format!("two modules are imported as `{}`", pair[0]));
            }
        }
    }

    fn check_parameters(&mut self, instruction: Option<u32>, parameters: &Names) {
        if parameters.len() > limits::PARAMETERS_MAX as usize {
            let problem = format!("{} parameters, at most {} are allowed", parameters.len(), limits::PARAMETERS_MAX);
            self.report(instruction, Rule::V1Limits, problem);
            return;
        }
        let mut sorted: Vec<_> = parameters.iter().collect();
        sorted.sort();
        for pair in sorted.windows(2) {
            if pair[0] == pair[1] {
                self.report(instruction, Rule::V6Parameters, format!("two parameters are named `{}`", pair[0]));
            }
        }
    }

    fn check_instructions(&mut self) {
        for (index, op) in self.module.code.iter().enumerate() {
            let index = u32::try_from(index).expect("V1: the code has at most INSTRUCTIONS_MAX instructions");
            for target in op.jump_targets() {
                self.check_jump(index, target);
            }
            match op {
                OpCode::Call { target, parameters }
                | OpCode::TailCall { target, parameters }
                | OpCode::MakeFunction { target, parameters }
                | OpCode::MakeLambda { target, parameters } => {
                    self.check_parameters(Some(index), parameters);
                    self.check_call(index, op.mnemonic(), *target, parameters);
                }
                OpCode::CallImport { prefix, .. } | OpCode::LoadImport { prefix, .. } => {
                    if !self.prefixes.contains(prefix) {
                        let problem = format!("no `.import` directive has the prefix `{prefix}`");
                        self.report(Some(index), Rule::V9Imports, problem);
                    }
                    if matches!(op, OpCode::CallImport { count, .. } if *count > limits::PARAMETERS_MAX) {
                        self.report(Some(index), Rule::V1Limits, "too many arguments".to_owned());
                    }
                }
                OpCode::ReceiveMatch { table } => {
                    if let Err(problem) = table.check() {
                        self.report(Some(index), Rule::V1Limits, format!("a receive table is wrong: {problem}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn check_jump(&mut self, index: u32, target: u32) {
        let target_body = self.module.body_of(target).map(|(number, _)| number);
        match self.module.body_of(index) {
            // The end of the body is its implicit return.
            Some((_, body)) if (body.start..=body.end).contains(&target) => {}
            Some((_, body)) => {
                let problem = format!("a jump to instruction {target} leaves the body of `{}`", body.name);
                self.report(Some(index), Rule::V4Targets, problem);
            }
            // From outside, the start of a body means "behind it".
            None => {
                if let Some(number) = target_body
                    && self.module.bodies[number].start != target
                {
                    let name = &self.module.bodies[number].name;
                    let problem = format!("a jump to instruction {target} enters the body of `{name}`");
                    self.report(Some(index), Rule::V4Targets, problem);
                }
            }
        }
    }

    fn check_call(&mut self, index: u32, mnemonic: &str, target: u32, parameters: &Names) {
        let Some((_, body)) = self.module.body_of(target) else { return };
        let name = &body.name;
        if body.start != target || body.kind != BodyKind::Function {
            let problem = format!("{mnemonic} {target} enters the body of `{name}` elsewhere than at its start");
            self.report(Some(index), Rule::V5Calls, problem);
        } else if body.parameters != *parameters {
            let problem = format!("{mnemonic} names other parameters than the function `{name}` declares");
            self.report(Some(index), Rule::V5Calls, problem);
        }
    }
}
