//! What is stored, and how it is queried.
//!
//! Reads go through [`Database::reader`], every change through [`Database::write`]. Queries are functions over
//! `&impl ConnectionTrait`, so that they run on either. There are no repository traits: SeaORM already speaks both engines.

pub mod api_key;
mod connect;
pub mod consumer;
pub mod dead_letter;
mod debts;
pub mod delivery;
pub mod entity;
mod error;
pub mod event;
pub mod file;
pub mod idempotency_key;
pub mod identity;
pub mod link;
pub mod mail;
pub mod measure;
pub mod migration;
pub mod page;
mod reader;
pub mod secret;
pub mod segment;
pub mod session;
pub mod share;
pub mod signing_key;
mod standing;
mod told;
pub mod trace;
mod transaction;
pub mod upload;
pub mod usage;
pub mod user;
mod writer;

pub use connect::{Connections, Database, Url};
pub use error::{OpenError, is_full, is_unique_violation};
pub use reader::Reader;
pub use sea_orm::{ConnectionTrait, DbErr};
pub use standing::{Counts, Standings};
pub use told::Told;
pub use transaction::Transaction;
