//! What forms need to know about this installation.

use leptos::{prelude::*, server_fn::codec::Json};
use portreeve_contract::site;

use crate::error::ApiError;

/// This installation's public settings.
#[allow(clippy::unused_async, reason = "a server function is")]
#[server(prefix = "/api", endpoint = "site", input = Json, output = Json)]
pub async fn site() -> Result<site::Site, ApiError> {
    Ok(crate::ssr::site())
}
