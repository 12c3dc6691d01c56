//! Plays the same scripts on this machine and on Erlang/OTP, and compares what processes see: the promise of
//! `docs/reference/processes.md` is OTP's semantics where it promises something.
//!
//! The scripts come from the generator, as texts that both sides read; `otp/agents.ttvm` and `otp/agents.erl` play those about
//! processes, `otp/supervision.ttvm` and `otp/supervision.erl` those about supervisors, and print a line for each step. What
//! the two call by different names is settled there, and which orders are open in the normal forms below. `TTVM_PROGRAMS`
//! asks for more scripts, `TTVM_SEED` for others.
//!
//! Needs `erl`; without it, or with `TTVM_NO_ERLANG`, what compares is ignored (`docs/decisions/0012-otp.md`).

use std::{collections::BTreeMap, env, fmt::Write as _, fs, ops::Range, path::Path, process::Command};

use ttvm_assembler::assemble;
use ttvm_generator::{Supervision, process_script, supervision};
use ttvm_oracle::Schedule;
use ttvm_tests::{Ending, MachineTier, Program, ScheduledOracle, Tier};

/// Scripts about processes, and trees of supervisors, each a program of its own; `TTVM_PROGRAMS` asks for more.
const SCRIPTS: u64 = 400;
const TREES: u64 = 150;

/// Scripts begin with this seed, or with `TTVM_SEED`.
const FIRST_SEED: u64 = 1;

/// More than the reference interpreter needs for a script.
const STEPS_MAX_OF_SCRIPT: u64 = 10_000_000;

