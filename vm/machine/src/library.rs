//! The standard library: modules written in the language, shipped inside the binary.

/// A module of the standard library.
#[derive(Clone, Copy, Debug)]
pub struct LibraryModule {
    /// The path it is imported by, such as `std/list`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every module of the standard library.
pub const LIBRARY: &[LibraryModule] = &[
    LibraryModule { path: "std/bsp", text: include_str!("../library/std/bsp.ttvm") },
    LibraryModule { path: "std/json", text: include_str!("../library/std/json.ttvm") },
    LibraryModule { path: "std/list", text: include_str!("../library/std/list.ttvm") },
    LibraryModule { path: "std/lru", text: include_str!("../library/std/lru.ttvm") },
    LibraryModule { path: "std/map", text: include_str!("../library/std/map.ttvm") },
    LibraryModule { path: "std/math", text: include_str!("../library/std/math.ttvm") },
    LibraryModule { path: "std/ring", text: include_str!("../library/std/ring.ttvm") },
    LibraryModule { path: "std/shard", text: include_str!("../library/std/shard.ttvm") },
    LibraryModule { path: "std/string", text: include_str!("../library/std/string.ttvm") },
    LibraryModule { path: "std/test", text: include_str!("../library/std/test.ttvm") },
    LibraryModule { path: "std/tick", text: include_str!("../library/std/tick.ttvm") },
];

/// The module imported by this path, with or without the extension.
pub(crate) fn find(path: &str) -> Option<&'static LibraryModule> {
    let path = path.strip_suffix(".ttvm").unwrap_or(path);
    LIBRARY.iter().find(|module| module.path == path)
}
