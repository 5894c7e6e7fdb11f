//! An event on its way to a consumer.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `deliveries`; deleted once the event is done with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    /// To whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub consumer: String,
    /// Which event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// The event's partition key: one at a time, in order.
    pub key: String,
    /// How often handling it failed.
    pub failures: i32,
    /// Not before this.
    pub due_at: DateTime<Utc>,
    /// The worker that is at it.
    pub holder: Option<Uuid>,
    /// After this the holder is taken for dead.
    pub held_until: Option<DateTime<Utc>>,
    /// Each failure: when, and what was said.
    pub errors: Json,
}

super::unrelated!();
