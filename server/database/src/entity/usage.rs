//! How much of their share a person uses.

use portreeve_contract::UserId;
use sea_orm::entity::prelude::*;

/// A row of `usages`, kept in the transaction of each change: counting a hundred thousand files at each upload would not do.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usages")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Files, unfinished and trashed ones included.
    pub files: i64,
    /// Their bytes, those still to come included.
    pub bytes: i64,
}

super::unrelated!();
