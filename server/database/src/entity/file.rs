//! Files.

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, UserId};
use sea_orm::entity::prelude::*;

/// Where a file is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// Its bytes are coming in.
    Receiving,
    /// All bytes are here for good; a worker will store them.
    Accepted,
    /// A worker is at it.
    Storing,
    /// In the object store, checked.
    Stored,
    /// Given up; `failure` says why.
    Failed,
}

/// A row of `files`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    /// UUID v7; also the upload's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    /// Whose; nobody's once the account is erased.
    pub owner_id: Option<UserId>,
    /// As given, made fit to show.
    pub name: String,
    /// Lower-cased, for searching and sorting.
    pub name_key: String,
    /// Bytes.
    pub size: i64,
    /// The media type that the client claimed.
    pub claimed_type: Option<String>,
    /// The media type that its first bytes tell.
    pub media_type: String,
    /// Of its key in the object store.
    pub extension: String,
    /// Once all bytes are here.
    pub sha256: Option<Vec<u8>>,
    /// Where it is.
    pub status: Status,
    /// Why it failed, in words for its owner.
    pub failure: Option<String>,
    /// Counts changes; its entity tag.
    pub version: i64,
    /// When the upload began.
    pub created_at: DateTime<Utc>,
    /// When all bytes were here for good.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was in the object store, checked.
    pub stored_at: Option<DateTime<Utc>>,
    /// When it was put into the trash.
    pub trashed_at: Option<DateTime<Utc>>,
    /// When it will be gone for good.
    pub erase_at: Option<DateTime<Utc>>,
}

super::unrelated!();
