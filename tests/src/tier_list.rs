//! The ways to run a program, and the one list of them.

use ttvm_bytecode::{Module, VerifiedModule, read, write};
use ttvm_engine::LoadMode;
use ttvm_oracle::{Ending as OracleEnding, ImportProblem, MemoryHost, OracleOutcome, Schedule};

use crate::{
    engine_tier::Engine,
    machine_tier::MachineTier,
    program::{LoadError, Program, verified},
    tier::{Ending, Observed, Tier},
};

/// Every way to run a program. The first one is the reference, which the others must agree with unless it gives
/// up: after `steps_max` instructions or reductions. With `TTVM_TIER` only those whose name contains it, and the
/// reference.
#[must_use]
pub fn tiers(steps_max: u64) -> Vec<Box<dyn Tier>> {
    let wanted = std::env::var("TTVM_TIER").unwrap_or_default();
    let mut tiers = all_tiers(steps_max);
    let reference = tiers.remove(0);
    tiers.retain(|tier| tier.name().contains(&wanted));
    tiers.insert(0, reference);
    tiers
}

fn all_tiers(steps_max: u64) -> Vec<Box<dyn Tier>> {
    let engine = |name, mode, turn| Box::new(Engine { name, mode, turn, reductions_max: steps_max });
    vec![
        Box::new(Oracle { steps_max }),
        Box::new(OracleFromBytes { steps_max }),
        engine("engine", LoadMode::Ordinary, 4_000),
        engine("engine, turns of one reduction", LoadMode::Ordinary, 1),
        engine("engine in exact mode", LoadMode::Exact, 4_000),
        engine("engine in exact mode, turns of three reductions", LoadMode::Exact, 3),
    ]
}

/// Ways to run programs without processes through the whole machine.
#[must_use]
pub fn machine_tiers() -> Vec<MachineTier> {
    wanted(vec![MachineTier::new(1, 0, true), MachineTier::new(2, 0, true)])
}

/// Ways to run programs with processes; the first is deterministic. `with_seeds`: also in orders that are not first
/// in, first out. `with_real_time`: also with time that passes.
#[must_use]
pub fn process_tiers(with_seeds: bool, with_real_time: bool) -> Vec<MachineTier> {
    let mut tiers = vec![MachineTier::new(1, 0, true), MachineTier::new(1, 0, true).in_exact_mode()];
    if with_seeds {
        tiers.extend((1..=5).map(|seed| MachineTier::new(1, seed, true)));
        tiers.extend([MachineTier::new(2, 0, true), MachineTier::new(8, 0, true)]);
    }
    if with_real_time {
        tiers.push(MachineTier::new(1, 0, false));
    }
    if with_seeds && with_real_time {
        tiers.extend([MachineTier::new(1, 1, false), MachineTier::new(2, 0, false), MachineTier::new(8, 0, false)]);
    }
    tiers.iter_mut().for_each(|tier| tier.from_files = true);
    wanted(tiers)
}

/// Ways to run programs with processes through the reference interpreter, which gives up where it does not know
/// something. `with_orders`: also in orders that are not one after the other.
#[must_use]
pub fn process_references(steps_max: u64, with_orders: bool) -> Vec<ScheduledOracle> {
    let mut schedules = vec![Schedule::RoundRobin(4_000)];
    if with_orders {
        schedules.extend([Schedule::RoundRobin(1), Schedule::Random(1), Schedule::Random(2)]);
    }
    schedules.into_iter().map(|schedule| ScheduledOracle::new(steps_max, schedule)).collect()
}

/// Those whose name contains `TTVM_TIER`.
fn wanted(mut tiers: Vec<MachineTier>) -> Vec<MachineTier> {
    let wanted = std::env::var("TTVM_TIER").unwrap_or_default();
    tiers.retain(|tier| tier.name.contains(&wanted));
    tiers
}

/// The reference interpreter, on modules as the assembler makes them.
#[derive(Clone, Copy, Debug)]
pub struct Oracle {
    /// Instructions or reductions after which it gives up.
    pub steps_max: u64,
}

