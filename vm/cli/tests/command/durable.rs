//! `ttvm bsp run --checkpoint-dir` and `ttvm bsp resume`: computations whose machine is killed, wherever they are.
//!
//! What is refused, and what programs themselves can keep, is in `tests/tests/checkpoints.rs`.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread,
    time::Duration,
};

use ttvm_platform::entropy::Random;

use crate::{Output, Scratch};

/// Each processor mixes its number with what comes, random numbers and an aggregate of all, for 60 supersteps of at least a
/// millisecond each.
const MIX: &str = "\
.computation mix
  initialize begin
  superstep pass compute=add communicate=pass_on
  superstep rest communicate=to_first
  max_supersteps 30
.end
.fn begin part id count
    LOAD part
    LEN
    LOAD id
    ADD
    GET_ARGS
    LEN
    ADD
    RET
.end
.fn add number inbox step
    PUSH_INT 0
    STORE at
  more:
    LOAD at
    LOAD inbox
    LEN
    GE
    JNZ done
    LOAD number
    PUSH_INT 10
    MUL
    LOAD inbox
    LOAD at
    INDEX
    ADD
    PUSH_INT 1000003
    MOD
    STORE number
    LOAD at
    PUSH_INT 1
    ADD
    STORE at
    JMP more
  done:
    LOAD number
    RANDOM
    PUSH_INT 1000
    MUL
    TO_INT
    ADD
    STORE number
    LOAD number
    AGGREGATE all sum
    PUSH_INT 2
    SLEEP
    AGGREGATED all
    JZ none
    AGGREGATED all
    LOAD number
    ADD
    PUSH_INT 1000003
    MOD
    RET
  none:
    LOAD number
    RET
.end
.fn pass_on number step
    BSP_ID
    PUSH_INT 1
    ADD
    BSP_COUNT
    MOD
    LOAD number
    MAKE_LIST 2
    MAKE_LIST 1
    RET
.end
.fn to_first number step
    PUSH_INT 0
    LOAD step
    MAKE_LIST 2
    MAKE_LIST 1
    RET
.end
";

const INPUT: &str = "[1, 2, 3, 4, 5, 6, 7]";

fn scratch() -> Scratch {
    Scratch::with("mix.ttvm", MIX).and("data.json", INPUT)
}

/// Starts a computation; `more` says how.
fn begin(scratch: &Scratch, processors: &str, more: &[&str]) -> Command {
    let mut command = scratch.command();
    command.args(["bsp", "run", "mix.ttvm", "mix", "--input", "data.json", "-q", "--processors", processors]);
    // Whoever goes on with it has another one: with several schedulers any.
    command.args(["--seed", "17"]);
    command.args(more).args(["--", "one", "two"]);
    command
}

fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    Output {
        code: output.status.code().expect("no signal ends the command"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The superstep of the newest checkpoint.
fn newest(folder: &Path) -> Option<u64> {
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix("superstep-")?.strip_suffix(".ttc")?.parse().ok()).max()
}

/// Kills the machine as soon as there is a checkpoint of this superstep or a later one. `false` if it has ended first.
fn kill_at(child: &mut Child, folder: &Path, superstep: u64) -> bool {
    while child.try_wait().unwrap().is_none() {
        if newest(folder).is_some_and(|newest| newest >= superstep) {
            let is_killed = child.try_wait().unwrap().is_none();
            // On Unix that is SIGKILL.
            child.kill().unwrap();
            child.wait().unwrap();
            return is_killed;
        }
        thread::sleep(Duration::from_micros(200));
    }
    false
}

// Rules: S12
#[test]
fn a_computation_whose_machine_is_killed_again_and_again_comes_to_the_result_of_an_undisturbed_one() {
    let scratch = scratch();
    let mut random = Random::new(11);
    let mut kills = 0;
    'rounds: for round in 0..40 {
        if kills >= 12 {
            break;
        }
        let processors = ["1", "2", "5"][usize::try_from(random.below(3)).unwrap()];
        let schedulers = ["1", "2", "4"][usize::try_from(random.below(3)).unwrap()];
        let expected = output(&mut begin(&scratch, processors, &[]));
        assert_eq!((expected.code, expected.stderr.as_str()), (0, ""));
        let every = (1 + random.below(4)).to_string();
        let name = format!("checkpoints/{round}");
        let folder = scratch.path(&name);
        let words = ["--checkpoint-dir", &name, "--checkpoint-every", &every, "--schedulers", schedulers];
        let mut child = begin(&scratch, processors, &words).spawn().unwrap();
        let mut superstep = 1 + random.below(25);
        // Whatever it had printed when it was killed, nobody has seen all of it.
        while kill_at(&mut child, &folder, superstep) {
            // On a busy machine it may have printed its results before it was killed.
            if !folder.join("group.ttc").exists() {
                continue 'rounds;
            }
            kills += 1;
            superstep = newest(&folder).unwrap() + 1 + random.below(25);
            child = scratch.command().args(["bsp", "resume", &name, "-q"]).spawn().unwrap();
        }
        let done = child.wait_with_output().unwrap();
        let done = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
        assert_eq!(done, expected.stdout, "round {round}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left when it has ended");
    }
    assert!(kills > 0, "nothing was disturbed");
}

