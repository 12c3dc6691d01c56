//! What the operands mean that had to wait for the end of the file: targets, late constants, imports.
//!
//! The rules for targets: a jump stays within its body, or outside all bodies; a call or function value takes a
//! declared function with its parameters, or a place outside all bodies. Names come before numbers.

use ttvm_bytecode::{Body, BodyKind};
use ttvm_diagnostics::excerpt;
use ttvm_isa::{InstructionInfo, OpCode, OperandKind, Text};

use super::{
    Assembler, Deferred,
    literal::{blame, may_be_imported, small_number},
    names::Callee,
};
use crate::{
    bodies::body_around,
    grammar::{Failure, Piece, Word},
    operand::{Operand, build},
    problem::{Problem, Way},
    source::{SourceLine, Span},
};

/// Where a target is written.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    /// The body it is in.
    pub body: Option<u32>,
    pub line: SourceLine<'a>,
    /// The word it belongs to.
    pub mnemonic: &'static str,
    /// Whether a frame is made at the target, rather than going there.
    pub is_call: bool,
}

impl<'a> Deferred<'a> {
    fn site(&self) -> Site<'a> {
        let info = self.instruction.info;
        Site { body: self.body, line: self.line, mnemonic: info.mnemonic, is_call: takes_parameters(info) }
    }
}

/// How a message calls a body.
pub(super) fn describe(body: &Body) -> String {
    let name = excerpt(&body.name);
    match body.kind {
        BodyKind::Function => format!("`.fn {name}`"),
        BodyKind::Test => format!("`.test \"{name}\"`"),
    }
}

