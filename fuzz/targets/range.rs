//! A part of a file lies within the file, and is the one that was asked for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::http::fuzzing::range;

fuzz_target!(|data: (u64, &[u8])| {
    let (size, value) = data;
    let Some(headers) = portreeve_fuzz::header("range", value) else { return };
    let found = range(&headers, size);
    if let Some(range) = &found {
        assert!(range.start < range.end && range.end <= size, "{range:?} of {size}");
    }
    if let Some(expected) = by_the_standard(value, size) {
        assert_eq!(found, expected, "{} of {size}", String::from_utf8_lossy(value));
    }
});

/// One range, written as RFC 9110 §14.1.2 has it and without white space; the outer `None` for all else.
fn by_the_standard(value: &[u8], size: u64) -> Option<Option<std::ops::Range<u64>>> {
    let (first, last) = std::str::from_utf8(value).ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let range = match (first, last) {
        ("", last) => size.saturating_sub(number(last)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            // Not valid: it may be ignored or refused.
            (first <= last).then(|| first..last.saturating_add(1).min(size))?
        }
    };
    Some((range.start < range.end).then_some(range))
}
