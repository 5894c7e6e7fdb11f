//! Which names objects may have.

use object_store::path::Path;

use super::Error;

/// Longest key. Far below what stores allow (1024 bytes), and each of its parts below what file systems do (255).
const LONGEST: usize = 200;

/// The key as a path, if it is one of those that Portreeve makes: parts of lower-case letters, digits, `-`, `_` and single dots between them,
/// separated by `/`. Nothing else is one key on one engine and another on the next, leaves the folder, or is taken for a draft (`#1`).
pub(crate) fn path(key: &str) -> Result<Path, Error> {
    let refused = || Error::Name(key.chars().take(LONGEST).collect());
    if key.len() > LONGEST || !key.split('/').all(is_part) {
        return Err(refused());
    }
    Path::parse(key).map_err(|_| refused())
}

/// As [`path`], for the beginning of keys: whole parts, and perhaps a `/` behind the last. Empty for all.
pub(super) fn prefix(prefix: &str) -> Result<Option<Path>, Error> {
    match prefix.strip_suffix('/').unwrap_or(prefix) {
        "" => Ok(None),
        parts => path(parts).map(Some),
    }
}

fn is_part(part: &str) -> bool {
    part.split('.').all(|word| !word.is_empty() && word.bytes().all(is_ours)) && !part.starts_with(['-', '_'])
}

fn is_ours(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::{path, prefix};

    #[test]
    fn keys_of_our_own_shape_are_taken() {
        for key in ["uploads/0198a7c4-7a52-7b3e-8f00-0123456789ab.pdf", "staging/0198a7c4_0_77", "a", "uploads/x.tar.gz"] {
            assert_eq!(path(key).unwrap().as_ref(), key);
        }
        assert_eq!(prefix("uploads/").unwrap().unwrap().as_ref(), "uploads");
        assert!(prefix("").unwrap().is_none());
    }

    #[test]
    fn hostile_keys_are_refused() {
        let long = "a".repeat(4096);
        for key in [
            "",
            "/",
            "/etc/passwd",
            "../../etc/passwd",
            "uploads/../../etc/passwd",
            "uploads/..",
            "uploads/.",
            "uploads/.hidden",
            "uploads/a..b",
            "uploads/a.",
            "uploads//a",
            "uploads/a/",
            "uploads/a\0b",
            "uploads/a#1",
            "uploads/a b",
            "uploads/a%2e%2e",
            "uploads/a\\b",
            "uploads/A",
            "CON",
            "uploads/\u{202e}fdp",
            "uploads/-rf",
            "uploads/a\n",
            &long,
        ] {
            assert!(path(key).is_err(), "{key:?}");
        }
        assert!(prefix("../").is_err());
    }
}
