//! Accounts of machines beside those of people. What a release wrote that knew none is a person's.

use sea_orm_migration::{prelude::*, schema::text};

use super::parts::index;

/// The lists of accounts, by each of their orders.
const ORDERS: [&[&str]; 3] =
    [&["created_at", "id", "name_key", "email_key"], &["name_key", "id", "email_key"], &["email_key", "id", "name_key"]];

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("users").add_column(text("kind").default("person")).to_owned()).await?;
        // Each list is one kind's; an index that does not begin with it would have every row read. To lose the old ones costs the previous release
        // time, and nothing else.
        for order in ORDERS {
            manager.drop_index(Index::drop().name(format!("users_{}", order.join("_"))).table("users").to_owned()).await?;
            index(manager, "users", &[&["kind"], order].concat(), false).await?;
        }
        Ok(())
    }
}
