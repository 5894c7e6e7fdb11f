//! An administrator's pages.

pub(crate) mod dead_letter;
pub(crate) mod overview;
mod overview_chart;
mod overview_measures;
mod overview_table;
pub(crate) mod query;
pub(crate) mod service_account;
mod service_account_actions;
pub(crate) mod service_accounts;
mod service_accounts_new;
mod service_accounts_query;
mod service_accounts_table;
mod sort;
pub(crate) mod stream;
pub(crate) mod stream_consumers;
pub(crate) mod stream_dead_letters;
pub(crate) mod user;
pub(crate) mod user_actions;
pub(crate) mod users;
pub(crate) mod users_table;
