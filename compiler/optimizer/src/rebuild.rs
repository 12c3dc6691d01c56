//! Gives everything its new number: targets, bodies, labels, lines.
//!
//! What led to an instruction that went away leads to the next one that stayed. Labels that only saved jumps used go
//! with them, so that none is left that looks as if someone might call it by name.

use std::collections::HashSet;

use ttvm_bytecode::{Body, Label, Module, analysis::spawned_labels};
use ttvm_isa::Text;

use crate::{
    facts::{Facts, targeted},
    rewrite::Rewritten,
};

/// The module with the code that was written again.
pub(crate) fn rebuild(module: &Module, facts: &Facts, rewritten: &Rewritten) -> Module {
    let numbers = Numbers::new(module, rewritten);
    let mut code = Vec::with_capacity(rewritten.code.len());
    let mut lines = Vec::with_capacity(rewritten.code.len());
    for written in &rewritten.code {
        let mut op = written.op.clone();
        op.map_targets(|target| numbers.target(target));
        code.push(op);
        lines.push(module.lines[written.source as usize]);
    }
    let bodies = module.bodies.iter();
    let bodies =
        bodies.map(|body| Body { start: numbers.of(body.start), end: numbers.of(body.end), ..body.clone() }).collect();
    let mut rebuilt = Module {
        source: module.source.clone(),
        code,
        lines,
        bodies,
        labels: Vec::new(),
        exports: module.exports.clone(),
        imports: module.imports.clone(),
        supervisors: module.supervisors.clone(),
        computations: module.computations.clone(),
    };
    let (before, after) = (targeted(module), targeted(&rebuilt));
    let mut is_entry = vec![false; after.len()];
    for entry in &facts.label_entries {
        is_entry[numbers.of(*entry) as usize] = true;
    }
    let spawned: HashSet<&Text> = spawned_labels(module).into_iter().map(|label| &label.name).collect();
    for label in &module.labels {
        let at = numbers.of(label.at);
        let was_used = before[label.at as usize];
        let is_used = after[at as usize];
        let has_moved = label.body.is_none() && !numbers.stayed(label.at);
        // A label that came to stand where a function begins would give the function another name.
        let would_rename = has_moved && is_entry[at as usize];
        let is_spawned = label.body.is_none() && spawned.contains(&label.name);
        if is_spawned || ((!was_used || is_used) && !would_rename) {
            rebuilt.labels.push(Label { at, ..label.clone() });
        }
    }
    rebuilt
}

/// New numbers for old.
struct Numbers {
    /// For each old index, and the end, the new index of the first instruction that took a place from there on.
    new: Vec<u32>,
    /// Whether the old index's place was taken.
    stayed: Vec<bool>,
}

impl Numbers {
    fn new(module: &Module, rewritten: &Rewritten) -> Self {
        let count = module.code.len();
        let mut new = vec![0; count + 1];
        let mut stayed = vec![false; count + 1];
        stayed[count] = true;
        let mut written = (0u32..).zip(&rewritten.code).peekable();
        for (old, number) in new.iter_mut().enumerate() {
            while let Some((_, next)) = written.peek()
                && (next.place as usize) < old
            {
                written.next();
            }
            *number = match written.peek() {
                Some((new, next)) => {
                    stayed[old] = next.place as usize == old;
                    *new
                }
                None => u32::try_from(rewritten.code.len()).expect("V1: code only becomes shorter"),
            };
        }
        Self { new, stayed }
    }

    fn of(&self, old: u32) -> u32 {
        self.new[old as usize]
    }

    /// A target past the end stays where it is: it means the same as the end.
    fn target(&self, old: u32) -> u32 {
        self.new.get(old as usize).copied().unwrap_or(old)
    }

    fn stayed(&self, old: u32) -> bool {
        self.stayed[old as usize]
    }
}
