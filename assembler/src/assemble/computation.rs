//! `.computation` blocks: what their settings, supersteps and functions mean.
//!
//! What blocks contradict is said here with its place; the verifier's rule V13 says it again of modules that come from
//! elsewhere.

use std::collections::HashMap;

use ttvm_bytecode::{
    BodyKind, ComputationSpec,
    computation::{Combiner, Compute, Convergence, Role, SuperstepSpec},
};
use ttvm_diagnostics::excerpt;
use ttvm_isa::{FoldOperation, OpCode, Text, limits};

use super::{
    Assembler,
    block::Content,
    settings::{Known, Seen, Wrong, duration, name, name_of, number_of, single, take_name, tokens_of, word_of},
};
use crate::{
    grammar::{BlockKind, Head, Instruction, Item, Setting, Settings, TokenKind},
    problem::Problem,
    source::{SourceLine, Span},
};

/// A computation while its block is read.
pub(super) struct Computation {
    /// Its number in the module.
    number: usize,
    /// The settings given so far.
    seen: Seen,
    /// Its supersteps, with the place of each.
    supersteps: HashMap<Text, Span>,
    /// Whether all of it could be read.
    is_whole: bool,
}

/// A function that a block names, to be looked up when the file has been read.
pub(super) struct Callback {
    role: Role,
    name: Text,
    span: Span,
}

const COMPUTATION: &str = ".computation";
const CHECKPOINT: &str = "checkpoint";
const ON_CRASH: &str = "on_crash";
const SUPERSTEP: &str = "superstep";

const FUNCTION: &str = "the name of a function";
const COMPUTE: &str = "the name of a function, or keep";
const CONVERGED: &str = "the name of a function, always or never";
const COMBINE: &str = "sum, product, min, max, count, and, or, or the name of a function";
const PROCESSORS: &str = "an integer from 1 to 16777215";
const _: () = assert!(limits::PROCESSES_MAX == 16_777_215, "what PROCESSORS says");
const COUNT: &str = "an integer from 1 to 9223372036854775807";
const CRASHES: &str = "an integer from 0 to 4294967295";
const TIMEOUT: &str = "a duration from 1ms to 100 years, such as `500ms`, `60s`, `2m` or `1h`";

const OF_COMPUTATION: &[Known<ComputationSpec>] = &[
    ("initialize", |spec, setting, _| {
        spec.initialize = Some(name_of(setting).ok_or(Wrong::Expected(FUNCTION))?);
        Ok(())
    }),
    ("finalize", |spec, setting, _| {
        spec.finalize = Some(name_of(setting).ok_or(Wrong::Expected(FUNCTION))?);
        Ok(())
    }),
    ("processors", |spec, setting, _| {
        let number = number_of(setting, u64::from(limits::PROCESSES_MAX)).filter(|number| *number > 0);
        let processors = number.and_then(|number| u32::try_from(number).ok());
        spec.processors = Some(processors.ok_or(Wrong::Expected(PROCESSORS))?);
        Ok(())
    }),
    ("max_supersteps", |spec, setting, _| {
        spec.max_supersteps = Some(count(setting)?);
        Ok(())
    }),
    ("barrier_timeout", |spec, setting, _| {
        let timeout = single(setting).and_then(|token| duration(token.raw));
        let timeout = timeout.filter(|timeout| (1..=limits::WAIT_MILLISECONDS_MAX).contains(timeout));
        spec.barrier_timeout_ms = Some(timeout.ok_or(Wrong::Expected(TIMEOUT))?);
        Ok(())
    }),
    ("combine", |spec, setting, _| {
        let operation = word_of(setting, FoldOperation::ALL, |operation| operation.name());
        let function = || name_of(setting).map(Combiner::Function);
        let combiner = operation.map(Combiner::Operation).or_else(function);
        spec.combine = Some(combiner.ok_or(Wrong::Expected(COMBINE))?);
        Ok(())
    }),
];

const OF_CHECKPOINT: &[Known<ComputationSpec>] = &[("every", |spec, setting, _| {
    spec.checkpoint_every = Some(count(setting)?);
    Ok(())
})];

const OF_CRASH: &[Known<ComputationSpec>] = &[("restart", |spec, setting, _| {
    let restarts = number_of(setting, u64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok());
    spec.on_crash_restart = Some(restarts.ok_or(Wrong::Expected(CRASHES))?);
    Ok(())
})];

