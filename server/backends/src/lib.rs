//! What Portreeve leans on outside: one folder per port, one file per engine.

pub mod clock;
pub mod limits;
pub mod mail;
pub mod random;
pub mod stream;

pub use clock::Clock;
pub use random::Random;
