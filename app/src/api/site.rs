//! What forms need to know about this installation.

use leptos::prelude::*;
use portreeve_contract::site;

use crate::{error::ApiError, wire::Wire};

/// This installation's public settings.
#[allow(clippy::unused_async, reason = "a server function is")]
#[server(prefix = "/api", endpoint = "site", protocol = Wire)]
pub async fn site() -> Result<site::Site, ApiError> {
    Ok(crate::ssr::site())
}
