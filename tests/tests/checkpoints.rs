//! Checkpoints in folders: what a computation goes on from after its machine is gone, and what it refuses (rule S12).
//!
//! That killing the machine itself at any moment changes no result is in the tests of the command. Here the machine ends
//! by an error in a superstep that an argument names, which leaves what a kill would leave, and always the same.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use ttvm_machine::{
    CheckpointFolder, CheckpointRecord, CheckpointStart, ComputationInput, ComputationStart, Crash, Ending, Loader,
    Machine, MachineConfiguration, Output, Pid, Program, Reporter,
};
use ttvm_platform::entropy::Random;

const MIX: &str = include_str!("checkpoints/mix.ttvm");
const GROUP: &str = include_str!("checkpoints/group.ttvm");
const RANDOM: &str = include_str!("checkpoints/random.ttvm");

/// What the computation comes to.
const INPUT: &str = "[1, 2, 3, 4, 5, 6, 7]";

/// What a run printed, warned of, and failed with.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ran {
    printed: String,
    warnings: Vec<String>,
    error: String,
}

/// Hears the warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Reporter for Warnings {
    fn crashed(&mut self, _: Pid, _: Option<&str>, _: &Crash) {}

    fn warn(&mut self, warning: &str) {
        self.0.lock().expect("no test panics while it writes").push(warning.to_owned());
    }
}

/// How a program runs: with which arguments and seed, on how many schedulers; without a number on one whose jobs are done at
/// once.
#[derive(Clone, Copy)]
struct How<'a> {
    arguments: &'a [&'a str],
    seed: u64,
    schedulers: Option<usize>,
}

const PLAIN: How<'static> = How { arguments: &[], seed: 0, schedulers: None };

/// What goes on has another seed than what began, and must not show it.
const RESUMED: How<'static> = How { seed: 99, ..PLAIN };

fn tripped<'a>(arguments: &'a [&'a str]) -> How<'a> {
    How { arguments, ..PLAIN }
}

fn run(machine: impl FnOnce(MachineConfiguration) -> Machine, how: How<'_>) -> Ran {
    let (output, warnings) = (Output::captured(), Warnings::default());
    let run = machine(MachineConfiguration {
        arguments: how.arguments.iter().map(|word| (*word).to_owned()).collect(),
        output: output.clone(),
        virtual_time: how.schedulers.is_none(),
        schedulers: how.schedulers.unwrap_or(1),
        seed: how.seed,
        reporter: Some(Box::new(warnings.clone())),
        ..Default::default()
    })
    .run();
    let error = match run.ending {
        Ending::Normal => String::new(),
        Ending::Crashed(crash) => crash.exception.message().as_str().to_owned(),
        other => format!("{other:?}"),
    };
    let warnings = warnings.0.lock().expect("the machine is gone").clone();
    Ran { printed: output.text(), warnings, error }
}

fn load(text: &str) -> (Loader, Program) {
    let mut loader = Loader::default();
    let program = loader.load_bytes("mix.ttvm", text.as_bytes()).expect("the program is right");
    (loader, program)
}

/// Runs a computation of a program by itself.
fn compute(text: &str, start: &ComputationStart, how: How<'_>) -> Ran {
    let (mut loader, program) = load(text);
    let (program, body) = loader.load_computation(&program, start).expect("the computation is declared");
    let ran = run(|configuration| Machine::for_test(program, body, configuration), how);
    // Whoever expects something of the folder removes what is left there.
    if let Some(CheckpointFolder { path, start: CheckpointStart::New | CheckpointStart::Resume }) = &start.checkpoints
        && ran.error.is_empty()
    {
        CheckpointRecord::remove(Path::new(path)).expect("it can be removed");
    }
    ran
}

/// Runs a program whose checkpoints are in a folder.
fn run_program(text: &str, folder: &Path, how: How<'_>) -> Ran {
    let (_, program) = load(&text.replace("FOLDER", folder.to_str().expect("the folder's name is UTF-8")));
    run(|configuration| Machine::new(program, configuration), how)
}

/// The computation of [`MIX`], with checkpoints in a folder or none.
fn mix(folder: Option<(&Path, CheckpointStart)>) -> ComputationStart {
    let path = |path: &Path| path.to_str().expect("the folder's name is UTF-8").to_owned();
    ComputationStart {
        name: "mix".to_owned(),
        input: ComputationInput::Json(INPUT.to_owned()),
        checkpoints: folder.map(|(folder, start)| CheckpointFolder { path: path(folder), start }),
        ..ComputationStart::default()
    }
}

fn undisturbed() -> Ran {
    let ran = compute(MIX, &mix(None), PLAIN);
    assert_eq!(ran.error, "");
    ran
}

/// Goes on as `ttvm bsp resume` does.
fn resume(text: &str, folder: &Path) -> Ran {
    let record = CheckpointRecord::read(folder).expect("the folder says what it holds");
    let path = folder.to_str().expect("the folder's name is UTF-8").to_owned();
    compute(text, &ComputationStart::resume(path, &record), RESUMED)
}

/// A folder with the checkpoints of [`MIX`] behind supersteps 12 and 15.
fn left_behind() -> TempDir {
    left_behind_of(INPUT)
}

fn left_behind_of(input: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let input = ComputationInput::Json(input.to_owned());
    let start = ComputationStart { input, ..mix(Some((folder.path(), CheckpointStart::New))) };
    let ran = compute(MIX, &start, tripped(&["16"]));
    assert_eq!(ran.error, "COMPUTE mix: superstep 16 pass: processor 1: tripped");
    assert_eq!(names(folder.path()), ["group.ttc", "superstep-12.ttc", "superstep-15.ttc"]);
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be read to its end").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("the file is there");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file can be written");
}

