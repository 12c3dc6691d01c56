//! What a process is between two turns, apart from its mailbox.
//!
//! The rare half, [`Extras`], is made when it is first needed, so that a process that only runs and waits stays
//! small.

use std::collections::{BTreeSet, VecDeque};

use ttvm_engine::{LoadedModule, Process};
use ttvm_isa::{Fault, HostOperation, ProcessOperation, Rights, Text};
use ttvm_platform::sync::{Arc, atomic::AtomicBool};
use ttvm_value::{Garbage, Marking, Pid, Ref, SharedValue};

use crate::{
    account::Charged,
    bonds::{Bonds, SpareBonds},
    channel::Asked,
    extension::Payload,
    inbox::Inbox,
    limits::Limits,
    mailbox::Chain,
    marking::Sending,
    native::NativeProcess,
    signal::{Caller, SharedAnswer},
    slab::Runnable,
    snapshot::Survey,
    terms::normal,
    timers::{TimerId, TimerRefs},
};

/// A process.
pub(crate) struct ProcessState {
    pub body: Body,
    pub own: Own,
}

/// The right to run a process.
pub(crate) type Ready = Runnable<ProcessState>;

/// What runs.
pub(crate) enum Body {
    /// A program.
    Code(Process),
    /// Rust code.
    Native(Box<dyn NativeProcess>),
    /// Nothing any more.
    Ended,
}

impl Body {
    /// Whether it is nothing but the place of a program.
    #[inline(always)]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Code(process) => process.is_blank(),
            Self::Native(_) | Self::Ended => false,
        }
    }

    /// Where it is: the function, and `file:line` for a program.
    pub fn place(&self) -> (String, String) {
        match self {
            Self::Code(process) => process.place(),
            Self::Native(native) => (native.name().to_owned(), String::new()),
            Self::Ended => (String::new(), String::new()),
        }
    }
}

/// What every process has besides its code.
pub(crate) struct Own {
    pub inbox: Inbox,
    /// Those it has to do with, and the rare half.
    bonds: Option<Box<Bonds>>,
    /// The rare half may hold something that matters to turns and messages: it has been changed since
    /// [`Own::settle`] found nothing of the kind.
    is_unsettled: bool,
    /// The number of what it waits for or has waited for last.
    pub wait_number: u64,
    pub wait: Wait,
    pub priority: Priority,
    pub traps_exits: bool,
    pub is_paused: bool,
    pub outside: Outside,
    /// It ends: it runs no further instruction (rule P32).
    pub is_ending: bool,
    /// Bytes of objects that it made, still holds and never sent (rule P80); below 0 when it took apart what others had
    /// made.
    pub heap_bytes: i64,
}

/// What a process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Nothing: it is runnable.
    Nothing,
    /// A message.
    Message,
    /// The answer to a host operation.
    Host(HostOperation),
    /// The answer to an instruction.
    Operation(ProcessOperation),
    /// A module.
    Import,
    /// Long work of its present instruction.
    Computation,
}

/// What a process has outside the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It has never had anything.
    Nothing,
    /// It may have resources or an operation under way.
    Holds,
    /// It ends, and they are closed when [`Extras::is_released`] says so.
    Releasing,
}

/// The four priorities (rule P55).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    Max,
    High,
    Normal,
    Low,
}

impl Priority {
    /// All, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Max, Self::High, Self::Normal, Self::Low];

    /// The name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }
}

/// What few processes have.
#[derive(Default)]
pub(crate) struct Extras {
    pub name: Option<Text>,
    /// The timer of what it waits for.
    pub timer: Option<TimerId>,
    /// The timers that send it messages (rule P52).
    pub timers: TimerRefs,
    /// The receive in progress has waited for its whole time.
    pub is_timed_out: bool,
    /// Why it ends, if not normally.
    pub reason: Option<SharedValue>,
    /// The same, while it is being marked.
    pub marking_reason: Option<Box<Marking>>,
    /// What came behind the signal that ends it: refused when nothing is left of the process.
    pub late: Vec<Chain>,
    /// Its resources outside are closed, which it waits for when it ends.
    pub is_released: Option<Arc<AtomicBool>>,
    /// Who wants to know what it does, and the numbers of their questions.
    pub questions: Vec<(Pid, u64)>,
    /// Those outside who want to know.
    pub surveys: Vec<Arc<Survey>>,
    /// What it waited for has come.
    arrival: Option<Arrival>,
    /// A large message that is being marked.
    pub sending: Option<Box<Sending>>,
    /// The monitor whose `down` message is searched for.
    pub flushing: Option<Ref>,
    /// The instruction that waits for programs to be looked for.
    pub pending: Option<Box<crate::spawn::Pending>>,
    /// The supervisor of the bare `START_SUPERVISOR`.
    pub supervisor: Option<Pid>,
    /// What others have asked of it, a supervisor, in the order of the messages that say so.
    pub requests: VecDeque<(Caller, crate::supervisor::Request)>,
    /// Who waits for its answers.
    pub callers: BTreeSet<Caller>,
    /// What others have asked of it, a future or a stream.
    pub asked: VecDeque<(Caller, Asked)>,
    pub limits: Limits,
    /// What it may do outside, of what the machine may.
    pub rights: Rights,
    /// What it has dropped that is still to be taken apart.
    pub garbage: VecDeque<Garbage>,
    /// Its part in what its subtree holds (rule P80).
    pub account: Option<Charged>,
    /// It answers what others ask of it.
    pub takes_requests: bool,
    /// The processes it makes are members of the group that it starts.
    pub starts_group: bool,
    /// Who starts the group that it is a member of, until it says that it is ready.
    pub group: Option<Pid>,
    /// It has children to stop before it ends.
    pub is_supervisor: bool,
    /// The supervisor that has it as a child.
    pub supervised_by: Option<Pid>,
    /// A signal came for it that is no message, since it began to run, if its code is Rust.
    pub has_news: bool,
}

