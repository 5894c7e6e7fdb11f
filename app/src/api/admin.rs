//! An administrator's view of everyone.

use leptos::prelude::*;
use portreeve_contract::{
    UserId,
    user::{UserChange, UserDetail, UserPage, UserQuery},
};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// One page of users.
#[server(prefix = "/api", endpoint = "admin/list_users", protocol = Wire, client = Bearer)]
pub async fn list_users(query: UserQuery) -> Result<UserPage, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.list(&caller, query).await)
}

/// One user.
#[server(prefix = "/api", endpoint = "admin/user", protocol = Wire, client = Bearer)]
pub async fn user(id: UserId) -> Result<UserDetail, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.detail(&caller, id).await)
}

/// Makes a member an administrator or the other way round, shuts an account and ends its sessions, or opens it again.
#[server(prefix = "/api", endpoint = "admin/update_user", protocol = Wire, client = Bearer)]
pub async fn update_user(id: UserId, change: UserChange) -> Result<UserDetail, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.update(&caller, id, None, change).await)
}

/// Signs a user out everywhere.
#[server(prefix = "/api", endpoint = "admin/end_sessions", protocol = Wire, client = Bearer)]
pub async fn end_sessions(id: UserId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.end_sessions(&caller, id).await)
}

/// Mails a user the link that sets a new password.
#[server(prefix = "/api", endpoint = "admin/send_reset_link", protocol = Wire, client = Bearer)]
pub async fn send_reset_link(id: UserId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.users.send_reset_link(&caller, id, None).await.map(|_| ()))
}
