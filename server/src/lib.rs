//! Portreeve as a library, so that tests start the real router; `main` only calls [`cli::run`].

pub mod cli;
pub mod http;
pub mod listener;
pub mod logging;
pub mod serve;
pub mod state;
pub mod worker;
