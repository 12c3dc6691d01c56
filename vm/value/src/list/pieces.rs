//! Changes of long lists, in pieces: copying, putting together, putting in chunks.

use ttvm_isa::Fault;

use super::{Chunk, List, flat, tree};
use crate::{
    heap::{Gc, Kind},
    value::Value,
    work::Fuel,
};

/// Elements that are copied at once.
const PIECE: usize = 1024;

impl List {
    /// Makes sure that the elements lie side by side and that nobody else holds them.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub(crate) async fn own_in_pieces(&mut self, fuel: &Fuel) -> Result<(), Fault> {
        // A short list is copied when it is changed.
        if self.len() > PIECE && (self.is_tree() || !self.0.claim()) {
            *self = Self::joined_in_pieces(&[&*self], fuel).await?;
        }
        Ok(())
    }

    /// An empty flat list with room for elements of its kind.
    fn with_room(kind: Kind, length: usize) -> Result<Self, Fault> {
        Ok(Self(match kind {
            Kind::ListInts => Gc::<i64>::with_capacity(kind, length)?.into(),
            Kind::ListFloats => Gc::<f64>::with_capacity(kind, length)?.into(),
            _ => Gc::<Value>::with_capacity(Kind::ListValues, length)?.into(),
        }))
    }

    /// A flat list of the elements of all these.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub(crate) async fn joined_in_pieces(parts: &[&Self], fuel: &Fuel) -> Result<Self, Fault> {
        let length = parts.iter().map(|part| part.len()).sum();
        let mut list = Self::with_room(kind_of(parts, fuel).await, length)?;
        for part in parts {
            list.append_in_pieces(part, 0, part.len(), fuel).await?;
        }
        Ok(list)
    }

    /// Puts elements of another list, from `start` to `end`, at the end of this flat one, which has room for them and
    /// can hold them.
    async fn append_in_pieces(&mut self, other: &Self, start: usize, end: usize, fuel: &Fuel) -> Result<(), Fault> {
        let mut left = end - start;
        for chunk in other.chunks_from(start) {
            let chunk = chunk.part(0, chunk.len().min(left));
            left -= chunk.len();
            for piece in chunk.pieces(PIECE) {
                flat::append(self, piece)?;
                fuel.spend(piece.len() as u64).await;
            }
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The elements from `start` to `end`, which both lie within the list.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub(crate) async fn slice_in_pieces(&self, start: usize, end: usize, fuel: &Fuel) -> Result<Self, Fault> {
        if end - start <= PIECE || (start == 0 && end == self.len()) {
            return self.slice(start, end);
        }
        let length = end - start;
        let mut list = Self::with_room(kind_of(&[self], fuel).await, length)?;
        list.append_in_pieces(self, start, end, fuel).await?;
        Ok(list)
    }

    /// Puts the elements of another list at the end.
    ///
    /// # Errors
    /// As for [`List::push`].
    pub(crate) async fn extend_in_pieces(&mut self, other: &Self, fuel: &Fuel) -> Result<(), Fault> {
        if self.is_empty() {
            self.clone_from(other);
            return Ok(());
        }
        if self.must_be_chunked() {
            tree::convert(self, fuel).await?;
        }
        if self.len().max(other.len()) <= PIECE {
            return other.chunks().try_for_each(|chunk| self.extend_from_chunk(chunk));
        }
        let kind = kind_of(&[&*self, other], fuel).await;
        if !self.is_tree() && kind != self.kind() {
            *self = Self::joined_in_pieces(&[&*self, other], fuel).await?;
            return Ok(());
        }
        for piece in other.chunks().flat_map(|chunk| chunk.pieces(PIECE)) {
            self.extend_from_chunk(piece)?;
            fuel.spend(piece.len() as u64).await;
        }
        Ok(())
    }

    /// The ints from `from` on, so many.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub(crate) async fn range_in_pieces(from: i64, count: usize, fuel: &Fuel) -> Result<Self, Fault> {
        if count <= PIECE {
            return Self::from_ints((0..count).map(|step| from + step as i64));
        }
        let mut list = Self::with_room(Kind::ListInts, count)?;
        let mut piece = [0; PIECE];
        for start in (0..count).step_by(PIECE) {
            let piece = &mut piece[..PIECE.min(count - start)];
            for (step, int) in piece.iter_mut().enumerate() {
                *int = from + (start + step) as i64;
            }
            flat::append(&mut list, Chunk::Ints(piece))?;
            fuel.spend(PIECE as u64).await;
        }
        Ok(list)
    }

    /// A list of these values.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub(crate) async fn collect_in_pieces(
        values: impl ExactSizeIterator<Item = Value> + Clone,
        fuel: &Fuel,
    ) -> Result<Self, Fault> {
        let count = values.len();
        if count <= PIECE {
            return Self::collect(values);
        }
        let (mut ints, mut floats) = (true, true);
        for value in values.clone() {
            ints &= matches!(value, Value::Int(_));
            floats &= matches!(value, Value::Float(_));
            if !ints && !floats {
                break;
            }
            fuel.spend(2).await;
        }
        let kind = match (ints, floats) {
            _ if count == 0 => return Ok(Self::new()),
            (true, _) => Kind::ListInts,
            (_, true) => Kind::ListFloats,
            _ => Kind::ListValues,
        };
        let mut list = Self::with_room(kind, count)?;
        for value in values {
            flat::push(&mut list, value, 1)?;
            fuel.spend(4).await;
        }
        Ok(list)
    }

    /// An empty list with room for so many values.
    ///
    /// # Errors
    /// As for [`List::collect`].
    pub(crate) fn with_room_for_values(count: usize) -> Result<Self, Fault> {
        Self::with_room(Kind::ListValues, count)
    }

    /// Puts a value at the end of a list made with room for it.
    ///
    /// # Errors
    /// As for [`List::push`].
    pub(crate) fn push_value(&mut self, value: Value) -> Result<(), Fault> {
        Ok(flat::append(self, Chunk::Values(&[value]))?)
    }

    /// A list of the same kind and length, of no particular elements.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub(crate) async fn spare_in_pieces(&self, fuel: &Fuel) -> Result<Self, Fault> {
        const NULLS: [Value; PIECE] = [const { Value::Null }; PIECE];
        let length = self.len();
        let mut spare = Self::with_room(self.kind(), length)?;
        for from in (0..length).step_by(PIECE) {
            let count = PIECE.min(length - from);
            flat::append(
                &mut spare,
                match self.kind() {
                    Kind::ListInts => Chunk::Ints(&[0; PIECE][..count]),
                    Kind::ListFloats => Chunk::Floats(&[0.0; PIECE][..count]),
                    _ => Chunk::Values(&NULLS[..count]),
                },
            )?;
            fuel.spend(PIECE as u64).await;
        }
        Ok(spare)
    }

    /// Whether putting a value into the list copies all of it: somebody else holds it, or it is packed and the value is of
    /// another kind.
    pub fn is_copied_for(&mut self, value: &Value) -> bool {
        self.must_be_chunked() || self.must_be_widened(value)
    }

    fn must_be_widened(&self, value: &Value) -> bool {
        match self.kind() {
            Kind::ListInts => !matches!(value, Value::Int(_)),
            Kind::ListFloats => !matches!(value, Value::Float(_)),
            _ => false,
        }
    }

    /// Makes sure that putting a value into the list copies little, however long the list and whoever else holds it.
    ///
    /// # Errors
    /// [`Fault::Limit`] when there is no memory.
    pub async fn prepare_in_pieces(&mut self, value: &Value, fuel: &Fuel) -> Result<(), Fault> {
        if self.must_be_chunked() {
            tree::convert(self, fuel).await?;
        } else if self.must_be_widened(value) {
            let mut wide = Self::with_room(Kind::ListValues, self.len() + self.len() / 2)?;
            wide.append_in_pieces(self, 0, self.len(), fuel).await?;
            *self = wide;
        }
        Ok(())
    }
}

/// The kind of a list that can hold the elements of all these.
async fn kind_of(parts: &[&List], fuel: &Fuel) -> Kind {
    let mut kind = None;
    for chunk in parts.iter().flat_map(|part| part.chunks()) {
        let of_chunk = match chunk {
            Chunk::Values(_) => return Kind::ListValues,
            Chunk::Ints(_) => Kind::ListInts,
            Chunk::Floats(_) => Kind::ListFloats,
        };
        if *kind.get_or_insert(of_chunk) != of_chunk {
            return Kind::ListValues;
        }
        fuel.spend(1).await;
    }
    kind.unwrap_or(Kind::ListValues)
}
