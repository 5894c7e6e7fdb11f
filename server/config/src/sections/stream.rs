use std::time::Duration;

use url::Url;

use crate::read::{Bound, kinds, settings};
use crate::values::{DAY, HOUR, MINUTE, SECOND, Secret, within};

kinds! {
    /// What carries events to consumers.
    pub enum Stream {
        /// The database itself.
        "database" => Database,
        /// NATS JetStream, for many nodes.
        "nats" => Nats,
    }
}

settings! {
    /// The database itself: nothing to set.
    pub struct Database {}
}

settings! {
    /// NATS JetStream. The events are kept in the database all the same, so a JetStream that lost them is filled again.
    pub struct Nats {
        /// Any server of the cluster; it names the others.
        url: Url => Bound::new(is_nats, "a URL like nats://nats.example.org:4222 or tls://nats.example.org, without user and password"),
        /// The text of a `.creds` file, for servers that ask who is connecting.
        credentials: Option<Secret>,
        /// The name of the stream in JetStream, and the first part of its subjects.
        name: String = "portreeve".to_owned() => Bound::new(|name: &String| is_name(name), "up to 32 letters, digits, hyphens and underscores"),
        /// How many queues events are spread over by their key.
        partitions: u16 = 64 => within(1..=1024),
        /// How many servers of the cluster keep each event.
        replicas: usize = 1 => within(1..=5),
        /// How long the server may take to answer.
        timeout: Duration = 5 * SECOND => within(SECOND..=MINUTE),
    }
}

fn is_nats(url: &Url) -> bool {
    matches!(url.scheme(), "nats" | "tls")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
}

fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

settings! {
    /// What happened, for whoever looks back.
    pub struct Events {
        /// After this an event is forgotten, unless some consumer has still to read it.
        max_age: Duration => within(HOUR..=3650 * DAY),
        /// Of more events than this the oldest are forgotten, unless some consumer has still to read them.
        max_count: u32 => within(1000..=4_000_000_000),
    }
}

settings! {
    /// Work that is done beside requests.
    pub struct Worker {
        /// Files stored at the same time by one process.
        parallelism: usize => within(1..=256),
        /// How often an event is tried before it becomes a dead letter.
        tries: u32 => within(1..=100),
        /// The pause after the first failure; each later one is twice as long.
        first_pause: Duration => within(SECOND / 100..=HOUR),
        /// The longest pause.
        longest_pause: Duration => within(SECOND / 100..=DAY),
        /// How long a worker that says nothing is taken to be at work.
        lease: Duration => within(SECOND / 2..=10 * MINUTE),
    }
}
