//! What the targets share.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The input's lines.
pub fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == b'\n')
}

/// Each line as a header, `name: value`, as far as it can be one.
pub fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines(data) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(line[at + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// Headers that hold one value under one name, if it can be a value.
pub fn header(name: &'static str, value: &[u8]) -> Option<HeaderMap> {
    Some(HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?)]))
}
