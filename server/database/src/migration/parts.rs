//! What several steps are made of.

use sea_orm_migration::{prelude::*, schema::text, sea_orm::DbBackend};

/// Text sorted by code point on both engines: a cursor must not depend on the server's locale.
pub(super) fn sorted_text(backend: DbBackend, name: &'static str) -> ColumnDef {
    let mut column = text(name);
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// Gone with its user.
pub(super) fn owned_by_user(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

/// An index named after its table and columns.
pub(super) async fn index(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str], unique: bool) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.table(table).name(format!("{table}_{}", columns.join("_")));
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index).await
}
