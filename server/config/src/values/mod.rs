//! The types that settings have beside numbers, words and paths.

mod duration;
mod mailbox;
mod network;
mod scope;
mod secret;
mod size;

pub(crate) use duration::{DAY, HOUR, MINUTE, SECOND, show as show_duration};
pub use mailbox::Mailbox;
pub use secret::Secret;
pub use size::Size;

use crate::read::{Bound, Leaf};

/// The value lies between the two, both included.
pub(crate) fn within<T: Leaf + PartialOrd + 'static>(range: std::ops::RangeInclusive<T>) -> Bound<T> {
    let want = format!("between {} and {}", range.start().to_toml(), range.end().to_toml());
    Bound::new(move |value| range.contains(value), want)
}