fn flip(bytes: &mut [u8], place: impl Fn(usize) -> usize, bit: usize) {
    let place = place(bytes.len());
    bytes[place] ^= 1 << bit;
}

fn newest(folder: &TempDir) -> PathBuf {
    folder.path().join("superstep-15.ttc")
}

// Rules: S12
#[test]
fn wherever_it_was_disturbed_the_result_is_that_of_an_undisturbed_run_and_nothing_is_left() {
    let expected = undisturbed();
    for superstep in 0..20_u32 {
        if superstep % 2 == 1 {
            // Nobody computes in those.
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("made").join("here");
        let start = mix(Some((&path, CheckpointStart::New)));
        let ran = compute(MIX, &start, tripped(&[&superstep.to_string()]));
        assert_eq!(ran.error, format!("COMPUTE mix: superstep {superstep} pass: processor 1: tripped"));
        assert_eq!(resume(MIX, &path), expected, "after superstep {superstep}");
        assert_eq!(names(&path), [""; 0], "after superstep {superstep}");
    }
}

// Rules: S12
#[test]
fn the_order_in_which_processes_run_and_the_number_of_schedulers_make_no_difference() {
    let expected = undisturbed();
    for schedulers in [1, 2, 8] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (text, path) = (MIX, folder.path());
        let start = ComputationStart { checkpoint_every: Some(1), ..mix(Some((path, CheckpointStart::Either))) };
        for superstep in ["4", "4", "14", "18"] {
            let ran = compute(text, &start, How { arguments: &[superstep], schedulers: Some(schedulers), ..PLAIN });
            assert_eq!(ran.error, format!("COMPUTE mix: superstep {superstep} pass: processor 1: tripped"));
            assert_eq!(ran.warnings, [""; 0]);
        }
        assert_eq!(compute(text, &start, How { schedulers: Some(schedulers), ..RESUMED }), expected);
        assert_eq!(names(path), [""; 0]);
    }
}

