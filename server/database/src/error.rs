//! What can be wrong with a database.

use std::path::PathBuf;

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder cannot be read or written.
    #[error("the database {} cannot be opened: {source}", path.display())]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What the engine said.
        source: DbErr,
    },
    /// The server does not answer or refuses.
    #[error("PostgreSQL cannot be reached: {0}")]
    Server(#[source] DbErr),
    /// The file is no SQLite database, or a damaged one.
    #[error("the database {} is damaged or no SQLite database: {source}. Restore it from a backup; nothing was changed", path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What the engine said.
        source: DbErr,
    },
    /// Made by a later release.
    #[error(
        "the database was made by a newer release of Portreeve (it has the migration “{migration}”). Run that release, or restore a backup; nothing was changed"
    )]
    Newer {
        /// The first migration that this release does not know.
        migration: String,
    },
    /// Made by an earlier release, and not to be migrated unasked.
    #[error("the database's schema is behind this release ({pending} to apply). Run `portreeve migrate` first")]
    Behind {
        /// Migrations to apply.
        pending: usize,
    },
    /// A migration failed; it was rolled back.
    #[error("a migration failed and was rolled back: {0}")]
    Migration(#[source] DbErr),
}

/// Whether it failed because the disk is full: SQLite's `SQLITE_FULL`, PostgreSQL's `disk_full`.
pub fn is_full(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    cause.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| matches!(&*code, "13" | "53100"))
}

/// Whether an insert or update failed because the value is taken, told by the engine's error code and not by its message.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
