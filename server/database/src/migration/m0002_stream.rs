//! The stream: the order of events, the consumers that read them, and what became of each.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, json_binary, pk_uuid, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
    sea_orm::DbBackend,
};

use super::parts::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "events", &["subject"], false).await?;
        index(manager, "events", &["time"], false).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            positions(manager).await?;
        }

        manager
            .create_table(
                Table::create()
                    .table("consumers")
                    .col(text("name").primary_key())
                    .col(big_integer("position"))
                    .col(big_integer("handled"))
                    .col(timestamp_with_time_zone("minute"))
                    .col(big_integer("handled_in_minute"))
                    .col(big_integer("handled_in_last"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .to_owned(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("deliveries")
                    .col(text("consumer"))
                    .col(big_integer("position"))
                    .col(text("key"))
                    .col(integer("failures"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(uuid_null("holder"))
                    .col(timestamp_with_time_zone_null("held_until"))
                    .col(json_binary("errors"))
                    .primary_key(Index::create().col("consumer").col("position"))
                    .to_owned(),
            )
            .await?;
        index(manager, "deliveries", &["consumer", "key", "position"], false).await?;

        manager
            .create_table(
                Table::create()
                    .table("dead_letters")
                    .col(pk_uuid("id"))
                    .col(text("consumer"))
                    .col(big_integer("position"))
                    .col(text("key"))
                    .col(json_binary("event"))
                    .col(integer("failures"))
                    .col(json_binary("errors"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        index(manager, "dead_letters", &["consumer", "position"], true).await?;
        index(manager, "dead_letters", &["position"], false).await?;

        manager.create_table(Table::create().table("identities").col(text("name").primary_key()).col(uuid("id")).to_owned()).await
    }
}

/// On PostgreSQL a sequence number is given out before its transaction commits, so a cursor over sequence numbers would skip what commits late.
/// Events get a position of their own once they are committed. SQLite has one writer: there the sequence is the position.
async fn positions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in [
        "ALTER TABLE events ADD COLUMN position bigint",
        "CREATE UNIQUE INDEX events_position ON events (position)",
        "CREATE INDEX events_without_position ON events (sequence) WHERE position IS NULL",
        "CREATE SEQUENCE events_position_seq OWNED BY events.position",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
