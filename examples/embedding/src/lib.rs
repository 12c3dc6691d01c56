//! Rust programs that run ttvm's processes: each module is an example, each binary runs one.
//!
//! | example | shows |
//! |---|---|
//! | [`messages`] | a program's processes and Rust exchange messages while the program runs |
//! | [`supervision`] | a supervisor tree in the language, watched and disturbed from Rust |

#![forbid(unsafe_code)]

pub mod messages;
pub mod supervision;
