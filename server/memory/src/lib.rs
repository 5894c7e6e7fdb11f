//! What the kernel is told of our memory.

#[cfg(target_os = "linux")]
mod code;
mod huge;

#[cfg(target_os = "linux")]
pub use self::code::release_code;
pub use self::huge::filled;

/// Only Linux is told.
#[cfg(not(target_os = "linux"))]
pub fn release_code() {}
