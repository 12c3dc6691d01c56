//! The sequential benchmarks.

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt::Write,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
    hint::black_box,
};

use crate::{
    bodies,
    report::{Arguments, timed},
};

/// Runs the benchmark, or says that there is none of the name.
pub fn run(name: &str, arguments: Arguments<'_>) -> bool {
    match name {
        "fib" => {
            let n = black_box(arguments.number(0));
            timed("time", || fib(n));
        }
        "loop" => {
            let n = black_box(arguments.number(0) as i64);
            timed("time", || remainders(n));
        }
        "nbody" => bodies::run(arguments.number(0)),
        "list" => list(arguments),
        "string" => string(arguments),
        "map" => map(arguments),
        _ => return false,
    }
    true
}

#[inline(never)]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

fn remainders(n: i64) -> i64 {
    let mut sum = 0;
    for i in 0..n {
        // The compiler may not run several steps at once.
        sum = black_box(sum + (i * 7 + 3) % 11);
    }
    sum
}

/// `cons N REPEATS` with linked cells, `vec N REPEATS` with arrays.
fn list(arguments: Arguments<'_>) {
    let (n, repeats) = (arguments.number(1) as i64, arguments.number(2));
    let round = if arguments.word(0) == "cons" { linked } else { contiguous };
    timed("time", || (0..repeats).map(|_| round(n)).sum::<i64>());
}

fn contiguous(n: i64) -> i64 {
    let numbers: Vec<i64> = black_box((1..=n).collect());
    let doubled: Vec<i64> = black_box(numbers.iter().map(|x| x * 2 + 1).collect());
    doubled.iter().sum()
}

struct Cell {
    head: i64,
    tail: Option<Box<Cell>>,
}

/// Frees a list without recursion.
fn free(mut list: Option<Box<Cell>>) {
    while let Some(mut cell) = list {
        list = cell.tail.take();
    }
}

fn linked(n: i64) -> i64 {
    let mut numbers = None;
    for head in (1..=n).rev() {
        numbers = Some(Box::new(Cell { head, tail: numbers }));
    }
    let mut doubled = None;
    let mut end = &mut doubled;
    let mut rest = &numbers;
    while let Some(cell) = rest {
        let new = end.insert(Box::new(Cell { head: cell.head * 2 + 1, tail: None }));
        end = &mut new.tail;
        rest = &cell.tail;
    }
    let mut sum = 0;
    let mut rest = &doubled;
    while let Some(cell) = rest {
        sum += cell.head;
        rest = &cell.tail;
    }
    free(numbers);
    free(doubled);
    sum
}

/// `append N` or `ints N`.
fn string(arguments: Arguments<'_>) {
    let n = arguments.number(1);
    let is_append = arguments.word(0) == "append";
    timed("time", || {
        let mut text = String::new();
        for i in 0..n {
            if is_append {
                text.push_str(black_box("abcde"));
            } else {
                write!(text, "{i},").expect("a string can be written to");
            }
        }
        text.len()
    });
}

/// `sip KEYS N` with the standard hash, `fx KEYS N` with a fast one; KEYS is `seq` or `rand`.
fn map(arguments: Arguments<'_>) {
    let key: fn(u64) -> u64 = match arguments.word(1) {
        "rand" => |i| i.wrapping_mul(2_654_435_761) & 0xFFFF_FFFF,
        _ => |i| i,
    };
    let n = arguments.number(2);
    match arguments.word(0) {
        "sip" => map_with::<RandomState>(n, key),
        _ => map_with::<BuildHasherDefault<Multiply>>(n, key),
    }
}

fn map_with<S: BuildHasher + Default>(n: u64, key: fn(u64) -> u64) {
    let mut map: HashMap<u64, u64, S> = HashMap::default();
    crate::report::clocked("insert", || {
        for i in 0..n {
            map.insert(key(i), i);
        }
    });
    timed("lookup", || (0..n).map(|i| map[&key(i)]).sum::<u64>());
}

/// A multiplicative hash of ints, as the Rust compiler uses for its own tables.
#[derive(Default, Clone)]
struct Multiply(u64);

impl Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only ints are hashed")
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = word.wrapping_mul(0x517c_c1b7_2722_0a95).rotate_left(26);
    }
}
