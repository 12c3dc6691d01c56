//! `.supervisor` blocks as data: which children a supervisor starts, in which order, and what it does when one ends.
//!
//! The runtime reads them; nothing here runs. Rules about them: P60 to P73 in `docs/reference/processes.md`, and V12.

use std::collections::HashMap;

use ttvm_isa::{Float, Integer, Text};

/// A `.supervisor` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisorSpec {
    /// The name `START_SUPERVISOR` and other supervisors call it by.
    pub name: Text,
    /// Which children go down with one.
    pub strategy: Strategy,
    /// How many restarts there may be within the period.
    pub intensity: u32,
    /// The period, in milliseconds.
    pub period_ms: u64,
    /// Whether the end of significant children ends the supervisor.
    pub auto_shutdown: AutoShutdown,
    /// The children, in the order they are started.
    pub children: Vec<ChildSpec>,
}

impl SupervisorSpec {
    /// Restarts within the period, unless written.
    pub const INTENSITY: u32 = 1;
    /// The period, unless written.
    pub const PERIOD_MS: u64 = 5_000;
}

/// A `child` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSpec {
    /// Its name among the supervisor's children.
    pub id: Text,
    /// What runs.
    pub start: Start,
    /// When it is started again.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// Whether its end counts for the supervisor's `auto_shutdown`.
    pub significant: bool,
    /// The waits before restarts that follow each other closely; without it there are none.
    pub backoff: Option<Backoff>,
}

/// What a child runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// What SPAWN finds under this name, with these arguments.
    Function {
        /// The name.
        name: Text,
        /// The arguments, the first one first.
        arguments: Vec<Literal>,
    },
    /// The supervisor of another block of the module.
    Supervisor(Text),
}

/// A value written in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// An int.
    Integer(Integer),
    /// A float.
    Float(Float),
    /// A str.
    Text(Text),
    /// A bool.
    Flag(bool),
    /// Null.
    Null,
}

/// The time before a child is started again: the first wait doubles with each restart up to the last, with jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Milliseconds before the first restart.
    pub first_ms: u64,
    /// Milliseconds never exceeded.
    pub last_ms: u64,
}

macro_rules! define_words {
    ($( $(#[$doc:meta])* $name:ident { $( $variant:ident $word:literal; )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( #[doc = concat!("`", $word, "`")] $variant, )*
        }

        impl $name {
            /// All of them, in the order of their numbers in the bytecode, which never change.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// The word in the program text.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }
    )* };
}

define_words! {
    /// What happens to a supervisor's other children when one ends and is started again (P62, P68).
    Strategy {
        OneForOne "one_for_one";
        OneForAll "one_for_all";
        RestForOne "rest_for_one";
        SimpleOneForOne "simple_one_for_one";
    }
    /// Whether a supervisor ends with its significant children (P69).
    AutoShutdown {
        Never "never";
        AnySignificant "any_significant";
        AllSignificant "all_significant";
    }
    /// When an ended child is started again (P63).
    Restart {
        Permanent "permanent";
        Transient "transient";
        Temporary "temporary";
    }
}

/// How a child is stopped (P67).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// It is asked, and killed after this many milliseconds.
    After(u64),
    /// It is killed.
    BrutalKill,
    /// It is asked, and waited for.
    Infinity,
}

impl Shutdown {
    /// How a function is stopped, unless written.
    pub const OF_FUNCTION: Self = Self::After(5_000);
    /// How a supervisor is stopped, unless written: it has children of its own to wait for.
    pub const OF_SUPERVISOR: Self = Self::Infinity;
}

/// A supervisor that is inside of itself or leads to one that is, if there is any: starting it would never end.
#[must_use]
pub fn circle(supervisors: &[SupervisorSpec]) -> Option<usize> {
    let by_name: HashMap<&Text, usize> =
        supervisors.iter().enumerate().map(|(number, supervisor)| (&supervisor.name, number)).collect();
    let inner = |number: usize| {
        supervisors[number].children.iter().filter_map(|child| match &child.start {
            Start::Supervisor(name) => by_name.get(name).copied(),
            Start::Function { .. } => None,
        })
    };
    // Supervisors whose inner ones are all done are done; what never becomes so is part of a circle or leads to one.
    let mut waits_for: Vec<usize> = (0..supervisors.len()).map(|number| inner(number).count()).collect();
    let mut outer: Vec<Vec<usize>> = vec![Vec::new(); supervisors.len()];
    (0..supervisors.len()).for_each(|number| inner(number).for_each(|inner| outer[inner].push(number)));
    let mut done: Vec<usize> = (0..supervisors.len()).filter(|number| waits_for[*number] == 0).collect();
    while let Some(number) = done.pop() {
        for outer in std::mem::take(&mut outer[number]) {
            waits_for[outer] -= 1;
            if waits_for[outer] == 0 {
                done.push(outer);
            }
        }
    }
    waits_for.iter().position(|count| *count > 0)
}
