//! Uploads that are not finished.

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `uploads`; gone once its file is accepted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    /// The file to be.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: FileId,
    /// Whose.
    pub owner_id: UserId,
    /// Bytes that are here for good, from the first one on.
    pub received: i64,
    /// SHA-256 of those bytes, half-way: going on needs no second look at them.
    pub digest: Option<Vec<u8>>,
    /// Counts who took the pen: only the last writer's bytes count.
    pub writer: i64,
    /// `Upload-Metadata` as sent.
    pub metadata: String,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

super::unrelated!();
