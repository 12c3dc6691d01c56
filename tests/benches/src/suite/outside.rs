//! The benchmarks of the world outside: how late others are while processes are blocked in each of its operations.
//!
//! Only data. Nobody else is measured beside: what is compared is an operation with `receive`, which asks nothing outside.

use super::{Benchmark, DELAYS};

/// The benchmarks of the group.
pub(super) const BENCHMARKS: &[Benchmark] = &[
    blocked(
        "blocked_receive",
        "100 processes are blocked by nothing outside: they wait for a message",
        "blocked.ttvm receive {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked("blocked_sleep", "100 processes sleep", "blocked.ttvm sleep {}", "100 500", "2 10", "2"),
    blocked(
        "blocked_dns_resolve",
        "10 processes look up a name again and again",
        "blocked.ttvm dns_resolve {}",
        "10 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_tcp_accept",
        "100 processes wait for clients",
        "blocked.ttvm tcp_accept {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_tcp_recv",
        "100 processes wait for a server that sends nothing",
        "blocked.ttvm tcp_recv {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_tcp_send",
        "100 processes send to a server that reads nothing",
        "blocked.ttvm tcp_send {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked("blocked_udp_recv", "100 processes wait for datagrams", "blocked.ttvm udp_recv {}", "100 500", "2 10", "2"),
    blocked(
        "blocked_http_get",
        "100 processes wait for the answer of a server that gives none",
        "blocked.ttvm http_get {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_http_post",
        "100 processes wait for the answer of a server that gives none, to data",
        "blocked.ttvm http_post {}",
        "100 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_read_file",
        "20 processes read from a pipe that nobody writes to",
        "blocked.ttvm read_file {}",
        "20 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_write_file",
        "20 processes write to a pipe that nobody reads",
        "blocked.ttvm write_file {}",
        "20 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_exec",
        "20 processes wait for a command that sleeps",
        "blocked.ttvm exec {}",
        "20 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_exec_capture",
        "20 processes wait for the output of a command that sleeps",
        "blocked.ttvm exec_capture {}",
        "20 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_db_exec",
        "20 processes wait for a database that is locked",
        "blocked.ttvm db_exec {}",
        "20 500",
        "2 10",
        "2",
    ),
    blocked(
        "blocked_db_query",
        "one process computes in a database without end",
        "blocked.ttvm db_query {}",
        "1 500",
        "1 10",
        "1",
    ),
    blocked("blocked_encrypt", "one process encrypts again and again", "blocked.ttvm encrypt {}", "1 500", "1 10", "1"),
];

const fn blocked(
    name: &'static str,
    about: &'static str,
    command: &'static str,
    sizes: &'static str,
    small_sizes: &'static str,
    small_answer: &'static str,
) -> Benchmark {
    Benchmark { name, about, figures: DELAYS, command, sizes, small_sizes, small_answer, rivals: &[] }
}