const OF_SUPERSTEP: &[Known<SuperstepSpec>] = &[
    ("compute", |superstep, setting, _| {
        superstep.compute = Some(match built_in(setting) {
            Some("keep") => Compute::Keep,
            _ => Compute::Function(name_of(setting).ok_or(Wrong::Expected(COMPUTE))?),
        });
        Ok(())
    }),
    ("communicate", |superstep, setting, _| {
        superstep.communicate = Some(name_of(setting).ok_or(Wrong::Expected(FUNCTION))?);
        Ok(())
    }),
    ("converged", |superstep, setting, _| {
        superstep.converged = match built_in(setting) {
            Some("never") => Convergence::Never,
            Some("always") => Convergence::Always,
            _ => Convergence::Function(name_of(setting).ok_or(Wrong::Expected(CONVERGED))?),
        };
        Ok(())
    }),
];

/// The word that may be a built-in name: one in quotes is a function's.
fn built_in<'a>(setting: &Setting<'a>) -> Option<&'a str> {
    single(setting).filter(|token| token.kind == TokenKind::Word).map(|token| token.raw)
}

/// What the names of functions stand beside.
const fn built_in_names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Compute => &["keep"],
        Role::Converged => &["always", "never"],
        Role::Combine => FoldOperation::NAMES,
        Role::Initialize | Role::Communicate | Role::Finalize => &[],
    }
}

fn count(setting: &Setting<'_>) -> Result<u64, Wrong> {
    number_of(setting, limits::SUPERSTEP_NUMBER_MAX).filter(|count| *count > 0).ok_or(Wrong::Expected(COUNT))
}

impl<'a> Assembler<'a> {
    /// `.computation`.
    pub(super) fn begin_computation(&mut self, line: &SourceLine<'a>, word: &'a str, head: &Head<'a>) {
        self.check_tokens(line, tokens_of(&head.name, &[]));
        let (name, span) = (name(&head.name), line.span(head.name.raw));
        take_name(&mut self.diagnostics, name.clone(), span, &mut self.computation_names);
        let number = self.module.computations.len();
        self.module.computations.push(ComputationSpec::new(name));
        let mut computation = Computation { number, seen: Seen::default(), supersteps: HashMap::new(), is_whole: true };
        self.computation_items(&mut computation, line, &head.items);
        self.begin_block(BlockKind::Computation, line.span(word), Content::Computation(computation));
    }

