//! Keys of service accounts: an administrator's to make and to revoke.

use portreeve_contract::{
    ApiKeyId, UserId,
    api_key::{ApiKey, CreatedApiKey, NewApiKey},
};
use portreeve_database::{
    api_key,
    user::{self, Kind},
};

use super::{ApiKeys, By, Error, create, revoke, show};
use crate::{Caller, idempotency::Keyed};

impl ApiKeys {
    /// A service account's keys, the newest first. Administrators only.
    ///
    /// # Errors
    /// [`Error::NoServiceAccount`].
    pub async fn list_of(&self, caller: &Caller, account: UserId) -> Result<Vec<ApiKey>, Error> {
        caller.require_admin()?;
        self.list_of_as_operator(account).await
    }

    /// Makes a key that acts for a service account. Nobody gets a mail. Administrators only.
    ///
    /// # Errors
    /// As of [`ApiKeys::create`], and [`Error::NoServiceAccount`].
    pub async fn create_of(
        &self,
        caller: &Caller,
        account: UserId,
        new: NewApiKey,
        idempotency_key: Option<String>,
    ) -> Result<CreatedApiKey, Error> {
        caller.require_admin()?;
        let asked = serde_json::to_vec(&new).map_err(crate::Fault::from)?;
        let keyed = Keyed::new(&self.core, caller, idempotency_key, &[b"service-account-key", account.0.as_bytes(), &asked]);
        create::create(&self.core, account, By::Admin(Some(caller.user)), new, keyed).await
    }

    /// Ends one of a service account's keys. Administrators only.
    ///
    /// # Errors
    /// [`Error::NoServiceAccount`], [`Error::NotFound`].
    pub async fn revoke_of(&self, caller: &Caller, account: UserId, id: ApiKeyId) -> Result<(), Error> {
        caller.require_admin()?;
        revoke::revoke(&self.core, account, By::Admin(Some(caller.user)), id).await
    }

    /// As [`Self::list_of`], from the command line.
    pub async fn list_of_as_operator(&self, account: UserId) -> Result<Vec<ApiKey>, Error> {
        let reader = self.core.database.reader();
        user::find_of(reader, Kind::ServiceAccount, account).await?.ok_or(Error::NoServiceAccount)?;
        Ok(api_key::find_of_user(reader, account).await?.into_iter().map(show).collect())
    }

    /// As [`Self::create_of`], from the command line.
    pub async fn create_of_as_operator(&self, account: UserId, new: NewApiKey) -> Result<CreatedApiKey, Error> {
        create::create(&self.core, account, By::Admin(None), new, None).await
    }

    /// As [`Self::revoke_of`], from the command line.
    pub async fn revoke_of_as_operator(&self, account: UserId, id: ApiKeyId) -> Result<(), Error> {
        revoke::revoke(&self.core, account, By::Admin(None), id).await
    }
}