impl Extras {
    /// Whether there is anything that a turn of the process, or a message to it, must look at.
    fn matter(&self) -> bool {
        !self.questions.is_empty()
            || !self.surveys.is_empty()
            || self.sending.is_some()
            || self.flushing.is_some()
            || self.timer.is_some()
            || self.is_timed_out
            || !self.garbage.is_empty()
            || self.account.is_some()
            || self.limits != Limits::default()
    }
}

/// What a process has that the extension knows.
pub(crate) struct Extended {
    /// What the extension keeps with it. It does not matter to turns.
    pub state: Payload,
    /// The instruction of the extension that it waits in is answered.
    arrival: Option<Arrival>,
    /// As [`Extras::has_news`].
    pub has_news: bool,
}

impl Extended {
    /// Of a process that has just been given a state.
    pub fn new(state: Payload) -> Box<Self> {
        Box::new(Self { state, arrival: None, has_news: false })
    }
}

/// What a process waited for.
pub(crate) enum Arrival {
    Answer(SharedAnswer),
    Imported(Text, Result<(Text, Arc<LoadedModule>), Fault>),
    Found(Result<(), Fault>),
    /// Its time is over: the instruction goes to its target.
    Branch,
    /// What this function returns.
    Call {
        function: SharedValue,
        arguments: Vec<SharedValue>,
    },
}

impl ProcessState {
    /// A state that is blank.
    pub fn blank() -> Self {
        Self { body: Body::Code(Process::blank()), own: Own::new(Priority::Normal) }
    }

    /// Whether it holds nothing any more, so that a new process may take its place: see `Slab::leave`.
    #[inline(always)]
    pub fn is_blank(&self) -> bool {
        self.body.is_blank() && self.own.bonds.is_none() && self.own.inbox.is_blank()
    }
}

impl Own {
    /// Makes what a process has left that was blank that of a new one.
    #[inline(always)]
    pub fn renew(&mut self) {
        debug_assert!(self.bonds.is_none() && self.inbox.is_blank());
        // All parts are named, so that a new one is thought of.
        let Self {
            inbox: _,
            bonds: _,
            is_unsettled,
            wait_number,
            wait,
            priority,
            traps_exits,
            is_paused,
            outside,
            is_ending,
            heap_bytes,
        } = self;
        (*is_unsettled, *wait_number, *wait, *priority) = (false, 0, Wait::Nothing, Priority::Normal);
        (*traps_exits, *is_paused, *outside, *is_ending, *heap_bytes) = (false, false, Outside::Nothing, false, 0);
    }

    /// Of a process that was just made.
    pub fn new(priority: Priority) -> Self {
        Self {
            inbox: Inbox::new(),
            bonds: None,
            is_unsettled: false,
            wait_number: 0,
            wait: Wait::Nothing,
            priority,
            traps_exits: false,
            is_paused: false,
            outside: Outside::Nothing,
            is_ending: false,
            heap_bytes: 0,
        }
    }

    /// The rare half, if it was needed yet.
    #[inline(always)]
    pub fn rare(&self) -> Option<&Extras> {
        self.bonds.as_deref().and_then(|bonds| bonds.extras.as_deref())
    }

    /// The rare half, if it was needed yet, to be changed.
    pub fn rare_mut(&mut self) -> Option<&mut Extras> {
        let extras = self.bonds.as_deref_mut().and_then(|bonds| bonds.extras.as_deref_mut());
        self.is_unsettled |= extras.is_some();
        extras
    }

    /// The rare half, to be changed.
    pub fn extras(&mut self) -> &mut Extras {
        self.is_unsettled = true;
        self.bonds.get_or_insert_default().extras.get_or_insert_default()
    }

    /// What the extension has to do with it.
    pub fn extended(&self) -> Option<&Extended> {
        self.bonds.as_deref().and_then(|bonds| bonds.extended.as_deref())
    }

    /// The same, to be changed. It does not matter to turns.
    pub fn extended_mut(&mut self) -> Option<&mut Extended> {
        self.bonds.as_deref_mut().and_then(|bonds| bonds.extended.as_deref_mut())
    }

