//! Where the bytes of a file are until they are in the object store.

use portreeve_contract::FileId;
use sea_orm::entity::prelude::*;

/// A row of `segments`: what no row names in staging is garbage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    /// Of which file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: FileId,
    /// Its first byte's place in the file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub start: i64,
    /// Bytes.
    pub length: i64,
    /// In staging.
    pub name: String,
}

super::unrelated!();
