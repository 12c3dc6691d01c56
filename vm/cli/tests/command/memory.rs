//! How much memory large programs need, as the system sees the command.

use std::{fs, io::Read, process::Stdio};

use crate::Scratch;

/// Three supersteps in which each processor sends its neighbour a message.
const RING: &str = include_str!("../../../../tests/tests/supersteps/many_processors.ttvm");

/// Kilobytes that 100 000 processors may take at the peak: 140 000 when this was written, 217 000 when each still had everything
/// that few processes need. A million take ten times as much (`docs/performance/README.md`).
const PEAK_MAX_KB: u64 = 195_000;

// Rules: S13
#[test]
fn a_hundred_thousand_processors_take_less_than_200_megabytes() {
    // It lives until somebody has looked.
    let text = RING.replace("PROCESSORS", "100000") + "\n    READ_LINE\n    POP\n";
    let scratch = Scratch::with("ring.ttvm", text);
    let mut command = scratch.command();
    let mut child =
        command.args(["--schedulers", "2", "ring.ttvm"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let expected = "100000\n14999850000\n1\n";
    let mut printed = vec![0; expected.len()];
    child.stdout.as_mut().unwrap().read_exact(&mut printed).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), expected);
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    // The end of its input lets it end.
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")).unwrap();
    let peak: u64 = peak.trim().parse().unwrap();
    assert!(peak <= PEAK_MAX_KB, "{peak} KB at the peak");
}
