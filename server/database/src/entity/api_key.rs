//! A key for machines.

use chrono::{DateTime, Utc};
use portreeve_contract::{ApiKeyId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `api_keys`; a key that is revoked has none.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// Whose.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// Names of [`portreeve_contract::api_key::Scope`], with spaces between.
    pub scopes: String,
    /// SHA-256 of the key.
    pub key_hash: Vec<u8>,
    /// How the key ends.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The plan that an administrator gave it, instead of the usual one within its account's.
    pub plan: Option<String>,
    /// Counts edits, from 1.
    pub version: i64,
}

super::unrelated!();
