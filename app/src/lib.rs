//! What a person sees, compiled twice: to WASM for the browser and into the server.

pub mod api;
mod app;
mod browser;
mod components;
pub mod error;
pub mod next;
mod pages;
pub mod respond;
pub mod session;
mod shell;
#[cfg(feature = "ssr")]
pub mod ssr;
mod theme;
mod time;
mod who;

pub use app::App;
pub use shell::{SiteFiles, shell};
