//! What a service behind the gateway hears of a request: nothing of ours, nothing that speaks for somebody.

#![no_main]

use http::header;
use libfuzzer_sys::fuzz_target;
use portreeve_gateway::fuzzing::{clean, path_within};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut headers = portreeve_fuzz::headers(data);
    clean(&mut headers);
    for name in headers.keys().map(http::HeaderName::as_str) {
        assert!(!name.contains('_') && !name.starts_with("x-forwarded-") && !name.starts_with("x-portreeve-"), "{name}");
        assert!(!matches!(name, "forwarded" | "via" | "remote-user" | "x-real-ip" | "x-request-id"), "{name}");
        assert!(!matches!(name, "connection" | "te" | "trailer" | "transfer-encoding" | "upgrade" | "keep-alive"), "{name}");
    }
    // Read as loosely as services do: at each semicolon, without case, with a name or without.
    for line in headers.get_all(header::COOKIE) {
        let line = line.as_bytes().to_ascii_lowercase();
        for pair in line.split(|byte| *byte == b';') {
            assert!(!pair.trim_ascii().starts_with(b"__host-portreeve"), "a cookie of ours went on");
        }
    }
    let once = headers.clone();
    clean(&mut headers);
    assert_eq!(headers, once, "what may go on may go on again");

    // A redirect that is rewritten stays here.
    let target = "http://10.0.0.1:8080/orders/7".parse().expect("a target");
    if let Ok(location) = std::str::from_utf8(data)
        && let Some(path) = path_within(location, &target)
        && !path.contains(['\\', '\t', '\r', '\n'])
    {
        let url = Url::parse("https://portreeve.example").and_then(|here| here.join(path)).expect("a path");
        assert_eq!(url.host_str(), Some("portreeve.example"), "{location:?}");
    }
});