/// The reference interpreter, on modules that went through the bytes of a bytecode file.
#[derive(Clone, Copy, Debug)]
pub struct OracleFromBytes {
    /// Instructions or reductions after which it gives up.
    pub steps_max: u64,
}

/// The reference interpreter with a choice of which process runs next.
#[derive(Clone, Debug)]
pub struct ScheduledOracle {
    name: String,
    steps_max: u64,
    schedule: Schedule,
}

impl ScheduledOracle {
    /// It gives up after so many instructions, or reductions of one process.
    #[must_use]
    pub fn new(steps_max: u64, schedule: Schedule) -> Self {
        Self { name: format!("reference interpreter, {schedule:?}"), steps_max, schedule }
    }
}

impl Tier for ScheduledOracle {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, program: &Program) -> Observed {
        run_oracle(program, self.steps_max, self.schedule, Ok)
    }

    fn may_give_up(&self) -> bool {
        true
    }
}

impl Tier for Oracle {
    fn name(&self) -> &str {
        "reference interpreter"
    }

    fn run(&self, program: &Program) -> Observed {
        run_oracle(program, self.steps_max, Schedule::default(), Ok)
    }
}

impl Tier for OracleFromBytes {
    fn name(&self) -> &str {
        "reference interpreter on bytecode"
    }

    fn run(&self, program: &Program) -> Observed {
        run_oracle(program, self.steps_max, Schedule::default(), through_bytes)
    }
}

/// How a module reaches the tier.
type Way = fn(Module) -> Result<Module, String>;

fn through_bytes(module: Module) -> Result<Module, String> {
    let bytes = write(&module).map_err(|error| error.to_string())?;
    let again = read(&bytes).map_err(|error| error.to_string())?;
    if again == module { Ok(again) } else { Err("the bytecode file holds another module".to_owned()) }
}

fn run_oracle(program: &Program, steps_max: u64, schedule: Schedule, way: Way) -> Observed {
    let prepare = move |module: Module| -> Result<VerifiedModule, String> {
        verified(way(module)?).map_err(|error: LoadError| error.to_string())
    };
    let main = match prepare(program.module.clone()) {
        Ok(main) => main,
        Err(problem) => {
            let ending = Ending::NotLoaded(problem);
            return Observed { stdout: String::new(), stderr: String::new(), ending, reductions: 0 };
        }
    };
    let surroundings = program.clone();
    let loader = move |importer: &str, path: &str| {
        let module = surroundings.load(importer, path).map_err(|error| error.to_string());
        module.and_then(prepare).map_err(|reason| ImportProblem { reason })
    };
    let mut host = MemoryHost::new(&program.input, Box::new(loader));
    host.arguments.clone_from(&program.arguments);
    observed(
        ttvm_oracle::Oracle::new(main, Box::new(host))
            .with_schedule(schedule)
            .with_strictness(program.is_strict)
            .run(steps_max),
    )
}

fn observed(outcome: OracleOutcome) -> Observed {
    let ending = match outcome.ending {
        OracleEnding::Normal => Ending::Normal,
        OracleEnding::Exit(code) => Ending::Exit(code),
        OracleEnding::Uncaught(exception) => Ending::Uncaught {
            message: exception.message,
            kind: exception.kind.to_owned(),
            instruction: exception.instruction,
            trace: exception.trace,
        },
        OracleEnding::Failed(reason) => Ending::Failed(reason),
        OracleEnding::Deadlock(stuck) => Ending::Deadlock(stuck),
        OracleEnding::NotLoaded(reason) => Ending::NotLoaded(reason),
        OracleEnding::OutOfSteps => Ending::GaveUp("it runs for too long".to_owned()),
        OracleEnding::Unsupported(operation) => Ending::GaveUp(format!("{operation} is not supported")),
    };
    Observed { stdout: outcome.stdout, stderr: outcome.stderr, ending, reductions: outcome.reductions }
}
