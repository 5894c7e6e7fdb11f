//! Where one is signed in.

use leptos::prelude::*;
use portreeve_contract::{SessionId, session::Session};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// Every signed-in device.
#[server(prefix = "/api", endpoint = "sessions/list", protocol = Wire, client = Bearer)]
pub async fn list() -> Result<Vec<Session>, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.sessions.list(&caller).await)
}

/// Signs one device out.
#[server(prefix = "/api", endpoint = "sessions/revoke", protocol = Wire, client = Bearer)]
pub async fn revoke(id: SessionId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.sessions.revoke(&caller, id).await)
}

/// Signs every device out but this one.
#[server(prefix = "/api", endpoint = "sessions/revoke_others", protocol = Wire, client = Bearer)]
pub async fn revoke_others() -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.sessions.revoke_others(&caller).await)
}

/// Signs every device out, this one too.
#[server(prefix = "/api", endpoint = "sessions/revoke_all", protocol = Wire, client = Bearer)]
pub async fn revoke_all() -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.sessions.revoke_all(&caller).await)?;
    crate::ssr::forget_refresh_token();
    Ok(())
}
