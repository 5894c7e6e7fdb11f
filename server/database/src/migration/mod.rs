//! The schema, step by step. Expand, then contract: the previous release keeps working on the new schema.

mod m0001_accounts;
mod m0002_stream;
mod m0003_files;
mod m0004_user_versions;
mod m0005_api_keys;
mod m0006_api_key_plans;
mod m0007_measures;
mod m0008_event_traces;
mod m0009_service_accounts;
mod m0010_trash;
mod m0011_idempotency_holders;
mod m0012_api_key_versions;
mod parts;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

use crate::{Database, OpenError};

struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_stream::Migration),
            Box::new(m0003_files::Migration),
            Box::new(m0004_user_versions::Migration),
            Box::new(m0005_api_keys::Migration),
            Box::new(m0006_api_key_plans::Migration),
            Box::new(m0007_measures::Migration),
            Box::new(m0008_event_traces::Migration),
            Box::new(m0009_service_accounts::Migration),
            Box::new(m0010_trash::Migration),
            Box::new(m0011_idempotency_holders::Migration),
            Box::new(m0012_api_key_versions::Migration),
        ]
    }
}

/// How many migrations wait to be applied.
///
/// # Errors
/// [`OpenError::Newer`] if the database knows one that this release does not.
pub async fn pending(database: &Database) -> Result<usize, OpenError> {
    let transaction = database.begin_schema_change().await.map_err(OpenError::Migration)?;
    let applied = Migrator::get_migration_models(&transaction).await.map_err(OpenError::Migration)?;
    transaction.commit().await.map_err(OpenError::Migration)?;
    let known = Migrator::get_migration_files();
    if let Some(newer) = applied.iter().find(|applied| !known.iter().any(|known| known.name() == applied.version)) {
        return Err(OpenError::Newer { migration: newer.version.clone() });
    }
    Ok(known.len() - applied.len())
}

/// Applies what is pending, all or nothing; says how many.
pub async fn apply(database: &Database) -> Result<usize, OpenError> {
    let pending = pending(database).await?;
    if pending > 0 {
        let transaction = database.begin_schema_change().await.map_err(OpenError::Migration)?;
        Migrator::up(&transaction, None).await.map_err(OpenError::Migration)?;
        transaction.commit().await.map_err(OpenError::Migration)?;
    }
    Ok(pending)
}

#[cfg(test)]
mod tests;
