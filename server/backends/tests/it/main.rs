//! One contract a port, held to by every engine, and what only one engine can get wrong.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod limits;
mod objects;
mod staging;
mod stream;
mod support;
mod syncs;