// Rules: S12
#[test]
fn a_checkpoint_that_is_not_what_was_written_is_refused_and_the_one_before_it_counts() {
    let expected = undisturbed();
    let foreign = left_behind_of("[7]");
    let foreign = fs::read(newest(&foreign)).expect("the file is there");
    let mut random = Random::new(7);
    let mut below = |bound: usize| {
        let bound = u64::try_from(bound).expect("files are small");
        usize::try_from(random.below(bound)).expect("it is below a usize")
    };
    type Damage = Box<dyn Fn(&mut Vec<u8>)>;
    let mut damages: Vec<(&str, Damage)> = vec![
        ("it ends in the middle", Box::new(Vec::clear)),
        ("it ends in the middle", Box::new(|bytes| bytes.truncate(9))),
        ("has version 514 of the format", Box::new(|bytes| bytes[9] += 2)),
        ("is not a checkpoint", Box::new(|bytes| bytes[0] = b'{')),
        ("is of another run", Box::new(move |bytes| bytes.clone_from(&foreign))),
        ("its bytes are not those that were written", Box::new(|bytes| bytes.push(0))),
    ];
    for _ in 0..20 {
        // Behind magic and version.
        let (place, bit) = (below(10_000), below(8));
        let place = move |length: usize| 10 + place % (length - 10);
        damages.push(("is damaged", Box::new(move |bytes| bytes.truncate(place(bytes.len())))));
        damages.push(("its bytes are not those", Box::new(move |bytes| flip(bytes, place, bit))));
    }
    for (expected_words, damage) in damages {
        let folder = left_behind();
        change(&newest(&folder), damage);
        let Ran { printed, warnings, error } = resume(MIX, folder.path());
        assert_eq!((&printed, &*error), (&expected.printed, ""), "{expected_words}");
        let [warning] = &warnings[..] else { panic!("one warning: {warnings:?}") };
        let file = newest(&folder);
        assert!(warning.contains(expected_words), "{warning}: not {expected_words}");
        assert!(warning.contains(file.to_str().expect("it is UTF-8")), "{warning}");
        assert!(warning.ends_with("; the checkpoint before it counts"), "{warning}");
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

// Rules: S12
#[test]
fn without_any_sound_checkpoint_the_error_names_the_file_and_a_way_out() {
    let folder = left_behind();
    change(&folder.path().join("superstep-12.ttc"), |bytes| bytes.truncate(40));
    change(&newest(&folder), |bytes| bytes[30] ^= 1);
    let (path, before) = (folder.path().display(), names(folder.path()));
    let expected = format!(
        "COMPUTE mix: superstep 0 pass: {path}/superstep-15.ttc is damaged: its bytes are not those that were written; \
         nothing else is left in {path} to go on from: begin anew in another folder"
    );
    assert_eq!(resume(MIX, folder.path()).error, expected);
    assert_eq!(names(folder.path()), before, "what was refused can be looked at");

    let folder = left_behind();
    let file = folder.path().join("group.ttc");
    change(&file, |bytes| bytes[20] ^= 1);
    let error = CheckpointRecord::read(folder.path()).err().expect("it is damaged").to_string();
    assert!(error.contains("group.ttc is damaged") && error.ends_with("begin anew in another folder"), "{error}");
    // The one is not taken for the other.
    fs::copy(newest(&folder), &file).expect("the file can be written");
    let error = CheckpointRecord::read(folder.path()).err().expect("it is a checkpoint").to_string();
    assert!(error.contains("group.ttc is not the description of a group"), "{error}");
}

// Rules: S12
#[test]
fn checkpoints_of_something_else_are_refused_and_stay() {
    let either = |folder: &Path| mix(Some((folder, CheckpointStart::Either)));
    let changed = MIX.replace("1000003", "1000007");
    let commented = format!("; Another comment.\n{MIX}.test \"a test at the end\"\n    NULL\n    POP\n.end\n");
    type Change = fn(&mut ComputationStart);
    let cases: [(&str, &str, Change); 6] = [
        (&changed, "another program, or of this one before it was changed", |_| ()),
        (MIX, "another computation of the program", |start| start.name = "other".to_owned()),
        (MIX, "another number of processors", |start| start.processors = Some(3)),
        (MIX, "another input", |start| start.input = ComputationInput::Json("[1, 2, 3, 4, 5, 6, 8]".to_owned())),
        (MIX, "already holds checkpoints: go on with `ttvm bsp resume", |start| {
            start.checkpoints.as_mut().expect("it has a folder").start = CheckpointStart::New;
        }),
        (&commented, "", |_| ()),
    ];
    for (text, expected, change) in cases {
        let folder = left_behind();
        let before = names(folder.path());
        let mut start = either(folder.path());
        change(&mut start);
        let ran = compute(text, &start, PLAIN);
        if expected.is_empty() {
            assert_eq!(ran, undisturbed(), "comments and tests are not what a program does");
        } else {
            assert!(ran.error.contains(expected), "{}: not {expected}", ran.error);
            assert!(ran.error.contains(folder.path().to_str().expect("it is UTF-8")), "{}", ran.error);
            assert_eq!(names(folder.path()), before);
            assert_eq!(resume(MIX, folder.path()), undisturbed());
        }
    }
}

// Rules: S12
#[test]
fn what_belongs_to_the_machine_cannot_be_kept_and_the_error_says_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let every = |every, schedulers, folder: &Path| {
        let start = mix(Some((folder, CheckpointStart::New)));
        let start = ComputationStart { checkpoint_every: Some(every), ..start };
        compute(MIX, &start, How { arguments: &["", "0"], schedulers, ..PLAIN })
    };
    let expected = "the state of processor 1 cannot be kept: a function cannot be written: \
                    it belongs to the machine that made it";
    let ran = every(1, None, folder.path());
    assert!(ran.error.starts_with("COMPUTE mix: superstep ") && ran.error.ends_with(expected), "{}", ran.error);
    // Also when the results are there first.
    for schedulers in [1, 2] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let ran = every(19, Some(schedulers), folder.path());
        assert!(ran.error.ends_with(expected), "{}", ran.error);
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = MIX.replace(
        "    NULL\n    MAKE_OBJECT\n    PUSH_STR \"FOLDER\"",
        "    SELF\n    MAKE_OBJECT\n    PUSH_STR \"FOLDER\"",
    );
    let ran = run_program(&text, folder.path(), PLAIN);
    let expected = "COMPUTE mix: superstep 0 pass: the input cannot be kept: a pid cannot be written: \
                    it belongs to the machine that made it";
    assert_eq!(ran.error, expected);
}

// Rules: S12
#[test]
fn a_folder_belongs_to_one_group_and_must_be_one() {
    let folder = left_behind();
    let file = fs::File::open(folder.path()).expect("the folder is there");
    file.try_lock().expect("nobody else has it");
    let ran = resume(MIX, folder.path());
    assert!(ran.error.ends_with(&format!("{} is in use by another group", folder.path().display())), "{}", ran.error);
    drop(file);
    assert_eq!(resume(MIX, folder.path()), undisturbed());

    let start = |path: &Path, start| compute(MIX, &mix(Some((path, start))), PLAIN).error;
    let path = folder.path().join("file");
    fs::write(&path, "").expect("the file can be written");
    let error = start(&path, CheckpointStart::New);
    assert!(error.contains(&format!("cannot make {}: ", path.display())), "{error}");
    let path = folder.path().join("nothing");
    let error = start(&path, CheckpointStart::Resume);
    assert!(
        error
            .ends_with(&format!("holds no checkpoints: begin with `ttvm bsp run --checkpoint-dir {}`", path.display())),
        "{error}"
    );
    assert!(!path.exists());
}

// Rules: S12
#[test]
fn what_a_kill_in_the_middle_of_writing_leaves_does_no_harm() {
    let folder = left_behind();
    fs::write(folder.path().join("superstep-18.new"), b"half of it").expect("the file can be written");
    fs::write(folder.path().join("superstep-x.ttc"), b"not ours").expect("the file can be written");
    assert_eq!(resume(MIX, folder.path()), undisturbed());
    assert_eq!(names(folder.path()), ["superstep-x.ttc"]);
    // The end was cut short behind the removal of what says that there is something to go on from.
    let folder = left_behind();
    fs::remove_file(folder.path().join("group.ttc")).expect("it is there");
    assert_eq!(compute(MIX, &mix(Some((folder.path(), CheckpointStart::New))), PLAIN), undisturbed());
    assert_eq!(names(folder.path()), [""; 0]);
}

// Rules: S12
#[test]
fn a_program_that_runs_again_goes_on_with_its_groups_and_computations() {
    for (text, when) in [(MIX, ["2", "8", "16"]), (GROUP, ["0", "3", "5"])] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let expected = run_program(text, folder.path(), PLAIN);
        assert_eq!(expected.error, "");
        assert_eq!(names(folder.path()), [""; 0]);
        for when in when {
            let ran = run_program(text, folder.path(), tripped(&[when]));
            assert!(ran.error.ends_with("processor 1: tripped"), "{}", ran.error);
        }
        // What is kept is not begun again.
        let ran = run_program(text, folder.path(), tripped(&[when[1]]));
        assert_eq!(ran, expected);
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

// Rules: S5 S12
#[test]
fn random_numbers_are_those_of_an_undisturbed_run_wherever_and_however_often_a_processor_crashes() {
    let run = |crash: &str, seed, schedulers| {
        let (_, program) = load(RANDOM);
        let ran = run(
            |configuration| Machine::new(program, configuration),
            How { arguments: &[crash], seed, schedulers: Some(schedulers) },
        );
        assert_eq!(ran.error, "", "crash in round {crash}, seed {seed}, {schedulers} schedulers");
        ran.printed
    };
    for seed in [0, 7] {
        let expected = run("none", seed, 1);
        for schedulers in [1, 2, 8] {
            for crash in ["none", "0", "1", "2", "3", "4", "5"] {
                assert_eq!(run(crash, seed, schedulers), expected, "crash in round {crash}, {schedulers} schedulers");
            }
        }
    }
    let printed = run("none", 0, 1);
    let [first, group, other, second] = printed.lines().collect::<Vec<_>>()[..] else {
        panic!("four lines: {printed}")
    };
    assert_ne!((first, group), (second, other), "each group has numbers of its own");
    assert_ne!(printed, run("none", 7, 1), "and each seed");
    let numbers: Vec<&str> = group.split([',', ' ', '[', ']']).filter(|word| word.contains('.')).collect();
    let distinct: BTreeSet<&&str> = numbers.iter().collect();
    // What the last barrier folded has come to all three.
    assert!(numbers.len() > 20 && distinct.len() > numbers.len() / 2, "processors have numbers of their own: {group}");
}

// Rules: S12
#[test]
fn random_numbers_are_those_of_an_undisturbed_run_wherever_the_machine_was_lost() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let kept = "PUSH_STR \"FOLDER\"\n    SET_FIELD checkpoint_dir";
    let text = RANDOM.replace(";OPTIONS", kept);
    fn how<'a>(arguments: &'a [&'a str], seed: u64) -> How<'a> {
        How { arguments, seed, ..PLAIN }
    }
    let group = |ran: &Ran| ran.printed.lines().nth(1).map(str::to_owned);
    let expected = run_program(&text, folder.path(), how(&["none"], 3));
    assert_eq!(expected.error, "");
    for lost in ["0", "1", "2", "3", "4", "5"] {
        // Lost, and lost again with a crash before.
        for crash in ["none", lost] {
            let ran = run_program(&text, folder.path(), how(&[crash, lost], 3));
            assert!(ran.error.ends_with("processor 1: tripped"), "{}", ran.error);
            let ran = run_program(&text, folder.path(), how(&["none"], 4));
            assert_eq!((group(&ran), &*ran.error), (group(&expected), ""), "lost in round {lost}");
        }
    }
}

#[test]
fn a_group_can_only_keep_what_it_can_go_on_from() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = GROUP.replace("    MAKE_FUNCTION go_on\n    SET_FIELD resume\n", "");
    let error = run_program(&text, folder.path(), PLAIN).error;
    assert!(
        error.contains("the option \"checkpoint_dir\" needs \"resume\", which goes on from a checkpoint"),
        "{error}"
    );
    let text = GROUP.replace(
        "    SET_FIELD checkpoint_dir",
        "    SET_FIELD checkpoint_dir\n    PUSH_INT 3\n    SET_FIELD checkpoint_start",
    );
    let error = run_program(&text, folder.path(), PLAIN).error;
    assert!(error.contains("the option \"checkpoint_start\" is \"new\" or \"resume\", not Int(3)"), "{error}");
}
