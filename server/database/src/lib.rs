//! What is stored, and how it is queried.
//!
//! Reads go through [`Database::reader`], every change through [`Database::write`]. Queries are functions over
//! `&impl ConnectionTrait`, so that they run on either. There are no repository traits: SeaORM already speaks both engines.

mod connect;
pub mod entity;
mod error;
pub mod event;
pub mod link;
pub mod mail;
pub mod migration;
pub mod secret;
pub mod session;
pub mod signing_key;
mod transaction;
pub mod user;
mod writer;

pub use connect::{Database, Url};
pub use error::{OpenError, is_unique_violation};
pub use sea_orm::DbErr;
pub use transaction::Transaction;
