//! What happened, in order (CloudEvents 1.0).

use chrono::{DateTime, Utc};
use portreeve_contract::EventId;
use sea_orm::entity::prelude::*;

/// A row of `events`, written in the transaction of the change it tells of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Given by the engine. On PostgreSQL a later one may commit first.
    #[sea_orm(primary_key)]
    pub sequence: i64,
    /// CloudEvents `id`.
    pub id: EventId,
    /// CloudEvents `type`: `session.opened`.
    pub r#type: String,
    /// CloudEvents `subject` and partition key: the id of what it tells of.
    pub subject: String,
    /// CloudEvents `data`. Never a token, a password or an address.
    pub data: Json,
    /// CloudEvents `time`.
    pub time: DateTime<Utc>,
    /// CloudEvents `traceparent` (extension for distributed tracing): what made it, if traces are recorded.
    pub traceparent: Option<String>,
}

super::unrelated!();
