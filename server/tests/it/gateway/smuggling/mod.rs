//! Requests that hide in others (RFC 9112 §11.2, RFC 9113 §10.3), and what a service behind Portreeve hears of them.

mod frames;
mod http1;
mod http2;
mod scribe;

use self::scribe::Scribe;

/// What is asked for behind a trick, and is nobody's but its sender's.
const INNOCENT: &str = "/orders/innocent";
/// What a trick smuggles, if it works.
const HIDDEN: &str = "GET /orders/hidden HTTP/1.1\r\nHost: x\r\n\r\n";

/// The service heard of no request but those that were asked for, each framed once, with lines that are none but headers.
#[track_caller]
fn assert_nothing_is_smuggled(what: &str, service: &Scribe) {
    let heard = service.heard();
    for heard in &heard {
        assert!(["/orders", INNOCENT].contains(&heard.target()), "{what}: {heard:?}");
        let framing = heard.lines().filter(|(name, _)| ["content-length", "transfer-encoding"].contains(name)).count();
        assert!(framing <= 1, "{what}: {heard:?}");
        for (name, value) in heard.lines() {
            let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(is_token && !value.contains(['\r', '\n', '\0']), "{what}: {heard:?}");
            assert!(!["keep-alive", "proxy-connection", "te", "trailer", "upgrade"].contains(&name), "{what}: {heard:?}");
        }
    }
    let whole = |target: &str| heard.iter().filter(|heard| heard.is_whole && heard.target() == target).count();
    assert!(whole("/orders") <= 1 && whole(INNOCENT) <= 1, "{what}: {heard:?}");
}
