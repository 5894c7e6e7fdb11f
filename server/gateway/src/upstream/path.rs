//! Paths that mean the same to everyone who reads them.

use percent_encoding::percent_decode;
use portreeve_contract::{ErrorKind, Problem};

/// The beginning of an upstream's paths, in whole segments.
#[derive(Debug)]
pub(super) struct PathPrefix(String);

impl PathPrefix {
    /// `/` for all.
    pub(super) fn new(path: &str) -> Self {
        Self(path.trim_end_matches('/').to_owned())
    }

    /// Whether `path` is it or lies below it.
    pub(super) fn holds(&self, path: &str) -> bool {
        path.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What of `path` lies below it: `/`, or what follows.
    pub(super) fn strip<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.0) {
            Some("") | None => "/",
            Some(rest) => rest,
        }
    }

    /// Puts it in front again.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// Refuses a path that one reader may take for another one than the next: with segments that go up or stay, however they are encoded, or with
/// control characters. What is left goes on as it came.
pub(super) fn check(path: &str) -> Result<(), Problem> {
    let refused =
        || Problem::new(ErrorKind::Malformed, "path_refused", "Write the path without dots that go up, and without control characters.");
    let mut decoded = path.as_bytes().to_vec();
    // Some servers decode twice.
    for _ in 0..3 {
        let goes_up = |segment: &[u8]| matches!(segment.split(|byte| *byte == b';').next(), Some(b"." | b".."));
        if decoded.iter().any(u8::is_ascii_control) || decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(goes_up) {
            return Err(refused());
        }
        let next: Vec<u8> = percent_decode(&decoded).collect();
        if next == decoded {
            return Ok(());
        }
        decoded = next;
    }
    Err(refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_of_whole_segments() {
        let orders = PathPrefix::new("/orders");
        assert!(orders.holds("/orders") && orders.holds("/orders/") && orders.holds("/orders/7"));
        assert!(!orders.holds("/orders7") && !orders.holds("/") && !orders.holds("/ORDERS"));
        assert_eq!([orders.strip("/orders"), orders.strip("/orders/"), orders.strip("/orders/7")], ["/", "/", "/7"]);
        let all = PathPrefix::new("/");
        assert!(all.holds("/") && all.holds("/7"));
        assert_eq!(all.strip("/7"), "/7");
    }

    #[test]
    fn what_goes_up_is_refused_however_it_is_written() {
        for path in [
            "/orders/../v1",
            "/orders/..",
            "/orders/./x",
            "/orders/%2e%2e/v1",
            "/orders/.%2E/v1",
            "/orders/..%2fv1",
            "/orders/..%5cv1",
            "/orders/%252e%252e/v1",
            "/orders/x%00",
            "/orders/x%0d%0aHost:",
            "/orders/..;/v1",
            "/orders/%25252525252e",
        ] {
            assert!(check(path).is_err(), "{path}");
        }
        for path in [
            "/orders",
            "/orders/",
            "/orders//7",
            "/orders/a%20b",
            "/orders/group%2Fproject",
            "/orders/...",
            "/orders/a..b",
            "/orders/.well-known",
            "/orders/100%25",
        ] {
            assert!(check(path).is_ok(), "{path}");
        }
    }
}