impl<'a> Assembler<'a> {
    /// The instruction that a deferred one stands for, now that the whole file is known.
    ///
    /// # Errors
    /// What is wrong with an operand; problems that concern two places are reported here and come back without one.
    pub(super) fn resolve(&mut self, deferred: &Deferred<'a>) -> Result<OpCode, Failure<'a>> {
        if let Some(op) = self.import_sugar(deferred)? {
            return Ok(op);
        }
        let instruction = &deferred.instruction;
        let info = instruction.info;
        let site = deferred.site();
        let mut operands = Vec::with_capacity(info.operands.len());
        let mut declared = None;
        for (piece, (name, kind)) in instruction.pieces.iter().zip(info.operands) {
            operands.push(match (kind, piece) {
                (OperandKind::Target, Piece::Word(word)) if site.is_call => {
                    let callee = self.callee(&site, word)?;
                    declared = callee.1;
                    Operand::Number(callee.0)
                }
                (OperandKind::Target, Piece::Word(word)) => Operand::Number(self.jump_target(&site, word)?),
                (OperandKind::Names, Piece::Names(words)) if declared.is_some() => {
                    let function = declared.take().expect("the guard saw one");
                    Operand::Names(self.declared_parameters(&site, function, words)?)
                }
                _ => {
                    if let ("prefix", Piece::Word(word)) = (*name, piece) {
                        self.check_prefix(word, &word.value)?;
                    }
                    let operand = self.literals.read_piece(info, *kind, piece, true)?;
                    operand.expect("nothing is left open once the file is read")
                }
            });
        }
        self.check_argument_count(&operands, deferred)?;
        Ok(build(info, operands))
    }

    /// Imported functions take as many arguments as others.
    fn check_argument_count(&self, operands: &[Operand], deferred: &Deferred<'a>) -> Result<(), Failure<'a>> {
        let parameters_max = self.limits.parameters_max;
        match (operands, deferred.instruction.pieces.as_slice()) {
            ([_, _, Operand::Number(count)], [.., Piece::Word(word)]) if *count > parameters_max => {
                Err(blame(word, Problem::TooManyParameters { found: *count as usize, parameters_max }))
            }
            _ => Ok(()),
        }
    }

    /// `LOAD prefix.name` and `CALL prefix.name/count`, if the prefix is one.
    fn import_sugar(&mut self, deferred: &Deferred<'a>) -> Result<Option<OpCode>, Failure<'a>> {
        let instruction = &deferred.instruction;
        let Some(Piece::Word(word)) = instruction.pieces.first() else { return Ok(None) };
        if !may_be_imported(word) {
            return Ok(None);
        }
        let Some((prefix, name)) = word.raw.split_once('.') else { return Ok(None) };
        if !self.prefixes.contains_key(prefix) {
            return Ok(None);
        }
        let prefix_text = self.literals.name(prefix);
        match instruction.info.mnemonic {
            "LOAD" => Ok(Some(OpCode::LoadImport { prefix: prefix_text, name: self.literals.name(name) })),
            "CALL" => self.imported_call(deferred, word, &prefix_text, name).map(Some),
            _ => Ok(None),
        }
    }

    fn imported_call(
        &mut self,
        deferred: &Deferred<'a>,
        word: &Word<'a>,
        prefix: &Text,
        name_and_count: &'a str,
    ) -> Result<OpCode, Failure<'a>> {
        let malformed = |name: &str, at: &Word<'a>| {
            blame(at, Problem::ImportedCall { prefix: prefix.to_string(), name: name.to_owned() })
        };
        let Some((name, count)) = name_and_count.rsplit_once('/') else {
            return Err(malformed(name_and_count, word));
        };
        if let Some(Piece::Names(words)) = deferred.instruction.pieces.get(1)
            && let Some(first) = words.first()
        {
            return Err(malformed(name, first));
        }
        let parameters_max = self.limits.parameters_max;
        let count: u32 = match count.parse() {
            Ok(count) if count <= parameters_max => count,
            Ok(count) => {
                let found = usize::try_from(count).unwrap_or(usize::MAX);
                return Err(blame(word, Problem::TooManyParameters { found, parameters_max }));
            }
            Err(_) => return Err(malformed(name, word)),
        };
        Ok(OpCode::CallImport { prefix: prefix.clone(), name: self.literals.name(name), count })
    }

    fn check_prefix(&mut self, word: &Word<'a>, prefix: &str) -> Result<(), Failure<'a>> {
        if self.prefixes.contains_key(prefix) {
            return Ok(());
        }
        let known = self.module.imports.iter().map(|import| &*import.prefix);
        let nearest = self.diagnostics.nearest(prefix, known);
        Err(blame(word, Problem::UnknownPrefix { prefix: prefix.to_owned(), nearest }))
    }

    /// Where a call goes, and the declared function it enters, if it does.
    fn callee(&mut self, site: &Site<'a>, word: &Word<'a>) -> Result<(u32, Option<u32>), Failure<'a>> {
        match self.names.outer(&word.value) {
            Some(Callee::Function { body }) => return Ok((self.module.bodies[body as usize].start, Some(body))),
            Some(Callee::Label { at }) => return Ok((at, None)),
            None => {}
        }
        if let Some((body, span)) = self.names.local_elsewhere(&word.value) {
            let body = describe(&self.module.bodies[body as usize]);
            let problem = Problem::LocalTarget { name: word.value.to_string(), body, is_call: true };
            return Err(self.report_two_places(site, word, &problem, span, "this label"));
        }
        let target = self.numeric_target(site, word)?;
        // Past the end of the code is no body's: it means "stop cleanly" wherever it is called from.
        let is_past_end = target >= self.next_index();
        match (body_around(&self.module, target), site.body) {
            (Some((_, body)), _) => {
                let way = Way::Into { body: describe(body) };
                Err(across(site, word, way))
            }
            (None, Some(own)) if !is_past_end => {
                let way = Way::OutOf { body: describe(&self.module.bodies[own as usize]) };
                Err(across(site, word, way))
            }
            (None, _) => Ok((target, None)),
        }
    }

    /// The parameters of a declared function, which a call must not name.
    fn declared_parameters(
        &self,
        site: &Site<'a>,
        function: u32,
        words: &[Word<'a>],
    ) -> Result<Vec<Text>, Failure<'a>> {
        let body = &self.module.bodies[function as usize];
        match words.first() {
            None => Ok(body.parameters.to_vec()),
            Some(first) => {
                let mnemonic = site.mnemonic;
                Err(blame(first, Problem::ParametersNamed { mnemonic, name: body.name.to_string() }))
            }
        }
    }

    /// Where a jump or handler goes.
    pub(super) fn jump_target(&mut self, site: &Site<'a>, word: &Word<'a>) -> Result<u32, Failure<'a>> {
        if let Some(body) = site.body
            && let Some(at) = self.names.local_label(&word.value, body)
        {
            return Ok(at);
        }
        if let Some(outer) = self.names.outer(&word.value) {
            return self.outer_jump_target(site, word, outer);
        }
        if let Some((body, span)) = self.names.local_elsewhere(&word.value) {
            let body = describe(&self.module.bodies[body as usize]);
            let problem = Problem::LocalTarget { name: word.value.to_string(), body, is_call: false };
            return Err(self.report_two_places(site, word, &problem, span, "this label"));
        }
        let target = self.numeric_target(site, word)?;
        let way = match site.body {
            Some(own) => {
                let own = &self.module.bodies[own as usize];
                // The end of the body is where it returns.
                if (own.start..=own.end).contains(&target) {
                    return Ok(target);
                }
                Way::OutOf { body: describe(own) }
            }
            None => match body_around(&self.module, target) {
                None => return Ok(target),
                Some((_, body)) => Way::Into { body: describe(body) },
            },
        };
        Err(across(site, word, way))
    }

