//! The shape of the workspace: which crate may see which, and what only some files may contain.
//!
//! The table of floors is that of `docs/decisions/0001-crates-and-floors.md`. A crate sees only lower floors, in
//! tests too. The scans are over source text: plain, and each exception has its reason beside it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Every crate of the workspace and its floor. Tests stand above everything, one on the other.
const FLOORS: &[(&str, u32)] = &[
    ("ttvm-diagnostics", 1),
    ("ttvm-isa", 1),
    ("ttvm-platform", 1),
    ("ttvm-bytecode", 2),
    ("ttvm-value", 3),
    ("ttvm-assembler", 3),
    ("ttvm-lowering", 3),
    ("ttvm-optimizer", 3),
    ("ttvm-lisp", 3),
    ("ttvm-engine", 4),
    ("ttvm-host", 5),
    ("ttvm-runtime", 5),
    ("ttvm-superstep", 6),
    ("ttvm-machine", 7),
    ("ttvm-cli", 8),
    ("ttvm-embedding", 8),
    ("ttvm-benches", 9),
    ("ttvm-oracle", 9),
    ("ttvm-generator", 10),
    ("ttvm-tests", 11),
];

/// What a crate may see although, or only that which, its floor does not say.
const ONLY: &[(&str, &[&str], &str)] = &[(
    "ttvm-oracle",
    &["ttvm-isa", "ttvm-bytecode"],
    "a reference that shares code with what it judges would repeat its mistakes",
)];

/// Words of the world seam: threads, clocks, locks. Only the platform crate and the files below may use them.
const WORLD_WORDS: &[&str] = &["std::thread", "Instant", "SystemTime", "Mutex", "RwLock", "Condvar", "thread::spawn"];

/// Those that the platform crate has too.
const LOCK_WORDS: &[&str] = &["Mutex", "RwLock", "Condvar", "thread::spawn"];

/// Files and folders that may, with the reason.
const WORLD_ALLOWED: &[(&str, &str)] = &[
    ("vm/platform/", "it is the seam"),
    ("vm/host/", "a thread for each output of a command"),
    ("vm/cli/", "the process's own start and end"),
    ("examples/embedding/", "programs around the machine have threads and clocks of their own"),
    ("vm/machine/src/output.rs", "one output for whatever threads an embedder uses; the lock is held for one write"),
    ("vm/value/src/heap/blocks.rs", "free lists belong to a thread"),
    ("vm/value/src/heap/reclaim.rs", "the list of objects to free belongs to a thread"),
];

/// Files longer than [`LINES_MAX`], with the reason.
const LONG_ALLOWED: &[(&str, &str)] = &[
    ("vm/engine/src/interpret.rs", "one arm for each frequent operation: docs/decisions/0003-interpreter-loop.md"),
    ("vm/engine/src/step.rs", "one arm for each operation: docs/decisions/0003-interpreter-loop.md"),
];

const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository").to_owned()
}

/// Every Rust source of ours by its path from the root.
fn sources() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut directories = vec![root()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("the repository can be read") {
            let path = entry.expect("a directory can be read to its end").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    directories.push(path);
                }
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                let inside = path.strip_prefix(root()).expect("the walk began there");
                found.insert(inside.display().to_string(), text);
            }
        }
    }
    found
}

/// Whether the file is a test as a whole.
fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs") || path.ends_with("testing.rs")
}

/// The code of a source: without comments, and without the tests at its end.
fn code_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = (1..).zip(text[..end].lines());
    lines.map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
}

