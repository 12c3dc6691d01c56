//! `ttvm bsp run`: computations by themselves, with what is shown and written of them.
//!
//! Rules: L6.19.

use expect_test::expect;
use serde_json::Value;

use crate::{Output, Scratch};

/// Each processor adds up its part, sends the sum to processor 0, and gives what came; `counts` counts for ever; `fails` divides by zero on the
/// last processor.
const SUMS: &str = "\
.import \"std/list\" as list
.computation sums
  initialize add
  superstep tell  compute=keep  communicate=to_first
  superstep hear  compute=add_inbox  converged=always
  processors 3
.end
.computation fails
  initialize add
  superstep tell  compute=keep
  superstep hear  compute=divide
  processors 2
.end
.computation counts
  superstep up  compute=add_one
  processors 1
.end
PUSH_STR \"main does not run\"
PRINT
JMP the_end
.fn add part id count
    LOAD part
    JZ nothing
    LOAD part
    CALL list.sum/1
    RET
  nothing:
    GET_ARGS
    LEN
    RET
.end
.fn to_first state superstep
    PUSH_INT 0
    LOAD state
    MAKE_LIST 2
    MAKE_LIST 1
    RET
.end
.fn add_inbox state inbox superstep
    LOAD inbox
    CALL list.sum/1
    RET
.end
.fn add_one state inbox superstep
    LOAD state
    PUSH_INT 1
    ADD
    RET
.end
.fn divide state inbox superstep
    PUSH_INT 1
    BSP_ID
    PUSH_INT 1
    SUB
    DIV
    RET
.end
the_end:
";

fn scratch() -> Scratch {
    Scratch::with("sums.ttvm", SUMS).and("data.json", "[1, 2, 3, 4, 5, 6, 7]")
}

const RUN: [&str; 7] = ["bsp", "run", "sums.ttvm", "sums", "--input", "data.json", "--virtual-time"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RUN.iter().chain(more).copied().collect()
}

