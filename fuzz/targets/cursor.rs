//! A cursor that is taken means one place of the list, and its own spelling finds the same.

#![no_main]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use portreeve_services::fuzzing::cursor;

fuzz_target!(|data: (u8, &str)| {
    let (by, text) = data;
    for text in [text, &BASE64_URL_SAFE_NO_PAD.encode(text)] {
        if let Some(ours) = cursor(text, by) {
            assert_eq!(cursor(&ours, by).as_deref(), Some(&*ours));
            assert_eq!(cursor(&ours, by + 1), None, "a cursor of another list");
        }
    }
});
