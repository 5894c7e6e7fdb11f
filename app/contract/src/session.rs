//! Where a person is signed in.

use serde::{Deserialize, Serialize};

use crate::{SessionId, moment::Moment};

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
    pub first_seen: Moment,
    /// When it was last used, to within a minute.
    pub last_seen: Moment,
    /// Whether it is the one that asks.
    pub current: bool,
}
