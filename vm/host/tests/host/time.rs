//! Clocks, sleeping and the formatting of times.

use std::time::{SystemTime, UNIX_EPOCH};

use ttvm_host::{Input, SLEEP_MILLISECONDS_MAX, VIRTUAL_TIME_START, World, WorldConfiguration};
use ttvm_isa::{
    HostOperation::{FormatTime, GetTime, MonotonicTime, Sleep},
    Permissions,
};
use ttvm_platform::{clock::Clock, sync::Arc};
use ttvm_value::Value;

use crate::asking::{answer, ask, text, world};

fn real_world() -> World {
    World::new(WorldConfiguration {
        arguments: Vec::new(),
        input: Input::Bytes(Vec::new()),
        clock: Arc::new(Clock::real()),
        permissions: Permissions::all(),
    })
}

fn int(world: &World, operation: ttvm_isa::HostOperation) -> i64 {
    let Ok(Value::Int(int)) = world.perform(operation, Vec::new()) else { panic!("{operation:?} gives an int") };
    int
}

fn formatted(seconds: Value, format: &str) -> String {
    answer(FormatTime, [seconds, text(format)])
}

#[test]
fn the_time_is_the_systems() {
    let seconds = || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let before = seconds();
    let time = int(&real_world(), GetTime);
    assert!((before..=seconds()).contains(&time));
}

#[test]
fn real_sleeping_lasts_at_least_as_long_as_asked_for() {
    // The one test that really sleeps: without it nothing would show that `SLEEP` does. It cannot fail by chance.
    let world = real_world();
    let before = int(&world, MonotonicTime);
    assert_eq!(ask(&world, Sleep, [Value::Float(1.5)]), "Null");
    assert!(int(&world, MonotonicTime) - before >= 1_500_000);
}

#[test]
fn virtual_time_passes_by_sleeping_alone() {
    let world = world();
    assert_eq!((int(&world, GetTime), int(&world, MonotonicTime)), (VIRTUAL_TIME_START, 0));
    ask(&world, Sleep, [Value::Int(3_600_000)]);
    ask(&world, Sleep, [Value::Float(0.25)]);
    assert_eq!((int(&world, GetTime), int(&world, MonotonicTime)), (VIRTUAL_TIME_START + 3_600, 3_600_000_250_000));
    assert_eq!(
        ask(&world, FormatTime, [Value::Int(VIRTUAL_TIME_START), text("%F %T")]),
        r#"Str("2000-01-01 00:00:00")"#
    );
}

#[test]
fn virtual_time_outlasts_64_bits_of_nanoseconds() {
    let world = world();
    let longest = i64::try_from(SLEEP_MILLISECONDS_MAX).unwrap();
    for _ in 0..7 {
        assert_eq!(ask(&world, Sleep, [Value::Int(longest)]), "Null");
    }
    assert_eq!(ask(&world, MonotonicTime, []), format!("Int({})", i128::from(longest) * 7_000_000));
}

#[test]
fn sleeping_takes_a_possible_number_of_milliseconds() {
    let one_too_many = i64::try_from(SLEEP_MILLISECONDS_MAX + 1).unwrap();
    let world = world();
    for (milliseconds, shown) in [
        (Value::Int(-1), "-1"),
        (Value::Float(-0.5), "-0.5"),
        (Value::Float(f64::NAN), "NaN"),
        (Value::Float(f64::INFINITY), "inf"),
        (Value::Int(one_too_many), "3162240000001"),
        (Value::big((-1_i64).into()).unwrap(), "-1"),
        (Value::big(num_bigint::BigInt::from(u64::MAX)).unwrap(), "18446744073709551615"),
    ] {
        assert_eq!(
            ask(&world, Sleep, [milliseconds]),
            format!("argument: SLEEP: milliseconds must be from 0 to 3162240000000, not {shown}")
        );
    }
    assert_eq!(ask(&world, Sleep, [text("1")]), r#"type: SLEEP expects a number but got Str("1")"#);
    assert_eq!(int(&world, MonotonicTime), 0, "what was refused took no time");
    assert_eq!(ask(&world, Sleep, [Value::Float(-0.0)]), "Null");
}

#[test]
fn times_are_formatted_in_utc() {
    let time = || Value::Int(1_721_060_699);
    assert_eq!(formatted(time(), "%Y-%m-%dT%H:%M:%S%z %Z"), r#"Str("2024-07-15T16:24:59+0000 UTC")"#);
    assert_eq!(
        formatted(time(), "%a %A %b %B %e %j %I:%M %p %y %%"),
        r#"Str("Mon Monday Jul July 15 197 04:24 PM 24 %")"#
    );
    assert_eq!(formatted(time(), "%s"), r#"Str("1721060699")"#);
    assert_eq!(formatted(time(), "Grüße"), r#"Str("Grüße")"#);
    assert_eq!(formatted(time(), ""), r#"Str("")"#);
    assert_eq!(formatted(Value::Int(-1), "%F %T"), r#"Str("1969-12-31 23:59:59")"#);
}

#[test]
fn the_flags_in_the_reference_page_do_what_it_says() {
    let time = || Value::Float(1_720_000_005.25);
    assert_eq!(formatted(time(), "%-d|%_d|%d|%^a|%#p|%5d"), r#"Str("3| 3|03|WED|am|00003")"#);
    assert_eq!(formatted(time(), "%f|%3f|%.3f|%D|%R|%n|%t|"), r#"Str("25|250|.250|07/03/24|09:46|\n|\t|")"#);
}

#[test]
fn fractions_of_seconds_count() {
    assert_eq!(formatted(Value::Float(1.5), "%T%.3f"), r#"Str("00:00:01.500")"#);
    assert_eq!(formatted(Value::Float(-0.25), "%F %T%.3f"), r#"Str("1969-12-31 23:59:59.750")"#);
}

#[test]
fn impossible_formats_are_errors() {
    for format in ["%", "%!", "%Q%", "%é"] {
        let answer = formatted(Value::Int(0), format);
        let expected = format!("argument: FORMAT_TIME: the format {format:?} is not possible: ");
        assert!(answer.starts_with(&expected), "{format}: {answer}");
    }
}

#[test]
fn impossible_times_are_errors() {
    for seconds in [
        Value::Int(i64::MAX),
        Value::Int(i64::MIN),
        Value::Float(1e300),
        Value::Float(f64::NAN),
        Value::Float(f64::NEG_INFINITY),
        Value::big(num_bigint::BigInt::from(u64::MAX)).unwrap(),
    ] {
        let answer = formatted(seconds, "%Y");
        assert!(
            answer.starts_with("argument: FORMAT_TIME: the time must lie between the years -9999 and 9999"),
            "{answer}"
        );
    }
    assert_eq!(formatted(text("0"), "%Y"), r#"type: FORMAT_TIME expects a number but got Str("0")"#);
    assert_eq!(answer(FormatTime, [Value::Int(0), Value::Null]), "type: FORMAT_TIME expects a string but got Null");
}
