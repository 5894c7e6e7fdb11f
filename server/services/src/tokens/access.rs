//! Access tokens: JWT (RFC 9068), ES256, a few minutes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use portreeve_contract::{SessionId, UserId, auth::AccessToken, user::Role};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sha256;
use crate::{Fault, Settings, core::Core};

/// `typ` (RFC 9068 §2.1): no other kind of JWT can be passed off as an access token.
pub(super) const TYPE: &str = "at+jwt";
/// Verified tokens kept; each is a few hundred bytes.
const CACHED: u64 = 10_000;
/// A token longer than this is not ours.
const MAX_BYTES: usize = 4096;

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// `public_url`.
    pub iss: String,
    /// Who.
    pub sub: UserId,
    /// `public_url`: Portreeve's own API.
    pub aud: String,
    /// Seconds since the epoch.
    pub exp: i64,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Unique.
    pub jti: Uuid,
    /// The first-party pages.
    pub client_id: String,
    /// The session.
    pub sid: SessionId,
    /// The refresh token's generation it came with.
    #[serde(rename = "gen")]
    pub generation: i64,
    /// What it may be used for.
    pub scope: String,
    /// For others to read; Portreeve itself asks the database.
    pub roles: Vec<Role>,
}

/// A token that is not accepted, without saying why: the answer is the same for all of them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Forged, expired, or not for us.
    #[error("not a valid access token")]
    Invalid,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Issues and verifies.
#[derive(Debug)]
pub(crate) struct AccessTokens {
    public_url: String,
    lifetime: u64,
    validation: Validation,
    /// By SHA-256 of the token, in this process only: whoever could write a shared cache of identities could forge them.
    verified: moka::sync::Cache<[u8; 32], Arc<Claims>>,
}

impl AccessTokens {
    pub(crate) fn new(settings: &Settings) -> Self {
        let public_url = settings.public_url.origin().ascii_serialization();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&public_url]);
        validation.set_audience(&[&public_url]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // By our own clock, below.
        validation.validate_exp = false;
        let lifetime = settings.tokens.access_lifetime;
        Self {
            public_url,
            lifetime: lifetime.as_secs(),
            validation,
            verified: moka::sync::Cache::builder().max_capacity(CACHED).time_to_live(lifetime).build(),
        }
    }

    /// A token for one session at one generation.
    pub(crate) fn issue(&self, core: &Core, user: UserId, role: Role, session: SessionId, generation: i64) -> Result<AccessToken, Fault> {
        let now = core.now();
        let key = core.ring.signing(now).ok_or(Fault::Crypto("there is no signing key"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        let claims = Claims {
            iss: self.public_url.clone(),
            sub: user,
            aud: self.public_url.clone(),
            exp: now.timestamp() + i64::try_from(self.lifetime).unwrap_or(300),
            iat: now.timestamp(),
            jti: core.random.uuid(now),
            client_id: "portreeve".to_owned(),
            sid: session,
            generation,
            scope: "account".to_owned(),
            roles: vec![role],
        };
        let access_token = jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(|_| Fault::Crypto("signing a token"))?;
        Ok(AccessToken { access_token, expires_in: self.lifetime })
    }

    /// What the token says, if it is ours and valid now (RFC 8725: only the algorithm, type, issuer and audience that are expected).
    pub(crate) async fn verify(&self, core: &Core, token: &str) -> Result<Arc<Claims>, Refused> {
        if token.len() > MAX_BYTES {
            return Err(Refused::Invalid);
        }
        let now = core.now();
        let hash = sha256(token.as_bytes());
        if let Some(claims) = self.verified.get(&hash) {
            core.counters.token_hits.inc();
            return timely(&claims, now).then_some(claims).ok_or(Refused::Invalid);
        }
        core.counters.token_misses.inc();
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        if header.alg != Algorithm::ES256 || header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(Refused::Invalid);
        }
        let kid = header.kid.ok_or(Refused::Invalid)?;
        let key = core.ring.find(&kid, now).await?.ok_or(Refused::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation).map_err(|_| Refused::Invalid)?.claims;
        if !timely(&claims, now) {
            return Err(Refused::Invalid);
        }
        let claims = Arc::new(claims);
        self.verified.insert(hash, claims.clone());
        Ok(claims)
    }
}

/// Neither expired nor from the future; a few seconds are allowed for nodes whose clocks disagree.
fn timely(claims: &Claims, now: DateTime<Utc>) -> bool {
    claims.exp > now.timestamp() && claims.iat <= now.timestamp() + 5
}
