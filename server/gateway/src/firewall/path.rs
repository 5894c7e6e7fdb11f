//! Paths that mean the same to everyone who reads them.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use portreeve_contract::{ErrorKind, Problem};

/// Some programs decode twice. What is still encoded after this is written so to hide something.
const DECODINGS: usize = 3;

/// The path with every encoding taken off, which is what rules are compared with.
///
/// # Errors
/// A path that one reader may take for another one than the next, however it is written: with segments that are empty, go up or stay, with a slash or a
/// backslash inside a segment, with control characters, or with an encoding that is none. It is refused rather than rewritten, so that what was
/// checked is what is routed and what an upstream gets.
pub(crate) fn plain(path: &str) -> Result<Cow<'_, [u8]>, Problem> {
    // `OPTIONS *`, and the authority that CONNECT names: no paths, and nothing answers there.
    if matches!(path, "*" | "") {
        return Ok(Cow::Borrowed(path.as_bytes()));
    }
    let mut plain = Cow::Borrowed(path.as_bytes());
    if !plain.starts_with(b"/") || !is_encoded_well(&plain) || !is_clear(&plain) {
        return Err(refused());
    }
    let segments = count_of_segments(&plain);
    for _ in 0..DECODINGS {
        if !plain.contains(&b'%') {
            return Ok(plain);
        }
        let decoded: Vec<u8> = percent_decode(&plain).collect();
        if *decoded == *plain {
            return Ok(plain);
        }
        if !is_clear(&decoded) || count_of_segments(&decoded) != segments {
            return Err(refused());
        }
        plain = Cow::Owned(decoded);
    }
    Err(refused())
}

/// A plain path without what some read as parameters of a segment (RFC 3986 §3.3): for them `/admin;x` is `/admin`.
pub(crate) fn without_parameters(plain: &[u8]) -> Cow<'_, [u8]> {
    if !plain.contains(&b';') {
        return Cow::Borrowed(plain);
    }
    let names: Vec<_> =
        plain.split(|byte| *byte == b'/').map(|segment| segment.split(|byte| *byte == b';').next().unwrap_or_default()).collect();
    Cow::Owned(names.join(&b'/'))
}

fn is_clear(path: &[u8]) -> bool {
    let mut segments = path.split(|byte| *byte == b'/').skip(1).peekable();
    let mut clear = !path.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\');
    while let Some(segment) = segments.next() {
        // Behind a semicolon some read parameters (RFC 3986 §3.3): `..;x` goes up for them.
        let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        let is_last = segments.peek().is_none();
        clear &= !matches!(name, b"." | b"..") && (is_last || !name.is_empty());
    }
    clear
}

/// Every `%` is followed by two hexadecimal digits (RFC 3986 §2.1).
fn is_encoded_well(path: &[u8]) -> bool {
    let digits = |rest: &[u8]| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    path.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| digits(&path[at + 1..]))
}

fn count_of_segments(path: &[u8]) -> usize {
    path.split(|byte| *byte == b'/').count()
}

fn refused() -> Problem {
    let title = "Write the path without empty segments, dots that go up, encoded slashes, backslashes and control characters.";
    Problem::new(ErrorKind::Malformed, "path_refused", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_may_differ_about_is_refused_however_it_is_written() {
        for path in [
            "//",
            "//v1/me",
            "/v1//me",
            "/v1/../admin",
            "/v1/..",
            "/v1/./me",
            "/v1/%2e%2e/admin",
            "/v1/.%2E/admin",
            "/v1/..%2fadmin",
            "/v1/..%5cadmin",
            "/v1/a%2Fb",
            "/v1/a%252Fb",
            "/v1/a%5Cb",
            "/v1/a\\b",
            "/v1/%252e%252e/admin",
            "/v1/x%00",
            "/v1/x%2500",
            "/v1/x%0d%0aHost:",
            "/v1/x%7f",
            "/v1/..;/admin",
            "/v1/..;x=1/admin",
            "/v1/;/admin",
            "/v1/;x=1/admin",
            "/v1/%25252525252e",
            "/v1/%",
            "/v1/%4",
            "/v1/%zz",
            "/v1/%u002e",
            "v1/me",
        ] {
            assert!(plain(path).is_err(), "{path}");
        }
    }

    #[test]
    fn parameters_of_segments_are_no_part_of_their_names() {
        for (path, seen) in [("/a/b", "/a/b"), ("/a;x=1/b;y", "/a/b"), ("/a/;x", "/a/"), ("/a;", "/a")] {
            assert_eq!(&*without_parameters(path.as_bytes()), seen.as_bytes(), "{path}");
        }
    }

    #[test]
    fn all_else_is_seen_without_its_encoding() {
        for (path, seen) in [
            ("/", "/"),
            ("*", "*"),
            ("/v1/me", "/v1/me"),
            ("/v1/me/", "/v1/me/"),
            ("/v1/a%20b", "/v1/a b"),
            ("/v1/%6De", "/v1/me"),
            ("/v1/%256De", "/v1/me"),
            ("/v1/...", "/v1/..."),
            ("/v1/a..b", "/v1/a..b"),
            ("/.well-known/x", "/.well-known/x"),
            ("/v1/100%25", "/v1/100%"),
            ("/v1/a;b=c", "/v1/a;b=c"),
            ("/v1/%C3%BC", "/v1/ü"),
        ] {
            assert_eq!(plain(path).unwrap(), seen.as_bytes(), "{path}");
        }
        assert!(matches!(plain("/v1/me").unwrap(), Cow::Borrowed(_)));
    }
}
