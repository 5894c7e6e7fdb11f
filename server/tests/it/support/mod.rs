//! What the tests stand on.

mod answer;
mod app;
pub(crate) mod collector;
mod engines;
mod files;
pub(crate) mod mails;
pub(crate) mod pebble;
mod person;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod service;
pub(crate) mod smtp;
pub(crate) mod station;

pub(crate) use self::{
    answer::Answer,
    app::{PASSWORD, TestApp},
    engines::Engines,
    person::Person,
    service::Service,
};
