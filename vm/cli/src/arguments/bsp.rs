//! The commands of `ttvm bsp`.
//!
//! Not here: what they do (`commands/bsp.rs`).

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{Args, Subcommand, value_parser};

use super::{PermissionArguments, RunArguments, SchedulerArguments};

/// What can be done with computations.
#[derive(Debug, Subcommand)]
pub enum BspCommand {
    /// Run one computation of a program by itself.
    ///
    /// Prints the list of the processors' results, in order. The program's main code does not run.
    #[command(
        override_usage = "ttvm bsp run [OPTIONS] <FILE> <NAME> [-- ARGUMENTS]...",
        after_help = "Examples:\n  ttvm bsp run sums.ttvm parallel_sum --processors 4 --input data.json\n  \
            generate | ttvm bsp run sums.ttvm parallel_sum --input - --json\n  \
            ttvm bsp run pagerank.ttvm pagerank --processors 4 --input graph.txt\n  \
            ttvm bsp run sums.ttvm parallel_sum --telemetry events.jsonl"
    )]
    Run(BspRunArguments),
    /// Go on with a computation after its machine was killed.
    ///
    /// The folder is that of `--checkpoint-dir`. The result is that of a run which nobody disturbed.
    #[command(after_help = "Examples:\n  ttvm bsp resume checkpoints\n  ttvm bsp resume checkpoints moved/sums.ttvm")]
    Resume(BspResumeArguments),
    /// Measure what supersteps cost on this machine.
    ///
    /// Prints g, the time for each message of the processor that sends or gets most, and l, the time for ending a
    /// superstep, and keeps them in `ttvm/bsp.json` of the cache directory (XDG_CACHE_HOME, or ~/.cache). Then `ttvm bsp
    /// run` shows how long each superstep should have taken: work + h * g + l.
    #[command(after_help = "Examples:\n  ttvm bsp calibrate\n  ttvm bsp calibrate --processors 1000 --no-smp")]
    Calibrate(CalibrateArguments),
}

/// For which computations to measure.
#[derive(Args, Debug)]
pub struct CalibrateArguments {
    /// For this many processors instead of one for each scheduler.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub processors: Option<u32>,
    /// On how many threads.
    #[command(flatten)]
    pub schedulers: SchedulerArguments,
}

/// Which computation to run, and how.
#[derive(Args, Debug)]
pub struct BspRunArguments {
    /// The program, text or bytecode; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: OsString,
    /// The name of its `.computation` block.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Use this many processors instead of as many as the block says.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub processors: Option<u32>,
    /// The input: a file `*.json`, or `-` for JSON on standard input; of any other file its text. Without it the input is null.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// End after this many iterations, if not before.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub max_supersteps: Option<u64>,
    /// Take a checkpoint after each N supersteps.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub checkpoint_every: Option<u64>,
    /// Keep the last checkpoints in this folder, for `ttvm bsp resume`; after each superstep, unless told otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub checkpoint_dir: Option<PathBuf>,
    /// How it runs and what is shown of it.
    #[command(flatten)]
    pub how: ComputationArguments,
    /// The program's arguments, behind `--`.
    #[arg(value_name = "ARGUMENTS", last = true)]
    pub arguments: Vec<OsString>,
}

/// Which computation to go on with, and how.
#[derive(Args, Debug)]
pub struct BspResumeArguments {
    /// The folder with its checkpoints.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// The program, if it is not where it was.
    #[arg(value_name = "FILE")]
    pub file: Option<OsString>,
    /// How it runs and what is shown of it.
    #[command(flatten)]
    pub how: ComputationArguments,
}

/// How a computation runs and what is shown of it: whatever does not change its results.
#[derive(Args, Debug)]
pub struct ComputationArguments {
    /// Print the results as JSON.
    #[arg(long)]
    pub json: bool,
    /// Write what happens into this file, an event a line as JSON; `-` is standard error.
    #[arg(long, value_name = "FILE")]
    pub telemetry: Option<PathBuf>,
    /// Draw what each processor did in which superstep, as SVG.
    #[arg(long, value_name = "FILE.SVG")]
    pub plot: Option<PathBuf>,
    /// On how many threads.
    #[command(flatten)]
    pub schedulers: SchedulerArguments,
    /// Seed for RANDOM and, with one scheduler, for the order in which processes run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Show neither warnings nor the progress nor the table of supersteps.
    #[arg(short, long)]
    pub quiet: bool,
    /// Let time stand still until every process waits, and then go on at once; implies --no-smp.
    #[arg(long)]
    pub virtual_time: bool,
    /// What the program may do outside.
    #[command(flatten)]
    pub permissions: PermissionArguments,
}

impl ComputationArguments {
    /// The same for a plain run of a program with its arguments.
    #[must_use]
    pub fn run(&self, file: &OsStr, arguments: impl IntoIterator<Item = OsString>) -> RunArguments {
        let mut program = vec![file.to_owned()];
        program.extend(arguments);
        RunArguments {
            program,
            schedulers: self.schedulers,
            seed: self.seed,
            quiet: self.quiet,
            virtual_time: self.virtual_time,
            permissions: self.permissions.clone(),
            ..RunArguments::default()
        }
    }
}
