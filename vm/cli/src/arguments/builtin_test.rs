//! The commands of the tests that are built in.
//!
//! Not here: the tests (`builtin_tests/`).

use clap::Subcommand;

/// Each runs small programs with 1, 2 and all schedulers and compares what they print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum BuiltinTest {
    /// Run all built-in tests.
    #[command(name = "test-all", after_help = "Example:\n  ttvm test-all\n\nExit code 1 if any check fails.")]
    All,
    /// Test that processes run side by side and share nothing.
    #[command(
        name = "test-concurrency",
        after_help = "Example:\n  ttvm test-concurrency\n\nExit code 1 if any check fails."
    )]
    Concurrency,
    /// Test processes on several threads.
    #[command(
        name = "test-multithreaded",
        after_help = "Example:\n  ttvm test-multithreaded\n\nExit code 1 if any check fails."
    )]
    Multithreaded,
    /// Test that messages arrive, in order.
    #[command(
        name = "test-message-passing",
        after_help = "Example:\n  ttvm test-message-passing\n\nExit code 1 if any check fails."
    )]
    MessagePassing,
    /// Test that functions, closures and programs become processes.
    #[command(
        name = "test-process-spawning",
        after_help = "Example:\n  ttvm test-process-spawning\n\nExit code 1 if any check fails."
    )]
    ProcessSpawning,
    /// Test names of processes.
    #[command(
        name = "test-register-whereis",
        after_help = "Example:\n  ttvm test-register-whereis\n\nExit code 1 if any check fails."
    )]
    RegisterWhereis,
    /// Test YIELD.
    #[command(
        name = "test-yield-comprehensive",
        after_help = "Example:\n  ttvm test-yield-comprehensive\n\nExit code 1 if any check fails."
    )]
    Yield,
    /// Test SPAWN in all its forms.
    #[command(
        name = "test-spawn-comprehensive",
        after_help = "Example:\n  ttvm test-spawn-comprehensive\n\nExit code 1 if any check fails."
    )]
    Spawn,
    /// Test SEND and RECEIVE with values of all types, names and times.
    #[command(
        name = "test-send-receive-comprehensive",
        after_help = "Example:\n  ttvm test-send-receive-comprehensive\n\nExit code 1 if any check fails."
    )]
    SendReceive,
    /// Test processes of programs that were compiled to bytecode.
    #[command(
        name = "test-concurrency-bytecode",
        after_help = "Example:\n  ttvm test-concurrency-bytecode\n\nExit code 1 if any check fails."
    )]
    ConcurrencyBytecode,
    /// Test many processes on all cores.
    #[command(
        name = "test-smp-concurrency",
        after_help = "Example:\n  ttvm test-smp-concurrency\n\nExit code 1 if any check fails."
    )]
    SmpConcurrency,
    /// Test monitors and links.
    #[command(
        name = "test-monitoring-linking",
        after_help = "Example:\n  ttvm test-monitoring-linking\n\nExit code 1 if any check fails."
    )]
    MonitoringLinking,
    /// Test supervisors.
    #[command(
        name = "test-supervisor-tree",
        after_help = "Example:\n  ttvm test-supervisor-tree\n\nExit code 1 if any check fails."
    )]
    SupervisorTree,
    /// Test receiving by patterns.
    #[command(
        name = "test-selective-receive",
        after_help = "Example:\n  ttvm test-selective-receive\n\nExit code 1 if any check fails."
    )]
    SelectiveReceive,
    /// Test exit signals and TRAP_EXIT.
    #[command(
        name = "test-trap-exit",
        after_help = "Example:\n  ttvm test-trap-exit\n\nExit code 1 if any check fails."
    )]
    TrapExit,
    /// Test that names are unique and free when their holder ends.
    #[command(
        name = "test-process-registry",
        after_help = "Example:\n  ttvm test-process-registry\n\nExit code 1 if any check fails."
    )]
    ProcessRegistry,
    /// Test customers, a cashier and a barista who talk to each other.
    #[command(
        name = "test-coffee-shop",
        after_help = "Example:\n  ttvm test-coffee-shop\n\nExit code 1 if any check fails."
    )]
    CoffeeShop,
    /// Test barriers, groups of processors and declared computations.
    #[command(
        name = "test-supersteps",
        after_help = "Example:\n  ttvm test-supersteps\n\nExit code 1 if any check fails."
    )]
    Supersteps,
}

impl BuiltinTest {
    /// The name of its suite; `None` for all.
    #[must_use]
    pub fn suite(self) -> Option<&'static str> {
        Some(match self {
            Self::All => return None,
            Self::Concurrency => "test-concurrency",
            Self::Multithreaded => "test-multithreaded",
            Self::MessagePassing => "test-message-passing",
            Self::ProcessSpawning => "test-process-spawning",
            Self::RegisterWhereis => "test-register-whereis",
            Self::Yield => "test-yield-comprehensive",
            Self::Spawn => "test-spawn-comprehensive",
            Self::SendReceive => "test-send-receive-comprehensive",
            Self::ConcurrencyBytecode => "test-concurrency-bytecode",
            Self::SmpConcurrency => "test-smp-concurrency",
            Self::MonitoringLinking => "test-monitoring-linking",
            Self::SupervisorTree => "test-supervisor-tree",
            Self::SelectiveReceive => "test-selective-receive",
            Self::TrapExit => "test-trap-exit",
            Self::ProcessRegistry => "test-process-registry",
            Self::CoffeeShop => "test-coffee-shop",
            Self::Supersteps => "test-supersteps",
        })
    }
}
