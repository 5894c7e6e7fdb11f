//! Which of the stored encodings a client gets (RFC 9110 §12.5.3).
//!
//! By hand: no crate for it is kept up, and tower-http keeps its own private.

use http::HeaderValue;

/// A coding the site's files are stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// The smallest.
    Brotli,
    /// For clients without brotli, and for browsers over plain HTTP.
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// The content coding's registered name; none where no header is sent.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The codings the client takes, the best first: by its own weights, and where those are equal the smaller one.
///
/// The plain file always ends the list: a client that refuses even that (`identity;q=0`) is better served with it than with an error.
pub(super) fn accepted<'a>(headers: impl IntoIterator<Item = &'a HeaderValue>) -> Vec<Encoding> {
    let listed: Vec<(String, u16)> =
        headers.into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).filter_map(coding).collect();
    let weight = |names: &[&str]| {
        let named = |wanted: &[&str]| listed.iter().find(|(name, _)| wanted.contains(&name.as_str())).map(|(_, weight)| *weight);
        named(names).or_else(|| named(&["*"]))
    };
    let identity = weight(&["identity"]).unwrap_or(1);

    let mut codings: Vec<(Encoding, u16)> = [(Encoding::Brotli, weight(&["br"])), (Encoding::Gzip, weight(&["gzip", "x-gzip"]))]
        .into_iter()
        .filter_map(|(encoding, weight)| Some((encoding, weight?)))
        .filter(|(_, weight)| *weight > 0 && *weight >= identity)
        .collect();
    codings.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    codings.into_iter().map(|(encoding, _)| encoding).chain([Encoding::Identity]).collect()
}

/// One member of the list: its name, and its weight in thousandths.
fn coding(member: &str) -> Option<(String, u16)> {
    let mut parts = member.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(text) => thousandths(text)?,
        None => 1000,
    };
    Some((name, weight))
}

/// `0`, `1` or a fraction with up to three digits; a client that writes something else has that coding ignored.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "0" => format!("{fraction:0<3}").parse().ok(),
        "1" if fraction.bytes().all(|byte| byte == b'0') => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    fn of(value: &'static str) -> Vec<Encoding> {
        accepted([&HeaderValue::from_static(value)])
    }

    #[test]
    fn the_smallest_of_what_is_equally_welcome_comes_first() {
        assert_eq!(of("gzip, deflate, br, zstd"), [Brotli, Gzip, Identity]);
        assert_eq!(of("GZIP"), [Gzip, Identity]);
        assert_eq!(of("*"), [Brotli, Gzip, Identity]);
    }

    #[test]
    fn weights_are_obeyed() {
        assert_eq!(of("br;q=0.5, gzip;q=0.8"), [Gzip, Brotli, Identity]);
        assert_eq!(of("br;q=0, gzip"), [Gzip, Identity]);
        assert_eq!(of("*;q=0, gzip ; q=0.001"), [Gzip, Identity]);
        assert_eq!(of("identity, br;q=0.2"), [Identity]);
        assert_eq!(of("br;q=0.000"), [Identity]);
    }

    #[test]
    fn nonsense_is_ignored() {
        for value in ["", ",,;", "br;q=2", "br;q=0.1234", "br;q=-1", "br;q=", "deflate"] {
            assert_eq!(of(value), [Identity], "{value}");
        }
        assert_eq!(accepted([]), [Identity]);
    }

    #[test]
    fn several_headers_are_one_list() {
        assert_eq!(accepted([&HeaderValue::from_static("gzip;q=0.5"), &HeaderValue::from_static("br")]), [Brotli, Gzip, Identity]);
    }
}
