//! Random tokens that only their hash is stored of.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portreeve_backends::Random;

/// SHA-256. Enough for tokens of 256 random bits: there is nothing to guess.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// The token of a single-use link: 256 bits.
pub(crate) struct LinkToken(String);

impl LinkToken {
    pub(crate) fn new(random: &Random) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random.bytes::<32>()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored, of this token or of one that somebody sent.
    pub(crate) fn hash(text: &str) -> Vec<u8> {
        sha256(text.as_bytes()).to_vec()
    }
}
