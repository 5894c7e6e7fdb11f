//! What a person sees, compiled twice: to WASM for the browser and into the server.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]
#![allow(unreachable_pub, reason = "the component macro makes each props struct and function as public as it can")]

mod address;
#[allow(missing_docs, reason = "the server macro makes a struct of each function's arguments")]
pub mod api;
mod app;
mod browser;
mod components;
pub mod error;
mod latest;
pub mod next;
mod pages;
pub mod respond;
mod secret;
pub mod session;
mod shell;
#[cfg(feature = "ssr")]
pub mod ssr;
mod theme;
mod time;
mod who;
pub mod wire;

pub use app::App;
pub use shell::{Pieces, SiteFiles, shell};
