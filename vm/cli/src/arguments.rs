//! What can be said on the command line, with the help texts.
//!
//! Not here: what the commands do (`commands/`).

mod bsp;
mod builtin_test;
mod permissions;
mod schedulers;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use clap_complete::Shell;

use crate::live::Sort;

pub use bsp::{BspCommand, BspResumeArguments, BspRunArguments, CalibrateArguments, ComputationArguments};
pub use builtin_test::BuiltinTest;
pub use permissions::PermissionArguments;
pub use schedulers::SchedulerArguments;

const EXAMPLES: &str = "\
Examples:
  ttvm hello.ttvm                    run a program
  ttvm sort.ttvm 3 1 2               run it with arguments
  ttvm check *.ttvm                  find mistakes without running
  ttvm compile hello.ttvm hello.ttb  make bytecode, which runs the same
  ttvm test --filter parse json.ttvm run some of its tests
  ttvm --profile slow.ttvm           see where time goes

Exit codes: 0 all is well; 1 the program crashed, or mistakes or failing tests were found;
2 wrong usage; 3 a program cannot be loaded; 4 every process waits for ever. A program may choose its own with EXIT.";

const USAGE: &str = "ttvm [OPTIONS] <FILE> [ARGUMENTS]...
       ttvm <COMMAND> ...";

/// Runs programs of the TinyTotVM assembly language, and the tools around it.
///
/// The first word that is no option is a command or else the program to run, as text or bytecode. Options for ttvm
/// stand before the program; everything behind it belongs to the program. A program that is called like a command
/// runs with `ttvm run`.
#[derive(Debug, Parser)]
#[command(
    name = "ttvm",
    version,
    after_help = EXAMPLES,
    override_usage = USAGE,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    max_term_width = 100,
)]
pub struct CommandLine {
    /// The command, if one is named.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to run otherwise.
    #[command(flatten)]
    pub run: RunArguments,
}

impl CommandLine {
    /// What `ttvm FILE ARGUMENTS…` means: the first word is neither option nor command, and all words belong to the program.
    /// This is most of what anybody says, and then nothing else that could have been said needs to be described first.
    #[must_use]
    pub fn plain_run(words: impl Iterator<Item = OsString>) -> Option<Self> {
        let program: Vec<OsString> = words.skip(1).collect();
        let first = program.first()?.to_str()?;
        let is_file = !first.starts_with('-') && first != "help" && !Command::has_subcommand(first);
        is_file.then(|| Self { command: None, run: RunArguments { program, ..RunArguments::default() } })
    }
}

