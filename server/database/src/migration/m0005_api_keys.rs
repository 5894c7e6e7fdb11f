//! Keys for machines.

use sea_orm_migration::{
    prelude::*,
    schema::{binary, pk_uuid, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

use super::parts::{index, owned_by_user};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("api_keys")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(text("name"))
                    .col(text("scopes"))
                    .col(binary("key_hash"))
                    .col(text("hint"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .foreign_key(&mut owned_by_user("api_keys"))
                    .to_owned(),
            )
            .await?;
        index(manager, "api_keys", &["key_hash"], true).await?;
        index(manager, "api_keys", &["user_id", "id"], false).await
    }
}
