//! What pages need to know about this installation; public.

use serde::{Deserialize, Serialize};

/// Settings that shape forms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Code points a new password has at least.
    pub password_min: usize,
    /// Whether an address must be verified before its account can be used.
    pub verification_required: bool,
    /// Served over plain HTTP to something other than this machine: browsers will not keep the refresh cookie, so signing in cannot work.
    pub insecure: bool,
}
