//! Which labels the text of a module has, and how its targets are written.

use std::collections::{BTreeMap, HashMap, HashSet};

use ttvm_bytecode::{BodyKind, Module};
use ttvm_isa::{
    OperandKind,
    spelling::{is_plain, push_name, push_quoted},
};

use crate::bodies::body_around;

/// A label in the text.
#[derive(Debug)]
pub(super) enum LabelName<'m> {
    /// One that the module has.
    Recorded(&'m str),
    /// One that only the text has, as written.
    Added(String),
}

impl LabelName<'_> {
    /// Appends the line that defines it.
    pub(super) fn push_definition(&self, line: &mut String) {
        match self {
            Self::Recorded(name) if is_plain(name) => {
                line.push_str(name);
                line.push(':');
            }
            Self::Recorded(name) => {
                line.push_str("LABEL ");
                push_quoted(line, name);
            }
            Self::Added(name) => {
                line.push_str(name);
                line.push(':');
            }
        }
    }

    fn push_use(&self, text: &mut String) {
        match self {
            Self::Recorded(name) => push_name(text, name),
            Self::Added(name) => text.push_str(name),
        }
    }
}

/// The body that a label belongs to; those outside bodies come last at one place, like in the module.
type Place = (u32, Option<usize>);

#[derive(Debug)]
pub(super) struct Labels<'m> {
    by_place: BTreeMap<Place, Vec<LabelName<'m>>>,
    /// The names that numbers must not look like.
    outer_names: HashSet<&'m str>,
    code_len: u32,
}

impl<'m> Labels<'m> {
    pub(super) fn of(module: &'m Module) -> Self {
        let code_len = u32::try_from(module.code.len()).unwrap_or(u32::MAX);
        let functions = module.bodies.iter().filter(|body| body.kind == BodyKind::Function);
        let mut outer_names: HashSet<&str> = functions.map(|body| &*body.name).collect();
        let mut local_names: HashMap<usize, HashSet<&str>> = HashMap::new();
        let mut by_place: BTreeMap<Place, Vec<LabelName<'_>>> = BTreeMap::new();
        for label in &module.labels {
            let body = label.body.and_then(|body| usize::try_from(body).ok());
            let names = match body {
                Some(body) => local_names.entry(body).or_default(),
                None => &mut outer_names,
            };
            // A second label of one name could not be told from the first.
            if names.insert(&label.name) {
                by_place.entry((label.at, body)).or_default().push(LabelName::Recorded(&label.name));
            }
        }
        let mut labels = Self { by_place, outer_names, code_len };
        labels.add_missing(module);
        labels
    }

    /// The labels in front of an instruction, or at the end of the code or a body.
    pub(super) fn at(&self, at: u32, body: Option<usize>) -> &[LabelName<'m>] {
        self.by_place.get(&(at, body)).map_or(&[], Vec::as_slice)
    }

    /// Appends a target that is no declared function.
    pub(super) fn push_target(&self, text: &mut String, target: u32, at: u32, body: Option<usize>, is_call: bool) {
        debug_assert!(at < self.code_len, "only instructions have targets");
        let body = if is_call { None } else { body };
        match self.at(target, body).first() {
            Some(label) => label.push_use(text),
            None => self.push_number(text, target),
        }
    }

    /// Appends a number that no name looks like.
    fn push_number(&self, text: &mut String, number: u32) {
        let mut digits = number.to_string();
        while self.outer_names.contains(digits.as_str()) {
            digits.insert(0, '0');
        }
        text.push_str(&digits);
    }

    /// Gives targets without a label one of their own.
    fn add_missing(&mut self, module: &Module) {
        let mut mark = String::from("@");
        while module.labels.iter().any(|label| label.name.starts_with(&mark))
            || module.bodies.iter().any(|body| body.name.starts_with(&mark))
        {
            mark.push('@');
        }
        for (index, op) in module.code.iter().enumerate() {
            let at = u32::try_from(index).unwrap_or(u32::MAX);
            let own = body_around(module, at);
            let is_call = op.info().operands.iter().any(|(_, kind)| *kind == OperandKind::Names);
            for target in op.targets() {
                let place = if is_call {
                    let is_inside = body_around(module, target).is_some();
                    if is_inside { None } else { Some((target, None)) }
                } else {
                    match own {
                        Some((number, body)) => {
                            (body.start..=body.end).contains(&target).then_some((target, Some(number)))
                        }
                        // The start of a body means "behind it"; only a label says that in a text.
                        None => match body_around(module, target) {
                            Some((_, body)) if body.start != target => None,
                            _ => Some((target, None)),
                        },
                    }
                };
                if let Some(place) = place.filter(|(target, _)| *target <= self.code_len) {
                    self.by_place.entry(place).or_insert_with(|| vec![LabelName::Added(format!("{mark}{target}"))]);
                }
            }
        }
    }
}