#[test]
fn a_computation_runs_by_itself_and_its_supersteps_are_shown() {
    let output = scratch().run(&RUN);
    assert_eq!((output.code, output.stdout.as_str()), (0, "[28, 0, 0]\n"));
    expect![[r#"
        superstep  name  work  h  wait  total  messages
                0  tell  0 ns  3  0 ns   0 ns         3
                1  hear  0 ns  0  0 ns   0 ns         0
              all        0 ns  3  0 ns   0 ns         3
        2 supersteps in 0 ns
    "#]]
    .assert_eq(&output.stderr);
}

#[test]
fn a_quiet_run_shows_only_results() {
    assert_eq!(scratch().run(&with(&["-q"])), Output::expect(0, "[28, 0, 0]\n", ""));
}

#[test]
fn bytecode_runs_the_same() {
    let scratch = scratch();
    assert_eq!(scratch.run(&["compile", "sums.ttvm", "sums.ttb"]).code, 0);
    let words = ["bsp", "run", "sums.ttb", "sums", "--input", "data.json", "-q"];
    assert_eq!(scratch.run(&words), Output::expect(0, "[28, 0, 0]\n", ""));
}

#[test]
fn options_take_the_place_of_what_the_block_says() {
    let scratch = scratch();
    let output = scratch.run(&with(&["-q", "--json", "--processors", "5", "--checkpoint-every", "1"]));
    assert_eq!(output, Output::expect(0, "[28,0,0,0,0]\n", ""));
    let words = ["bsp", "run", "sums.ttvm", "counts", "--input", "-", "-q", "--max-supersteps", "2"];
    assert_eq!(scratch.run_with_input(&words, b"40"), Output::expect(0, "[42]\n", ""));
    for schedulers in [&["--no-smp", "--seed", "7"][..], &["--schedulers", "3"]] {
        let words = [&["bsp", "run", "sums.ttvm", "sums", "--input", "data.json", "-q"][..], schedulers].concat();
        assert_eq!(scratch.run(&words), Output::expect(0, "[28, 0, 0]\n", ""), "{schedulers:?}");
    }
}

#[test]
fn input_comes_from_standard_input_when_it_is_a_dash() {
    let words = ["bsp", "run", "sums.ttvm", "sums", "--input", "-", "-q"];
    assert_eq!(scratch().run_with_input(&words, b"[40, 2]"), Output::expect(0, "[42, 0, 0]\n", ""));
    let output = scratch().run(&["bsp", "run", "-", "sums", "--input", "-"]);
    let expected = "error: the program and its input cannot both come from standard input\n";
    assert_eq!(output, Output::expect(2, "", expected));
}

#[test]
fn without_input_it_is_null_and_words_behind_two_dashes_are_the_program_s() {
    let output = scratch().run(&["bsp", "run", "sums.ttvm", "sums", "-q", "--", "one", "--two"]);
    assert_eq!(output, Output::expect(0, "[6, 0, 0]\n", ""));
}

#[test]
fn a_file_that_is_not_named_as_json_is_given_as_its_text() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/pagerank.ttvm");
    let scratch = Scratch::with("graph.txt", "# A comment\n0\t1\n1\t0\n").and("nothing.txt", "").and("text.JSON", "[1");
    let run =
        |file| scratch.run(&["bsp", "run", program, "pagerank", "--processors", "2", "-q", "--json", "--input", file]);
    assert_eq!(run("graph.txt"), Output::expect(0, "[[0.5],[0.5]]\n", ""));
    assert_eq!(run("nothing.txt"), Output::expect(0, "[[],[]]\n", ""));
    assert_eq!(run("text.JSON").code, 3);
}

#[test]
fn what_cannot_be_the_input_is_refused_before_anything_runs() {
    let scratch = scratch().and("cut.json", "[1,\n2").and("bytes.json", b"\"\xFF\"");
    for (file, expected) in [
        ("cut.json", "cut.json:2:1: error: the input is not JSON: EOF while parsing a list\n"),
        ("bytes.json", "bytes.json: error: the input is not UTF-8\n"),
    ] {
        let output = scratch.run(&["bsp", "run", "sums.ttvm", "sums", "--input", file]);
        assert_eq!(output, Output::expect(3, "", expected));
    }
    let output = scratch.run(&["bsp", "run", "sums.ttvm", "sums", "--input", "none.json"]);
    assert_eq!(output.code, 3);
    assert!(output.stderr.starts_with("none.json: error: the file cannot be read: "), "{}", output.stderr);
}

#[test]
fn an_unknown_computation_is_wrong_usage_and_the_nearest_is_proposed() {
    let scratch = scratch().and("none.ttvm", "NULL\nPRINT\n");
    let expected = "error: sums.ttvm declares no computation `sum`\n\
        help: did you mean `sums`? There are: sums, fails, counts\n";
    assert_eq!(scratch.run(&["bsp", "run", "sums.ttvm", "sum"]), Output::expect(2, "", expected));
    let expected = "error: none.ttvm declares no computation `sum`\n\
        help: a computation is a `.computation` block\n";
    assert_eq!(scratch.run(&["bsp", "run", "none.ttvm", "sum"]), Output::expect(2, "", expected));
    assert_eq!(scratch.run(&["bsp", "run", "sums.ttvm", "sums", "--processors", "0"]).code, 2);
}

// Rules: S11
#[test]
fn a_computation_that_fails_exits_with_1_and_says_where() {
    let output = scratch().run(&["bsp", "run", "sums.ttvm", "fails", "--virtual-time", "--input", "data.json"]);
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    expect![[r#"
        sums.ttvm:55:5: error: Division by zero
          55 |     DIV
             |     ^^^
          at divide (sums.ttvm:55)
          at run_supersteps (std/bsp)
          in process 4
        sums.ttvm: error: COMPUTE fails: superstep 1 hear: processor 1: Division by zero
          at bsp run (sums.ttvm)
          in process 1
        superstep  name  work  h  wait  total  messages
                0  tell  0 ns  0  0 ns   0 ns         0
              all        0 ns  0  0 ns   0 ns         0
        1 superstep in 0 ns
    "#]]
    .assert_eq(&without_library_lines(&output.stderr));
}

/// The library may grow.
fn without_library_lines(text: &str) -> String {
    let shortened = text.lines().map(|line| match line.split_once("(std/bsp:") {
        Some((before, _)) => format!("{before}(std/bsp)\n"),
        None => format!("{line}\n"),
    });
    shortened.collect()
}

#[test]
fn telemetry_is_an_event_a_line() {
    let scratch = scratch();
    let output = scratch.run(&with(&["-q", "--telemetry", "events.jsonl"]));
    assert_eq!(output, Output::expect(0, "[28, 0, 0]\n", ""));
    let text = scratch.read_text("events.jsonl");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("coordinator_initialized", "computation_completed"));
    for (name, count) in [
        ("coordinator_initialized", 1),
        ("processor_initialized", 3),
        ("processor_data_initialized", 3),
        ("compute_completed", 6),
        ("communicate_completed", 6),
        ("barrier_reached", 6),
        ("superstep_completed", 2),
        ("processor_finalized", 3),
    ] {
        assert_eq!(names.iter().filter(|known| **known == name).count(), count, "{name}");
    }
    let completed = events.iter().rfind(|event| event["event"] == "superstep_completed").unwrap();
    expect![[r#"{"event":"superstep_completed","measurements":{"duration_ns":0,"message_count":0,"message_count_max":0,"processors":3},"metadata":{"computation":"sums","converged":true,"coordinator":2,"name":"hear","operation":"COMPUTE","pid":2,"superstep":1},"time_ns":0}"#]]
    .assert_eq(&completed.to_string());
    let computed =
        events.iter().filter(|event| event["event"] == "compute_completed" && event["metadata"]["superstep"] == 1);
    let mut computed: Vec<_> = computed
        .map(|event| {
            let metadata = &event["metadata"];
            let numbers = [&metadata["processor"], &metadata["pid"], &event["measurements"]["inbox_size"]];
            numbers.map(|number| number.as_u64().unwrap())
        })
        .collect();
    computed.sort_unstable();
    assert_eq!(computed, [[0, 3, 3], [1, 4, 0], [2, 5, 0]]);
}

#[test]
fn telemetry_says_why_a_computation_failed() {
    let scratch = scratch();
    let words = ["bsp", "run", "sums.ttvm", "fails", "--input", "data.json", "-q", "--telemetry", "events.jsonl"];
    assert_eq!(scratch.run(&words).code, 1);
    let text = scratch.read_text("events.jsonl");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let error = events.iter().find(|event| event["event"] == "compute_error").unwrap();
    assert_eq!(
        (&error["metadata"]["processor"], &error["metadata"]["reason"]),
        (&Value::from(1), &Value::from("Division by zero"))
    );
    let end = events.last().unwrap();
    assert_eq!(end["metadata"]["error"], "COMPUTE fails: superstep 1 hear: processor 1: Division by zero");
}

#[test]
fn telemetry_that_cannot_be_written_is_said_before_anything_runs() {
    let output = scratch().run(&with(&["--telemetry", "none/events.jsonl"]));
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.starts_with("error: cannot write none/events.jsonl: "), "{}", output.stderr);
}

#[test]
fn a_picture_shows_each_processor_in_each_superstep() {
    let scratch = scratch();
    let output = scratch.run(&with(&["-q", "--plot", "sums.svg"]));
    assert_eq!(output, Output::expect(0, "[28, 0, 0]\n", ""));
    let picture = scratch.read_text("sums.svg");
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    assert!(picture.contains("sums: supersteps of 3 processors"), "{picture}");
    // The ground, and each of three processors computes and waits in each of two supersteps.
    assert_eq!(picture.matches("<rect ").count(), 1 + 3 * 2 * 2, "{picture}");
    let output = scratch.run(&with(&["-q", "--plot", "none/sums.svg"]));
    assert_eq!((output.code, output.stdout.as_str()), (1, "[28, 0, 0]\n"));
    assert!(output.stderr.starts_with("error: cannot write none/sums.svg: "), "{}", output.stderr);
}

#[test]
fn of_many_supersteps_the_first_and_the_last_are_shown() {
    let scratch = scratch();
    let words = ["bsp", "run", "sums.ttvm", "counts", "--input", "-", "--virtual-time", "--max-supersteps", "100"];
    let output = scratch.run_with_input(&words, b"0");
    assert_eq!((output.code, output.stdout.as_str()), (0, "[100]\n"));
    let lines: Vec<&str> = output.stderr.lines().collect();
    assert_eq!(lines.len(), 1 + 20 + 1 + 20 + 2, "{}", output.stderr);
    let first = |line: usize| lines[line].split_whitespace().next().unwrap_or_default();
    assert_eq!((first(1), first(20), first(22), first(41)), ("0", "19", "80", "99"));
    assert_eq!((lines[21].trim(), lines[43]), ("(60 more)", "100 supersteps in 0 ns"));
}

#[test]
fn what_supersteps_cost_is_measured_kept_and_used_to_predict() {
    let scratch = scratch();
    let measured = scratch.run(&["bsp", "calibrate", "--processors", "3", "--schedulers", "2"]);
    assert_eq!(measured.code, 0, "{measured:?}");
    assert!(
        measured.stdout.starts_with("g = ") && measured.stdout.ends_with("(3 processors, schedulers: 2)\n"),
        "{measured:?}"
    );
    assert_eq!(measured.stderr, format!("kept in {}\n", scratch.path("cache/ttvm/bsp.json").display()));
    let known: Value = serde_json::from_slice(&scratch.read("cache/ttvm/bsp.json")).unwrap();
    assert!(known[0]["l_ns"].as_f64().unwrap() > 0.0, "{known}");

    // Whatever was measured: a second for a superstep, and ten for each message.
    let costs = r#"[{"schedulers": 2, "processors": 90, "g_ns": 0, "l_ns": 0},
        {"schedulers": 2, "processors": 4, "g_ns": 1e10, "l_ns": 1e9}]"#;
    let scratch = scratch.and("cache/ttvm/bsp.json", costs);
    let words = ["bsp", "run", "sums.ttvm", "sums", "--input", "data.json", "--schedulers"];
    let predicted = |schedulers| {
        let output = scratch.run(&[&words[..], &[schedulers]].concat());
        let last = |line: &str| line.rsplit("  ").next().unwrap_or_default().to_owned();
        output.stderr.lines().map(last).collect::<Vec<_>>()
    };
    let model = "predicted with g = 10000000000.0 ns, l = 1000000.0 µs (4 processors, schedulers: 2)";
    let lines = predicted("2");
    assert_eq!((lines[0].as_str(), lines[5].as_str()), ("predicted", model));
    assert_eq!([&lines[1][..3], &lines[2][..2], &lines[3][..3]], ["31.", "1.", "32."], "{lines:?}");
    // Nothing is known of three schedulers.
    assert_eq!(predicted("3")[0], "messages");
    // Damage is no harm, and gone with the next measurement.
    let scratch = scratch.and("cache/ttvm/bsp.json", "[{");
    assert_eq!(scratch.run(&[&words[..], &["2"]].concat()).code, 0);
    assert_eq!(scratch.run(&["bsp", "calibrate", "--no-smp"]).code, 0);
    let known: Value = serde_json::from_slice(&scratch.read("cache/ttvm/bsp.json")).unwrap();
    assert_eq!((&known[0]["schedulers"], &known[0]["processors"]), (&Value::from(1), &Value::from(1)));
}
