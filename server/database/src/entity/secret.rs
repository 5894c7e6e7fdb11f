//! A secret at rest.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `secrets`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "secrets")]
pub struct Model {
    /// What it is for: `data-key`, `refresh`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Sealed; the name is authenticated with it.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

super::unrelated!();
