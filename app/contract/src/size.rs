//! Sizes and counts in words.

/// “812 kB”, “4.2 MB”: by thousands, as the International System has it and as disks and networks are sold. Rounded down, so that what is
/// called a limit holds.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count == 1 {
        return "1 byte".to_owned();
    }
    if count < 1000 {
        return format!("{count} bytes");
    }
    // In tenths of a unit, so that no rounding lies above the next unit.
    let mut tenths = count / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// “4 249 999”: thousands apart, with spaces that do not break.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1\u{202f}000"), (1_234_567, "1\u{202f}234\u{202f}567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn sizes_are_short_and_never_too_large() {
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (4_249_999, "4.2 MB"),
            (812_345, "812 kB"),
            (999_999, "999 kB"),
            (20_000_000_000, "20 GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
