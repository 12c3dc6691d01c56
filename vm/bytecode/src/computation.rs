//! `.computation` blocks as data: the supersteps of a computation and the functions that fill them in.
//!
//! Whoever performs `COMPUTE` reads them; nothing here runs. Rules about them: S8 to S13 in `docs/reference/supersteps.md`,
//! and V13.

use ttvm_isa::{FoldOperation, Text};

/// A `.computation` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputationSpec {
    /// The name `COMPUTE` calls it by.
    pub name: Text,
    /// Makes a processor's first state; without it that is its part of the input.
    pub initialize: Option<Text>,
    /// The supersteps of one iteration, in order.
    pub supersteps: Vec<SuperstepSpec>,
    /// Makes a processor's result; without it that is its last state.
    pub finalize: Option<Text>,
    /// How many processors there are, if written.
    pub processors: Option<u32>,
    /// After how many iterations it ends at the latest, if written.
    pub max_supersteps: Option<u64>,
    /// How long a processor waits at a barrier, in milliseconds, if written.
    pub barrier_timeout_ms: Option<u64>,
    /// After how many barriers the states are kept each time, if written.
    pub checkpoint_every: Option<u64>,
    /// How many crashes it goes on after, if written.
    pub on_crash_restart: Option<u32>,
    /// What merges messages to one processor.
    pub combine: Option<Combiner>,
}

/// A `superstep` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuperstepSpec {
    /// Its name among the computation's supersteps.
    pub name: Text,
    /// What makes the new state. Without it the state stays, and the messages go on to the next superstep.
    pub compute: Option<Compute>,
    /// What gives the messages to be sent; without it there are none.
    pub communicate: Option<Text>,
    /// When the processor has converged.
    pub converged: Convergence,
}

/// How a superstep makes the new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compute {
    /// `keep`: it stays as it is.
    Keep,
    /// A function of the module.
    Function(Text),
}

/// When a processor says in a superstep that it has converged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Convergence {
    /// `never`, also if nothing is written.
    Never,
    /// `always`
    Always,
    /// A function of the module.
    Function(Text),
}

/// What merges messages to one processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Combiner {
    /// One of the operations with names.
    Operation(FoldOperation),
    /// A function of the module.
    Function(Text),
}

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// (partition, id, count) -> state
    Initialize,
    /// (state, inbox, superstep) -> state
    Compute,
    /// (state, superstep) -> list of [to, value]
    Communicate,
    /// (old, new, superstep) -> bool
    Converged,
    /// (state, reason) -> result
    Finalize,
    /// (a, b) -> value
    Combine,
}

impl Role {
    /// The word of the block that names such a function.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::Compute => "compute",
            Self::Communicate => "communicate",
            Self::Converged => "converged",
            Self::Finalize => "finalize",
            Self::Combine => "combine",
        }
    }

    /// How many parameters such a function has.
    #[must_use]
    pub const fn parameters(self) -> usize {
        match self {
            Self::Initialize | Self::Compute | Self::Converged => 3,
            Self::Communicate | Self::Finalize | Self::Combine => 2,
        }
    }
}

impl ComputationSpec {
    /// A computation of which only the name is written.
    #[must_use]
    pub const fn new(name: Text) -> Self {
        Self {
            name,
            initialize: None,
            supersteps: Vec::new(),
            finalize: None,
            processors: None,
            max_supersteps: None,
            barrier_timeout_ms: None,
            checkpoint_every: None,
            on_crash_restart: None,
            combine: None,
        }
    }

    /// The functions it names, but for those of its supersteps.
    pub fn functions(&self) -> impl Iterator<Item = (Role, &Text)> {
        let combine = match &self.combine {
            Some(Combiner::Function(name)) => Some(name),
            Some(Combiner::Operation(_)) | None => None,
        };
        let initialize = self.initialize.iter().map(|name| (Role::Initialize, name));
        let finalize = self.finalize.iter().map(|name| (Role::Finalize, name));
        initialize.chain(finalize).chain(combine.map(|name| (Role::Combine, name)))
    }
}

impl SuperstepSpec {
    /// A superstep of which only the name is written.
    #[must_use]
    pub const fn new(name: Text) -> Self {
        Self { name, compute: None, communicate: None, converged: Convergence::Never }
    }

    /// The functions it names.
    pub fn functions(&self) -> impl Iterator<Item = (Role, &Text)> {
        let compute = match &self.compute {
            Some(Compute::Function(name)) => Some((Role::Compute, name)),
            Some(Compute::Keep) | None => None,
        };
        let converged = match &self.converged {
            Convergence::Function(name) => Some((Role::Converged, name)),
            Convergence::Never | Convergence::Always => None,
        };
        let communicate = self.communicate.iter().map(|name| (Role::Communicate, name));
        compute.into_iter().chain(communicate).chain(converged)
    }
}
