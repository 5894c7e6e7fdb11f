//! One's own account.

use leptos::prelude::*;
use portreeve_contract::user::{self, DeletionScheduled, ProfileChange};

use crate::{error::ApiError, secret::Secret, session::Bearer, wire::Wire};

/// Who is signed in.
#[server(prefix = "/api", endpoint = "users/profile", protocol = Wire, client = Bearer)]
pub async fn profile() -> Result<user::Profile, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    Ok(services.users.profile(&caller))
}

/// Changes what can be changed without a password.
#[server(prefix = "/api", endpoint = "users/update_profile", protocol = Wire, client = Bearer)]
pub async fn update_profile(change: ProfileChange) -> Result<user::Profile, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.update_profile(&caller, None, change).await)
}

/// Sends a link to the new address and a notice to the old one.
#[server(prefix = "/api", endpoint = "users/change_email", protocol = Wire, client = Bearer)]
pub async fn change_email(change: Secret<user::ChangeEmail>) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.change_email(&caller, change.0, None).await.map(|_| ()))
}

/// Sets another password and ends the other sessions.
#[server(prefix = "/api", endpoint = "users/change_password", protocol = Wire, client = Bearer)]
pub async fn change_password(change: Secret<user::ChangePassword>) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.change_password(&caller, change.0).await)
}

/// Schedules the end of the account.
#[server(prefix = "/api", endpoint = "users/delete_account", protocol = Wire, client = Bearer)]
pub async fn delete_account(request: Secret<user::DeleteAccount>) -> Result<DeletionScheduled, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.delete_account(&caller, request.0).await)
}
