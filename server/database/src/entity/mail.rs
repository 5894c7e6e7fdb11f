//! A mail to be written and sent. It is queued in the transaction of what it tells of, so none is lost and none is sent for nothing.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `mails`; deleted once sent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    /// UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What to write and to whom, as JSON. Holds no token: links are made when the mail is.
    pub job: Json,
    /// Tries so far.
    pub attempts: i32,
    /// Not before; while a sender is at it, until when it is theirs.
    pub due_at: DateTime<Utc>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
}

super::unrelated!();
