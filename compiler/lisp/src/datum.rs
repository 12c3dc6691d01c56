//! [`Datum`]: what the reader makes of the text, before anybody asks what it means.

use crate::source::Span;

/// A piece of a program as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Datum {
    pub span: Span,
    pub kind: DatumKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DatumKind {
    /// An integer, spelt as the assembler takes it.
    Integer(String),
    Float(f64),
    Text(String),
    Flag(bool),
    Symbol(String),
    List(Vec<Datum>),
    /// `'x`.
    Quote(Box<Datum>),
    /// Something that was wrong and has been reported.
    Broken,
}

impl Datum {
    /// The name, if it is a symbol.
    pub(crate) fn symbol(&self) -> Option<&str> {
        match &self.kind {
            DatumKind::Symbol(name) => Some(name),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub(crate) fn list(&self) -> Option<&[Self]> {
        match &self.kind {
            DatumKind::List(items) => Some(items),
            _ => None,
        }
    }

    /// What stands behind the first symbol, if it is a list that begins with this one.
    pub(crate) fn form(&self, name: &str) -> Option<&[Self]> {
        match self.list()? {
            [head, rest @ ..] if head.symbol() == Some(name) => Some(rest),
            _ => None,
        }
    }

    /// Whether it was reported already.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.kind, DatumKind::Broken)
    }
}
