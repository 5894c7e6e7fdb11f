//! AES-256-GCM, the nonce in front. What a sealed value is for is authenticated with it, so that none can be put in another's place.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use portreeve_backends::Random;
use zeroize::Zeroizing;

use crate::Fault;

/// A key that seals. Random nonces: a key seals far fewer than the 2³² values that NIST SP 800-38D allows.
pub(crate) struct Envelope(LessSafeKey);

impl Envelope {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Fault> {
        UnboundKey::new(&AES_256_GCM, key).map(|key| Self(LessSafeKey::new(key))).map_err(|_| Fault::Crypto("an AES-256 key"))
    }

    pub(crate) fn seal(&self, random: &Random, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let mut sealed = secret.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| Fault::Crypto("sealing"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let failed = || Fault::Sealed(purpose.to_owned());
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(failed)?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(purpose.as_bytes()), &mut buffer)
            .map_err(|_| failed())?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Envelope")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_and_purpose_open() {
        let random = Random::seeded(1);
        let envelope = Envelope::new(&[7; 32]).unwrap();
        let sealed = envelope.seal(&random, "refresh", b"secret").unwrap();
        assert_eq!(envelope.open("refresh", &sealed).unwrap().as_slice(), b"secret");
        assert!(envelope.open("data-key", &sealed).is_err());
        assert!(Envelope::new(&[8; 32]).unwrap().open("refresh", &sealed).is_err());
        assert!(envelope.open("refresh", &sealed[..8]).is_err());
        let mut flipped = sealed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(envelope.open("refresh", &flipped).is_err());
    }
}
