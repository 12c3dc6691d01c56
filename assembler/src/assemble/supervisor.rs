//! `.supervisor` blocks: what their names and settings mean.
//!
//! What blocks contradict each other in is said here with its place; the verifier's rule V12 says it again of modules
//! that come from elsewhere.

use std::collections::HashMap;

use ttvm_bytecode::{
    BodyKind, SupervisorSpec,
    supervisor::{AutoShutdown, Backoff, ChildSpec, Literal, Restart, Shutdown, Start, Strategy, circle},
};
use ttvm_diagnostics::excerpt;
use ttvm_isa::{Float, Text, limits};

use super::{
    Assembler,
    block::{Content, OpenBlock},
    settings::{Known, Seen, Wrong, duration, name, name_of, number_of, single, take_name, tokens_of, word_of},
};
use crate::{
    grammar::{BlockKind, Setting, Settings, Token, TokenKind},
    number::{self, IntegerError},
    problem::Problem,
    source::{SourceLine, Span},
};

/// What is left to be checked of a child when the file has been read.
pub(super) struct Supervised {
    supervisor: usize,
    child: usize,
    /// Where the name of what it runs stands.
    start: Span,
}

const SUPERVISOR: &str = ".supervisor";
const CHILD: &str = "child";

const STRATEGIES: &str = "one_for_one, one_for_all, rest_for_one or simple_one_for_one";
const INTENSITY: &str = "an integer from 0 to 4294967295";
const AUTO_SHUTDOWN: &str = "never, any_significant or all_significant";
const PERIOD: &str = "a duration above 0, such as `500ms`, `5s`, `2m` or `1h`";
const RESTART: &str = "permanent, transient or temporary";
const SHUTDOWN: &str = "a duration such as `5s`, brutal_kill or infinity";
const BACKOFF: &str = "two durations above 0 that do not fall, such as `100ms..30s`";
const NAME: &str = "a name";
const ARGUMENTS: &str = "a list of literals such as `[100, \"a\", null]`";
const FLAG: &str = "true or false";

const OF_SUPERVISOR: &[Known<SupervisorSpec>] = &[
    ("strategy", |spec, setting, _| {
        spec.strategy =
            word_of(setting, Strategy::ALL, |strategy| strategy.word()).ok_or(Wrong::Expected(STRATEGIES))?;
        Ok(())
    }),
    ("intensity", |spec, setting, _| {
        let intensity = number_of(setting, u64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok());
        spec.intensity = intensity.ok_or(Wrong::Expected(INTENSITY))?;
        Ok(())
    }),
    ("period", |spec, setting, _| {
        let period = single(setting).and_then(|token| duration(token.raw)).filter(|period| *period > 0);
        spec.period_ms = period.ok_or(Wrong::Expected(PERIOD))?;
        Ok(())
    }),
    ("auto_shutdown", |spec, setting, _| {
        let word = word_of(setting, AutoShutdown::ALL, |shutdown| shutdown.word());
        spec.auto_shutdown = word.ok_or(Wrong::Expected(AUTO_SHUTDOWN))?;
        Ok(())
    }),
];

/// A child while its settings are read.
#[derive(Default)]
struct ChildSettings {
    start: Option<Text>,
    supervisor: Option<Text>,
    arguments: Option<Vec<Literal>>,
    restart: Option<Restart>,
    shutdown: Option<Shutdown>,
    significant: bool,
    backoff: Option<Backoff>,
}

const OF_CHILD: &[Known<ChildSettings>] = &[
    ("start", |child, setting, _| {
        child.start = Some(name_of(setting).ok_or(Wrong::Expected(NAME))?);
        Ok(())
    }),
    ("supervisor", |child, setting, _| {
        child.supervisor = Some(name_of(setting).ok_or(Wrong::Expected(NAME))?);
        Ok(())
    }),
    ("args", |child, setting, digits_max| {
        child.arguments = Some(literals(setting, digits_max)?);
        Ok(())
    }),
    ("restart", |child, setting, _| {
        let word = word_of(setting, Restart::ALL, |restart| restart.word());
        child.restart = Some(word.ok_or(Wrong::Expected(RESTART))?);
        Ok(())
    }),
    ("shutdown", |child, setting, _| {
        let shutdown = single(setting).and_then(|token| match token.raw {
            "brutal_kill" => Some(Shutdown::BrutalKill),
            "infinity" => Some(Shutdown::Infinity),
            raw => duration(raw).map(Shutdown::After),
        });
        child.shutdown = Some(shutdown.ok_or(Wrong::Expected(SHUTDOWN))?);
        Ok(())
    }),
    ("significant", |child, setting, _| {
        let flag = single(setting).and_then(|token| token.raw.parse().ok());
        child.significant = flag.ok_or(Wrong::Expected(FLAG))?;
        Ok(())
    }),
    ("backoff", |child, setting, _| {
        let ends = single(setting).and_then(|token| token.raw.split_once(".."));
        let backoff = ends.and_then(|(first, last)| {
            let (first_ms, last_ms) = (duration(first)?, duration(last)?);
            (first_ms > 0 && first_ms <= last_ms).then_some(Backoff { first_ms, last_ms })
        });
        child.backoff = Some(backoff.ok_or(Wrong::Expected(BACKOFF))?);
        Ok(())
    }),
];

