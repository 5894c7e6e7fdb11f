//! Where a person is signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SessionId;

/// One signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id, also in access tokens as `sid`.
    pub id: SessionId,
    /// In words: “Firefox on Linux”.
    pub device: String,
    /// The network address it was last seen from.
    pub address: String,
    /// When the person signed in.
    pub first_seen: DateTime<Utc>,
    /// When it was last used, to within a minute.
    pub last_seen: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub current: bool,
}