    /// A line of the block, or what stands behind its name.
    pub(super) fn computation_items(
        &mut self,
        computation: &mut Computation,
        line: &SourceLine<'a>,
        items: &[Item<'a>],
    ) {
        for item in items {
            let is_whole = match item {
                Item::Setting { setting, .. } => {
                    let settings = std::slice::from_ref(setting);
                    self.computation_settings(line, computation, COMPUTATION, OF_COMPUTATION, settings)
                }
                Item::Group { word, settings } => {
                    let (key, known) =
                        if word.raw == CHECKPOINT { (CHECKPOINT, OF_CHECKPOINT) } else { (ON_CRASH, OF_CRASH) };
                    self.is_first(key, line.span(word.raw), &mut computation.seen)
                        && self.computation_settings(line, computation, key, known, settings)
                }
                Item::Superstep(superstep) => self.superstep(line, computation, superstep),
            };
            computation.is_whole &= is_whole;
        }
    }

    fn computation_settings(
        &mut self,
        line: &SourceLine<'a>,
        computation: &mut Computation,
        word: &'static str,
        known: &'static [Known<ComputationSpec>],
        settings: &[Setting<'a>],
    ) -> bool {
        self.check_tokens(line, settings.iter().flat_map(|setting| &setting.value));
        let mut spec =
            std::mem::replace(&mut self.module.computations[computation.number], ComputationSpec::new(Text::default()));
        let is_whole = self.read_settings(line, word, &mut spec, known, settings, &mut computation.seen);
        if is_whole {
            self.note_callbacks(line, spec.functions(), settings);
        }
        self.module.computations[computation.number] = spec;
        is_whole
    }

    fn superstep(&mut self, line: &SourceLine<'a>, computation: &mut Computation, written: &Settings<'a>) -> bool {
        self.check_tokens(line, tokens_of(&written.name, &written.settings));
        let mut superstep = SuperstepSpec::new(name(&written.name));
        let span = line.span(written.name.raw);
        take_name(&mut self.diagnostics, superstep.name.clone(), span, &mut computation.supersteps);
        let (known, settings) = (OF_SUPERSTEP, &written.settings);
        let is_whole = self.read_settings(line, SUPERSTEP, &mut superstep, known, settings, &mut Seen::default());
        self.note_callbacks(line, superstep.functions(), settings);
        self.module.computations[computation.number].supersteps.push(superstep);
        is_whole
    }

    /// Notes the functions that these settings name.
    fn note_callbacks<'s>(
        &mut self,
        line: &SourceLine<'a>,
        functions: impl Iterator<Item = (Role, &'s Text)>,
        settings: &[Setting<'a>],
    ) {
        for (role, name) in functions {
            if let Some(setting) = settings.iter().find(|setting| setting.key.raw == role.word()) {
                let span = line.span(setting.value[0].raw);
                self.callbacks.push(Callback { role, name: name.clone(), span });
            }
        }
    }

    pub(super) fn end_computation(&mut self, span: Span, has_errors: bool, computation: &Computation) {
        let spec = &self.module.computations[computation.number];
        let problem = match spec.supersteps.len() {
            0 => Problem::EmptyComputation { name: spec.name.to_string() },
            count if count > limits::COMPUTATION_SUPERSTEPS_MAX => {
                let max = limits::COMPUTATION_SUPERSTEPS_MAX;
                Problem::SettingClash { what: format!("a computation has at most {max} supersteps, not {count}") }
            }
            _ => return,
        };
        if !has_errors && computation.is_whole {
            self.diagnostics.report(span, &problem);
        }
    }

    /// Notes an instruction with a word that is checked when the file has been read.
    pub(super) fn note_word(&mut self, line: &SourceLine<'a>, index: u32, instruction: &Instruction<'a>) {
        let has_word = instruction.info.mnemonic == "COMPUTE"
            || instruction.info.operands.last().is_some_and(|(name, _)| *name == "op");
        if let Some(word) = instruction.words().last().filter(|_| has_word) {
            self.checked_words.push((index, line.span(word.raw)));
        }
    }

    /// Checks the functions that computations name, and the words of instructions, now that all are known.
    pub(super) fn check_computations(&mut self) {
        let functions = self.module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
        let functions: HashMap<&Text, usize> = functions.map(|body| (&body.name, body.parameters.len())).collect();
        for Callback { role, name, span } in std::mem::take(&mut self.callbacks) {
            let wanted = role.parameters();
            let problem = match functions.get(&name) {
                None => {
                    let known = functions.keys().map(|name| &***name).chain(built_in_names(role).iter().copied());
                    let nearest = self.diagnostics.nearest(&name, known);
                    Problem::UnknownFunction { name: name.to_string(), nearest }
                }
                Some(takes) if *takes != wanted => {
                    let (role, name) = (role.word(), excerpt(&name));
                    let what = format!("`{role}` takes a function with {wanted} parameters, `{name}` has {takes}");
                    Problem::SettingClash { what }
                }
                Some(_) => continue,
            };
            self.diagnostics.report(span, &problem);
        }
        for (index, span) in std::mem::take(&mut self.checked_words) {
            // Where there was no room for an instruction, there is nothing to say of its words.
            let Some(op) = self.module.code.get(index as usize) else { continue };
            let problem = match op {
                OpCode::Compute { name } if !self.computation_names.is_empty() => {
                    if self.computation_names.contains_key(name) {
                        continue;
                    }
                    let nearest = self.diagnostics.nearest(name, self.computation_names.keys().map(|name| &**name));
                    Problem::UnknownComputation { name: name.to_string(), nearest }
                }
                _ => match op.fold_word() {
                    Some(word) if FoldOperation::of_name(word).is_none() => {
                        let nearest = self.diagnostics.nearest(word, FoldOperation::NAMES.iter().copied());
                        Problem::UnknownOperation { word: word.to_string(), nearest }
                    }
                    _ => continue,
                },
            };
            self.diagnostics.report(span, &problem);
        }
    }
}
