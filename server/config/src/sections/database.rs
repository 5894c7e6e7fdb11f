use std::path::PathBuf;

use crate::read::{Bound, kinds, settings};
use crate::values::{Secret, within};

kinds! {
    /// Where accounts, sessions and events are kept.
    pub enum Database {
        /// A file on this machine.
        "sqlite" => Sqlite,
        /// A PostgreSQL server, for more than one node.
        "postgres" => Postgres,
    }
}

settings! {
    /// A file on this machine.
    pub struct Sqlite {
        /// Relative to `data.path`.
        path: PathBuf = "portreeve.db".into(),
        /// Connections that read at the same time; there is always one that writes.
        max_readers: u32 = 8 => within(1..=64),
    }
}

settings! {
    /// A PostgreSQL server.
    pub struct Postgres {
        /// `postgres://user:password@host:port/database`.
        url: Secret => Bound::new(is_postgres, "a URL like postgres://user:password@host:5432/portreeve"),
        /// Connections of this process.
        max_connections: u32 = 20 => within(2..=1000),
    }
}

fn is_postgres(url: &Secret) -> bool {
    url::Url::parse(url.expose()).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"))
}
