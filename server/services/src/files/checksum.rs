//! SHA-256 of what comes in pieces, over restarts and on whichever node takes the next piece.
//!
//! From the `sha2` crate: aws-lc-rs does not let a half-made hash out, and an upload of many parts would have to be read again for each.

use sha2::{Digest, Sha256, digest::common::hazmat::SerializableState};

/// A hash in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Checksum(Sha256);

impl Checksum {
    /// Goes on from what [`Self::save`] gave; `None` if it never gave that.
    pub(super) fn restore(saved: &[u8]) -> Option<Self> {
        Sha256::deserialize(saved.try_into().ok()?).ok().map(Self)
    }

    pub(super) fn save(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_it_stopped() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        let mut whole = Checksum::default();
        whole.update(&bytes);
        for cut in [0, 1, 63, 64, 65, 99_999, 100_000] {
            let mut first = Checksum::default();
            first.update(&bytes[..cut]);
            let mut second = Checksum::restore(&first.save()).unwrap();
            second.update(&bytes[cut..]);
            assert_eq!(second.finish(), whole.clone().finish(), "cut at {cut}");
        }
        assert!(Checksum::restore(b"not one").is_none());
    }
}
