//! Links that open a file without an account.

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, ShareId};
use sea_orm::entity::prelude::*;

/// A row of `shares`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shares")]
pub struct Model {
    /// UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShareId,
    /// Which file.
    pub file_id: FileId,
    /// SHA-256 of the link's token.
    pub token_hash: Vec<u8>,
    /// Argon2id of its password, if it has one.
    pub password_hash: Option<String>,
    /// How often it may be downloaded.
    pub max_downloads: Option<i32>,
    /// How often it was.
    pub downloads: i32,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When its owner ended it.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

super::unrelated!();
