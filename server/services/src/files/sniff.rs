//! What a file is, by its first bytes and not by what anybody claims.

/// As many as are looked at.
pub(super) const HEAD: usize = 8192;

/// Media type and extension.
pub(super) fn sniff(head: &[u8]) -> (&'static str, &'static str) {
    let head = &head[..head.len().min(HEAD)];
    if let Some(found) = infer::get(head) {
        // Of what `compress` makes, it is written in a capital, and keys have none.
        let extension = if found.extension() == "Z" { "z" } else { found.extension() };
        return (found.mime_type(), extension);
    }
    if is_text(head) { ("text/plain", "txt") } else { ("application/octet-stream", "bin") }
}

/// UTF-8 that may end within a character, and no control characters but those of text.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && head.len() == HEAD => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n0000"), ("image/png", "png"));
        assert_eq!(sniff(b"%PDF-1.7\n"), ("application/pdf", "pdf"));
        assert_eq!(sniff("Grüße aus dem Hafen\n".as_bytes()), ("text/plain", "txt"));
        assert_eq!(sniff(b"a\0b"), ("application/octet-stream", "bin"));
        assert_eq!(sniff(b""), ("application/octet-stream", "bin"));
        assert_eq!(sniff(&[0xff; 64]), ("application/octet-stream", "bin"));
    }

    #[test]
    fn text_may_be_cut_within_a_character() {
        let text = format!("a{}", "é".repeat(HEAD));
        assert_eq!(sniff(text.as_bytes()).1, "txt");
    }

    #[test]
    fn every_extension_is_fit_for_a_key() {
        for head in [&b"GIF89a"[..], b"PK\x03\x04", b"\x1f\x8b\x08", b"\x1f\x9d\x90", b"\x1f\xa0", b"<html>", b"<?xml version"] {
            let (_, extension) = sniff(head);
            assert!(extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{extension}");
        }
    }
}