#[test]
fn a_crate_sees_only_lower_floors() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo can describe the workspace");
    let floor = |name: &str| FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor);
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(own) = floor(name) else {
            problems.push(format!("{name} stands on no floor: add it to the table and to the decision"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            let wanted = dependency.name.as_str();
            // A crate may turn on features of its own for its tests.
            if wanted == name && dependency.kind == DependencyKind::Development {
                continue;
            }
            match floor(wanted) {
                Some(below) if below < own => {}
                Some(above) => problems.push(format!("{name} (floor {own}) must not see {wanted} (floor {above})")),
                None => problems.push(format!("{name} depends on {wanted}, which stands on no floor")),
            }
            if let Some((_, only, reason)) = ONLY.iter().find(|(crate_name, ..)| *crate_name == name)
                && !only.contains(&wanted)
            {
                problems.push(format!("{name} must not see {wanted}: {reason}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn threads_clocks_and_locks_are_used_only_behind_the_seam() {
    let mut problems = Vec::new();
    for (path, text) in &sources() {
        if is_test(path) || WORLD_ALLOWED.iter().any(|(allowed, _)| path.starts_with(allowed)) {
            continue;
        }
        // Locks of the platform crate have the names of std's.
        let has_locks = text.contains("ttvm_platform");
        let words = WORLD_WORDS.iter().filter(|word| !has_locks || !LOCK_WORDS.contains(word));
        let words: Vec<&&str> = words.collect();
        for (number, line) in code_of(text) {
            let is_word = |word: &&&&str| {
                line.match_indices(***word).any(|(at, _)| {
                    let is_part = |c: char| c.is_alphanumeric() || c == '_';
                    !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
                })
            };
            if let Some(word) = words.iter().find(is_word) {
                problems.push(format!("{path}:{number} uses {word}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_source_is_longer_than_the_limit() {
    for (path, text) in &sources() {
        let count = text.lines().count();
        let is_allowed = LONG_ALLOWED.iter().any(|(allowed, _)| allowed == path);
        assert!(count <= LINES_MAX || is_allowed, "{path} has {count} lines, at most {LINES_MAX} are allowed");
    }
    for (path, _) in LONG_ALLOWED {
        let count = sources().get(*path).map_or(0, |text| text.lines().count());
        assert!(count > LINES_MAX, "{path} needs its exception no more");
    }
}

/// Crates without unsafe code that do not say so yet. The list may only get shorter.
const FORBID_OWED: &[&str] = &[];

/// Whether a line of code uses `unsafe`, and does not only name a lint or speak of it in a string.
fn uses_unsafe(line: &str) -> bool {
    ["{", "fn", "impl", "trait", "extern"].iter().any(|next| line.contains(&format!("unsafe {next}")))
}

/// The files of `docs/unsafe.md`: the first column of its tables.
fn listed_unsafe_files() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/unsafe.md")).expect("docs/unsafe.md lists the files");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(file, _)| file.to_owned()).collect()
}

#[test]
fn unsafe_code_stands_only_in_the_files_that_docs_unsafe_lists() {
    let listed_files = listed_unsafe_files();
    let listed = |path: &str| listed_files.iter().any(|file| file == path);
    let sources = sources();
    let mut problems = Vec::new();
    // Tests may try what the safe faces must withstand; the same tools check them.
    for (path, text) in sources.iter().filter(|(path, _)| !is_test(path)) {
        match (code_of(text).any(|(_, line)| uses_unsafe(line)), listed(path)) {
            (true, false) => problems.push(format!("{path} contains unsafe code but is not in docs/unsafe.md")),
            (false, true) => problems.push(format!("{path} is in docs/unsafe.md but contains no unsafe code")),
            (true, true) | (false, false) => {}
        }
    }
    // A crate without unsafe code says so, so that it stays without.
    for (path, text) in sources.iter().filter(|(path, _)| path.ends_with("/src/lib.rs")) {
        let folder = path.trim_end_matches("/src/lib.rs");
        let has_unsafe = sources.keys().any(|file| file.starts_with(&format!("{folder}/")) && listed(file));
        let forbids = text.contains("#![forbid(unsafe_code)]");
        let is_owed = FORBID_OWED.contains(&folder);
        if forbids == (has_unsafe || is_owed) {
            problems.push(format!("{path}: forbid(unsafe_code) and docs/unsafe.md do not agree"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
