//! Who reads the stream, and how far.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `consumers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consumers")]
pub struct Model {
    /// `store-files`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The position of the last event that was handed out or passed over.
    pub position: i64,
    /// How many events it has finished.
    pub handled: i64,
    /// When the minute began in which it last finished some.
    pub minute: DateTime<Utc>,
    /// How many it finished in that minute.
    pub handled_in_minute: i64,
    /// And in the one before it.
    pub handled_in_last: i64,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
}

super::unrelated!();