    /// Those it has to do with, if there ever was one.
    pub fn bonds(&self) -> Option<&Bonds> {
        self.bonds.as_deref()
    }

    /// The same, to be changed. Nothing of it matters to turns and messages.
    pub fn bonds_mut(&mut self) -> Option<&mut Bonds> {
        self.bonds.as_deref_mut()
    }

    /// The same, to be changed, made now of a spare one if need be.
    #[inline(always)]
    pub fn bind_from(&mut self, spares: &mut SpareBonds) -> &mut Bonds {
        self.bonds.get_or_insert_with(|| spares.take())
    }

    /// The same, to be cut: it has ended.
    #[inline(always)]
    pub fn take_bonds(&mut self) -> Option<Box<Bonds>> {
        self.bonds.take()
    }

    /// The same, to be changed, made now if need be.
    pub fn bind(&mut self) -> &mut Bonds {
        self.bonds.get_or_insert_default()
    }

    /// What it waited for has come.
    pub fn set_arrival(&mut self, arrival: Arrival) {
        match self.extended_mut() {
            Some(extended) => {
                extended.arrival = Some(arrival);
                self.is_unsettled = true;
            }
            None => self.extras().arrival = Some(arrival),
        }
    }

    /// Whether what it waited for has come.
    pub fn has_arrival(&self) -> bool {
        let of_extension = self.extended().is_some_and(|extended| extended.arrival.is_some());
        of_extension || self.rare().is_some_and(|extras| extras.arrival.is_some())
    }

    /// What it waited for, if it has come.
    pub fn take_arrival(&mut self) -> Option<Arrival> {
        let of_extension = self.extended_mut().and_then(|extended| extended.arrival.take());
        of_extension.or_else(|| self.rare_mut().and_then(|extras| extras.arrival.take()))
    }

    /// Whether a turn of the process, or a message to it, is nothing but that: nobody asks anything of it, it has no
    /// limits, no timer and nothing under way, and it neither ends nor pauses. `false` is always right.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        !(self.is_unsettled | self.is_ending | self.is_paused)
    }

    /// Looks whether the rare half holds anything that matters to turns and messages.
    pub fn settle(&mut self) {
        if self.is_unsettled {
            self.is_unsettled = self.rare().is_some_and(Extras::matter) || self.has_arrival();
        }
    }

    /// Whether a signal came for it that is no message, since this was asked last.
    pub fn take_news(&mut self) -> bool {
        let of_extension = self.extended_mut().is_some_and(|extended| std::mem::take(&mut extended.has_news));
        let extras = self.bonds.as_deref_mut().and_then(|bonds| bonds.extras.as_deref_mut());
        extras.is_some_and(|extras| std::mem::take(&mut extras.has_news)) || of_extension
    }

    /// The name, if it has one.
    pub fn name(&self) -> Option<&Text> {
        self.rare().and_then(|extras| extras.name.as_ref())
    }

    /// What it may do outside, of what the machine may.
    pub fn rights(&self) -> Rights {
        self.rare().map(|extras| extras.rights.clone()).unwrap_or_default()
    }

    /// Whether it may run an instruction: it neither ends (rule P32) nor was it told to pause.
    pub fn may_run(&self) -> bool {
        !self.is_ending && !self.is_paused
    }

    /// Begins to wait for something; gives the number that the answer must have.
    pub fn begin_wait(&mut self, wait: Wait) -> u64 {
        self.wait = wait;
        self.wait_number += 1;
        self.wait_number
    }

    /// What an instruction waits for that was made ready for it while the process ran nothing is there.
    pub fn answer_at_once(&mut self, operation: ProcessOperation, answer: SharedAnswer) {
        let _ = self.begin_wait(Wait::Operation(operation));
        self.set_arrival(Arrival::Answer(answer));
    }

    /// Whether it waits for something that is no message.
    pub fn waits_for_answer(&self) -> bool {
        !matches!(self.wait, Wait::Nothing | Wait::Message)
    }

    /// The instruction of the extension that it waits in, if any.
    pub fn waits_for_extension(&self) -> Option<ProcessOperation> {
        match self.wait {
            Wait::Operation(operation) if operation.is_superstep() => Some(operation),
            Wait::Operation(_) | Wait::Nothing | Wait::Message | Wait::Host(_) | Wait::Import | Wait::Computation => {
                None
            }
        }
    }

    /// Whether an answer is the one that is waited for.
    pub fn waits_for(&self, number: u64) -> bool {
        self.wait_number == number && self.waits_for_answer()
    }

    /// Decides that the process ends with the reason `normal`, unless it ends already. Most processes do, and need no
    /// rare half for it.
    pub fn end_normally(&mut self) {
        self.is_ending = true;
    }

    /// The reason it ends for.
    pub fn take_reason(&mut self) -> SharedValue {
        let reason = self.rare_mut().and_then(|extras| extras.reason.take());
        reason.unwrap_or_else(normal)
    }
}
