//! Whose keys a page shows.

use portreeve_contract::{
    ApiKeyId, UserId,
    api_key::{ApiKey, CreatedApiKey, NewApiKey, Scope},
};

use crate::{api, error::ApiError};

/// One's own, or, for an administrator, those of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// One's own.
    Own,
    /// A service account's.
    ServiceAccount(UserId),
}

impl Whose {
    pub(super) async fn list(self) -> Result<Vec<ApiKey>, ApiError> {
        match self {
            Self::Own => api::api_keys::list().await,
            Self::ServiceAccount(id) => api::service_accounts::list_keys(id).await,
        }
    }

    pub(super) async fn create(self, new: NewApiKey) -> Result<CreatedApiKey, ApiError> {
        match self {
            Self::Own => api::api_keys::create(new).await,
            Self::ServiceAccount(id) => api::service_accounts::create_key(id, new).await,
        }
    }

    pub(super) async fn revoke(self, key: ApiKeyId) -> Result<(), ApiError> {
        match self {
            Self::Own => api::api_keys::revoke(key).await,
            Self::ServiceAccount(id) => api::service_accounts::revoke_key(id, key).await,
        }
    }

    /// Said where there is no key.
    pub(super) const fn none(self) -> &'static str {
        match self {
            Self::Own => "No program acts for you.",
            Self::ServiceAccount(_) => "It has no key, so nobody can be it.",
        }
    }

    /// What keys are offered for: of what only administrators may do, others are not asked.
    pub(super) const fn scopes(self, of_admin: bool) -> &'static [Scope] {
        use Scope::{AccountRead, AccountWrite, FilesRead, FilesWrite, UpstreamsCall};
        match (self, of_admin) {
            (_, true) => Scope::ALL,
            (Self::Own, false) => &[AccountRead, AccountWrite, FilesRead, FilesWrite],
            (Self::ServiceAccount(_), false) => &[AccountRead, AccountWrite, FilesRead, FilesWrite, UpstreamsCall],
        }
    }

    /// What a scope lets a program do.
    pub(super) const fn in_words(self, scope: Scope) -> &'static str {
        match (scope, self) {
            (Scope::AccountRead, Self::Own) => "See your account",
            (Scope::AccountRead, Self::ServiceAccount(_)) => "See its own account",
            (Scope::AccountWrite, Self::Own) => "Edit your profile",
            (Scope::AccountWrite, Self::ServiceAccount(_)) => "Edit its own profile",
            (Scope::FilesRead, _) => "List and download files",
            (Scope::FilesWrite, _) => "Upload, edit, share and erase files",
            (Scope::UsersRead, _) => "See everyone’s accounts",
            (Scope::UsersWrite, _) => "Edit everyone’s accounts",
            (Scope::StreamRead, _) => "Look at the stream",
            (Scope::StreamWrite, _) => "Replay, redrive and drop events",
            (Scope::UpstreamsCall, _) => "Call the services behind the gateway",
        }
    }
}
