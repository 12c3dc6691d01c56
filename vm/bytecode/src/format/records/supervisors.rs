//! The records of `.supervisor` blocks. The numbers of all variants are part of the format.

use serde::{Deserialize, Serialize};

/// Mirror of [`crate::SupervisorSpec`] without its children, whose list follows.
#[derive(Serialize, Deserialize)]
pub(crate) struct SupervisorRecord<'a> {
    pub name: &'a str,
    /// The place in `Strategy::ALL`.
    pub strategy: u8,
    pub intensity: u32,
    pub period_ms: u64,
    /// The place in `AutoShutdown::ALL`.
    pub auto_shutdown: u8,
}

/// Mirror of [`crate::supervisor::ChildSpec`]; the list of its arguments follows if it is a function.
#[derive(Serialize, Deserialize)]
pub(crate) struct ChildRecord<'a> {
    pub id: &'a str,
    #[serde(borrow)]
    pub start: StartRecord<'a>,
    /// The place in `Restart::ALL`.
    pub restart: u8,
    pub shutdown: ShutdownRecord,
    pub significant: bool,
    /// The first and the last wait.
    pub backoff: Option<(u64, u64)>,
}

/// Mirror of [`crate::supervisor::Start`] without its arguments.
#[derive(Serialize, Deserialize)]
pub(crate) enum StartRecord<'a> {
    /// 0
    Function(&'a str),
    /// 1
    Supervisor(&'a str),
}

/// Mirror of [`crate::supervisor::Shutdown`].
#[derive(Serialize, Deserialize)]
pub(crate) enum ShutdownRecord {
    /// 0
    After(u64),
    /// 1
    BrutalKill,
    /// 2
    Infinity,
}

/// Mirror of [`crate::supervisor::Literal`].
#[derive(Serialize, Deserialize)]
pub(crate) enum LiteralRecord<'a> {
    /// 0: an int of 64 bits.
    Integer(i64),
    /// 1: the decimal digits of a larger one, with its sign.
    BigInteger(&'a str),
    /// 2: the bits of a float; the only NaN is `7FF8000000000000`.
    Float(u64),
    /// 3
    Text(&'a str),
    /// 4
    Flag(bool),
    /// 5
    Null,
}
