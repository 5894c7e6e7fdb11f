//! What browser and server say to each other: wire types, ids, validation, and error codes.
//!
//! Compiled to WASM as well as natively, so it knows neither Leptos nor a database. The `orm` feature, which only the `database`
//! crate turns on, adds SeaORM's traits to the ids.

pub mod auth;
pub mod email;
pub mod file;
pub mod id;
pub mod moment;
pub mod name;
pub mod password;
pub mod problem;
pub mod session;
pub mod site;
pub mod size;
pub mod stream;
pub mod user;

pub use id::{DeadLetterId, EventId, FileId, SessionId, ShareId, UserId};
pub use problem::{ErrorKind, FieldError, Problem};
