//! One ES256 key.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use chrono::{DateTime, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use portreeve_backends::Random;
use portreeve_database::signing_key;
use serde_json::Value;

use super::envelope::Envelope;
use crate::Fault;

/// A key ready to sign and verify.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) jwk: Value,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) signs_from: DateTime<Utc>,
    pub(crate) retires_at: Option<DateTime<Utc>>,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
}

impl SigningKey {
    /// A new key as a row, sealed.
    pub(super) fn generate(
        random: &Random,
        envelope: &Envelope,
        now: DateTime<Utc>,
        signs_from: DateTime<Utc>,
    ) -> Result<signing_key::SigningKey, Fault> {
        let failed = |_| Fault::Crypto("making a signing key");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| Fault::Crypto("making a signing key"))?;
        let mut jwk = Jwk::from_encoding_key(&EncodingKey::from_ec_der(pkcs8.as_ref()), Algorithm::ES256).map_err(failed)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(failed)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let sealed = envelope.seal(random, &kid, pkcs8.as_ref())?;
        Ok(signing_key::SigningKey { kid, sealed, jwk: serde_json::to_value(jwk)?, created_at: now, signs_from, retires_at: None })
    }

    /// Opens a row.
    pub(super) fn open(envelope: &Envelope, row: signing_key::SigningKey) -> Result<Self, Fault> {
        let pkcs8 = envelope.open(&row.kid, &row.sealed)?;
        let jwk: Jwk = serde_json::from_value(row.jwk.clone())?;
        Ok(Self {
            encoding: EncodingKey::from_ec_der(&pkcs8),
            decoding: DecodingKey::from_jwk(&jwk).map_err(|_| Fault::Crypto("reading a signing key"))?,
            kid: row.kid,
            jwk: row.jwk,
            created_at: row.created_at,
            signs_from: row.signs_from,
            retires_at: row.retires_at,
        })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
