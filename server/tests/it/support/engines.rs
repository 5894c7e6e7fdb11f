//! What a Portreeve of this run stands on, one of three combinations: SQLite and a folder; PostgreSQL and a folder, if
//! `PORTREEVE_TEST_DATABASE_URL` names a PostgreSQL; PostgreSQL, NATS JetStream, S3 and Redis, if `PORTREEVE_TEST_NATS_URL` and
//! `PORTREEVE_TEST_REDIS_URL` name those too.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use portreeve_testkit::{Postgres, nats, s3};

const DATABASE: &str = "PORTREEVE_TEST_DATABASE_URL";
const NATS: &str = "PORTREEVE_TEST_NATS_URL";
const REDIS: &str = "PORTREEVE_TEST_REDIS_URL";

/// A database, a stream and a bucket of a test's own. `None` is the embedded engine.
#[derive(Default)]
pub(crate) struct Engines {
    /// The URL.
    pub(crate) database: Option<String>,
    /// The URL and the stream's name.
    pub(crate) nats: Option<(String, String)>,
    /// The URL and what the names of its keys begin with.
    pub(crate) redis: Option<(String, String)>,
    pub(crate) s3: Option<s3::Server>,
    /// Where the bucket is reached, if not at the server itself.
    pub(crate) s3_by_way_of: Option<SocketAddr>,
    pub(crate) _own: Option<Postgres>,
}

impl Engines {
    /// Those of this run's combination.
    pub(crate) async fn fresh() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let own = Postgres::create().await;
        let database = own.as_ref().map(Postgres::url);
        let nats = std::env::var(NATS).ok().map(|url| (url, name.clone()));
        let redis = std::env::var(REDIS).ok().map(|url| (url, name));
        assert!(nats.is_none() || database.is_some(), "{NATS} is set, and {DATABASE} is not: no such combination is tested");
        assert_eq!(nats.is_some(), redis.is_some(), "{NATS} and {REDIS} are set together: no other combination is tested");
        let s3 = nats.is_some().then(s3::Server::start);
        Self { database, nats, redis, s3, s3_by_way_of: None, _own: own }
    }

    /// With its files in a folder, whatever this run's combination.
    pub(crate) fn in_a_folder(self) -> Self {
        Self { s3: None, ..self }
    }

    /// What carries events, as `stream info` calls it.
    pub(crate) fn stream(&self) -> &'static str {
        if self.nats.is_some() { "nats" } else { "database" }
    }

    /// With its events on a NATS of its own.
    pub(crate) fn on(self, server: &nats::Server) -> Self {
        Self { nats: Some((server.config().url.into(), "portreeve".to_owned())), ..self }
    }

    /// As an operator would set them.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        let mut section = |name: &str, values: &[(&str, &str)]| {
            settings.extend(values.iter().map(|(key, value)| (format!("PORTREEVE__{name}__{key}"), (*value).to_owned())));
        };
        if let Some(url) = &self.database {
            section("DATABASE", &[("KIND", "postgres"), ("URL", url), ("MAX_CONNECTIONS", "8")]);
        }
        if let Some((url, name)) = &self.nats {
            // Enough to have several, and quick to make.
            section("STREAM", &[("KIND", "nats"), ("URL", url), ("NAME", name), ("PARTITIONS", "8")]);
        }
        if let Some((url, prefix)) = &self.redis {
            // Patient, or a slow machine would count in each process by itself.
            section("CACHE", &[("KIND", "redis"), ("URL", url), ("TIMEOUT", "5s"), ("PREFIX", prefix)]);
        }
        if let Some(server) = &self.s3 {
            let s3 = server.config_at(self.s3_by_way_of.unwrap_or_else(|| server.address()));
            let endpoint = s3.endpoint.map(String::from).unwrap_or_default();
            let keys = [("ACCESS_KEY", s3.access_key.expose()), ("SECRET_KEY", s3.secret_key.expose())];
            section("OBJECTS", &[("KIND", "s3"), ("BUCKET", &s3.bucket), ("ENDPOINT", &endpoint), ("TIMEOUT", "5s"), ("RETRIES", "1")]);
            section("OBJECTS", &keys);
        }
        settings
    }
}
