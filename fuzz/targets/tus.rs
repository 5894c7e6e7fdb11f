//! The headers of tus: what was encoded comes back, and what is promised has the length of what it is.

#![no_main]

use base64::{Engine, prelude::BASE64_STANDARD};
use libfuzzer_sys::fuzz_target;
use portreeve::http::fuzzing::{promise, upload};
use portreeve_services::files::Promise;

fuzz_target!(|data: &[u8]| {
    if let Some(mut headers) = portreeve_fuzz::header("upload-metadata", data) {
        headers.insert("upload-length", "7".parse().expect("a value"));
        if let Some(upload) = upload(&headers) {
            assert_eq!(upload.size, 7);
            assert_eq!(upload.metadata.as_bytes(), data, "it is sent back as it came");
        }
    }
    if let Some(headers) = portreeve_fuzz::header("upload-length", data)
        && let Some(upload) = upload(&headers)
    {
        assert_eq!(Some(upload.size), std::str::from_utf8(data).ok().and_then(|text| text.parse().ok()));
        assert!(data.iter().all(u8::is_ascii_digit));
    }
    if let Some(headers) = portreeve_fuzz::header("upload-checksum", data)
        && let Some(Some(promise)) = promise(&headers)
    {
        let (name, sum) = match promise {
            Promise::Sha1(sum) if sum.len() == 20 => ("sha1", sum),
            Promise::Sha256(sum) if sum.len() == 32 => ("sha256", sum),
            other => panic!("{other:?}"),
        };
        let again = format!("{name} {}", BASE64_STANDARD.encode(sum));
        assert_eq!(String::from_utf8_lossy(data).split_ascii_whitespace().collect::<Vec<_>>().join(" "), again);
    }

    // Any name there and back, whatever stands beside it.
    if let Ok(name) = std::str::from_utf8(data)
        && data.len() < 4096
    {
        let line = format!("other {}, filename {},empty", BASE64_STANDARD.encode("x"), BASE64_STANDARD.encode(name));
        let mut headers = portreeve_fuzz::header("upload-metadata", line.as_bytes()).expect("a value");
        headers.insert("upload-length", "0".parse().expect("a value"));
        assert_eq!(upload(&headers).map(|upload| upload.name).as_deref(), Some(name));
    }
});
