//! Limits that a process may set for itself (rule P80).

/// What is done with a message that a full mailbox cannot take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MailboxPolicy {
    /// The process ends with `{limit: mailbox}`.
    #[default]
    Exit,
    /// The message is dropped.
    DropNew,
    /// The oldest message is dropped.
    DropOld,
}

/// The limits of a process; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Messages in the queue.
    pub mailbox_max: Option<u64>,
    pub mailbox_policy: MailboxPolicy,
    /// Reductions over its whole life.
    pub reductions_max: Option<u64>,
    /// Bytes of its call stack and of the messages in its queue.
    pub heap_bytes_max: Option<u64>,
}
