//! The types that settings have beside numbers, words and paths.

mod duration;
mod mailbox;
mod network;
mod secret;
mod size;

pub(crate) use duration::{DAY, HOUR, MINUTE, SECOND, show as show_duration};
pub use mailbox::Mailbox;
pub use secret::Secret;
pub use size::Size;

use crate::read::Leaf;

/// The value lies between the two, both included.
pub(crate) fn within<T: Leaf + PartialOrd>(bounds: std::ops::RangeInclusive<T>) -> impl Fn(&T) -> Result<(), String> {
    move |value| {
        let (low, high) = (bounds.start().to_toml(), bounds.end().to_toml());
        if bounds.contains(value) { Ok(()) } else { Err(format!("between {low} and {high}")) }
    }
}
