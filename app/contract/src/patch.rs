//! Merge patches (RFC 7396).

use serde::{Deserialize, Deserializer};

/// Reads a member that a patch may leave out and cannot take away: `null` does not fit.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
