//! `--observe` and `ttvm top`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::Scratch;

/// A tree of supervisors, a process that computes for ever, and a main process that waits for a line.
const SHOP: &str = r#"
.supervisor shop strategy=one_for_one
  child till start=till
  child back supervisor=kitchen
.end
.supervisor kitchen
  child oven start=oven
.end
.fn till
    REGISTER "till"
    PUSH_STR "kept"
    SELF
    SEND
    .receive
      case "stop" -> stopped
    .end
  stopped:
.end
.fn oven
    RECEIVE
.end
.fn hog
    REGISTER "hog"
  again:
    JMP again
.end
    START_SUPERVISOR "shop"
    POP
    MAKE_FUNCTION hog
    SPAWN
    POP
    READ_LINE
    PUSH_INT 0
    EXIT
"#;

/// A program that runs with `--observe`, and ends when its input does.
struct Watched {
    scratch: Scratch,
    program: Child,
    input: Option<ChildStdin>,
    socket: String,
}

impl Watched {
    fn start(schedulers: &str) -> Self {
        let scratch = Scratch::with("shop.ttvm", SHOP);
        let words = ["--schedulers", schedulers, "--observe", "shop.ttvm"];
        let mut program = scratch.watching().args(words).stdin(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let socket = line.strip_prefix("observe: ").unwrap_or_else(|| panic!("{line:?}")).trim_end().to_owned();
        let input = program.stdin.take();
        Self { scratch, program, input, socket }
    }

    fn top(&self, words: &[&str]) -> (i32, String, String) {
        let output = self.scratch.watching().arg("top").args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Looks until what is seen is as it should be.
    fn look_until(&self, words: &[&str], is_right: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..20_000 {
            let (code, stdout, stderr) = self.top(words);
            assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
            let seen = serde_json::from_str(&stdout).unwrap();
            if is_right(&seen) {
                return seen;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it never became so");
    }

    fn stop(mut self) {
        drop(self.input.take());
        assert_eq!(self.program.wait().unwrap().code(), Some(0));
        assert!(!fs::exists(&self.socket).unwrap(), "the socket is gone with the program");
    }
}

impl Scratch {
    /// The command, with a folder for sockets of its own.
    fn watching(&self) -> std::process::Command {
        let mut command = self.command();
        command.env("XDG_RUNTIME_DIR", self.path(""));
        command
    }
}

fn named<'v>(seen: &'v Value, name: &str) -> Option<&'v Value> {
    seen["processes"].as_array().unwrap().iter().find(|process| process["name"] == name)
}

#[test]
fn top_sees_waiting_and_running_processes_and_the_tree_of_supervisors() {
    for schedulers in ["1", "2"] {
        let watched = Watched::start(schedulers);
        let is_whole = |seen: &Value| {
            let has_message =
                named(seen, "till").is_some_and(|till| till["mailbox"] == 1 && till["state"] == "waiting");
            has_message && named(seen, "hog").is_some_and(|hog| hog["reductions"].as_u64() > Some(4_000))
        };
        let seen = watched.look_until(&["--json"], is_whole);
        assert_eq!(seen["alive"], 6, "{seen}");
        assert_eq!(named(&seen, "hog").unwrap()["function"], "hog");
        assert_eq!(seen["processes"][0]["name"], "hog", "whoever has spent the most comes first");
        assert_eq!(seen["schedulers"].as_array().unwrap().len().to_string(), schedulers);
        let till = named(&seen, "till").unwrap();
        let shop = &till["supervisor"];
        assert_eq!(till["links"], serde_json::json!([shop]));

        let tree = watched.look_until(&[&watched.socket, "--json", "--sort", "supervision", "--limit", "4"], is_fine);
        let of = |process: &Value| (process["supervisor"].clone(), process["is_supervisor"].as_bool().unwrap());
        let processes = tree["processes"].as_array().unwrap();
        let kitchen = &processes[0];
        // Inner supervisors have both; then the others that have children, then those that are children.
        assert_eq!(of(kitchen), (shop.clone(), true));
        assert_eq!(of(&processes[1]), (Value::Null, true));
        assert_eq!(of(&processes[2]), (shop.clone(), false));
        assert_eq!(of(&processes[3]), (kitchen["pid"].clone(), false));

        let (code, text, _) = watched.top(&[&watched.program.id().to_string(), "--once"]);
        assert_eq!(code, 0);
        assert!(text.starts_with("shop.ttvm (pid "), "{text}");
        let pid = |value: &Value| value.as_u64().unwrap();
        let lines = format!(
            "supervision\n  {} supervisor: shop\n    {} worker till: till (shop.ttvm:",
            pid(shop),
            pid(&till["pid"])
        );
        assert!(text.contains(&lines), "{text}");
        watched.stop();
    }
}

fn is_fine(_: &Value) -> bool {
    true
}

#[test]
fn nonsense_on_the_socket_is_answered_with_an_error_and_harms_nobody() {
    let watched = Watched::start("2");
    let mut stream = std::os::unix::net::UnixStream::connect(&watched.socket).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut ask = |line: &[u8]| {
        stream.write_all(line).unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        answer
    };
    for line in
        [&b"\n"[..], b"\xff\x00\n", b"[[[[\n", b"{\"request\": \"stop\"}\n", b"{\"request\":\"snapshot\",\"x\":1}\n"]
    {
        let answer = ask(line);
        assert!(answer.starts_with("{\"error\":\"this is no request: "), "{answer}");
    }
    let huge = format!("{{\"request\":\"snapshot\",\"limit\":{}}}\n", u64::MAX);
    assert!(ask(huge.as_bytes()).starts_with("{\"version\":1,"));
    // A line without end is not kept.
    assert_eq!(ask(&[b'x'; 4_096]), "{\"error\":\"a request has at most 4096 bytes\"}\n");
    let mut rest = Vec::new();
    answers.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "and the connection is over");
    assert_eq!(watched.look_until(&["--json"], is_fine)["version"], 1);
    watched.stop();
}

#[test]
fn whoever_cannot_be_watched_says_why() {
    let scratch = Scratch::with("a.ttvm", "PUSH_INT 1\nPRINT\n");
    let run = |words: &[&str]| {
        let output = scratch.watching().args(words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, error) = run(&["top"]);
    assert_eq!(code, Some(1));
    assert!(error.starts_with("error: no program runs with --observe: there is no socket in "), "{error}");
    assert_eq!(run(&["top", "4711", "--once"]).0, Some(1));
    let (code, error) = run(&["--observe=no/such/folder/socket", "a.ttvm"]);
    assert_eq!(code, Some(1));
    assert!(error.starts_with("error: cannot open the socket no/such/folder/socket of --observe: "), "{error}");
    let (_, error) = run(&["--observe=a.ttvm", "a.ttvm"]);
    assert_eq!(error, "error: --observe: a.ttvm exists and is no socket\n");
    // What a killed program left behind is replaced.
    drop(std::os::unix::net::UnixListener::bind(scratch.path("left")).unwrap());
    assert_eq!(run(&["--observe=left", "a.ttvm"]), (Some(0), "observe: left\n".to_owned()));
}

#[test]
fn without_a_terminal_the_live_screen_is_refused() {
    let watched = Watched::start("1");
    let (code, _, error) = watched.top(&[]);
    assert_eq!((code, error.as_str()), (2, "error: `ttvm top` needs a terminal; `ttvm top --once` does not\n"));
    watched.stop();
}
