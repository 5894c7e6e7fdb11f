//! A path that comes in is read by a browser's rules as it is by ours.

#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode;
use portreeve_gateway::fuzzing::plain_path;
use url::Url;

fuzz_target!(|path: &str| {
    // What hyper lets through.
    let Ok(uri) = path.parse::<http::Uri>() else { return };
    let path = uri.path();
    let Some(plain) = plain_path(path) else { return };
    if matches!(path, "*" | "") {
        return;
    }
    assert!(!plain.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\'));
    let segments: Vec<&[u8]> = plain.split(|byte| *byte == b'/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        assert!(!matches!(*segment, b"." | b".."), "it goes up");
        assert!(!segment.is_empty() || at + 1 == segments.len(), "an empty segment");
    }

    // WHATWG URL resolves dots and backslashes: it finds none, and the same segments.
    let url = Url::parse(&format!("http://portreeve.example{path}")).expect("a path that passed");
    assert_eq!(url.host_str(), Some("portreeve.example"));
    let read: Vec<Vec<u8>> = url.path_segments().expect("segments").map(|segment| percent_decode(segment.as_bytes()).collect()).collect();
    let ours: Vec<Vec<u8>> = path.split('/').skip(1).map(|segment| percent_decode(segment.as_bytes()).collect()).collect();
    assert_eq!(read, ours);

    // Without encoding it means the same.
    if let Ok(text) = std::str::from_utf8(&plain)
        && !text.contains('%')
    {
        assert_eq!(plain_path(text).as_deref(), Some(&*plain));
    }
});
