//! Redis: what many nodes remember together for a while. Whatever is there may be lost at any time, and every use of it goes on without.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use portreeve_config::Redis as Config;
use redis::{
    Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::timeout;

/// While it does not answer, it is asked this often.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// Why Redis cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address, or what it answers.
    #[error("{0}")]
    Redis(#[from] RedisError),
    /// Silence.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
}

/// A connection that is made when it is first wanted, and again whenever it breaks; clones share it.
#[derive(Clone)]
pub struct Redis(Arc<Link>);

struct Link {
    connection: ConnectionManager,
    /// Without user and password.
    place: String,
    prefix: String,
    timeout: Duration,
    /// When to ask again, while there is no answer.
    away: Mutex<Option<Instant>>,
}

impl Redis {
    /// Reads the settings; nothing is sent yet. To be called inside of a runtime.
    ///
    /// # Errors
    /// An address that is none.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let client = Client::open(config.url.expose())?;
        let place = client.get_connection_info().addr().to_string();
        // Whoever asks next tries again, so the manager need not.
        let manager = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout));
        Ok(Self(Arc::new(Link {
            connection: ConnectionManager::new_lazy_with_config(client, manager)?,
            place,
            prefix: config.prefix.clone(),
            timeout: config.timeout,
            away: Mutex::default(),
        })))
    }

    /// Where it is.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// What the names of all keys begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// For a question to [`Self::ask`].
    pub(crate) fn connection(&self) -> ConnectionManager {
        self.0.connection.clone()
    }

    /// The answer to a question, unless there is none in time. The first that gets none is told to the log, and after it only one a second is asked, so
    /// that a Redis that hangs holds nobody up.
    pub(crate) async fn ask<T>(&self, question: impl Future<Output = RedisResult<T>>) -> Option<T> {
        if !self.0.may_ask() {
            return None;
        }
        match self.within(question).await {
            Ok(answer) => {
                self.0.answered();
                Some(answer)
            }
            Err(error) => {
                self.0.failed(&error);
                None
            }
        }
    }

    /// Asks it whether it is there, and whether it keeps what it is told.
    ///
    /// # Errors
    /// [`Error`], also for a server that only reads.
    pub async fn check(&self) -> Result<(), Error> {
        let key = format!("{}:check", self.0.prefix);
        let write = async || {
            let mut connection = self.connection();
            redis::cmd("SET").arg(&key).arg("1").arg("PX").arg(1000).exec_async(&mut connection).await
        };
        match self.within(write()).await {
            // A connection that broke is found to be so by the first who uses it.
            Err(Error::Redis(error)) if error.is_connection_dropped() => self.within(write()).await,
            checked => checked,
        }
    }

    async fn within<T>(&self, question: impl Future<Output = RedisResult<T>>) -> Result<T, Error> {
        match timeout(self.0.timeout, question).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Error::Timeout(self.0.timeout)),
        }
    }
}

impl Link {
    fn may_ask(&self) -> bool {
        let mut away = self.away.lock();
        match &mut *away {
            None => true,
            Some(again) if *again <= Instant::now() => {
                *again = Instant::now() + TRY_EVERY;
                true
            }
            Some(_) => false,
        }
    }

    fn answered(&self) {
        if self.away.lock().take().is_some() {
            tracing::info!(redis = self.place, "Redis answers again");
        }
    }

    fn failed(&self, error: &Error) {
        let again = Instant::now() + TRY_EVERY;
        if self.away.lock().replace(again).is_none() {
            tracing::warn!(redis = self.place, %error, "Redis does not answer; until it does, each node goes by what it knows itself");
        }
    }
}

/// Without the URL, which holds a password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("place", &self.0.place).finish_non_exhaustive()
    }
}
