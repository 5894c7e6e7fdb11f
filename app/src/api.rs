//! Server functions: one file a noun. They translate and decide nothing; the rules are the services'.

pub mod admin;
pub mod api_keys;
pub mod auth;
pub mod files;
pub mod measures;
pub mod service_accounts;
pub mod sessions;
pub mod site;
pub mod stream;
pub mod users;
