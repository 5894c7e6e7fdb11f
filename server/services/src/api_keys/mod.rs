//! Keys for machines: a person's own, for programs that act for them, and those of service accounts, which act for themselves.

mod authenticate;
mod by;
mod create;
mod error;
mod of_service_account;
mod revoke;
mod set_plan;
mod uses;

use std::sync::Arc;

use portreeve_contract::{
    ApiKeyId,
    api_key::{ApiKey, CreatedApiKey, NewApiKey, Scope},
};
use portreeve_database::api_key;

use self::by::By;
pub use self::error::Error;
pub(crate) use self::{authenticate::is_good, uses::Uses};
use crate::{Caller, Origin, auth, core::Core, idempotency::Keyed};

/// Keys for machines.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    core: Arc<Core>,
}

impl ApiKeys {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The caller's keys, the newest first.
    #[tracing::instrument(target = "otel", level = "trace", name = "api_keys.list", skip_all)]
    pub async fn list(&self, caller: &Caller) -> Result<Vec<ApiKey>, Error> {
        let rows = api_key::find_of_user(self.core.database.reader(), caller.user).await?;
        Ok(rows.into_iter().map(show).collect())
    }

    /// Makes a key that acts for the caller.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooMany`], [`Error::SessionOver`], [`Error::Forbidden`] for a plan that only administrators give; [`Error::Idempotency`] if `idempotency_key` was used before.
    #[tracing::instrument(target = "otel", level = "trace", name = "api_keys.create", skip_all)]
    pub async fn create(&self, caller: &Caller, new: NewApiKey, idempotency_key: Option<String>) -> Result<CreatedApiKey, Error> {
        if new.plan.is_some() {
            // With one of its own it does not count within its account's, however generous or not.
            caller.require_admin()?;
        }
        let asked = serde_json::to_vec(&new).map_err(crate::Fault::from)?;
        let keyed = Keyed::new(&self.core, caller, idempotency_key, &[b"api-key", &asked]);
        create::create(&self.core, caller.user, By::Owner(caller.credential.clone()), new, keyed).await
    }

    /// Ends one of the caller's keys. It opens nothing from the next request on.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for somebody else's.
    #[tracing::instrument(target = "otel", level = "trace", name = "api_keys.revoke", skip_all)]
    pub async fn revoke(&self, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
        revoke::revoke(&self.core, caller.user, By::Owner(caller.credential.clone()), id).await
    }

    /// Gives anybody's key a plan, as an administrator; or the usual one again, within its account's; if the key is still as `seen`.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] for a plan that is not there, [`Error::NotFound`], [`Error::Changed`].
    #[tracing::instrument(target = "otel", level = "trace", name = "api_keys.set_plan", skip_all)]
    pub async fn set_plan(&self, caller: &Caller, id: ApiKeyId, seen: Option<u64>, plan: Option<String>) -> Result<ApiKey, Error> {
        set_plan::set_plan(&self.core, caller, id, seen, plan).await
    }

    /// Whom a key speaks for, as things are now.
    ///
    /// # Errors
    /// [`auth::Error::InvalidToken`], without saying why.
    #[tracing::instrument(target = "otel", level = "trace", name = "api_keys.authenticate", skip_all)]
    pub async fn authenticate(&self, from: Origin, key: &str) -> Result<Caller, auth::Error> {
        authenticate::authenticate(&self.core, from, key).await
    }
}

fn show(row: api_key::ApiKey) -> ApiKey {
    ApiKey {
        scopes: scopes(&row.scopes),
        id: row.id,
        name: row.name,
        hint: row.hint,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        plan: row.plan,
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}

/// As they are stored; one of a later release means nothing here.
fn scopes(stored: &str) -> Vec<Scope> {
    stored.split(' ').filter_map(|name| name.parse().ok()).collect()
}
