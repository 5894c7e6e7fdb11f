//! What Portreeve leans on outside: one folder per port, one file per engine.

pub mod clock;
mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod limits;
pub mod mail;
pub mod objects;
pub mod random;
pub mod redis;
pub mod staging;
pub mod stream;
pub mod traces;

pub use clock::Clock;
pub use random::Random;
