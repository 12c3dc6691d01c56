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
//! Here: finding and loading modules, configuration, what a program's processes see of
//! the world. Not here: how code runs (`ttvm-engine`), how processes run (`ttvm-runtime`), what the world answers
//! (`ttvm-host`), command lines.

#![forbid(unsafe_code)]

mod computation;
mod library;
mod loader;
mod machine;
mod output;
pub mod pool;
mod tracing;

pub use crate::{
    computation::{CheckpointFolder, CheckpointStart, ComputationInput, ComputationStart},
    library::{LIBRARY, LibraryModule},
    loader::{LoadError, Loader, Program},
    machine::{Machine, MachineConfiguration, Observer, Reporter, Run},
    output::Output,
    tracing::TracingTelemetry,
};
pub use ttvm_engine::{Crash, Entry, LoadMode, Observes, Step, Stream};
pub use ttvm_host::Input;
pub use ttvm_isa::{Endpoint, Permissions, Reach};
pub use ttvm_platform::entropy::seed as random_seed;
pub use ttvm_runtime::{
    Ending, Event, EventKind, Handle, Maxima, NameError, Order, ProcessView, SchedulerView, Snapshot, Statistics, Stuck,
};
pub use ttvm_superstep::{CheckpointError, CheckpointRecord, Telemetry, TelemetryEvent, TelemetryKind};
pub use ttvm_value::Pid;
