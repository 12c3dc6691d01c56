//! The words of the command line and the lines `R <figure> <value> <unit>`.

use std::{fmt::Display, fs, time::Instant};

use cpu_time::ProcessTime;

/// The words after the benchmark's name.
#[derive(Clone, Copy)]
pub struct Arguments<'a>(pub &'a [String]);

impl<'a> Arguments<'a> {
    /// The word at the index.
    pub fn word(self, index: usize) -> &'a str {
        self.0.get(index).map(String::as_str).unwrap_or_else(|| panic!("argument {index} is missing"))
    }

    /// The number at the index.
    pub fn number(self, index: usize) -> u64 {
        self.word(index).parse().unwrap_or_else(|error| panic!("argument {index}: {error}"))
    }
}

/// Prints a figure.
pub fn figure(name: &str, value: f64, unit: &str) {
    println!("R {name} {value:.9} {unit}");
}

/// Prints the answer, which all contestants must agree on.
pub fn answer(value: impl Display) {
    println!("R check {value} n");
}

/// Runs and prints the seconds by the clock and of the processor; the result is printed as the answer too.
pub fn timed<T: Display>(name: &str, run: impl FnOnce() -> T) {
    answer(clocked(name, run));
}

/// Runs and prints the seconds by the clock and of the processor.
pub fn clocked<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let processor = ProcessTime::now();
    let clock = Instant::now();
    let value = run();
    figure(name, clock.elapsed().as_secs_f64(), "s");
    figure(&format!("{name}_cpu"), processor.elapsed().as_secs_f64(), "s");
    value
}

/// The bytes of memory in use.
pub fn resident_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux describes each process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the status names the memory");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("the memory is a number");
    kilobytes * 1024.0
}
