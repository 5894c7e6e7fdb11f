//! Where memory comes from: the allocator, and huge pages for work that touches megabytes at random.

mod allocator;
mod huge;

pub use self::{allocator::Allocator, huge::filled};
