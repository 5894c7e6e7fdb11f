//! W3C Trace Context: the thread on which a request's way through several programs can be told.

use http::{HeaderMap, HeaderName, HeaderValue};
use portreeve_backends::Random;

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// Carries the trace on under a span of our own, or begins one. The state goes with its parent, or goes.
pub(crate) fn carry_on(headers: &mut HeaderMap, random: &Random) {
    let came = headers.get(&PARENT).and_then(|value| value.to_str().ok()).and_then(parse);
    if came.is_none() {
        headers.remove(&STATE);
    }
    let (trace, flags) = came.unwrap_or_else(|| (hex(&random.bytes::<16>()), "01".to_owned()));
    if let Ok(value) = HeaderValue::try_from(format!("00-{trace}-{}-{flags}", hex(&random.bytes::<8>()))) {
        headers.insert(PARENT, value);
    }
}

/// The trace's id and the flags (§3.2.2).
fn parse(value: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = value.split('-').collect();
    let [version, trace, span, flags, rest @ ..] = parts.as_slice() else { return None };
    let is = |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let any = |text: &str| text.bytes().any(|byte| byte != b'0');
    // A later version may have more parts behind; these four it keeps.
    let known = is(version, 2) && *version != "ff" && (*version != "00" || rest.is_empty());
    (known && is(trace, 32) && any(trace) && is(span, 16) && any(span) && is(flags, 2)).then(|| ((*trace).to_owned(), (*flags).to_owned()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(parent: Option<&str>) -> (String, bool) {
        let mut headers = HeaderMap::new();
        headers.insert(STATE, HeaderValue::from_static("vendor=1"));
        if let Some(parent) = parent {
            headers.insert(PARENT, parent.parse().unwrap());
        }
        carry_on(&mut headers, &Random::seeded(1));
        (headers[PARENT].to_str().unwrap().to_owned(), headers.contains_key(STATE))
    }

    #[test]
    fn a_trace_is_carried_on_under_a_new_span() {
        let came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (parent, state) = after(Some(came));
        assert!(parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && parent != came && state);
        assert!(parse(&parent).is_some());
    }

    #[test]
    fn what_is_no_trace_begins_a_new_one() {
        for bad in [
            None,
            Some("rubbish"),
            Some("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
            Some("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ] {
            let (parent, state) = after(bad);
            assert!(parse(&parent).is_some() && !state, "{bad:?}");
        }
    }
}
