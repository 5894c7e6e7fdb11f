//! Portreeve from outside: the real router on real sockets, over SQLite, or over the PostgreSQL that `PORTREEVE_TEST_DATABASE_URL` names.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod admin;
mod api;
mod auth;
mod authority;
mod bad_input;
mod cli;
mod cross_origin;
mod errors;
mod files;
mod gateway;
mod keys;
mod log;
mod mail;
mod many;
mod measures;
mod metrics;
mod odd_text;
mod pages;
mod process;
mod sessions;
mod stream;
mod support;
mod tokens;
mod traces;
mod users;
