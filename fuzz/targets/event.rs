//! An event is what its message says, and a message that is none of ours is no event.

#![no_main]

use async_nats::HeaderMap;
use libfuzzer_sys::fuzz_target;
use portreeve_backends::fuzzing::{event, message};

fuzz_target!(|data: (i64, i64, &[u8])| {
    let (position, sequence, payload) = data;
    let mut headers = HeaderMap::new();
    headers.insert("Portreeve-Position", position.to_string());
    headers.insert("Portreeve-Sequence", sequence.to_string());
    assert_eq!(event(None, payload), None);
    let Some(read) = event(Some(&headers), payload) else { return };
    assert_eq!((read.position, read.event.sequence), (position, sequence));
    let (headers, payload) = message(&read);
    let mut again = event(headers.as_ref(), &payload).expect("a message of ours");
    // Times are kept to the microsecond.
    assert!((again.event.time - read.event.time).abs() < chrono::TimeDelta::microseconds(1));
    again.event.time = read.event.time;
    assert_eq!(again, read);
});
