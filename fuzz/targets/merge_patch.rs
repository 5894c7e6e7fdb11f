//! Whoever sends JSON that does not fit is told a place that is there (RFC 6901), or is missing in something that is there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::http::fuzzing::merge_patch;
use serde_json::Value;

fuzz_target!(|json: &[u8]| {
    for of_file in [false, true] {
        let Err(problem) = merge_patch(json, of_file) else {
            assert!(serde_json::from_slice::<Value>(json).is_ok_and(|value| value.is_object()));
            continue;
        };
        // Names that are given twice make two places of one.
        let Ok(value) = serde_json::from_slice::<Value>(json) else { continue };
        for error in &problem.errors {
            let place =
                if error.code == "required" { error.pointer.rsplit_once('/').map_or("", |(parent, _)| parent) } else { &error.pointer };
            assert!(value.pointer(place).is_some(), "{:?} has no {:?}", String::from_utf8_lossy(json), error.pointer);
        }
    }
});
