//! Addresses for what is stopped and started again.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

/// Below those that the system gives to whoever asks for any.
const FIRST: u32 = 20_000;
const COUNT: u32 = 10_000;

/// A port that nobody listens on, and that nobody gets by chance while its owner is away.
///
/// # Panics
/// If there is none.
pub fn port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test programs that run at the same time begin apart.
    let begin = std::process::id().wrapping_mul(97);
    let candidates = (0..COUNT).map(|_| FIRST + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    candidates.filter_map(|port| u16::try_from(port).ok()).find(free).expect("a free port")
}
