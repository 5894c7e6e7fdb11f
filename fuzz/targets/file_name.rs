//! `Content-Disposition` tells any name to those who read RFC 8187, and something harmless to the others.

#![no_main]

use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use portreeve::http::fuzzing::file_name;

fuzz_target!(|name: &str| {
    let value = file_name(name);
    assert!(HeaderValue::try_from(&value).is_ok(), "no header");
    let quoted = value.strip_prefix("filename=\"").expect("a plain name first");
    let (plain, encoded) = quoted.split_once("\"; filename*=UTF-8''").expect("and then the other");
    assert!(!plain.contains(['"', '\\', '/']) && plain.chars().all(|c| matches!(c, ' '..='~')), "{plain:?}");
    assert_eq!(plain.chars().count(), name.chars().count());
    // RFC 8187 §3.2.1: `attr-char`, or an encoding.
    assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~%".contains(&byte)), "{encoded:?}");
    assert_eq!(percent_decode_str(encoded).decode_utf8().as_deref(), Ok(name));
});
