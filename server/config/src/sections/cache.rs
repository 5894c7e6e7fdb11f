use std::time::Duration;

use crate::read::{Bound, kinds, settings};
use crate::values::{SECOND, Secret, within};

kinds! {
    /// What many nodes remember together for a while.
    pub enum Cache {
        /// Nothing: each process by itself.
        "memory" => Memory,
        /// A Redis server.
        "redis" => Redis,
    }
}

settings! {
    /// Each process by itself: nothing to set.
    pub struct Memory {}
}

settings! {
    /// A Redis server.
    pub struct Redis {
        /// `redis://user:password@host:port/database`, or `rediss://` over TLS.
        url: Secret => Bound::new(is_redis, "a URL like redis://user:password@redis.example.org:6379/0, or rediss:// over TLS"),
        /// How long it may take to answer before it counts as away.
        timeout: Duration = SECOND / 4 => within(Duration::from_millis(10)..=5 * SECOND),
        /// What the names of all keys begin with.
        prefix: String = "portreeve".to_owned() => Bound::new(|prefix: &String| is_prefix(prefix), "up to 32 letters, digits, hyphens and underscores"),
    }
}

fn is_redis(url: &Secret) -> bool {
    url::Url::parse(url.expose()).is_ok_and(|url| matches!(url.scheme(), "redis" | "rediss") && url.has_host())
}

fn is_prefix(prefix: &str) -> bool {
    (1..=32).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
