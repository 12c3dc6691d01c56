//! `--trace-procs`, `--profile-procs` and `ttvm trace`.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::Value;

use crate::Scratch;

/// The main process asks a server by name and then stops it.
const SERVER: &str = "\
TRUE
TRAP_EXIT
SELF
MAKE_FUNCTION serve
SPAWN_LINK 1
STORE server
RECEIVE
POP
SELF
SENDNAMED \"server\"
RECEIVE
PRINT
PUSH_STR \"stop\"
LOAD server
EXIT_PROCESS
RECEIVE
POP
.fn serve parent
    REGISTER \"server\"
    PUSH_STR \"ready\"
    LOAD parent
    SEND
    RECEIVE
    STORE asker
    PUSH_INT 42
    LOAD asker
    SEND
    RECEIVE
    POP
.end
";

#[test]
fn a_trace_of_processes_has_a_line_for_each_thing() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let output = scratch.run(&["--trace-procs", "--virtual-time", "server.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "42\n"));
    expect![[r#"
        trace:
             0.000 ms  scheduler 0  <1> spawn
             0.000 ms  scheduler 0  <1> in
             0.000 ms  scheduler 0  <2> spawn by <1>
             0.000 ms  scheduler 0  <1> link with <2>
             0.000 ms  scheduler 0  <1> out (message) after 1 reductions
             0.000 ms  scheduler 0  <2> in
             0.000 ms  scheduler 0  <2> register "server"
             0.000 ms  scheduler 0  <2> send to <1> Str("ready")
             0.000 ms  scheduler 0  <2> out (message) after 1 reductions
             0.000 ms  scheduler 0  <1> in
             0.000 ms  scheduler 0  <1> receive Str("ready")
             0.000 ms  scheduler 0  <1> send to <2> Pid(1)
             0.000 ms  scheduler 0  <1> out (message) after 2 reductions
             0.000 ms  scheduler 0  <2> in
             0.000 ms  scheduler 0  <2> receive Pid(1)
             0.000 ms  scheduler 0  <2> send to <1> Int(42)
             0.000 ms  scheduler 0  <2> out (message) after 2 reductions
             0.000 ms  scheduler 0  <1> in
             0.000 ms  scheduler 0  <1> receive Int(42)
             0.000 ms  scheduler 0  <1> out (message) after 1 reductions
             0.000 ms  scheduler 0  <2> in
             0.000 ms  scheduler 0  <2> out (exit) after 0 reductions
             0.000 ms  scheduler 0  <2> exit Str("stop")
             0.000 ms  scheduler 0  <1> in
             0.000 ms  scheduler 0  <1> receive Object({"signal": Str("exit"), "from": Pid(2), "reason": Str...
             0.000 ms  scheduler 0  <1> out (exit) after 1 reductions
             0.000 ms  scheduler 0  <1> exit Str("normal")
    "#]]
    .assert_eq(&format!("trace:\n{}", output.stderr));
}

#[test]
fn a_profile_of_processes_counts_what_each_of_them_did() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let output = scratch.run(&["--no-smp", "--profile-procs", "--json", "--reductions", "server.ttvm"]);
    assert_eq!((output.code, output.stdout.as_str()), (0, "42\n"));
    let (profile, reductions) = output.stderr.split_once('\n').unwrap();
    let profile: Value = serde_json::from_str(profile).unwrap();
    let processes = profile["processes"].as_array().unwrap();
    let of = |number: u64| processes.iter().find(|process| process["process"] == number).unwrap();
    let (main, server) = (of(1), of(2));
    assert_eq!((&main["sent"], &main["received"], &main["exit"]), (&1.into(), &3.into(), &"Str(\"normal\")".into()));
    assert_eq!((&server["sent"], &server["received"], &server["name"]), (&2.into(), &1.into(), &"server".into()));
    assert_eq!(server["exit"], "Str(\"stop\")");
    assert_eq!(reductions, format!("reductions: {}\n", main["reductions"]));
    let whole = profile["time_ns"].as_u64().unwrap();
    for process in processes {
        let [running, waiting] = ["running_ns", "waiting_ns"].map(|key| process[key].as_u64().unwrap());
        assert!(running > 0 && running + waiting <= whole, "{process}");
        assert!(process["turns"].as_u64().unwrap() >= 1, "{process}");
    }
}

#[test]
fn a_profile_of_processes_is_a_table_for_people() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let output = scratch.run(&["--virtual-time", "--profile-procs", "server.ttvm"]);
    expect![[r#"
        profile:
          process    reductions  running ms  waiting ms      turns       sent   received  name and end
                1             5       0.000       0.000          4          1          3  Str("normal")
                2             3       0.000       0.000          3          2          1  server: Str("stop")
    "#]]
    .assert_eq(&format!("profile:\n{}", output.stderr));
}

/// The events of a picture by their kind.
fn events(scratch: &Scratch, words: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let mut command = vec!["trace", "server.ttvm", "-o", "out.json"];
    command.extend(words);
    let output = scratch.run(&command);
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "42\n", ""));
    let picture: Value = serde_json::from_slice(&scratch.read("out.json")).unwrap();
    assert_eq!(picture["displayTimeUnit"], "ms");
    let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in picture["traceEvents"].as_array().unwrap() {
        assert!(event["pid"].is_u64() && event["tid"].is_u64() && event["name"].is_string(), "{event}");
        assert!(event["ph"] == "M" || event["ts"].as_f64().unwrap() >= 0.0, "{event}");
        events.entry(event["ph"].as_str().unwrap().to_owned()).or_default().push(event.clone());
    }
    events
}

#[test]
fn a_picture_has_a_track_for_each_scheduler_and_process() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let events = events(&scratch, &["--no-smp"]);
    let tracks: Vec<(u64, u64, &str)> = events["M"]
        .iter()
        .map(|event| {
            let name = event["args"]["name"].as_str().unwrap();
            (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap(), name)
        })
        .collect();
    let expected = [
        (1, 0, "schedulers"),
        (2, 0, "processes"),
        (1, 0, "scheduler 0"),
        (2, 1, "process 1"),
        (2, 2, "process 2 (server)"),
    ];
    assert_eq!(tracks, expected);
    let names = |process: u64| -> Vec<&str> {
        let events = events["i"].iter().filter(move |event| event["tid"] == process);
        events.map(|event| event["name"].as_str().unwrap()).collect()
    };
    assert_eq!(names(2)[..3], ["spawn", "register", "send"]);
    assert_eq!(names(2).last(), Some(&"exit"));
    assert!(names(1).contains(&"link"), "{:?}", names(1));
}

#[test]
fn the_turns_of_a_picture_do_not_overlap_and_hold_what_happens() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let events = events(&scratch, &["--schedulers", "2"]);
    let span = |event: &Value| {
        let start = event["ts"].as_f64().unwrap();
        (start, start + event["dur"].as_f64().unwrap())
    };
    let mut tracks: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for event in &events["X"] {
        let track = (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap());
        tracks.entry(track).or_default().push(span(event));
        assert!(event["args"]["reason"].is_string(), "{event}");
    }
    for (track, spans) in &mut tracks {
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 0.001), "{track:?}: {spans:?}");
    }
    for event in events["i"].iter().filter(|event| event["name"] == "send" || event["name"] == "receive") {
        let (time, spans) = (event["ts"].as_f64().unwrap(), &tracks[&(2, event["tid"].as_u64().unwrap())]);
        assert!(spans.iter().any(|(start, end)| (start - 0.001..=end + 0.001).contains(&time)), "{event}");
    }
}

#[test]
fn an_arrow_of_a_picture_leads_from_a_send_to_its_receive() {
    let scratch = Scratch::with("server.ttvm", SERVER);
    let events = events(&scratch, &[]);
    let starts: Vec<&Value> = events["s"].iter().collect();
    assert_eq!(starts.len(), 3, "{starts:?}");
    for start in starts {
        let finish = events["f"].iter().find(|event| event["id"] == start["id"]).expect("the message was received");
        assert_ne!(finish["tid"], start["tid"]);
        assert!(finish["ts"].as_f64() >= start["ts"].as_f64(), "{start} {finish}");
    }
}

#[test]
fn a_program_gets_its_arguments_behind_two_dashes_and_its_exit_code_is_kept() {
    let scratch = Scratch::with("words.ttvm", "GET_ARGS\nPRINT\nPUSH_INT 3\nEXIT\n");
    let output = scratch.run(&["trace", "words.ttvm", "-o", "out.json", "--", "-o", "x"]);
    assert_eq!((output.code, output.stdout.as_str()), (3, "[-o, x]\n"));
    assert!(scratch.read_text("out.json").contains("traceEvents"));
}