impl<'a> Assembler<'a> {
    /// `.supervisor`.
    pub(super) fn begin_supervisor(&mut self, line: &SourceLine<'a>, word: &'a str, settings: &Settings<'a>) {
        self.check_tokens(line, tokens_of(&settings.name, &settings.settings));
        let mut spec = SupervisorSpec {
            name: name(&settings.name),
            strategy: Strategy::OneForOne,
            intensity: SupervisorSpec::INTENSITY,
            period_ms: SupervisorSpec::PERIOD_MS,
            auto_shutdown: AutoShutdown::Never,
            children: Vec::new(),
        };
        self.read_settings(line, SUPERVISOR, &mut spec, OF_SUPERVISOR, &settings.settings, &mut Seen::default());
        let (name_text, span) = (spec.name.clone(), line.span(settings.name.raw));
        take_name(&mut self.diagnostics, name_text, span, &mut self.supervisor_names);
        self.child_names.clear();
        self.module.supervisors.push(spec);
        let number = self.module.supervisors.len() - 1;
        self.begin_block(BlockKind::Supervisor, line.span(word), Content::Supervisor(number));
    }

    /// `child`.
    pub(super) fn supervisor_child(&mut self, open: &mut OpenBlock<'a>, line: &SourceLine<'a>, child: &Settings<'a>) {
        let Content::Supervisor(number) = open.content else { return };
        self.check_tokens(line, tokens_of(&child.name, &child.settings));
        let mut read = ChildSettings::default();
        let is_whole = self.read_settings(line, CHILD, &mut read, OF_CHILD, &child.settings, &mut Seen::default());
        let id = name(&child.name);
        let span = line.span(child.name.raw);
        take_name(&mut self.diagnostics, id.clone(), span, &mut self.child_names);
        let auto_shutdown = self.module.supervisors[number].auto_shutdown;
        let Some((problem, key)) = contradiction(&id, &read, auto_shutdown) else {
            let setting = |key: &str| child.settings.iter().find(|setting| setting.key.raw == key);
            let start = setting("start").or(setting("supervisor")).map(|setting| line.span(setting.value[0].raw));
            let children = &self.module.supervisors[number].children;
            // Of a child that cannot be read, not all is known.
            if is_whole {
                self.supervised.push(Supervised {
                    supervisor: number,
                    child: children.len(),
                    start: start.unwrap_or(span),
                });
            }
            self.module.supervisors[number].children.push(read.into_spec(id));
            return;
        };
        open.has_errors = true;
        // A setting that could not be read is reason enough for what is missing.
        if is_whole {
            let at =
                child.settings.iter().find(|setting| setting.key.raw == key).map_or(&child.name, |found| &found.key);
            self.diagnostics.report(line.span(at.raw), &Problem::SettingClash { what: problem });
        }
    }

    pub(super) fn end_supervisor(&mut self, span: Span, has_errors: bool, number: usize) {
        let spec = &self.module.supervisors[number];
        let count = spec.children.len();
        let arguments = spec.children.iter().map(|child| match &child.start {
            Start::Function { arguments, .. } => arguments.len(),
            Start::Supervisor(_) => 0,
        });
        let parts = count + arguments.sum::<usize>();
        let what = if spec.strategy == Strategy::SimpleOneForOne && count != 1 {
            format!("a simple_one_for_one supervisor has 1 child, `{}` has {count}", excerpt(&spec.name))
        } else if parts > limits::SUPERVISOR_PARTS_MAX {
            format!("a supervisor has at most {} children and arguments", limits::SUPERVISOR_PARTS_MAX)
        } else {
            return;
        };
        if !has_errors {
            self.diagnostics.report(span, &Problem::SettingClash { what });
        }
    }

