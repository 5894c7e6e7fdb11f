//! Refresh tokens: `prr_` and, in base64url, session (16 bytes) ‖ generation (8) ‖ secret (32) ‖ tag (16).
//!
//! The tag proves that Portreeve issued the token. So a forged one costs no query and can never be taken for the reuse of a real one, which
//! would let anybody who knows a session's id end it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portreeve_contract::SessionId;
use uuid::Uuid;

use super::sha256;
use crate::keys::Ring;

const PREFIX: &str = "prr_";
const TAG: usize = 16;

/// A refresh token that Portreeve issued, live or not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    pub(crate) generation: i64,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first of its family.
    pub(crate) fn first(session: SessionId, secret: [u8; 32]) -> Self {
        Self { session, generation: 0, secret }
    }

    /// The one and only successor, however often it is asked for.
    pub(crate) fn successor(&self, ring: &Ring) -> Self {
        let generation = self.generation + 1;
        let secret = ring.mac("refresh-successor", &[self.session.0.as_bytes(), &generation.to_be_bytes(), &self.secret]);
        Self { session: self.session, generation, secret }
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> Vec<u8> {
        sha256(&self.secret).to_vec()
    }

    /// What the browser keeps.
    pub(crate) fn encode(&self, ring: &Ring) -> String {
        let body = self.body();
        let token = [body.as_slice(), &tag(ring, &body)].concat();
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(token))
    }

    /// `None` for anything that Portreeve did not issue.
    pub(crate) fn decode(ring: &Ring, text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (body, sent) = bytes.split_last_chunk::<TAG>()?;
        aws_lc_rs::constant_time::verify_slices_are_equal(&tag(ring, body), sent).ok()?;
        let (session, rest) = body.split_first_chunk::<16>()?;
        let (generation, secret) = rest.split_first_chunk::<8>()?;
        Some(Self {
            session: SessionId(Uuid::from_bytes(*session)),
            generation: i64::from_be_bytes(*generation),
            secret: secret.try_into().ok()?,
        })
    }

    fn body(&self) -> Vec<u8> {
        [self.session.0.as_bytes().as_slice(), &self.generation.to_be_bytes(), &self.secret].concat()
    }
}

fn tag(ring: &Ring, body: &[u8]) -> [u8; TAG] {
    let mut tag = [0; TAG];
    tag.copy_from_slice(&ring.mac("refresh-tag", &[body])[..TAG]);
    tag
}
