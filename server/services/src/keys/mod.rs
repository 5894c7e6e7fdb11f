//! Keys: sealed at rest, rotated, published.

mod envelope;
mod error;
mod master;
mod ring;
mod rotate;
mod signing;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_contract::signing_key;
use serde_json::{Value, json};

pub use self::{
    error::Error,
    master::{MasterKey, MasterKeyError},
};
pub(crate) use self::{ring::Ring, signing::SigningKey};
use crate::{
    Caller, Fault,
    core::Core,
    idempotency::{self, Effect, Keyed},
};

/// The signing keys, as an operator sees them.
#[derive(Clone, Debug)]
pub struct Keys {
    core: Arc<Core>,
}

/// One published key.
#[derive(Clone, Debug)]
pub struct KeyInfo {
    /// JWK thumbprint.
    pub kid: String,
    /// When it was made and published.
    pub created_at: DateTime<Utc>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// When it is published no longer.
    pub retires_at: Option<DateTime<Utc>>,
    /// Whether it signs now.
    pub signing: bool,
}

impl From<KeyInfo> for signing_key::SigningKey {
    fn from(key: KeyInfo) -> Self {
        let KeyInfo { kid, created_at, signs_from, retires_at, signing } = key;
        Self { kid, created_at, signs_from, retires_at, signing }
    }
}

impl Keys {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// `/.well-known/jwks.json` (RFC 7517): every key that a valid token may be signed with, and the next one.
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.core.ring.published().iter().map(|key| key.jwk.clone()).collect::<Vec<_>>() })
    }

    /// Every published key, in the order in which they sign.
    pub fn list(&self) -> Vec<KeyInfo> {
        let signing = self.core.ring.signing(self.core.now()).map(|key| key.kid.clone());
        let info = |key: &Arc<SigningKey>| KeyInfo {
            kid: key.kid.clone(),
            created_at: key.created_at,
            signs_from: key.signs_from,
            retires_at: key.retires_at,
            signing: signing.as_ref() == Some(&key.kid),
        };
        self.core.ring.published().iter().map(info).collect()
    }

    /// Makes the next key. It is published now and signs from the time given, by when everyone who caches the keys has seen it;
    /// the one before stays until nothing it signed can be valid.
    pub async fn rotate(&self) -> Result<KeyInfo, Fault> {
        rotate::rotate(&self.core).await
    }

    /// As [`Self::list`], for administrators.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn list_for(&self, caller: &Caller) -> Result<Vec<signing_key::SigningKey>, Error> {
        caller.require_admin()?;
        Ok(self.list().into_iter().map(KeyInfo::into).collect())
    }

    /// As [`Self::rotate`], for administrators.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Pending`] while the next key does not sign yet, so that nobody fills the key set by impatience;
    /// [`Error::Idempotency`] if `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "keys.rotate", skip_all)]
    pub async fn rotate_for(&self, caller: &Caller, idempotency_key: Option<String>) -> Result<(signing_key::SigningKey, Effect), Error> {
        caller.require_admin()?;
        let keyed = Keyed::new(&self.core, caller, idempotency_key, &[b"signing-key"]);
        let keys = self.clone();
        let made = idempotency::once(&self.core, keyed, async move {
            let now = keys.core.now();
            if keys.core.ring.published().iter().any(|key| key.signs_from > now) {
                return Err(Error::Pending);
            }
            let key = signing_key::SigningKey::from(keys.rotate().await?);
            Ok(serde_json::to_value(key).map_err(Fault::from)?)
        });
        let (key, effect) = made.await?;
        Ok((serde_json::from_value(key).map_err(Fault::from)?, effect))
    }

    pub(crate) async fn reload(&self) -> Result<(), Fault> {
        self.core.ring.reload(self.core.database.reader(), self.core.now()).await
    }

    pub(crate) async fn rotate_if_due(&self) -> Result<(), Fault> {
        rotate::rotate_if_due(&self.core).await
    }
}
