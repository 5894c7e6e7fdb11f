use crate::read::settings;
use crate::values::{Size, within};

settings! {
    /// What passwords must be, and how they are hashed (Argon2id, RFC 9106).
    pub struct Passwords {
        /// Code points after NFKC (NIST SP 800-63B §3.1.1).
        min_length: usize => within(8..=64),
        /// For one hash; also what each thread keeps.
        memory: Size => within(Size::kib(19_456)..=Size::mib(1024)),
        /// Passes over that memory.
        iterations: u32 => within(2..=16),
        /// Lanes of that memory.
        parallelism: u32 => within(1..=16),
        /// Hashes at the same time; 0 for as many as the machine has cores.
        threads: usize => within(0..=256),
        /// Hashes that may wait for a thread; more are told to come back later.
        queue: usize => within(1..=10_000),
    }
}
