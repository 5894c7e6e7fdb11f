//! The keys that access tokens are signed with, as an administrator sees them.

use serde::{Deserialize, Serialize};

use crate::date_time::DateTime;

/// One published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKey {
    /// Its JWK thumbprint (RFC 7638), which each token names.
    pub kid: String,
    /// When it was made and published.
    pub created_at: DateTime,
    /// When it begins to sign: once everyone who keeps the key set has seen it.
    pub signs_from: DateTime,
    /// When it is published no longer, if another follows it.
    pub retires_at: Option<DateTime>,
    /// Whether it signs now.
    pub signing: bool,
}
