//! Tokens for the services behind the gateway: JWT (RFC 9068), ES256, good for one of them and a minute at most.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use portreeve_contract::{ApiKeyId, SessionId, UserId, user::Role};
use serde::Serialize;
use uuid::Uuid;

use super::access::TYPE;
use crate::{Caller, Credential, Fault, core::Core};

/// Tokens kept to be sent along again; each is less than a kilobyte.
const CACHED: u64 = 10_000;

/// What such a token says.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    /// `public_url`, whose key set verifies it.
    iss: &'a str,
    sub: UserId,
    /// The upstream alone: Portreeve's own API refuses it.
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: Uuid,
    /// The pages, or the key for machines that speaks.
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    scope: String,
    roles: [Role; 1],
}

/// Whom a token speaks for, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Bearer {
    user: UserId,
    session: Option<SessionId>,
    api_key: Option<ApiKeyId>,
    role: Role,
    audience: Arc<str>,
}

#[derive(Clone, Debug)]
struct Minted {
    token: Bytes,
    /// Sent along until then, so that its receiver has at least half of its life to look at it.
    fresh_until: DateTime<Utc>,
}

/// Issues them. Who calls often gets the same one for half a minute: a signature costs more than all else that the gateway does.
#[derive(Debug)]
pub(crate) struct UpstreamTokens {
    issuer: String,
    minted: moka::sync::Cache<Bearer, Minted>,
}

impl UpstreamTokens {
    pub(crate) fn new(public_url: &url::Url) -> Self {
        Self {
            issuer: public_url.origin().ascii_serialization(),
            minted: moka::sync::Cache::builder().max_capacity(CACHED).time_to_live(Duration::from_mins(1)).build(),
        }
    }

    /// A token that tells `audience` who calls, for `lifetime`, as credentials are written (RFC 6750 §2.1): `Bearer` and itself.
    pub(crate) fn issue(&self, core: &Core, caller: &Caller, audience: &Arc<str>, lifetime: Duration) -> Result<Bytes, Fault> {
        let now = core.now();
        let (session, api_key, scope) = match &caller.credential {
            Credential::Session(id) => (Some(*id), None, "account".to_owned()),
            Credential::ApiKey { id, scopes, .. } => {
                (None, Some(*id), scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "))
            }
        };
        let key = Bearer { user: caller.user, session, api_key, role: caller.role, audience: audience.clone() };
        if let Some(minted) = self.minted.get(&key)
            && minted.fresh_until > now
        {
            return Ok(minted.token);
        }
        let signing = core.ring.signing(now).ok_or(Fault::Crypto("there is no signing key"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(signing.kid.clone());
        let claims = Claims {
            iss: &self.issuer,
            sub: caller.user,
            aud: audience,
            exp: now.timestamp() + i64::try_from(lifetime.as_secs()).unwrap_or(60),
            iat: now.timestamp(),
            jti: core.random.uuid(now),
            client_id: api_key.map_or_else(|| "portreeve".to_owned(), |id| id.to_string()),
            sid: session,
            scope,
            roles: [caller.role],
        };
        let token = jsonwebtoken::encode(&header, &claims, &signing.encoding).map_err(|_| Fault::Crypto("signing a token"))?;
        let token = Bytes::from(format!("Bearer {token}"));
        self.minted.insert(key, Minted { token: token.clone(), fresh_until: now + lifetime / 2 });
        Ok(token)
    }
}
