//! One file a page.

pub(crate) mod account;
pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod files;
pub(crate) mod forgot_password;
pub(crate) mod home;
pub(crate) mod later;
mod link;
mod new_account;
pub(crate) mod not_found;
pub(crate) mod reset_password;
pub(crate) mod security;
pub(crate) mod setup;
pub(crate) mod shared;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod verify_email;
