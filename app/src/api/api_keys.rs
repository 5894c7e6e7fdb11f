//! One's keys for machines.

use leptos::prelude::*;
use portreeve_contract::{
    ApiKeyId,
    api_key::{ApiKey, CreatedApiKey, NewApiKey},
};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// All of them, the newest first.
#[server(prefix = "/api", endpoint = "api_keys/list", protocol = Wire, client = Bearer)]
pub async fn list() -> Result<Vec<ApiKey>, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.list(&caller).await)
}

/// Makes one, and tells it this once.
#[server(prefix = "/api", endpoint = "api_keys/create", protocol = Wire, client = Bearer)]
pub async fn create(key: NewApiKey) -> Result<CreatedApiKey, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.create(&caller, key, None).await)
}

/// Ends one.
#[server(prefix = "/api", endpoint = "api_keys/revoke", protocol = Wire, client = Bearer)]
pub async fn revoke(id: ApiKeyId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.api_keys.revoke(&caller, id).await)
}