// Rules: S12
#[test]
fn killed_at_any_time_it_can_go_on_or_has_not_begun() {
    let scratch = scratch();
    let expected = output(&mut begin(&scratch, "3", &[]));
    let mut random = Random::new(5);
    for round in 0..12 {
        let name = format!("checkpoints{round}");
        let mut child = begin(&scratch, "3", &["--checkpoint-dir", &name]).spawn().unwrap();
        thread::sleep(Duration::from_micros(random.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let resumed = scratch.run(&["bsp", "resume", &name, "-q"]);
        if resumed.code == 0 {
            assert_eq!(resumed, expected);
        } else {
            assert!(resumed.stderr.contains("holds no checkpoints"), "{}", resumed.stderr);
            assert_eq!(output(&mut begin(&scratch, "3", &["--checkpoint-dir", &name])), expected);
        }
    }
}

#[test]
fn the_folder_knows_the_program_its_arguments_and_the_options() {
    let scratch = scratch();
    let folder = scratch.path("kept");
    let words = ["--checkpoint-dir", "kept", "--max-supersteps", "25", "--json"];
    let expected = output(&mut begin(&scratch, "2", &["--max-supersteps", "25"]));
    let killed = || {
        let mut child = begin(&scratch, "2", &words).spawn().unwrap();
        assert!(kill_at(&mut child, &folder, 3));
    };
    killed();
    // From another folder, the program is where it was.
    let mut command = scratch.command();
    command.current_dir(std::env::temp_dir()).args(["bsp", "resume", "-q"]).arg(&folder);
    assert_eq!(output(&mut command), expected);

    killed();
    let again = output(&mut begin(&scratch, "2", &words));
    assert_eq!(again.code, 1);
    let help = "error: COMPUTE mix: superstep 0 pass: kept already holds checkpoints: go on with `ttvm bsp resume kept`, or begin in another folder\n";
    assert!(again.stderr.starts_with(&format!("mix.ttvm: {help}")), "{}", again.stderr);

    fs::rename(scratch.path("mix.ttvm"), scratch.path("moved.ttvm")).unwrap();
    let lost = scratch.run(&["bsp", "resume", "kept", "-q"]);
    assert_eq!(lost.code, 3, "{}", lost.stderr);
    assert_eq!(scratch.run(&["bsp", "resume", "kept", "moved.ttvm", "-q"]), expected);
}

#[test]
fn what_cannot_be_gone_on_from_is_refused_before_anything_runs() {
    let scratch = scratch().and("damaged/group.ttc", b"\x89ttc\r\n\x1A\n\x01").and("text/group.ttc", "hello");
    for (folder, expected) in [
        ("nowhere", "error: nowhere holds no checkpoints: begin with `ttvm bsp run --checkpoint-dir nowhere`\n"),
        (
            "damaged",
            "error: damaged/group.ttc is damaged: it ends in the middle; nothing else is left in damaged to go on from: begin anew in \
             another folder\n",
        ),
        (
            "text",
            "error: text/group.ttc is not the description of a group whose checkpoints are kept; nothing else is left in text to go on \
             from: begin anew in another folder\n",
        ),
    ] {
        assert_eq!(scratch.run(&["bsp", "resume", folder]), Output::expect(3, "", expected));
    }
}

// Rules: S12
#[test]
fn a_program_from_standard_input_is_named_when_it_goes_on_and_groups_of_a_program_go_on_with_it() {
    let scratch = scratch();
    let folder = scratch.path("kept");
    let mut command = scratch.command();
    command.args([
        "bsp",
        "run",
        "-",
        "mix",
        "--input",
        "data.json",
        "-q",
        "--processors",
        "2",
        "--checkpoint-dir",
        "kept",
        "--seed",
        "17",
    ]);
    let mut child = command.stdin(fs::File::open(scratch.path("mix.ttvm")).unwrap()).spawn().unwrap();
    assert!(kill_at(&mut child, &folder, 3));
    let expected = "error: the program of kept came from standard input\nhelp: name it: ttvm bsp resume kept FILE\n";
    assert_eq!(scratch.run(&["bsp", "resume", "kept"]), Output::expect(2, "", expected));
    let resumed = scratch.run(&["bsp", "resume", "kept", "mix.ttvm", "-q"]);
    let words = ["bsp", "run", "mix.ttvm", "mix", "--input", "data.json", "-q", "--processors", "2", "--seed", "17"];
    assert_eq!(resumed, scratch.run(&words));

    let group = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/tests/checkpoints/group.ttvm");
    let text = fs::read_to_string(group).unwrap().replace("FOLDER", "group");
    let scratch = scratch.and("group.ttvm", text);
    let expected = scratch.run(&["group.ttvm"]);
    assert_eq!(scratch.run(&["group.ttvm", "4"]).code, 1);
    let refused = scratch.run(&["bsp", "resume", "group"]);
    let words = "error: group holds checkpoints of a group that group.ttvm began with BSP_RUN\nhelp: run group.ttvm again: it goes on \
                 from them\n";
    assert_eq!(refused, Output::expect(2, "", words));
    assert_eq!(scratch.run(&["group.ttvm"]), expected);
}
