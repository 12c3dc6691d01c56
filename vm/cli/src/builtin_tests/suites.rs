//! The checks there are, by command.

use super::{Check, Form, Suite};

/// A check of the program of that name in this folder.
macro_rules! check {
    ($name:literal) => {
        check!($name, Form::Text)
    };
    ($name:literal, $form:expr) => {
        Check { name: $name, program: include_str!(concat!($name, ".ttvm")), form: $form }
    };
}

/// All suites, in the order in which `test-all` runs them.
pub static SUITES: &[Suite] = &[
    Suite { name: "test-concurrency", checks: &[check!("side_by_side"), check!("nothing_shared")] },
    Suite { name: "test-multithreaded", checks: &[check!("hogs"), check!("ring")] },
    Suite { name: "test-message-passing", checks: &[check!("ping_pong"), check!("order")] },
    Suite { name: "test-process-spawning", checks: &[check!("spawn_by_name"), check!("ten_thousand")] },
    Suite { name: "test-register-whereis", checks: &[check!("register_whereis")] },
    Suite { name: "test-yield-comprehensive", checks: &[check!("yielding"), check!("fifty_yielders")] },
    Suite {
        name: "test-spawn-comprehensive",
        checks: &[check!("spawn_forms"), check!("ten_thousand"), check!("parallel_fibonacci")],
    },
    Suite {
        name: "test-send-receive-comprehensive",
        checks: &[check!("send_receive"), check!("all_values"), check!("order")],
    },
    Suite {
        name: "test-concurrency-bytecode",
        checks: &[
            check!("side_by_side", Form::Bytecode),
            check!("ping_pong", Form::Bytecode),
            check!("ring", Form::Bytecode),
            check!("links", Form::Bytecode),
        ],
    },
    Suite { name: "test-smp-concurrency", checks: &[check!("fan_in"), check!("parallel_fibonacci"), check!("hogs")] },
    Suite { name: "test-monitoring-linking", checks: &[check!("monitors"), check!("links")] },
    Suite { name: "test-supervisor-tree", checks: &[check!("supervisor_tree")] },
    Suite { name: "test-selective-receive", checks: &[check!("selective_receive")] },
    Suite { name: "test-trap-exit", checks: &[check!("trap_exit")] },
    Suite { name: "test-process-registry", checks: &[check!("names"), check!("race_for_a_name")] },
    Suite { name: "test-coffee-shop", checks: &[check!("coffee_shop")] },
    Suite {
        name: "test-supersteps",
        checks: &[check!("barrier"), check!("rotation"), check!("computation"), check!("computation", Form::Bytecode)],
    },
];
