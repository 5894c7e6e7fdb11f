//! What the tests stand on.

mod answer;
mod app;
mod files;
mod mails;
mod person;

pub(crate) use self::{
    answer::Answer,
    app::{PASSWORD, TestApp},
    person::Person,
};
