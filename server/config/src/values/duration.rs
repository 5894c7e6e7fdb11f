//! Times as people write them: `5m`, `30d`, `1h 30m`.

use std::time::Duration;

use crate::read::{Leaf, Raw};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

const UNITS: [(&str, Duration); 5] = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", Duration::from_millis(1))];

/// Sums of whole numbers with a unit. A number alone is refused: nobody remembers of what.
fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let after = after.trim_start();
        let (unit, after) = after.split_at(after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len()));
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(unit.checked_mul(number.parse().ok()?)?)?;
        rest = after.trim_start();
    }
    Some(sum)
}

/// The shortest way to write it in the units above; finer than a millisecond is dropped.
pub(crate) fn show(duration: Duration) -> String {
    let mut rest = duration;
    let mut parts = Vec::new();
    for (name, unit) in UNITS {
        let count = rest.as_millis() / unit.as_millis();
        if count > 0 {
            parts.push(format!("{count}{name}"));
            rest = Duration::from_millis(u64::try_from(rest.as_millis() % unit.as_millis()).unwrap_or(0));
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

impl Leaf for Duration {
    const WANT: &'static str = "a time with its unit (ms, s, m, h, d), such as \"30s\", \"5m\", \"14d\" or \"1h 30m\"";

    fn parse(raw: &Raw) -> Option<Self> {
        parse(raw.text()?)
    }

    fn to_toml(&self) -> toml::Value {
        show(*self).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown_as_they_are_written() {
        for (text, seconds) in [("0s", 0), ("10s", 10), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000), ("1h 30m", 5400)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(parse(" 2 m "), Some(2 * MINUTE));
        assert_eq!(show(DAY), "1d");
        assert_eq!(show(90 * MINUTE), "1h 30m");
        assert_eq!(show(Duration::from_millis(1500)), "1s 500ms");
        assert_eq!(show(Duration::ZERO), "0s");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", " ", "5", "m", "-5m", "5 lightyears", "1.5h", "5m,", "99999999999999999999s", "18446744073709551615d", "5µs"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
