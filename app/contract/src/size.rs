//! Sizes in words.

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

#[cfg(test)]
mod tests {
    use super::bytes;

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
