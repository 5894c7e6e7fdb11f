//! An administrator's pages.

pub(crate) mod query;
pub(crate) mod user;
pub(crate) mod user_actions;
pub(crate) mod users;
pub(crate) mod users_table;
