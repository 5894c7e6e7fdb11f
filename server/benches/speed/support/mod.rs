//! What the figures share.

pub(crate) mod bare;
pub(crate) mod hello;
mod load;
mod observed;
mod people;
mod process;
mod report;
mod spread;
mod trace;
mod usual;

pub(crate) use self::{
    load::{Call, Connection, Load, cycle, drive},
    observed::Observed,
    people::{PASSWORD, Person, argon2id, email, fill},
    process::{Process, own_cpu_seconds, program},
    report::Report,
    spread::{Spread, percentile},
    trace::Trace,
    usual::ask_the_usual,
};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Set, it makes what was counted what is kept.
pub(crate) const KEEP: &str = "PORTREEVE_BENCH_KEEP";

/// Bytes.
pub(crate) const MEBIBYTE: f64 = 1024.0 * 1024.0;
