//! Loads and runs ttvm programs: the crate that Rust programs embed.
//!
//! ```
//! use ttvm_machine::{Ending, Loader, Machine, MachineConfiguration, Output};
//!
//! let program = Loader::default().load_bytes("hello.ttvm", b"PUSH_STR \"hello\"\nPRINT\n").unwrap();
//! let output = Output::captured();
//! let mut machine = Machine::new(program, MachineConfiguration { output: output.clone(), ..Default::default() });
//! assert!(matches!(machine.run().ending, Ending::Normal));
//! assert_eq!(output.text(), "hello\n");
//! ```
//!
//! Here: finding and loading modules, configuration, the driver of the one process there is so far. Not here:
//! how code runs (`ttvm-engine`), what the world answers (`ttvm-host`), command lines.

#![forbid(unsafe_code)]

mod library;
mod loader;
mod machine;
mod output;

pub use crate::{
    library::{LIBRARY, LibraryModule},
    loader::{LoadError, Loader, Program},
    machine::{Ending, Machine, MachineConfiguration, Observer, Run},
    output::Output,
};
pub use ttvm_engine::{Crash, Entry, LoadMode, Observes, Step, Stream};
pub use ttvm_host::Input;
