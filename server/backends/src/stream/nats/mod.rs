//! The stream on NATS JetStream.
//!
//! The table of events stays the truth. A **relay**, one process at a time, publishes committed events in the order of their positions to one
//! subject per partition. Each consumer has a durable JetStream consumer per partition with one event in flight, so that order holds with any
//! number of workers. An event that fails is **parked** in `deliveries`, where the runner of the database engine takes it on; later ones of its
//! key are parked behind it. A consumer's row holds the position up to which all is done with or parked; whatever JetStream loses behind it
//! is published again.

mod hand;
mod link;
mod marks;
pub(crate) mod message;
mod passage;
mod relay;
mod runner;

use std::{sync::Arc, time::Duration};

use async_nats::{Client, ConnectOptions, Event, jetstream};
use portreeve_config::Nats as Config;
use tokio::sync::Mutex;

pub(super) use self::{relay::Relay, runner::Runner};

/// The name under which the relay's place is kept beside those of consumers.
pub(super) const RELAY: &str = "relay";

/// A connection to NATS, and how the stream is laid out in it.
#[derive(Clone, Debug)]
pub struct Nats {
    client: Client,
    context: jetstream::Context,
    config: Arc<Config>,
    /// Held by whoever relays in this process.
    relaying: Arc<Mutex<()>>,
}

/// Why JetStream does not carry the stream.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The `.creds` text.
    #[error("the credentials cannot be read: {0}")]
    Credentials(std::io::Error),
    /// The server does not answer, or refuses.
    #[error("NATS: {0}")]
    Server(#[source] async_nats::Error),
    /// The stream of that name is somebody else's.
    #[error("JetStream has a stream “{0}” that is not of this database. Give `stream.name` another name, or delete that stream")]
    Foreign(String),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] portreeve_database::DbErr),
}

impl Error {
    fn server(error: impl Into<async_nats::Error>) -> Self {
        Self::Server(error.into())
    }
}

/// JetStream answers “kept” before it has synced, unless it is told not to.
pub(super) const SYNC: &str = "JetStream says that an event is kept up to two minutes before it is on disk, unless the server's configuration has \
                    `jetstream { sync_interval: always }`. Portreeve sends again what was lost, since its database has it all";

impl Nats {
    pub(super) async fn connect(config: &Config) -> Result<Self, Error> {
        let options = match &config.credentials {
            Some(credentials) => ConnectOptions::with_credentials(credentials.expose()).map_err(Error::Credentials)?,
            None => ConnectOptions::new(),
        };
        let client = options
            .name("portreeve")
            .retry_on_initial_connect()
            .request_timeout(Some(config.timeout))
            .reconnect_delay_callback(|attempts| Duration::from_millis(50 << attempts.min(6)))
            .event_callback(|event| async move {
                match event {
                    Event::Connected => tracing::info!("connected to NATS"),
                    event => tracing::warn!(%event, "the connection to NATS"),
                }
            })
            .connect(config.url.as_str())
            .await
            .map_err(Error::server)?;
        let context = jetstream::context::ContextBuilder::new()
            .timeout(config.timeout)
            .ack_timeout(config.timeout)
            .max_ack_inflight(4096)
            .build(client.clone());
        Ok(Self { client, context, config: Arc::new(config.clone()), relaying: Arc::default() })
    }

    pub(super) async fn check(&self) -> Result<Vec<String>, Error> {
        self.context.query_account().await.map_err(Error::server)?;
        let mut notes = vec![format!("{SYNC}.")];
        if !self.client.is_server_compatible(2, 12, 0) {
            notes.push(format!("NATS {} is older than 2.12, with which Portreeve is tested.", self.client.server_info().version));
        }
        if let Some(info) = self.info().await?
            && info.config.num_replicas != self.config.replicas
        {
            notes.push(format!(
                "The stream “{}” has {} replicas, and stream.replicas = {}. Change it with `nats stream edit`.",
                self.config.name, info.config.num_replicas, self.config.replicas
            ));
        }
        Ok(notes)
    }

    /// Where runners hear that partitions have something for them.
    fn wake_subject(&self) -> String {
        format!("{}-ready", self.config.name)
    }

    async fn wake(&self, partitions: impl IntoIterator<Item = u16>) {
        let text: Vec<_> = partitions.into_iter().map(|partition| partition.to_string()).collect();
        // One that is not heard is made up for by the next look.
        let _ = self.client.publish(self.wake_subject(), text.join(",").into()).await;
    }
}

/// JetStream's name for a consumer's share of a partition. It takes neither dots nor blanks.
fn durable(consumer: &str, partition: u16) -> String {
    format!("{}-{partition}", consumer.replace(['.', ' ', '*', '>', '/', '\\'], "_"))
}
