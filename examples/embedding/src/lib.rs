//! Rust programs that run ttvm's processes: each module is an example, each binary runs one.
//!
//! | example | shows |
//! |---|---|
//! | [`messages`] | a program's processes and Rust exchange messages while the program runs |

#![forbid(unsafe_code)]

pub mod messages;
