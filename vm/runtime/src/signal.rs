//! What processes send each other: messages and control signals.
//!
//! All kinds travel through one queue, so that they take effect in the order they were sent (rule P1). What they do
//! when they arrive is in `signals.rs`.

use std::any::Any;

use ttvm_engine::{Answer, LoadedModule};
use ttvm_isa::{Fault, ProcessOperation, Text};
use ttvm_platform::sync::Arc;
use ttvm_value::{Pid, Ref, Resource, SharedValue, Value};

/// Something on its way to a process.
pub(crate) enum Signal {
    /// A value to be received.
    Message(Message),
    /// What the extension understands.
    Extension(Box<dyn Any + Send>),
    /// Anything else.
    Control(Box<Control>),
}

/// A value to be received.
pub(crate) struct Message {
    pub value: SharedValue,
    /// Bytes that the sending pass found (rule P80); at most `u32::MAX`.
    pub bytes: u32,
    /// The machine has made it: no limit drops it (rule P80).
    pub is_system: bool,
    /// These bytes are charged to the subtree of whoever made it (rule P85).
    pub is_charged: bool,
}

impl Message {
    /// A message for which the sending pass found so many bytes.
    pub fn new(value: SharedValue, bytes: u64) -> Self {
        let is_charged = bytes > 0 && value.is_charged();
        Self { value, bytes: u32::try_from(bytes).unwrap_or(u32::MAX), is_system: false, is_charged }
    }

    /// Bytes that are charged to the subtree of whoever made it.
    pub fn charged_bytes(&self) -> u64 {
        if self.is_charged { u64::from(self.bytes) } else { 0 }
    }
}

impl Signal {
    /// A message.
    pub fn message(value: SharedValue, bytes: u64) -> Self {
        Self::Message(Message::new(value, bytes))
    }

    /// A message that the machine makes itself.
    #[inline(always)]
    pub fn system_message(value: SharedValue) -> Self {
        Self::Message(Message { value, bytes: 0, is_system: true, is_charged: false })
    }

    /// A control signal.
    pub fn control(control: Control) -> Self {
        Self::Control(Box::new(control))
    }
}

impl From<Control> for Signal {
    fn from(control: Control) -> Self {
        Self::control(control)
    }
}

/// A signal that is no message.
pub(crate) enum Control {
    /// Somebody's end or wish, which may end the receiver (rules P8 to P18).
    Exit { from: Pid, reason: SharedValue, origin: ExitOrigin },
    /// The sender has linked itself to the receiver. `is_written`: by an instruction that never fails for a missing target.
    Link { from: Pid, is_written: bool },
    /// The sender has ended its link to the receiver, and waits for the acknowledgement with this number.
    Unlink { from: Pid, number: u64 },
    /// The receiver's `Unlink` has arrived.
    UnlinkAcknowledged { from: Pid, number: u64 },
    /// The sender wants to know of the receiver's end.
    Monitor { from: Pid, reference: Ref },
    /// Not any more.
    Demonitor { reference: Ref },
    /// A monitored process has ended.
    Down { reference: Ref, from: Pid, reason: SharedValue },
    /// A question to be answered by [`Control::Answer`] with the same number.
    Question { from: Pid, number: u64, question: Question },
    /// Somebody outside wants to know what the receiver does.
    #[cfg(not(ttvm_model))]
    Survey(Arc<crate::snapshot::Survey>),
    /// The answer to what the receiver waits for, if it still waits for the one with this number.
    Answer { number: u64, answer: SharedAnswer },
    /// The module that the receiver waits for.
    Imported { number: u64, path: Text, module: Result<(Text, Arc<LoadedModule>), Fault> },
    /// Something that a supervisor is to do, to be answered by [`Control::Answer`].
    #[cfg(not(ttvm_model))]
    Request { caller: Caller, request: crate::supervisor::Request },
    /// Something that a future or a stream is asked, to be answered by [`Control::Answer`].
    #[cfg(not(ttvm_model))]
    Asked { caller: Caller, asked: crate::channel::Asked },
    /// The programs that the receiver wants to start were looked for.
    Found { number: u64, found: Result<(), Fault> },
    /// Wakes the receiver, which ends: all that it had outside is closed.
    Released,
    /// The receiver is the owner of a resource from now on.
    Given(Resource),
    /// A timer with this ref will send the receiver a message.
    Timed { reference: Ref },
    /// The time for which the receiver waits is over, if it still waits for this one.
    Timeout { number: u64 },
    /// The receiver was registered under a name from outside.
    Named(Text),
    /// Somebody has taken this name away from the receiver.
    Unnamed(Text),
    /// The receiver watches a process from now on, as somebody outside wishes, who tells that one.
    Watch { target: Pid, reference: Ref },
    /// The receiver is to link itself to a process, as somebody outside wishes.
    Tie { other: Pid },
    /// The receiver is to end its link to a process, as somebody outside wishes.
    Untie { other: Pid },
    /// The receiver is to run nothing.
    Pause,
    /// The receiver is to go on.
    Resume,
}

/// An answer that may move between threads.
pub(crate) type SharedAnswer = Result<SharedValue, Fault>;

/// Makes an answer ready to move.
pub(crate) fn share(answer: Answer) -> SharedAnswer {
    answer.map(|value: Value| SharedValue::new(value).0)
}

/// A process that waits for the answer to an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Caller {
    pub pid: Pid,
    /// The number that the answer must have.
    pub number: u64,
    pub operation: ProcessOperation,
}

/// Why an exit signal was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitOrigin {
    /// A linked process has ended.
    Link,
    /// A link was asked for with a process that had ended.
    NoProcess { is_written: bool },
    /// `EXIT_PROCESS`.
    Request,
}

/// What one process asks another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Does it live?
    IsAlive,
    /// What does it do?
    Information,
}