/// Everything `ttvm` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program.
    ///
    /// The same as `ttvm FILE`, also for files that are called like a command.
    #[command(
        override_usage = "ttvm run [OPTIONS] <FILE> [ARGUMENTS]...",
        after_help = "Examples:\n  ttvm run hello.ttvm\n  ttvm run --seed 7 dice.ttvm 3\n  generate | ttvm run -"
    )]
    Run(RunArguments),
    /// Run a program and show each instruction, or draw what its processes do.
    ///
    /// Without -o the same as `ttvm --trace FILE`. With it, writes a file in Chrome's trace-event format, which
    /// <https://ui.perfetto.dev> and chrome://tracing show: a track for each scheduler and each process, with turns,
    /// messages and whatever else happens to processes.
    #[command(after_help = "Examples:\n  ttvm trace hello.ttvm\n  ttvm trace shop.ttvm -o shop.json\n  \
        ttvm trace --schedulers 2 shop.ttvm -o shop.json -- 3 espressos")]
    Trace(TraceArguments),
    /// Run a program and show where its reductions and its time go.
    ///
    /// The same as `ttvm --profile FILE`: calls, times and reductions of each function, on standard error.
    #[command(
        override_usage = "ttvm profile [OPTIONS] <FILE> [ARGUMENTS]...",
        after_help = "Examples:\n  ttvm profile slow.ttvm\n  ttvm profile --json slow.ttvm 2>profile.json"
    )]
    Profile(RunArguments),
    /// Watch the processes of a program that runs with --observe.
    ///
    /// A live screen: processes by reductions, mailboxes or memory, the tree of supervisors, the schedulers. Keys are
    /// shown at the bottom; q quits.
    #[command(after_help = "Examples:\n  ttvm --observe shop.ttvm &\n  ttvm top\n  ttvm top 4711\n  \
        ttvm top --once --sort mailbox --limit 10\n  ttvm top --json | jq .alive")]
    Top(TopArguments),
    /// Run computations in supersteps by themselves.
    #[command(
        subcommand,
        after_help = "Example:\n  ttvm bsp run sums.ttvm parallel_sum --processors 4 --input data.json"
    )]
    Bsp(BspCommand),
    /// Translate a program's text to bytecode.
    ///
    /// The same text gives the same bytes on every machine.
    #[command(after_help = "Example:\n  ttvm compile hello.ttvm hello.ttb && ttvm hello.ttb")]
    Compile(InputAndOutput),
    /// Show bytecode as text that compiles to the same bytes.
    #[command(after_help = "Examples:\n  ttvm disasm hello.ttb\n  ttvm disasm hello.ttb -o hello.ttvm")]
    Disasm(DisasmArguments),
    /// Find mistakes in programs without running them.
    ///
    /// Shows everything there is to say: errors, warnings, and code that can only run slowly.
    #[command(after_help = "Examples:\n  ttvm check hello.ttvm\n  ttvm check --quiet *.ttvm\n\n\
        Exit code 1 if any file has errors, 0 if there are none but perhaps warnings.")]
    Check(CheckArguments),
    /// Say what the code of a message means, with an example.
    ///
    /// Without a code: list all.
    #[command(after_help = "Examples:\n  ttvm explain A0302\n  ttvm explain")]
    Explain(ExplainArguments),
    /// Show programs in canonical layout, or rewrite them in it.
    #[command(after_help = "Examples:\n  ttvm fmt ugly.ttvm\n  ttvm fmt --write *.ttvm\n  ttvm fmt --check *.ttvm")]
    Fmt(FmtArguments),
    /// Run the `.test` blocks of programs.
    ///
    /// Each test has a machine of its own. What a test prints is shown when it fails.
    #[command(after_help = "Examples:\n  ttvm test stack.ttvm\n  ttvm test --filter empty *.ttvm\n\n\
        Exit code 1 if any test fails.")]
    Test(TestArguments),
    /// Make a program smaller and faster without changing what it does.
    #[command(
        after_help = "Examples:\n  ttvm optimize slow.ttvm fast.ttb\n  ttvm optimize --report slow.ttb fast.ttvm\n\n\
        The result is text if its name ends in .ttvm, else bytecode."
    )]
    Optimize(OptimizeArguments),
    /// Translate a small Lisp to a program's text.
    #[command(name = "compile-lisp", after_help = "Example:\n  ttvm compile-lisp fib.lisp fib.ttvm && ttvm fib.ttvm")]
    CompileLisp(InputAndOutput),
    /// Write a script that completes ttvm's commands and options in a shell.
    #[command(after_help = "Example:\n  ttvm completions bash >/etc/bash_completion.d/ttvm")]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the manual page.
    #[command(after_help = "Examples:\n  ttvm man | man -l -\n  ttvm man -o /usr/local/share/man/man1")]
    Man {
        /// Writes pages for ttvm and each command into this directory instead of standard output.
        #[arg(short, long, value_name = "DIRECTORY")]
        output: Option<PathBuf>,
    },
    /// A test that is built in.
    #[command(flatten)]
    Builtin(BuiltinTest),
}

/// How to run a program.
#[derive(Args, Debug, Default)]
pub struct RunArguments {
    /// The program, text or bytecode (`-` reads it from standard input), and behind it its arguments.
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true)]
    pub program: Vec<OsString>,
    /// Use all cores, which is what happens without it too, and say so on standard error.
    #[arg(long, conflicts_with = "no_smp")]
    pub smp: bool,
    /// On how many threads.
    #[command(flatten)]
    pub schedulers: SchedulerArguments,
    /// Seed for RANDOM and, with --no-smp, for the order in which processes run.
    ///
    /// The same seed gives the same run. Without it, it is 0 with one scheduler and random with more.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Make errors of what is only suspicious.
    #[arg(long)]
    pub strict: bool,
    /// Show no warnings about the program.
    #[arg(short, long)]
    pub quiet: bool,
    /// Let time stand still until every process waits, and then go on at once; implies --no-smp.
    #[arg(long)]
    pub virtual_time: bool,
    /// Show every instruction with the operands it finds, on standard error.
    #[arg(long, conflicts_with = "profile")]
    pub trace: bool,
    /// Show calls, times and reductions of each function at the end, on standard error.
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    pub profile: Option<ProfileFormat>,
    /// Show what happens to processes, a line for each thing, on standard error.
    #[arg(long)]
    pub trace_procs: bool,
    /// Show what each process did, and for how long it ran and waited, at the end, on standard error.
    #[arg(long)]
    pub profile_procs: bool,
    /// With --profile-procs: as JSON; without it the same as --profile=json.
    #[arg(long, conflicts_with_all = ["profile", "trace"])]
    pub json: bool,
    /// Show how many reductions were spent, on standard error.
    #[arg(long)]
    pub reductions: bool,
    /// Let there be at most this many processes at once; one more is an error in whoever spawns it.
    #[arg(long, value_name = "N")]
    pub max_processes: Option<u64>,
    /// Let `ttvm top` watch the program, through a local socket whose path is shown on standard error.
    #[arg(long, value_name = "SOCKET", num_args = 0..=1, require_equals = true)]
    pub observe: Option<Option<PathBuf>>,
    /// What the program may do outside.
    #[command(flatten)]
    pub permissions: PermissionArguments,
}

