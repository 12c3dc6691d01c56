//! Graphs for the benchmarks of supersteps, made when they are first needed.
//!
//! A file is little-endian: u64 n, u64 m, n + 1 offsets and m neighbours of u32 each. Graphs are symmetric, have no edge twice
//! and none from a node to itself; n is a power of two. Each kind is the same on every machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Edges for each node, before those are left out that are there twice.
const EDGE_FACTOR: u64 = 16;

/// The beginning of a word that stands for the file of a graph: `graph:kron`, or `graph:kron:8` for another scale.
const PREFIX: &str = "graph:";

/// How the ends of edges are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Recursively, so that few nodes have most edges (R-MAT, as in Graph500).
    Kronecker,
    /// All nodes alike.
    Uniform,
}

/// Where graphs lie, and how large they are unless a benchmark says so.
#[derive(Clone, Debug)]
pub struct Graphs {
    /// The folder.
    pub folder: PathBuf,
    /// The logarithm of the number of nodes.
    pub scale: u32,
}

impl Graphs {
    /// Puts the paths of files in the places of words that stand for graphs.
    ///
    /// # Errors
    /// If a graph cannot be written, or there is none of the name.
    pub fn resolve(&self, words: Vec<String>) -> io::Result<Vec<String>> {
        let resolve = |word: String| match word.strip_prefix(PREFIX) {
            Some(name) => self.file(name).map(|path| path.to_string_lossy().into_owned()),
            None => Ok(word),
        };
        words.into_iter().map(resolve).collect()
    }

    fn file(&self, name: &str) -> io::Result<PathBuf> {
        let unknown = || io::Error::other(format!("there is no graph `{name}`"));
        let (kind, scale) = match name.split_once(':') {
            Some((kind, scale)) => (kind, scale.parse().map_err(|_| unknown())?),
            None => (name, self.scale),
        };
        let path = self.folder.join(format!("{kind}-{scale}.csr"));
        let kind = match kind {
            "kron" => Kind::Kronecker,
            "uniform" => Kind::Uniform,
            _ => return Err(unknown()),
        };
        if !path.exists() {
            fs::create_dir_all(&self.folder)?;
            write(&path, 1 << scale, &edges(kind, scale))?;
        }
        Ok(path)
    }
}

/// Another number each time, by xorshift and a multiplication.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// The edges in both directions, sorted.
fn edges(kind: Kind, scale: u32) -> Vec<(u32, u32)> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ u64::from(scale));
    let nodes = 1_u64 << scale;
    let mut edges = Vec::new();
    for _ in 0..nodes * EDGE_FACTOR {
        let (from, to) = match kind {
            Kind::Uniform => (random.next() >> (64 - scale), random.next() >> (64 - scale)),
            Kind::Kronecker => kronecker(scale, &mut random),
        };
        // Large nodes would lie side by side, and so belong to one processor.
        let spread = |node: u64| u32::try_from((node.wrapping_mul(0x9E37_79B1) + 12_345) % nodes).unwrap_or(u32::MAX);
        let (from, to) = (spread(from), spread(to));
        if from != to {
            edges.extend([(from, to), (to, from)]);
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// One of four quarters of the matrix, a quarter of that, and so on: 57 %, 19 %, 19 % and 5 %.
fn kronecker(scale: u32, random: &mut Random) -> (u64, u64) {
    (0..scale).fold((0, 0), |(from, to), _| {
        let (down, right) = match (random.next() >> 32) % 100 {
            0..57 => (0, 0),
            57..76 => (0, 1),
            76..95 => (1, 0),
            _ => (1, 1),
        };
        (from * 2 + down, to * 2 + right)
    })
}

fn write(path: &Path, nodes: u32, edges: &[(u32, u32)]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(20 + 4 * (nodes as usize + edges.len()));
    bytes.extend(u64::from(nodes).to_le_bytes());
    bytes.extend((edges.len() as u64).to_le_bytes());
    let mut before = 0;
    for node in 0..=nodes {
        before += edges[before..].partition_point(|(from, _)| *from < node);
        bytes.extend(u32::try_from(before).map_err(io::Error::other)?.to_le_bytes());
    }
    edges.iter().for_each(|(_, to)| bytes.extend(to.to_le_bytes()));
    // A run that is cut short leaves no part of a graph.
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(new, path)
}
