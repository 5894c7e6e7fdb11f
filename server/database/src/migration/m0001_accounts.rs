//! People, sessions, links, mails, keys, and the events that tell of them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_pk_auto, binary, binary_null, integer, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use super::parts::{index, owned_by_user, sorted_text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sorted = |name: &'static str| sorted_text(manager.get_database_backend(), name);
        manager
            .create_table(
                Table::create()
                    .table("users")
                    .col(pk_uuid("id"))
                    .col(text("name"))
                    .col(sorted("name_key"))
                    .col(text("email"))
                    .col(sorted("email_key"))
                    .col(timestamp_with_time_zone_null("email_verified_at"))
                    .col(text_null("pending_email"))
                    .col(text("password_hash"))
                    .col(text("role"))
                    .col(timestamp_with_time_zone_null("disabled_at"))
                    .col(timestamp_with_time_zone_null("erase_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        index(manager, "users", &["email_key"], true).await?;
        // The administrator's list by each of its orders; each holds the searched columns, so that a search need not read the rows.
        index(manager, "users", &["created_at", "id", "name_key", "email_key"], false).await?;
        index(manager, "users", &["name_key", "id", "email_key"], false).await?;
        index(manager, "users", &["email_key", "id", "name_key"], false).await?;
        index(manager, "users", &["role"], false).await?;
        index(manager, "users", &["erase_at"], false).await?;

        manager
            .create_table(
                Table::create()
                    .table("sessions")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(big_integer("generation"))
                    .col(binary("refresh_hash"))
                    .col(binary_null("previous_hash"))
                    .col(timestamp_with_time_zone("rotated_at"))
                    .col(big_integer("seen_generation"))
                    .col(text("user_agent"))
                    .col(text("address"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("last_seen_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .foreign_key(&mut owned_by_user("sessions"))
                    .to_owned(),
            )
            .await?;
        index(manager, "sessions", &["user_id"], false).await?;
        index(manager, "sessions", &["expires_at"], false).await?;

        manager
            .create_table(
                Table::create()
                    .table("links")
                    .col(binary("token_hash").primary_key())
                    .col(text("purpose"))
                    .col(uuid_null("user_id"))
                    .col(text_null("email"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(&mut owned_by_user("links"))
                    .to_owned(),
            )
            .await?;
        index(manager, "links", &["user_id"], false).await?;
        index(manager, "links", &["expires_at"], false).await?;

        mails_and_events(manager).await?;
        keys(manager).await
    }
}

async fn mails_and_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("mails")
                .col(pk_uuid("id"))
                .col(json_binary("job"))
                .col(integer("attempts"))
                .col(timestamp_with_time_zone("due_at"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "mails", &["due_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("events")
                .col(big_pk_auto("sequence"))
                .col(uuid("id"))
                .col(text("type"))
                .col(text("subject"))
                .col(json_binary("data"))
                .col(timestamp_with_time_zone("time"))
                .to_owned(),
        )
        .await?;
    index(manager, "events", &["id"], true).await
}

async fn keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("secrets")
                .col(text("name").primary_key())
                .col(binary("sealed"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("signing_keys")
                .col(text("kid").primary_key())
                .col(binary("sealed"))
                .col(json_binary("jwk"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("signs_from"))
                .col(timestamp_with_time_zone_null("retires_at"))
                .to_owned(),
        )
        .await
}
