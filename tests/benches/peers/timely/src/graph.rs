//! The graph, as the benches' files hold it.

use std::fs;

/// Compressed rows: the neighbours of v are `words[count + 1 + words[v] .. count + 1 + words[v + 1]]`.
pub struct Graph {
    /// How many nodes there are.
    pub count: usize,
    words: Vec<u32>,
}

impl Graph {
    /// Reads a file.
    pub fn read(path: &str) -> Self {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let count = u64::from_le_bytes(bytes[..8].try_into().expect("the slice has eight bytes"));
        let word = |chunk: &[u8]| u32::from_le_bytes(chunk.try_into().expect("a chunk has four bytes"));
        let words = bytes[16..].chunks_exact(4).map(word).collect();
        Self { count: usize::try_from(count).expect("the graph fits in memory"), words }
    }

    /// Where the edges of a node lead.
    pub fn neighbours(&self, vertex: usize) -> &[u32] {
        let (from, to) = (self.words[vertex] as usize, self.words[vertex + 1] as usize);
        &self.words[self.count + 1 + from..self.count + 1 + to]
    }

    /// Where the first edge leads.
    pub fn first_target(&self) -> u32 {
        self.words[self.count + 1]
    }
}
