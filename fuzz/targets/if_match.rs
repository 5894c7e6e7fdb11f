//! An edit is let through by the entity tag of its version, to the letter (RFC 9110 §8.8.3.2), or by `*`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::http::fuzzing::if_match;

fuzz_target!(|value: &[u8]| {
    let Some(headers) = portreeve_fuzz::header("if-match", value) else { return };
    match if_match(&headers) {
        Some(Some(version)) => assert_eq!(value.trim_ascii(), format!("\"{version}\"").as_bytes()),
        Some(None) => assert_eq!(value.trim_ascii(), b"*"),
        None => {}
    }
});
