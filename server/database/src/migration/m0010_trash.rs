//! The trash has indexes of its own.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One for each order. What is in the trash may be erased by now, which the others do not say; and what is not in it costs nothing here.
        for (order, columns) in [
            ("created_at", "owner_id, created_at, id, erase_at, name_key, trashed_at"),
            ("name_key", "owner_id, name_key, id, erase_at, trashed_at"),
            ("size", "owner_id, size, id, erase_at, name_key, trashed_at"),
        ] {
            let statement = format!("CREATE INDEX files_trash_{order} ON files ({columns}) WHERE trashed_at IS NOT NULL");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