    /// A jump to a name outside bodies: right for a label, if the jump is outside too.
    fn outer_jump_target(&mut self, site: &Site<'a>, word: &Word<'a>, outer: Callee) -> Result<u32, Failure<'a>> {
        let way = match (outer, site.body) {
            (Callee::Label { at }, None) => return Ok(at),
            (Callee::Label { .. }, Some(own)) => Way::OutOf { body: describe(&self.module.bodies[own as usize]) },
            (Callee::Function { body }, _) => Way::Into { body: describe(&self.module.bodies[body as usize]) },
        };
        let failure = across(site, word, way);
        match (self.names.outer_span(&word.value), &failure.problem) {
            (Some(span), Some(problem)) => Err(self.report_two_places(site, word, problem, span, "the target")),
            _ => Err(failure),
        }
    }

    /// A target given by its number.
    fn numeric_target(&mut self, site: &Site<'a>, word: &Word<'a>) -> Result<u32, Failure<'a>> {
        let number = if word.is_quoted { None } else { self.literals.integer(word)? };
        match number {
            Some(integer) => small_number(&integer, u32::MAX).ok_or_else(|| {
                let (mnemonic, found) = (site.mnemonic, word.raw.to_owned());
                blame(word, Problem::NumberTooLarge { word: mnemonic, number_max: u32::MAX, found })
            }),
            None => {
                let functions = self.module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
                let names = self.names.labels_seen_from(site.body).chain(functions.map(|body| &*body.name));
                let nearest = self.diagnostics.nearest(&word.value, names);
                Err(blame(word, Problem::UnknownTarget { name: word.value.to_string(), nearest }))
            }
        }
    }

    /// Reports a problem that concerns another place too; what is left says that this is done.
    fn report_two_places(
        &mut self,
        site: &Site<'a>,
        word: &Word<'a>,
        problem: &Problem,
        other: Span,
        what: &str,
    ) -> Failure<'a> {
        self.diagnostics.report_related(site.line.span(word.raw), problem, &[(other, what)]);
        Failure { at: word.raw, problem: None }
    }
}

/// Whether an instruction makes a frame at its target, rather than going there.
fn takes_parameters(info: &InstructionInfo) -> bool {
    info.operands.iter().any(|(_, kind)| *kind == OperandKind::Names)
}

fn across<'a>(site: &Site<'a>, word: &Word<'a>, way: Way) -> Failure<'a> {
    let (mnemonic, is_call) = (site.mnemonic, site.is_call);
    blame(word, Problem::JumpAcrossBody { mnemonic, target: word.value.to_string(), way, is_call })
}
