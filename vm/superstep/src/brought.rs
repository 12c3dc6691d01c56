//! What processors bring to a superstep for its aggregates, where each brings a number or a truth value: a table with a cell for
//! each processor and aggregate, so that it needs no list of its own on its way.
//!
//! A processor writes its cells before it enters itself (`arrivals.rs`) and not again before it is let go on. Whoever has seen
//! that all have come reads them in the order of numbers, so it does not matter who comes when (rule S6). Not here: what they
//! come to (`fold.rs`).

use std::sync::OnceLock;

use ttvm_isa::{FoldOperation, Text};
use ttvm_platform::sync::{
    Arc,
    atomic::{AtomicU8, AtomicU64, Ordering},
};
use ttvm_value::{SharedValue, Value};

use crate::{
    arrivals::is_same,
    fold::{self, Fold},
};

/// Aggregates of a superstep for which there are cells; who brings more brings lists.
const COLUMNS_MAX: usize = 4;

/// A value that fits into a cell.
#[derive(Clone, Copy)]
enum Cell {
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// What a processor adds to an aggregate.
pub(crate) struct Contribution {
    pub name: Text,
    pub fold: Fold,
    /// One value where the operation has a name: the processor has folded its own.
    pub values: Vec<SharedValue>,
}

/// An aggregate that processors bring cells for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: Text,
    pub operation: FoldOperation,
}

/// The aggregates that all bring cells for who come in one list.
pub(crate) type Columns = Arc<Vec<Column>>;

/// Names of aggregates, and what they came to.
pub(crate) type Aggregates = Vec<(Text, SharedValue)>;

/// The cells of a group. A column takes memory from when somebody first brings one.
pub(crate) struct Table {
    processors: u32,
    columns: [OnceLock<Box<[Place]>>; COLUMNS_MAX],
}

/// Where a cell is.
#[derive(Default)]
struct Place {
    kind: AtomicU8,
    bits: AtomicU64,
}

impl Cell {
    /// A value for an aggregate, if it fits and no fold of such values can fail.
    fn of(operation: FoldOperation, value: &Value) -> Option<Self> {
        match (operation, value) {
            (
                FoldOperation::Sum | FoldOperation::Count | FoldOperation::Min | FoldOperation::Max,
                Value::Int(number),
            ) => Some(Self::Int(*number)),
            // Of ints, products may become longer than a number may be.
            (
                FoldOperation::Sum | FoldOperation::Product | FoldOperation::Min | FoldOperation::Max,
                Value::Float(number),
            ) => Some(Self::Float(*number)),
            (FoldOperation::And | FoldOperation::Or, Value::Bool(truth)) => Some(Self::Bool(*truth)),
            _ => None,
        }
    }

    /// The value.
    fn value(self) -> Value {
        match self {
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
            Self::Bool(truth) => Value::Bool(truth),
        }
    }
}

impl Contribution {
    /// The same as a cell, if it fits into one.
    fn cell(&self) -> Option<Cell> {
        match (&self.fold, &self.values[..]) {
            (Fold::Named(operation), [value]) => Cell::of(*operation, value.value()),
            _ => None,
        }
    }

    fn column(&self) -> Option<Column> {
        match &self.fold {
            Fold::Named(operation) => Some(Column { name: self.name.clone(), operation: *operation }),
            Fold::Function(_) => None,
        }
    }
}

impl Column {
    /// Whether contributions are for these aggregates, which all have operations with names.
    pub fn are_of(columns: &[Self], contributions: &[Contribution]) -> bool {
        let is_of = |(column, contribution): (&Self, &Contribution)| {
            matches!(contribution.fold, Fold::Named(operation) if operation == column.operation)
                && is_same(&column.name, &contribution.name)
        };
        columns.len() == contributions.len() && columns.iter().zip(contributions).all(is_of)
    }

    /// The aggregates that contributions are for.
    pub fn all_of(contributions: &[Contribution]) -> Columns {
        Arc::new(contributions.iter().filter_map(Contribution::column).collect())
    }
}

impl Table {
    /// Of a group with so many processors.
    pub fn new(processors: u32) -> Self {
        Self { processors, columns: Default::default() }
    }

    /// Processor `id` lays down all that it brings, before it enters itself. `false` if there are no cells for it: then nobody
    /// looks at what was written.
    pub fn lay_down(&self, id: u32, contributions: &[Contribution]) -> bool {
        contributions.len() <= COLUMNS_MAX
            && contributions.iter().enumerate().all(|(column, contribution)| {
                let cell = contribution.cell();
                if let Some(cell) = cell {
                    self.write(id, column, cell);
                }
                cell.is_some()
            })
    }

    /// What processor `id` has laid down, for whoever has seen it come.
    pub fn take_up(&self, id: u32, columns: &[Column]) -> Vec<Contribution> {
        let contribution = |(number, column): (usize, &Column)| {
            let value = self.read(id, number)?.value();
            let (name, fold) = (column.name.clone(), Fold::Named(column.operation));
            Some(Contribution { name, fold, values: vec![SharedValue::new(value).0] })
        };
        columns.iter().enumerate().filter_map(contribution).collect()
    }

    /// Folds what these processors have laid down into what came of those before them.
    pub fn fold(&self, ids: impl Iterator<Item = u32>, columns: &[Column], folds: &mut Aggregates) {
        for id in ids {
            for (number, column) in columns.iter().enumerate() {
                let Some(value) = self.read(id, number).map(Cell::value) else { continue };
                match folds.get_mut(number) {
                    None => folds.push((column.name.clone(), SharedValue::new(value).0)),
                    Some((_, so_far)) => {
                        let folded = fold::join(column.operation, so_far.value(), &value);
                        let folded = folded.expect("cells are of values whose folds cannot fail");
                        *so_far = SharedValue::new(folded).0;
                    }
                }
            }
        }
    }

    fn write(&self, id: u32, column: usize, cell: Cell) {
        let (kind, bits) = match cell {
            Cell::Int(number) => (0, number.cast_unsigned()),
            Cell::Float(number) => (1, number.to_bits()),
            Cell::Bool(truth) => (2, u64::from(truth)),
        };
        let places = self.columns[column].get_or_init(|| (0..self.processors).map(|_| Place::default()).collect());
        // Relaxed: the lock of the list lies between this and who reads it.
        places[id as usize].kind.store(kind, Ordering::Relaxed);
        places[id as usize].bits.store(bits, Ordering::Relaxed);
    }

    fn read(&self, id: u32, column: usize) -> Option<Cell> {
        let place = self.columns.get(column)?.get()?.get(id as usize)?;
        let bits = place.bits.load(Ordering::Relaxed);
        Some(match place.kind.load(Ordering::Relaxed) {
            0 => Cell::Int(bits.cast_signed()),
            1 => Cell::Float(f64::from_bits(bits)),
            _ => Cell::Bool(bits != 0),
        })
    }
}