/// Which program to watch, and how.
#[derive(Args, Debug)]
pub struct TopArguments {
    /// The program's process number or the path of its socket; not needed while only one runs with --observe.
    #[arg(value_name = "PID|SOCKET")]
    pub program: Option<OsString>,
    /// Look once, and print what is seen.
    #[arg(long)]
    pub once: bool,
    /// Look once, and print what is seen as one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Which processes come first.
    #[arg(long, value_name = "KEY", default_value = "reductions")]
    pub sort: Sort,
    /// How many processes to show with --once and --json.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which program to trace.
#[derive(Args, Debug)]
pub struct TraceArguments {
    /// The program, text or bytecode; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: OsString,
    /// The picture to write instead of showing instructions; `-` is standard output.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// On how many threads.
    #[command(flatten)]
    pub schedulers: SchedulerArguments,
    /// Seed for RANDOM and, with one scheduler, for the order in which processes run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Show no warnings about the program.
    #[arg(short, long)]
    pub quiet: bool,
    /// What the program may do outside.
    #[command(flatten)]
    pub permissions: PermissionArguments,
    /// The program's arguments, behind `--`.
    #[arg(value_name = "ARGUMENTS", last = true)]
    pub arguments: Vec<OsString>,
}

impl TraceArguments {
    /// The same for a plain run.
    #[must_use]
    pub fn run(self) -> RunArguments {
        let mut program = vec![self.file];
        program.extend(self.arguments);
        RunArguments {
            program,
            schedulers: self.schedulers,
            seed: self.seed,
            quiet: self.quiet,
            trace: self.output.is_none(),
            permissions: self.permissions,
            ..RunArguments::default()
        }
    }
}

/// How a profile is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileFormat {
    /// A table for people.
    Table,
    /// JSON for programs.
    Json,
}

/// One file in, one file out.
#[derive(Args, Debug)]
pub struct InputAndOutput {
    /// The file to read; `-` is standard input.
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// The file to write; `-` is standard output.
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Show no warnings.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What to show as text.
#[derive(Args, Debug)]
pub struct DisasmArguments {
    /// The program, bytecode or text; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The file to write instead of standard output.
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    pub output: PathBuf,
}

/// What to check.
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// The programs; `-` is standard input.
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
    /// Show errors only.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What to explain.
#[derive(Args, Debug)]
pub struct ExplainArguments {
    /// The code, such as A0302; all without it.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// What to bring into canonical layout.
#[derive(Args, Debug)]
pub struct FmtArguments {
    /// The programs' texts; `-` is standard input.
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
    /// Rewrite the files instead of printing them.
    #[arg(short, long)]
    pub write: bool,
    /// Print nothing but the names of the files that are not in canonical layout, and exit with code 1 if there are any.
    #[arg(long, conflicts_with = "write")]
    pub check: bool,
}

/// Which tests to run.
#[derive(Args, Debug)]
pub struct TestArguments {
    /// The programs; `-` is standard input.
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
    /// Run only tests whose title contains this.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Seed for RANDOM in each test.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64), default_value_t = 0, hide_default_value = true)]
    pub seed: u64,
    /// Show no warnings about the programs.
    #[arg(short, long)]
    pub quiet: bool,
    /// What the programs may do outside.
    #[command(flatten)]
    pub permissions: PermissionArguments,
}

/// What to optimize.
#[derive(Args, Debug)]
pub struct OptimizeArguments {
    /// The files.
    #[command(flatten)]
    pub files: InputAndOutput,
    /// Say on standard error what was changed.
    #[arg(long)]
    pub report: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_options_is_understood_at_once_as_it_is_otherwise() {
        let lines: [&[&str]; 7] = [
            &["hello.ttvm"],
            &["hello.ttvm", "3", "--seed", "7", "--help"],
            &["hello.ttvm", "--", "check"],
            &["hello.ttvm", "-q", "--", "--"],
            &["helpful", "run"],
            &["", "x"],
            &["chek"],
        ];
        for line in lines {
            let words = || ["ttvm"].into_iter().chain(line.iter().copied()).map(OsString::from);
            let at_once = CommandLine::plain_run(words()).map(|line| format!("{line:?}"));
            assert_eq!(at_once, CommandLine::try_parse_from(words()).ok().map(|line| format!("{line:?}")), "{line:?}");
        }
    }

    #[test]
    fn options_and_commands_are_no_programs() {
        for line in [&["-q", "hello.ttvm"][..], &["check", "hello.ttvm"], &["help"], &["test-all"], &["-"], &[]] {
            let words = ["ttvm"].into_iter().chain(line.iter().copied()).map(OsString::from);
            assert!(CommandLine::plain_run(words).is_none(), "{line:?}");
        }
    }
}
