//! Files, how they come in, and who else may have them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, binary, binary_null, integer, integer_null, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use super::parts::{index, owned_by_user, sorted_text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        files(manager).await?;
        uploads(manager).await?;
        shares(manager).await
    }
}

async fn files(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("files")
                .col(pk_uuid("id"))
                // Outlives its owner until its bytes are erased.
                .col(uuid_null("owner_id"))
                .col(text("name"))
                .col(sorted_text(manager.get_database_backend(), "name_key"))
                .col(big_integer("size"))
                .col(text_null("claimed_type"))
                .col(text("media_type"))
                .col(text("extension"))
                .col(binary_null("sha256"))
                .col(text("status"))
                .col(text_null("failure"))
                .col(big_integer("version"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("accepted_at"))
                .col(timestamp_with_time_zone_null("stored_at"))
                .col(timestamp_with_time_zone_null("trashed_at"))
                .col(timestamp_with_time_zone_null("erase_at"))
                .foreign_key(ForeignKey::create().from("files", "owner_id").to("users", "id").on_delete(ForeignKeyAction::SetNull))
                .to_owned(),
        )
        .await?;
    // One for each order; what is searched and filtered stands behind, so that the table's rows are read for what is shown only.
    index(manager, "files", &["owner_id", "created_at", "id", "trashed_at", "name_key"], false).await?;
    index(manager, "files", &["owner_id", "name_key", "id", "trashed_at"], false).await?;
    index(manager, "files", &["owner_id", "size", "id", "trashed_at", "name_key"], false).await?;
    index(manager, "files", &["erase_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("usages")
                .col(uuid("user_id").primary_key())
                .col(big_integer("files"))
                .col(big_integer("bytes"))
                .foreign_key(&mut owned_by_user("usages"))
                .to_owned(),
        )
        .await
}

async fn uploads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let of_file =
        |table: &'static str| ForeignKey::create().from(table, "file_id").to("files", "id").on_delete(ForeignKeyAction::Cascade).to_owned();
    manager
        .create_table(
            Table::create()
                .table("uploads")
                .col(uuid("file_id").primary_key())
                .col(uuid("owner_id"))
                .col(big_integer("received"))
                .col(binary_null("digest"))
                .col(big_integer("writer"))
                .col(text("metadata"))
                .col(timestamp_with_time_zone("expires_at"))
                .foreign_key(&mut of_file("uploads"))
                .to_owned(),
        )
        .await?;
    index(manager, "uploads", &["owner_id"], false).await?;
    index(manager, "uploads", &["expires_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("segments")
                .col(uuid("file_id"))
                .col(big_integer("start"))
                .col(big_integer("length"))
                .col(text("name"))
                .primary_key(Index::create().col("file_id").col("start"))
                .foreign_key(&mut of_file("segments"))
                .to_owned(),
        )
        .await?;

    manager
        .create_table(
            Table::create()
                .table("idempotency_keys")
                .col(uuid("user_id"))
                .col(text("key"))
                .col(binary("fingerprint"))
                .col(json_binary("answer"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("user_id").col("key"))
                .foreign_key(&mut owned_by_user("idempotency_keys"))
                .to_owned(),
        )
        .await?;
    index(manager, "idempotency_keys", &["created_at"], false).await
}

async fn shares(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("shares")
                .col(pk_uuid("id"))
                .col(uuid("file_id"))
                .col(binary("token_hash"))
                .col(text_null("password_hash"))
                .col(integer_null("max_downloads"))
                .col(integer("downloads"))
                .col(timestamp_with_time_zone_null("expires_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("shares", "file_id").to("files", "id").on_delete(ForeignKeyAction::Cascade))
                .to_owned(),
        )
        .await?;
    index(manager, "shares", &["token_hash"], true).await?;
    index(manager, "shares", &["file_id"], false).await
}
