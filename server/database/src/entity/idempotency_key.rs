//! Answers that were given already.

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
    /// What was answered.
    pub answer: Json,
    /// When.
    pub created_at: DateTime<Utc>,
}

super::unrelated!();
