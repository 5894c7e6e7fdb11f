//! Portreeve as a library, so that tests start the real router; `main` only calls [`cli::run`].

// A page is one type as deep as its markup.
#![recursion_limit = "512"]

pub mod cli;
pub mod http;
pub mod listener;
pub mod logging;
pub mod serve;
pub mod site;
pub mod state;
pub mod worker;
