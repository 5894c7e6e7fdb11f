//! Events that a consumer gave up on.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `dead_letters`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dead_letters")]
pub struct Model {
    /// UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who gave up.
    pub consumer: String,
    /// Where in the stream the event is.
    pub position: i64,
    /// Its partition key.
    pub key: String,
    /// The whole event (CloudEvents 1.0, JSON format).
    pub event: Json,
    /// How often it was tried.
    pub failures: i32,
    /// Each failure: when, and what was said.
    pub errors: Json,
    /// When it was given up.
    pub created_at: DateTime<Utc>,
}

super::unrelated!();
