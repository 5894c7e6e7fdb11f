//! What the tests stand on.

mod answer;
mod app;
mod mails;
mod person;

pub(crate) use self::{
    answer::Answer,
    app::{Options, PASSWORD, TestApp},
    mails::Received,
    person::Person,
};
