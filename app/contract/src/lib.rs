//! What browser and server say to each other: wire types, ids, validation, and error codes.
//!
//! Compiled to WASM as well as natively, so it knows neither Leptos nor a database. The `orm` feature, which only the `database`
//! crate turns on, adds SeaORM's traits to the ids; `openapi`, which only the server turns on, schemas for the description of the REST API.

pub mod api_key;
pub mod auth;
pub mod date_time;
pub mod email;
pub mod file;
pub mod id;
pub mod measures;
pub mod name;
pub mod page;
pub mod password;
mod patch;
pub mod problem;
pub mod service_account;
pub mod session;
pub mod signing_key;
pub mod site;
pub mod size;
pub mod stream;
pub mod user;

pub use id::{ApiKeyId, DeadLetterId, EventId, FileId, SessionId, ShareId, UserId};
pub use problem::{ErrorKind, FieldError, Problem};
