//! What was counted in a minute.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `measures`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measures")]
pub struct Model {
    /// When the minute began.
    #[sea_orm(primary_key, auto_increment = false)]
    pub minute: DateTime<Utc>,
    /// Which process counted; each start is another one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node: Uuid,
    /// What it counted.
    pub numbers: Json,
}

super::unrelated!();
