//! Code with labels that are placed later.

use ttvm_bytecode::{Body, BodyKind, Label, Module};
use ttvm_isa::{Float, Integer, Names, OpCode, Text};

/// A place in the code that may not be known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(usize);

/// A module under construction. Targets are numbers of places until [`Builder::finish`].
#[derive(Default)]
pub(crate) struct Builder {
    code: Vec<OpCode>,
    places: Vec<Option<u32>>,
    bodies: Vec<Body>,
    labels: Vec<(Text, Place)>,
}

impl Builder {
    pub(crate) fn push(&mut self, op: OpCode) {
        self.code.push(op);
    }

    pub(crate) fn extend(&mut self, ops: impl IntoIterator<Item = OpCode>) {
        self.code.extend(ops);
    }

    pub(crate) fn here(&self) -> u32 {
        u32::try_from(self.code.len()).expect("generated programs are small")
    }

    /// A new place, nowhere yet.
    pub(crate) fn place(&mut self) -> Place {
        self.places.push(None);
        Place(self.places.len() - 1)
    }

    /// A new place, here.
    pub(crate) fn place_here(&mut self) -> Place {
        let place = self.place();
        self.mark(place);
        place
    }

    pub(crate) fn mark(&mut self, place: Place) {
        self.places[place.0] = Some(self.here());
    }

    /// Marks the place with a name that traces show.
    pub(crate) fn mark_named(&mut self, place: Place, name: &str) {
        self.mark(place);
        self.labels.push((name.into(), place));
    }

    /// The target operand that means a place.
    pub(crate) fn to(place: Place) -> u32 {
        u32::try_from(place.0).expect("generated programs are small")
    }

    /// Ends a body that began at `start`.
    pub(crate) fn end_body(&mut self, name: &str, parameters: Names, start: u32) {
        self.bodies.push(Body { kind: BodyKind::Function, name: name.into(), parameters, start, end: self.here() });
    }

    /// The module, every place put in as the index it stands for.
    pub(crate) fn finish(mut self) -> Module {
        for op in &mut self.code {
            op.map_targets(|target| self.places[target as usize].expect("every place used is marked"));
        }
        let place_of = |place: Place| self.places[place.0].expect("every named place is marked");
        let mut labels: Vec<Label> = self
            .labels
            .iter()
            .map(|(name, place)| Label { name: name.clone(), at: place_of(*place), body: None })
            .collect();
        labels.sort_by_key(|label| label.at);
        Module { code: self.code, bodies: self.bodies, labels, ..Module::default() }
    }
}

pub(crate) fn int(value: i64) -> OpCode {
    OpCode::PushInt { value: Integer::Small(value) }
}

pub(crate) fn float(value: f64) -> OpCode {
    OpCode::PushFloat { value: Float::new(value) }
}

pub(crate) fn text(value: &str) -> OpCode {
    OpCode::PushStr { value: value.into() }
}

pub(crate) fn load(name: &str) -> OpCode {
    OpCode::Load { name: name.into() }
}

pub(crate) fn store(name: &str) -> OpCode {
    OpCode::Store { name: name.into() }
}

pub(crate) fn names(list: &[&str]) -> Names {
    list.iter().map(|name| Text::from(*name)).collect()
}
