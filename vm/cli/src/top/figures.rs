//! Numbers for people: short, with a unit.

/// A count, with a letter for thousands, millions and so on beyond four digits.
pub fn count(count: u64) -> String {
    scaled(count, 1_000, 10_000, &["", "k", "M", "G", "T", "P", "E"])
}

/// Bytes, with a letter for 1024 of them and so on.
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, 1_024, 1_024, &["B", "K", "M", "G", "T", "P", "E"])
}

fn scaled(number: u64, step: u64, whole_below: u64, units: &[&str]) -> String {
    if number < whole_below {
        return format!("{number}{}", units[0]);
    }
    let (mut rest, mut unit) = (number as f64, 0);
    while rest >= step as f64 && unit + 1 < units.len() {
        rest /= step as f64;
        unit += 1;
    }
    if rest < 10.0 { format!("{rest:.1}{}", units[unit]) } else { format!("{rest:.0}{}", units[unit]) }
}

/// How long something has gone on, in hours, minutes and seconds.
pub fn duration(nanoseconds: u64) -> String {
    let seconds = nanoseconds / 1_000_000_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let counts = [0, 9_999, 10_000, 123_456, 9_960_000, u64::MAX].map(count);
        assert_eq!(counts, ["0", "9999", "10k", "123k", "10.0M", "18E"]);
        let sizes = [0, 1_023, 1_024, 10_240, 5 << 20, u64::MAX].map(bytes);
        assert_eq!(sizes, ["0B", "1023B", "1.0K", "10K", "5.0M", "16E"]);
        assert_eq!(duration(3_723_000_000_001), "1:02:03");
    }
}
