//! An operator's pattern fits what it says, as the textbook's table finds it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve_gateway::fuzzing::fits;

fuzz_target!(|data: (&str, &[u8])| {
    let (pattern, text) = data;
    if pattern.len() <= 256 && text.len() <= 1024 {
        assert_eq!(fits(pattern, text), by_table(pattern.as_bytes(), text));
    }
});

/// Row by row: whether the pattern up to here fits the text up to there.
fn by_table(pattern: &[u8], text: &[u8]) -> bool {
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        next[0] = *letter == b'*' && row[0];
        for at in 1..=text.len() {
            next[at] = if *letter == b'*' { next[at - 1] || row[at] } else { row[at - 1] && text[at - 1].eq_ignore_ascii_case(letter) };
        }
        row = next;
    }
    row[text.len()]
}