/// What a player prints for each script: a line for each step.
type Outcomes = BTreeMap<u64, Vec<String>>;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/otp").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lets an Erlang module of ours play the scripts that these terms are.
fn run_erlang(player: &str, terms: &[String]) -> String {
    const RUN: &str = "[Terms | Sources] = init:get_plain_arguments(), \
        [scripts, Player] = [begin \
            {ok, Module, Code} = compile:file(Source, [binary, report]), \
            {module, Module} = code:load_binary(Module, Source, Code), \
            Module end || Source <- Sources], \
        scripts:play(Player, Terms), halt(0).";
    let folder = tempfile::tempdir().expect("there is room for scripts");
    let file = folder.path().join("terms");
    fs::write(&file, terms.iter().fold(String::new(), |text, term| text + term + ".\n"))
        .expect("scripts can be written");
    let sources =
        ["scripts.erl", player].map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/otp").join(name));
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-noinput", "-kernel", "logger_level", "none", "-eval", RUN, "-extra"]);
    let output = erl.arg(file).args(sources).output();
    let output = output.unwrap_or_else(|error| panic!("erl, of the package erlang-base, cannot be run: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "erl: {}\n{said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    said
}

/// Sorts lines by script. What else was printed is a failure of a player.
fn outcomes(printed: &str) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for line in printed.lines() {
        let step = line.split_once('.').and_then(|(script, step)| Some((script.parse().ok()?, step)));
        let (script, step): (u64, &str) = step.unwrap_or_else(|| panic!("no step of a script: {line}"));
        outcomes.entry(script).or_default().push(step.to_owned());
    }
    outcomes
}

/// Of a step about processes. What is not ordered by any rule is sorted: the ends that follow from one step, signals of different senders in a mailbox,
/// and, of one sender who has ended, what its links and its monitors say.
fn normal_form(step: &str) -> String {
    let Some((done, ends)) = step.split_once(" ! ") else { return step.to_owned() };
    let mut ends: Vec<&str> = ends.split(" ; ").collect();
    ends.sort_unstable();
    let done: Vec<String> = done.split(" ~ ").map(normal_form_of_action).collect();
    format!("{} ! {}", done.join(" ~ "), ends.join(" ; "))
}

fn normal_form_of_action(result: &str) -> String {
    let Some((before, items)) = result.split_once('[').filter(|_| result.ends_with(']')) else {
        return result.to_owned();
    };
    let is_mailbox = ["m ", "exit ", "down "].iter().any(|kind| items.starts_with(kind));
    if !is_mailbox {
        return result.to_owned();
    }
    let mut senders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in items[..items.len() - 1].split(" | ") {
        senders.entry(item.split(' ').nth(1).unwrap_or_default()).or_default().push(item);
    }
    for items in senders.values_mut() {
        items
            .chunk_by_mut(|one, other| !one.starts_with("m ") && !other.starts_with("m "))
            .for_each(<[_]>::sort_unstable);
    }
    format!("{before}[{}]", senders.into_values().flatten().collect::<Vec<_>>().join(" | "))
}

/// Of a step about supervisors: what came of it, who started and was stopped, who ended, which children there are. Who was
/// started at the same time says so in any order unless `in_order`; when a supervisor was killed, its children end by
/// themselves. Of two children that end together, one may be started and stopped because of the other before it can say
/// anything: OTP waits until a child has started, and a child here has when it is there.
fn normal_form_of_tree(step: &str, in_order: bool) -> String {
    let parts: Vec<&str> = step.split(" @ ").collect();
    let [did, events, ends, children] = parts[..] else { return step.to_owned() };
    let sorted = |part: &str| {
        let mut items: Vec<&str> = part.split(" ; ").collect();
        items.sort_unstable();
        items.join(" ; ")
    };
    let (events, ends) = if did.contains(" both ") {
        (String::new(), String::new())
    } else if in_order && !did.ends_with(": kill") {
        (events.to_owned(), sorted(ends))
    } else {
        (sorted(events), sorted(ends))
    };
    format!("{did} @ {events} @ {ends} @ {}", sorted(children))
}

/// Runs a player on a machine.
fn run(tier: &dyn Tier, program: &Program) -> Outcomes {
    let observed = tier.run(program);
    assert_eq!(observed.ending, Ending::Exit(0), "{}: {}", tier.name(), observed.stderr);
    outcomes(&observed.stdout)
}

/// The player of a text as a program. Under --strict, a second name is an error, as in OTP (rule P43).
fn player(name: &str, text: &str, input: String) -> Program {
    let assembly = assemble(name, text.as_bytes());
    assert!(assembly.is_ok(), "{:?}", assembly.diagnostics);
    Program { input, is_strict: true, ..Program::alone(assembly.module) }
}

fn seeds(count: u64) -> Range<u64> {
    let first = number("TTVM_SEED", FIRST_SEED);
    first..first + number("TTVM_PROGRAMS", count)
}

/// Insists that both sides have printed the same for a script, in normal form.
fn assert_same(name: &str, script: &str, in_otp: &[String], here: &[String], form: impl Fn(&str) -> String) {
    let mut steps = String::new();
    for index in 0..in_otp.len().max(here.len()) {
        let [in_otp, here] =
            [in_otp, here].map(|lines| lines.get(index).map_or("nothing".to_owned(), |step| form(step)));
        assert!(in_otp == here, "{name} differs from OTP:\n{script}\n{steps}OTP:  {in_otp}\nttvm: {here}");
        writeln!(steps, "  {here}").expect("strings take what is written to them");
    }
}

// Rules: P1 P3-P5 P7 P8-P18 P31-P34 P36-P39 P41-P48 P52.
#[test]
#[cfg_attr(not(has_erlang), ignore = "needs erl of Erlang/OTP, Debian's package erlang-base")]
fn processes_see_what_they_see_in_erlang() {
    let scripts: BTreeMap<u64, String> = seeds(SCRIPTS).map(|seed| (seed, process_script(seed))).collect();
    let terms: Vec<String> = scripts.values().cloned().collect();
    let in_otp = outcomes(&run_erlang("agents.erl", &terms));
    let program = player("agents.ttvm", &text("agents.ttvm"), format!("[{}]", terms.join(",")));
    let compare = |tier: &dyn Tier, program: &Program| {
        let here = run(tier, program);
        for (number, script) in &scripts {
            assert_same(tier.name(), script, &in_otp[number], &here[number], normal_form);
        }
    };
    for (schedulers, seed) in [(1, 0), (1, 1), (2, 0), (8, 0)] {
        compare(&MachineTier::new(schedulers, seed, true), &program);
    }
    let trusting = Program { arguments: vec!["trusting".to_owned()], ..program };
    compare(&ScheduledOracle::new(STEPS_MAX_OF_SCRIPT * terms.len() as u64, Schedule::default()), &trusting);
}

// Rules: P60-P65 P67-P71 P73.
#[test]
#[cfg_attr(not(has_erlang), ignore = "needs erl of Erlang/OTP, Debian's package erlang-base")]
fn supervisors_do_what_they_do_in_otp() {
    let trees: BTreeMap<u64, Supervision> = seeds(TREES).map(|seed| (seed, supervision(seed))).collect();
    let terms: Vec<String> = trees.values().map(|tree| tree.script.clone()).collect();
    let in_otp = outcomes(&run_erlang("supervision.erl", &terms));
    let text = text("supervision.ttvm");
    for (number, Supervision { script, blocks }) in &trees {
        let program = player("supervision.ttvm", &(text.clone() + blocks), script.clone());
        for (schedulers, seed) in [(1, 0), (1, 1), (8, 0)] {
            let machine = MachineTier::new(schedulers, seed, true);
            // With one scheduler and no seed, who is started first runs first. Children that are all alike are stopped at the
            // same time (rule P68).
            let in_order = (schedulers, seed) == (1, 0) && !blocks.contains("simple_one_for_one");
            let form = |step: &str| normal_form_of_tree(step, in_order);
            let here = run(&machine, &program);
            assert_same(machine.name(), &format!("{script}\n{blocks}"), &in_otp[number], &here[number], form);
        }
    }
}

#[test]
fn what_no_rule_orders_is_sorted() {
    let sorted = |step: &str| normal_form(step);
    assert_eq!(sorted("1 p0: ok ! p2 killed ; p1 x"), "1 p0: ok ! p1 x ; p2 killed");
    assert_eq!(
        sorted("1 p0: ok ~ [m p2 t2 | m p1 t9 | down p2 s1 x | exit p2 x | m p1 t3] ! "),
        "1 p0: ok ~ [m p1 t9 | m p1 t3 | m p2 t2 | down p2 s1 x | exit p2 x] ! "
    );
    assert_eq!(sorted("1 p0: exit [shutdown, tired] ! "), "1 p0: exit [shutdown, tired] ! ");
    let tree = "1 end a: ok @ stop b shutdown ; start a @ b x ; a y @ b stopped ; a running";
    assert_eq!(
        normal_form_of_tree(tree, true),
        "1 end a: ok @ stop b shutdown ; start a @ a y ; b x @ a running ; b stopped"
    );
    assert_eq!(
        normal_form_of_tree(tree, false),
        "1 end a: ok @ start a ; stop b shutdown @ a y ; b x @ a running ; b stopped"
    );
    let (in_order, swapped) = ("1 p0: [m p1 t1 | exit p1 x] ! ", "1 p0: [exit p1 x | m p1 t1] ! ");
    assert_ne!(sorted(in_order), sorted(swapped));
}
