//! What the tests stand on.

mod answer;
mod app;
mod files;
pub(crate) mod mails;
mod person;
pub(crate) mod process;
pub(crate) mod smtp;

pub(crate) use self::{
    answer::Answer,
    app::{PASSWORD, TestApp, fresh_postgres},
    person::Person,
};
