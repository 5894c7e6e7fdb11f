//! A signed-in device: one family of refresh tokens.

use chrono::{DateTime, Utc};
use portreeve_contract::{SessionId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `sessions`. Ended sessions are kept until they would have expired, so that the reuse of their tokens is recognised.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// UUID v7; `sid` in tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Counts rotations; `gen` in tokens.
    pub generation: i64,
    /// SHA-256 of the live refresh token's secret.
    pub refresh_hash: Vec<u8>,
    /// SHA-256 of its predecessor's.
    pub previous_hash: Option<Vec<u8>>,
    /// When the live one was made.
    pub rotated_at: DateTime<Utc>,
    /// The latest generation of which anything came back: while it lags behind `generation`, the last answer may have been lost.
    pub seen_generation: i64,
    /// `User-Agent` of the last refresh or sign-in, cut to 512 bytes.
    pub user_agent: String,
    /// Network address of the last use.
    pub address: String,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_seen_at: DateTime<Utc>,
    /// The end of its absolute lifetime.
    pub expires_at: DateTime<Utc>,
    /// When it was signed out, revoked, or found copied.
    pub ended_at: Option<DateTime<Utc>>,
}

super::unrelated!();
