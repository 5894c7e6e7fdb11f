//! Which places outside belong to this database.

use sea_orm::entity::prelude::*;

/// A row of `identities`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// Of what: `staging`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The random id that the place keeps as well.
    pub id: Uuid,
}

super::unrelated!();
