//! What was counted, minute by minute.

use sea_orm_migration::{
    prelude::*,
    schema::{json_binary, timestamp_with_time_zone, uuid},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("measures")
                    .col(timestamp_with_time_zone("minute"))
                    .col(uuid("node"))
                    .col(json_binary("numbers"))
                    .primary_key(Index::create().col("minute").col("node"))
                    .to_owned(),
            )
            .await
    }
}
