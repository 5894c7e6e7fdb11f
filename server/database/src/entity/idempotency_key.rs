//! Answers that were given already, and who is about to give one.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::entity::prelude::*;

/// A row of `idempotency_keys`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// `Idempotency-Key` as sent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of what was asked.
    pub fingerprint: Vec<u8>,
    /// What was answered; null until then.
    pub answer: Json,
    /// When it was answered; until then, when its holder was last heard of.
    pub created_at: DateTime<Utc>,
    /// Who carries the request out; `None` once it is answered.
    pub holder: Option<Uuid>,
}

super::unrelated!();