    /// Checks what children run, now that all functions and supervisors are known.
    pub(super) fn check_supervised(&mut self) {
        let functions = self.module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
        let functions: HashMap<&Text, usize> = functions.map(|body| (&body.name, body.parameters.len())).collect();
        for supervised in std::mem::take(&mut self.supervised) {
            let spec = &self.module.supervisors[supervised.supervisor];
            let problem = match &spec.children[supervised.child].start {
                Start::Supervisor(name) if !self.supervisor_names.contains_key(name) => {
                    let nearest = self.diagnostics.nearest(name, self.supervisor_names.keys().map(|name| &**name));
                    Problem::UnknownSupervisor { name: name.to_string(), nearest }
                }
                Start::Function { name, arguments } if spec.strategy != Strategy::SimpleOneForOne => {
                    match functions.get(name) {
                        Some(takes) if *takes != arguments.len() => {
                            let (given, count) = (arguments.len(), plural(*takes));
                            Problem::SettingClash {
                                what: format!("`{}` takes {count}, `args` has {given}", excerpt(name)),
                            }
                        }
                        _ => continue,
                    }
                }
                Start::Supervisor(_) | Start::Function { .. } => continue,
            };
            self.diagnostics.report(supervised.start, &problem);
        }
        if let Some(number) = circle(&self.module.supervisors) {
            let name = &self.module.supervisors[number].name;
            let what = format!("`{}` is inside of itself, or leads to a supervisor that is", excerpt(name));
            let span = self.supervisor_names[name];
            self.diagnostics.report(span, &Problem::SettingClash { what });
        }
    }
}

fn plural(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

/// What a child's settings contradict each other in, and the setting to blame.
fn contradiction(id: &str, child: &ChildSettings, auto_shutdown: AutoShutdown) -> Option<(String, &'static str)> {
    let id = excerpt(id);
    let is_permanent = child.restart.unwrap_or(Restart::Permanent) == Restart::Permanent;
    match (&child.start, &child.supervisor) {
        (None, None) => Some((format!("the child `{id}` has neither `start=` nor `supervisor=`"), "")),
        (Some(_), Some(_)) => Some((format!("the child `{id}` has both `start=` and `supervisor=`"), "supervisor")),
        (None, Some(_)) if child.arguments.is_some() => Some(("a supervisor takes no `args=`".to_owned(), "args")),
        _ if child.significant && auto_shutdown == AutoShutdown::Never => {
            Some(("a significant child needs a supervisor with `auto_shutdown=`".to_owned(), "significant"))
        }
        _ if child.significant && is_permanent => {
            Some(("a permanent child never ends for good, so it cannot be significant".to_owned(), "significant"))
        }
        _ => None,
    }
}

impl ChildSettings {
    fn into_spec(self, id: Text) -> ChildSpec {
        let (start, shutdown) = match (self.start, self.supervisor) {
            (_, Some(supervisor)) => (Start::Supervisor(supervisor), Shutdown::OF_SUPERVISOR),
            (name, None) => {
                let name = name.expect("a child without start and supervisor is a contradiction");
                let arguments = self.arguments.unwrap_or_default();
                (Start::Function { name, arguments }, Shutdown::OF_FUNCTION)
            }
        };
        ChildSpec {
            id,
            start,
            restart: self.restart.unwrap_or(Restart::Permanent),
            shutdown: self.shutdown.unwrap_or(shutdown),
            significant: self.significant,
            backoff: self.backoff,
        }
    }
}

fn literals(setting: &Setting<'_>, digits_max: usize) -> Result<Vec<Literal>, Wrong> {
    let [first, inside @ .., _] = setting.value.as_slice() else { return Err(Wrong::Expected(ARGUMENTS)) };
    if !first.is("[") {
        return Err(Wrong::Expected(ARGUMENTS));
    }
    let mut literals = Vec::with_capacity(inside.len() / 2 + 1);
    for (index, token) in inside.iter().enumerate() {
        if index % 2 == 1 {
            if !token.is(",") {
                return Err(Wrong::Expected(ARGUMENTS));
            }
            continue;
        }
        literals.push(literal(token, digits_max)?);
    }
    if !inside.is_empty() && inside.len().is_multiple_of(2) {
        return Err(Wrong::Expected(ARGUMENTS));
    }
    Ok(literals)
}

fn literal(token: &Token<'_>, digits_max: usize) -> Result<Literal, Wrong> {
    match (&token.kind, token.raw) {
        (TokenKind::Text(text), _) => Ok(Literal::Text((**text).into())),
        (TokenKind::Number, raw) => match number::integer(raw, digits_max) {
            Ok(integer) => Ok(Literal::Integer(integer)),
            Err(IntegerError::NotAnInteger) => number::float(raw).map(Literal::Float).ok_or(Wrong::Expected(ARGUMENTS)),
            Err(IntegerError::TooLong { digits }) => {
                Err(Wrong::Problem(Problem::IntegerTooLong { digits, digits_max }))
            }
        },
        (TokenKind::Word, "true") => Ok(Literal::Flag(true)),
        (TokenKind::Word, "false") => Ok(Literal::Flag(false)),
        (TokenKind::Word, "null") => Ok(Literal::Null),
        (TokenKind::Word, "inf") => Ok(Literal::Float(Float::new(f64::INFINITY))),
        (TokenKind::Word, "NaN") => Ok(Literal::Float(Float::new(f64::NAN))),
        (TokenKind::Word | TokenKind::Name(_) | TokenKind::Sign, _) => Err(Wrong::Expected(ARGUMENTS)),
    }
}
