//! The labels and functions of a file: where each is, and what a name means where it is used.
//!
//! Functions and the labels outside bodies share one namespace; each body has one of its own for its labels.

use std::{borrow::Cow, collections::HashMap};

use ttvm_bytecode::Label;

use crate::source::Span;

/// What a name outside bodies stands for.
#[derive(Clone, Copy, Debug)]
enum Outer {
    /// The label with this number.
    Label(usize),
    /// The function with this body.
    Function { body: u32, span: Span },
}

/// What a called name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    Function { body: u32 },
    Label { at: u32 },
}

#[derive(Debug)]
struct Definition<'a> {
    name: Cow<'a, str>,
    at: u32,
    body: Option<u32>,
    span: Span,
    is_recorded: bool,
}

#[derive(Debug, Default)]
pub(super) struct NameTable<'a> {
    labels: Vec<Definition<'a>>,
    outer: HashMap<Cow<'a, str>, Outer>,
    /// The labels of each body that has any.
    local: HashMap<u32, HashMap<Cow<'a, str>, usize>>,
    /// One label of each name within bodies, to tell who has it where it is not known.
    any_local: HashMap<Cow<'a, str>, usize>,
    /// Labels outside bodies that still wait for the instruction they mark.
    unsettled: Vec<usize>,
}

impl<'a> NameTable<'a> {
    /// Defines a label in front of instruction `at`; outside bodies it may move behind bodies that follow.
    ///
    /// # Errors
    /// The place of an earlier definition; the label is then known by that one.
    pub(super) fn define_label(
        &mut self,
        name: Cow<'a, str>,
        span: Span,
        at: u32,
        body: Option<u32>,
        is_recorded: bool,
    ) -> Result<(), Span> {
        let number = self.labels.len();
        if let Some(earlier) = self.earlier(&name, body) {
            return Err(earlier);
        }
        match body {
            Some(body) => {
                self.local.entry(body).or_default().insert(name.clone(), number);
                self.any_local.entry(name.clone()).or_insert(number);
            }
            None => {
                self.outer.insert(name.clone(), Outer::Label(number));
                self.unsettled.push(number);
            }
        }
        self.labels.push(Definition { name, at, body, span, is_recorded });
        Ok(())
    }

    /// Defines a function.
    ///
    /// # Errors
    /// The place of an earlier definition.
    pub(super) fn define_function(&mut self, name: Cow<'a, str>, span: Span, body: u32) -> Result<(), Span> {
        match self.earlier(&name, None) {
            Some(earlier) => Err(earlier),
            None => {
                self.outer.insert(name, Outer::Function { body, span });
                Ok(())
            }
        }
    }

    fn earlier(&self, name: &str, body: Option<u32>) -> Option<Span> {
        match body {
            Some(body) => self.local.get(&body)?.get(name).map(|number| self.labels[*number].span),
            None => self.outer.get(name).map(|outer| match outer {
                Outer::Label(number) => self.labels[*number].span,
                Outer::Function { span, .. } => *span,
            }),
        }
    }

    /// Lets the waiting labels outside bodies mark the instruction `at`.
    pub(super) fn settle_outer_labels(&mut self, at: u32) {
        for number in self.unsettled.drain(..) {
            self.labels[number].at = at;
        }
    }

    /// The instruction that a label of this body marks.
    pub(super) fn local_label(&self, name: &str, body: u32) -> Option<u32> {
        let number = self.local.get(&body)?.get(name)?;
        Some(self.labels[*number].at)
    }

    /// What a name outside bodies means.
    pub(super) fn outer(&self, name: &str) -> Option<Callee> {
        self.outer.get(name).map(|outer| match outer {
            Outer::Label(number) => Callee::Label { at: self.labels[*number].at },
            Outer::Function { body, .. } => Callee::Function { body: *body },
        })
    }

    /// Where a name outside bodies is defined.
    pub(super) fn outer_span(&self, name: &str) -> Option<Span> {
        self.earlier(name, None)
    }

    /// A body that has a label of this name, and where.
    pub(super) fn local_elsewhere(&self, name: &str) -> Option<(u32, Span)> {
        let label = &self.labels[*self.any_local.get(name)?];
        Some((label.body?, label.span))
    }

    /// The names of the labels that can be used in `body`, in order of their definition.
    pub(super) fn labels_seen_from(&self, body: Option<u32>) -> impl Iterator<Item = &str> {
        self.labels.iter().filter(move |label| label.body.is_none() || label.body == body).map(|label| &*label.name)
    }

    /// The labels for the module, by rising place; at one place those of the body that ends there come first.
    pub(super) fn take_labels(&mut self) -> Vec<Label> {
        let mut labels: Vec<_> = self.labels.drain(..).filter(|label| label.is_recorded).collect();
        labels.sort_by_key(|label| (label.at, label.body.is_none(), label.body));
        labels.into_iter().map(|label| Label { name: label.name.into(), at: label.at, body: label.body }).collect()
    }
}
