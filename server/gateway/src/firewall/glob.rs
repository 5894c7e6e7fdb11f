//! Patterns that an operator writes.

/// A text in which `*` stands for anything, slashes too. ASCII letters are compared without case: a rule should not be evaded by a capital.
#[derive(Debug)]
pub(crate) struct Glob {
    /// What stands before the first `*`.
    start: Vec<u8>,
    /// What stands between two of them, and behind the last. None without any `*`.
    rest: Option<(Vec<Vec<u8>>, Vec<u8>)>,
}

impl Glob {
    pub(crate) fn new(pattern: &str) -> Self {
        let mut pieces = pattern.split('*').map(|piece| piece.as_bytes().to_ascii_lowercase());
        let start = pieces.next().unwrap_or_default();
        let mut between: Vec<_> = pieces.collect();
        let rest = between.pop().map(|end| (between.into_iter().filter(|piece| !piece.is_empty()).collect(), end));
        Self { start, rest }
    }

    /// Whether the whole text fits. Each piece is taken where it first occurs, so the time is bounded by the two lengths.
    pub(crate) fn fits(&self, text: &[u8]) -> bool {
        let text = text.to_ascii_lowercase();
        let Some((between, end)) = &self.rest else { return text == self.start };
        let Some(mut left) = text.strip_prefix(self.start.as_slice()) else { return false };
        for piece in between {
            let Some(at) = left.windows(piece.len()).position(|window| window == piece) else { return false };
            left = &left[at + piece.len()..];
        }
        left.ends_with(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, texts) in [
            ("sqlmap", &["sqlmap", "SQLmap"][..]),
            ("*", &["", "x", "/a/b"]),
            ("sqlmap/*", &["sqlmap/", "sqlmap/1.8"]),
            ("*bot*", &["bot", "Googlebot/2.1", "robots"]),
            ("a*b*c", &["abc", "a-b-c", "abbcc", "aXbXbXc"]),
            ("a**c", &["ac", "abc"]),
            ("*.php", &["/x.php", "/y/.php"]),
            ("aa*aa", &["aaaa", "aaxaa"]),
        ] {
            for text in texts {
                assert!(Glob::new(pattern).fits(text.as_bytes()), "{pattern} {text}");
            }
        }
        for (pattern, texts) in [
            ("sqlmap", &["sqlmap/1", "xsqlmap", ""][..]),
            ("sqlmap/*", &["sqlmap", "my sqlmap/1"]),
            ("a*b*c", &["acb", "abcd", "bc"]),
            ("*.php", &["/x.php5"]),
            ("aa*aa", &["aaa"]),
        ] {
            for text in texts {
                assert!(!Glob::new(pattern).fits(text.as_bytes()), "{pattern} {text}");
            }
        }
    }
}
