//! The graph programs of `examples/`, checked against simple ones in Rust that share nothing with them.
//!
//! Random graphs, some even, some with few nodes that have most edges; every number of processors, on several numbers
//! of schedulers and in several orders. Whole numbers must be equal. Ranks must be the same bits in every order, and
//! nearly the same for every number of processors. That each example prints what its header says is in `examples.rs`.

use std::{
    collections::{BTreeSet, BinaryHeap, VecDeque},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use ttvm_machine::{
    ComputationInput, ComputationStart, Ending, Loader, Machine, MachineConfiguration, Output, Program,
};
use ttvm_platform::entropy::Random;

const PROCESSORS: [usize; 4] = [1, 2, 3, 7];

/// Schedulers and seed, which decide in what order processes run.
const ORDERS: [(usize, u64); 5] = [(1, 0), (1, 1), (1, 2), (2, 3), (8, 4)];

/// Each edge with its length.
#[derive(Debug)]
struct Graph {
    nodes: usize,
    edges: Vec<(usize, usize, i64)>,
}

impl Graph {
    /// `skewed`: nodes with small numbers have far more edges than others, and many have none.
    fn random(seed: u64, nodes: usize, edges: usize, skewed: bool) -> Self {
        let mut random = Random::new(seed);
        let mut below = |bound: usize| {
            usize::try_from(random.below(u64::try_from(bound).expect("it is small"))).expect("it is below a usize")
        };
        let mut edge = || {
            let mut node = || if skewed { (0..3).fold(nodes, |bound, _| below(bound) + 1) - 1 } else { below(nodes) };
            (node(), node(), i64::try_from(below(100)).expect("it is small"))
        };
        let edges: Vec<_> = (0..edges).map(|_| edge()).collect();
        let nodes = edges.iter().map(|&(from, to, _)| from.max(to) + 1).max().unwrap_or(0);
        Self { nodes, edges }
    }

    fn all() -> Vec<Self> {
        // The sparse ones fall apart into many components.
        let sizes = [(300, 900), (200, 150)];
        let with_seed = |seed| sizes.map(|(n, m)| [false, true].map(|skewed| Self::random(seed, n, m, skewed)));
        (1..=2).flat_map(|seed| with_seed(seed).into_iter().flatten()).collect()
    }

    /// SNAP's format.
    fn text(&self) -> String {
        let mut text = String::from("# FromNodeId\tToNodeId\tWeight\n");
        for (from, to, weight) in &self.edges {
            writeln!(text, "{from}\t{to}\t{weight}").expect("writing to a string cannot fail");
        }
        text
    }

    /// For each node where its edges lead, and how long they are.
    fn neighbours(&self, both_ways: bool) -> Vec<Vec<(usize, i64)>> {
        let mut neighbours = vec![Vec::new(); self.nodes];
        for &(from, to, weight) in &self.edges {
            neighbours[from].push((to, weight));
            if both_ways {
                neighbours[to].push((from, weight));
            }
        }
        neighbours
    }

    /// The smallest node that can be reached, along edges in both directions.
    fn components(&self) -> Vec<i64> {
        let neighbours = self.neighbours(true);
        let mut labels = vec![-1; self.nodes];
        for start in 0..self.nodes {
            let mut stack = vec![start];
            while let Some(node) = stack.pop() {
                if labels[node] == -1 {
                    labels[node] = i64::try_from(start).expect("it is small");
                    stack.extend(neighbours[node].iter().map(|&(to, _)| to));
                }
            }
        }
        labels
    }

    fn levels(&self) -> Vec<i64> {
        let neighbours = self.neighbours(false);
        let mut levels = vec![-1; self.nodes];
        levels[0] = 0;
        let mut queue = VecDeque::from([0]);
        while let Some(node) = queue.pop_front() {
            for &(to, _) in &neighbours[node] {
                if levels[to] == -1 {
                    levels[to] = levels[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        levels
    }

    /// Dijkstra's algorithm, along edges in both directions.
    fn distances(&self) -> Vec<i64> {
        let neighbours = self.neighbours(true);
        let mut distances = vec![-1; self.nodes];
        let mut heap = BinaryHeap::from([(0, 0)]);
        while let Some((negated, node)) = heap.pop() {
            if distances[node] == -1 {
                distances[node] = -negated;
                heap.extend(neighbours[node].iter().map(|&(to, weight)| (negated - weight, to)));
            }
        }
        distances
    }

    /// Far more rounds than needed.
    fn ranks(&self) -> Vec<f64> {
        let neighbours = self.neighbours(false);
        let nodes = self.nodes as f64;
        let mut ranks = vec![1.0 / nodes; self.nodes];
        for _ in 0..500 {
            let mut next = vec![0.15 / nodes; self.nodes];
            for (node, targets) in neighbours.iter().enumerate() {
                let given = 0.85 * ranks[node];
                for &(to, _) in targets {
                    next[to] += given / targets.len() as f64;
                }
                if targets.is_empty() {
                    next.iter_mut().for_each(|rank| *rank += given / nodes);
                }
            }
            ranks = next;
        }
        ranks
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// What the example prints about a graph, once for each order.
fn outputs(name: &str, graph: &Path, arguments: &[usize]) -> BTreeSet<String> {
    let mut loader = Loader::default();
    let program = loader.load_file(&example(name)).expect("the example loads");
    let mut words = vec![graph.display().to_string()];
    words.extend(arguments.iter().map(usize::to_string));
    in_all_orders(&loader, |configuration| {
        Machine::new(program.clone(), MachineConfiguration { arguments: words.clone(), ..configuration })
    })
}

/// What a machine prints, once for each order.
fn in_all_orders(loader: &Loader, machine: impl Fn(MachineConfiguration) -> Machine) -> BTreeSet<String> {
    let run = |&(schedulers, seed): &(usize, u64)| {
        let (output, loader) = (Output::captured(), loader.clone());
        let configuration =
            MachineConfiguration { output: output.clone(), schedulers, seed, loader, ..Default::default() };
        let run = machine(configuration).run();
        assert!(matches!(run.ending, Ending::Normal), "{:?}", run.ending);
        output.text()
    };
    ORDERS.iter().map(run).collect()
}

/// The one output that all orders must have.
fn output(name: &str, graph: &Path, arguments: &[usize]) -> String {
    let outputs = outputs(name, graph, arguments);
    assert_eq!(outputs.len(), 1, "{name} {arguments:?}: the order shows: {outputs:?}");
    outputs.into_iter().next().expect("there is one")
}

/// Every graph, and the file it is in.
fn with_files(check: impl Fn(&Graph, &Path)) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for graph in Graph::all() {
        let file = folder.path().join("graph.txt");
        std::fs::write(&file, graph.text()).expect("the file can be written");
        check(&graph, &file);
    }
}

/// The example's last line must be these numbers.
fn check_numbers(name: &str, expected: impl Fn(&Graph) -> Vec<i64>) {
    with_files(|graph, file| {
        let expected = format!("{:?}", expected(graph));
        for processors in PROCESSORS {
            let output = output(name, file, &[processors]);
            assert_eq!(output.lines().last(), Some(&*expected), "{name}, {processors} processors: {graph:?}");
        }
    });
}

// Rules: S5 S13
#[test]
fn connected_components_are_those_of_a_search() {
    check_numbers("connected_components.ttvm", Graph::components);
}

#[test]
fn breadth_first_search_by_supersteps_finds_the_levels_of_one_with_a_queue() {
    check_numbers("breadth_first_search.ttvm", Graph::levels);
}

// Rules: S5 S8 S13
#[test]
fn shortest_paths_by_supersteps_are_as_long_as_dijkstras() {
    check_numbers("shortest_paths.ttvm", Graph::distances);
}

// Rules: S5 S6 S8
#[test]
fn ranks_are_those_of_a_plain_iteration_and_the_same_bits_in_every_order() {
    with_files(|graph, file| {
        let expected = graph.ranks();
        for processors in PROCESSORS {
            let output = output("pagerank.ttvm", file, &[processors, graph.nodes]);
            let mut seen = BTreeSet::new();
            for line in output.lines() {
                let (node, rank) = line.split_once(' ').expect("a line is a node and its rank");
                let node: usize = node.parse().expect("it is a number");
                let rank: f64 = rank.parse().expect("it is a number");
                let difference = (rank / expected[node] - 1.0).abs();
                assert!(difference < 4e-10, "node {node}: {rank}, not {}; {processors} processors", expected[node]);
                seen.insert(node);
            }
            assert_eq!(seen.len(), graph.nodes);
        }
    });
}

/// The ranks that `ttvm bsp run pagerank.ttvm pagerank --input FILE` finds, the same bits in every order.
fn ranks_by_supersteps(text: &str, processors: u32) -> Vec<f64> {
    let mut loader = Loader::default();
    let program = loader.load_file(&example("pagerank.ttvm")).expect("the example loads");
    let start = ComputationStart {
        name: "pagerank".to_owned(),
        input: ComputationInput::Text(text.to_owned()),
        processors: Some(processors),
        prints_json: true,
        ..ComputationStart::default()
    };
    let (program, body): (Program, usize) = loader.load_computation(&program, &start).expect("it is declared");
    let outputs = in_all_orders(&loader, |configuration| Machine::for_test(program.clone(), body, configuration));
    assert_eq!(outputs.len(), 1, "{processors} processors: the order shows: {outputs:?}");
    let output = outputs.first().expect("there is one");
    let parts: Vec<Vec<f64>> = serde_json::from_str(output).expect("the results are printed as JSON");
    assert_eq!(parts.len(), processors as usize);
    parts.concat()
}

// Rules: S5 S6 S8 S13
#[test]
fn an_edge_list_given_to_the_computation_is_ranked_alike_by_any_number_of_processors() {
    for graph in Graph::all() {
        let expected = graph.ranks();
        let alone = ranks_by_supersteps(&graph.text(), 1);
        for processors in [2, 3, 4, 7] {
            let ranks = ranks_by_supersteps(&graph.text(), processors);
            assert_eq!(ranks.len(), graph.nodes);
            for (node, rank) in ranks.iter().enumerate() {
                let difference = (rank - alone[node]).abs().max((rank - expected[node]).abs());
                assert!(difference < 1e-9, "node {node}: {rank}, {}, {}; {processors}", alone[node], expected[node]);
            }
        }
    }
}

// Rules: S13
#[test]
fn graphs_without_edges_and_with_fewer_nodes_than_processors_are_ranked_too() {
    for (text, expected) in [
        ("", &[][..]),
        ("# nothing but a comment\r\n\n", &[]),
        ("0 0\n", &[1.0]),
        ("0\t1\r\n# a comment\n\n1 0", &[0.5, 0.5]),
        // Three nodes that lead nowhere share what they have with all.
        ("2 3\n", &[20.0 / 97.0, 20.0 / 97.0, 20.0 / 97.0, 37.0 / 97.0]),
    ] {
        for processors in [1, 4, 9] {
            let ranks = ranks_by_supersteps(text, processors);
            assert_eq!(ranks.len(), expected.len(), "{text:?}");
            let close = ranks.iter().zip(expected).all(|(rank, expected)| (rank - expected).abs() < 1e-9);
            assert!(close, "{text:?}, {processors} processors: {ranks:?}");
        }
    }
}
