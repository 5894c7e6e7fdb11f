//! An administrator's view of the identities of machines, and of their keys.

use leptos::prelude::*;
use portreeve_contract::{
    ApiKeyId, UserId,
    api_key::{ApiKey, CreatedApiKey, NewApiKey},
    service_account::{NewServiceAccount, ServiceAccount, ServiceAccountChange, ServiceAccountPage, ServiceAccountQuery},
};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// One page of them.
#[server(prefix = "/api", endpoint = "admin/list_service_accounts", protocol = Wire, client = Bearer)]
pub async fn list(query: ServiceAccountQuery) -> Result<ServiceAccountPage, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.service_accounts.list(&caller, query).await)
}

/// One of them.
#[server(prefix = "/api", endpoint = "admin/service_account", protocol = Wire, client = Bearer)]
pub async fn find(id: UserId) -> Result<ServiceAccount, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.service_accounts.find(&caller, id).await)
}

/// Makes one, without a key.
#[server(prefix = "/api", endpoint = "admin/create_service_account", protocol = Wire, client = Bearer)]
pub async fn create(account: NewServiceAccount) -> Result<ServiceAccount, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.service_accounts.create(&caller, account, None).await).map(|created| created.account)
}

/// Renames it, says what it may do, has its keys refused or taken again.
#[server(prefix = "/api", endpoint = "admin/update_service_account", protocol = Wire, client = Bearer)]
pub async fn update(id: UserId, change: ServiceAccountChange) -> Result<ServiceAccount, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.service_accounts.update(&caller, id, None, change).await)
}

/// Erases it with its keys and its files.
#[server(prefix = "/api", endpoint = "admin/delete_service_account", protocol = Wire, client = Bearer)]
pub async fn delete(id: UserId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.service_accounts.delete(&caller, id).await)
}

/// Its keys, the newest first.
#[server(prefix = "/api", endpoint = "admin/list_service_account_keys", protocol = Wire, client = Bearer)]
pub async fn list_keys(id: UserId) -> Result<Vec<ApiKey>, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.list_of(&caller, id).await)
}

/// Makes a key for it, and tells that this once.
#[server(prefix = "/api", endpoint = "admin/create_service_account_key", protocol = Wire, client = Bearer)]
pub async fn create_key(id: UserId, key: NewApiKey) -> Result<CreatedApiKey, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.create_of(&caller, id, key, None).await)
}

/// Ends one of its keys.
#[server(prefix = "/api", endpoint = "admin/revoke_service_account_key", protocol = Wire, client = Bearer)]
pub async fn revoke_key(id: UserId, key: ApiKeyId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.revoke_of(&caller, id, key).await)
}
