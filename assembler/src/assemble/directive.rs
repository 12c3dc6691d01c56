//! What directives do, but for blocks (`block.rs`).

use std::collections::hash_map::Entry;

use ttvm_bytecode::{BodyKind, Import};
use ttvm_isa::spelling::is_plain;

use super::{
    Assembler, Numbering,
    block::Declaration,
    literal::{blame, small_number, wrong},
    names::Callee,
};
use crate::{
    grammar::{Directive, Failure, Word},
    problem::Problem,
    source::SourceLine,
};

impl<'a> Assembler<'a> {
    /// Does what a directive says; `word` is the directive itself.
    pub(super) fn directive(&mut self, line: &SourceLine<'a>, word: &'a str, directive: Directive<'a>) {
        let done = match directive {
            Directive::Function { name, parameters } => {
                for checked in [&name].into_iter().chain(&parameters) {
                    self.check_word(line, checked);
                }
                let (names, result) = match self.literals.parameters(&parameters) {
                    Ok(names) => (names, Ok(())),
                    Err(failure) => (Vec::new(), Err(failure)),
                };
                self.begin_body(Declaration {
                    kind: BodyKind::Function,
                    name_span: line.span(name.raw),
                    name: name.value,
                    parameters: names.into(),
                    span: line.span(word),
                });
                result
            }
            Directive::Test { title } => {
                self.check_word(line, &title);
                self.begin_body(Declaration {
                    kind: BodyKind::Test,
                    name_span: line.span(title.raw),
                    name: title.value,
                    parameters: [].into(),
                    span: line.span(word),
                });
                Ok(())
            }
            Directive::End => {
                self.end_block(line, word);
                Ok(())
            }
            Directive::Constant { name, value } => self.constant(line, name, &value),
            Directive::Export { name } => {
                let export = (self.literals.name(&name.value), line.span(name.raw));
                self.exports.push(export);
                Ok(())
            }
            Directive::Import { path, prefix } => {
                self.import(line, &path, &prefix);
                Ok(())
            }
            Directive::Source { name } => {
                self.source(line, word, &name);
                Ok(())
            }
            Directive::Line { number } => self.set_line(line, &number),
            Directive::Receive => {
                self.begin_receive(line, word);
                Ok(())
            }
            Directive::Supervisor(settings) => {
                self.begin_supervisor(line, word, &settings);
                Ok(())
            }
            Directive::Computation(head) => {
                self.begin_computation(line, word, &head);
                Ok(())
            }
        };
        if let Err(failure) = done {
            self.report_piece(line, &failure);
        }
    }

    fn constant(&mut self, line: &SourceLine<'a>, name: Word<'a>, value: &Word<'a>) -> Result<(), Failure<'a>> {
        if value.is_quoted {
            self.check_word(line, value);
        }
        if name.is_quoted || !is_plain(name.raw) {
            return Err(wrong(&name, ".const", "a name of letters, digits and `_` that begins with no digit"));
        }
        let constant = self.literals.constant(value)?;
        let span = line.span(name.raw);
        if let Err(earlier) = self.literals.define(name.value.clone(), constant, span) {
            let problem = Problem::DuplicateConstant { name: name.value.into_owned() };
            self.diagnostics.report_related(span, &problem, &[(earlier, "first here")]);
        }
        Ok(())
    }

    fn import(&mut self, line: &SourceLine<'a>, path: &Word<'a>, prefix: &Word<'a>) {
        self.check_word(line, path);
        self.check_word(line, prefix);
        let span = line.span(prefix.raw);
        let prefix_text = self.literals.name(&prefix.value);
        match self.prefixes.entry(prefix_text.clone()) {
            Entry::Occupied(earlier) => {
                let problem = Problem::DuplicatePrefix { prefix: prefix_text.to_string() };
                self.diagnostics.report_related(span, &problem, &[(*earlier.get(), "first here")]);
            }
            Entry::Vacant(free) => {
                free.insert(span);
                self.module.imports.push(Import { path: (*path.value).into(), prefix: prefix_text });
            }
        }
    }

    fn source(&mut self, line: &SourceLine<'a>, word: &'a str, name: &Word<'a>) {
        self.check_word(line, name);
        let span = line.span(word);
        match self.source_span {
            Some(earlier) => {
                self.diagnostics.report_related(span, &Problem::DuplicateSource, &[(earlier, "first here")]);
            }
            None => {
                self.source_span = Some(span);
                self.module.source = (*name.value).into();
            }
        }
    }

    /// `.line n`: the next line of the text is line n of the source; 0 means that lines are not known.
    fn set_line(&mut self, line: &SourceLine<'a>, number: &Word<'a>) -> Result<(), Failure<'a>> {
        let integer = if number.is_quoted { None } else { self.literals.integer(number)? };
        let integer = integer.ok_or_else(|| wrong(number, ".line", "a line number"))?;
        let number = small_number(&integer, u32::MAX).ok_or_else(|| {
            let found = number.raw.to_owned();
            blame(number, Problem::NumberTooLarge { word: ".line", number_max: u32::MAX, found })
        })?;
        self.numbering = match number {
            0 => Numbering::Unknown,
            number => Numbering::From { text_line: line.number + 1, number },
        };
        Ok(())
    }

    /// Exports name functions, each once.
    pub(super) fn check_exports(&mut self) {
        let mut seen = std::collections::HashMap::new();
        for (name, span) in std::mem::take(&mut self.exports) {
            if !matches!(self.names.outer(&name), Some(Callee::Function { .. })) {
                let functions = self.module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
                let nearest = self.diagnostics.nearest(&name, functions.map(|body| &*body.name));
                self.diagnostics.report(span, &Problem::UnknownExport { name: name.to_string(), nearest });
            } else if let Some(earlier) = seen.insert(name.clone(), span) {
                let problem = Problem::DuplicateExport { name: name.to_string() };
                self.diagnostics.report_related(span, &problem, &[(earlier, "first here")]);
            } else {
                self.module.exports.push(name);
            }
        }
    }
}
