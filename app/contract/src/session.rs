//! Where a person is signed in.

use serde::{Deserialize, Serialize};

use crate::{SessionId, date_time::DateTime};

/// One signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Its id, also in access tokens as `sid`.
    pub id: SessionId,
    /// In words: “Firefox on Linux”.
    pub device: String,
    /// The network address it was last seen from.
    pub address: String,
    /// When the person signed in.
    pub first_seen: DateTime,
    /// When it was last used, to within a minute.
    pub last_seen: DateTime,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One page of one's signed-in devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionPage {
    /// At most `limit`, the newest first.
    pub items: Vec<Session>,
    /// How many there are on all pages.
    pub total: u64,
    /// Cursor of the page after this one.
    pub next: Option<String>,
    /// Cursor of the page before this one.
    pub previous: Option<String>,
}
