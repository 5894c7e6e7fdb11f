//! Running everything in one process.

use std::{fs::File, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use portreeve_backends::{Clock, Random, mail::Mailer, traces::Counts};
use portreeve_config::{Config, Database as DatabaseConfig};
use portreeve_services::Services;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    http,
    listener::{self, Limits, redirect, tls},
    state::{self, StartError},
    worker,
};

/// Connections at the same time on the internal listener.
const INTERNAL_CONNECTIONS: usize = 100;

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something it stands on.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An address.
    #[error("{0}")]
    Listen(std::io::Error),
    /// The certificate.
    #[error("tls: {0}")]
    Tls(#[from] tls::Error),
    /// Another process serves the same file.
    #[error("another `portreeve serve` uses the database in {}. Stop it first, or set `data.path` to another folder", .0.display())]
    AlreadyServed(PathBuf),
    /// A worker apart from its server.
    #[error(
        "the database is SQLite, whose file is one `portreeve serve`'s: that does the worker's part too, so there is neither `portreeve worker` nor \
         `serve --no-worker`. Set `[database] kind = \"postgres\"` to run them apart"
    )]
    OneProcess,
    /// Making the first link.
    #[error(transparent)]
    Setup(#[from] portreeve_services::auth::Error),
}

/// Who does the work beside requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The server itself.
    Here,
    /// Workers, see [`Worker`].
    Elsewhere,
}

/// A server whose listeners are open.
#[derive(Debug)]
pub struct Server {
    /// The services.
    pub services: Services,
    /// Where people are served.
    pub public: SocketAddr,
    /// Where the operator is served.
    pub internal: SocketAddr,
    /// Shown to whoever holds the terminal; `None` once there are users.
    pub setup: Option<url::Url>,
    gateway: portreeve_gateway::Settings,
    config: Config,
    listeners: (TcpListener, TcpListener),
    redirect: Option<TcpListener>,
    certificate: Option<Arc<tls::Certificate>>,
    /// `None` where workers send mails.
    mailer: Option<Mailer>,
    lock: Option<File>,
    spans: Counts,
}

impl Server {
    /// Opens everything.
    ///
    /// # Errors
    /// Any of [`Error`], with nothing left open.
    pub async fn open(config: Config, clock: Clock, random: Random) -> Result<Self, Error> {
        Self::open_with(config, clock, random, Work::Here).await
    }

    /// Opens everything, but for the work beside requests if that is done elsewhere.
    ///
    /// # Errors
    /// Any of [`Error`], with nothing left open.
    pub async fn open_with(mut config: Config, clock: Clock, random: Random, work: Work) -> Result<Self, Error> {
        if work == Work::Elsewhere && is_one_process(&config) {
            return Err(Error::OneProcess);
        }
        state::prepare_data(&config)?;
        // Before the database: a second process must not even migrate it.
        let lock = lock(&config)?;
        let public = listener::bind(config.public.listen, "public.listen").await.map_err(Error::Listen)?;
        let internal = listener::bind(config.internal.listen, "internal.listen").await.map_err(Error::Listen)?;
        let certificate = tls::Certificate::open(&config, &clock)?.map(Arc::new);
        let redirect = match config.tls.redirect_from() {
            Some(from) => Some(listener::bind(from, "tls.redirect_from").await.map_err(Error::Listen)?),
            None => None,
        };
        let (public_address, internal_address) =
            (public.local_addr().map_err(Error::Listen)?, internal.local_addr().map_err(Error::Listen)?);
        // “Any free port” is known only now, and links must name it.
        if config.public.listen.port() == 0 && config.public_url.port() == Some(0) {
            let _ = config.public_url.set_port(Some(public_address.port()));
        }
        let database = state::open(&config).await?;
        let services = state::services(&config, database, clock, random).await?;
        if lock.is_some() {
            services.begin_alone().await.map_err(StartError::from)?;
        }
        state::check_staging(&config, &services).await?;
        let mailer = if work == Work::Here { Some(state::mailer(&config)?) } else { None };
        let gateway = state::gateway(&config)?;
        let setup = services.auth.offer_setup().await?;
        Ok(Self {
            services,
            gateway,
            public: public_address,
            internal: internal_address,
            setup,
            listeners: (public, internal),
            redirect,
            certificate,
            mailer,
            lock,
            config,
            spans: Counts::default(),
        })
    }

    /// With what becomes of this process' spans among the metrics.
    #[must_use]
    pub fn counting(self, spans: Counts) -> Self {
        Self { spans, ..self }
    }

    /// Where people reach it.
    pub fn public_url(&self) -> &url::Url {
        &self.config.public_url
    }

    /// Where plain HTTP is told the way, if anywhere.
    pub fn redirect(&self) -> Option<SocketAddr> {
        self.redirect.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves until told to stop; then lets what is in flight finish, and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        warn_of_plain_http(&self.config);
        warn_of_the_stream(&self.services);
        let limits = Limits::of(&self.config.public);
        let internal_limits = Limits { connections: INTERNAL_CONNECTIONS, connections_per_address: INTERNAL_CONNECTIONS, ..limits.clone() };
        let working = CancellationToken::new();
        let mut tasks = JoinSet::new();
        worker::attend(&mut tasks, &self.services, &working);
        if let Some(mailer) = self.mailer {
            worker::start(&mut tasks, &self.services, mailer, &working);
        }
        let (public, internal) = self.listeners;
        let internal_routes = http::internal(&self.services, self.gateway.metrics.clone(), self.spans, self.certificate.clone());
        let mut listeners = JoinSet::new();
        if let Some(redirect) = self.redirect {
            listeners.spawn(listener::serve(redirect, redirect::router(&self.config.public_url), None, limits.clone(), stop.clone()));
        }
        let tls = self.certificate.clone().map(tls::acceptor);
        listeners.spawn(listener::serve(public, http::public(&self.services, self.gateway), tls, limits, stop.clone()));
        listeners.spawn(listener::serve(internal, internal_routes, None, internal_limits, stop.clone()));
        if let Some(certificate) = self.certificate {
            listeners.spawn(async move {
                stop.run_until_cancelled(certificate.follow()).await;
            });
        }
        listeners.join_all().await;
        // Only now: the last requests may have queued mails.
        working.cancel();
        close(tasks, &self.services).await;
        drop(self.lock);
    }
}

/// The work beside requests, in a process of its own.
#[derive(Debug)]
pub struct Worker {
    services: Services,
    mailer: Mailer,
}

impl Worker {
    /// Opens what work needs, which is no address.
    ///
    /// # Errors
    /// [`Error::OneProcess`], [`Error::Start`].
    pub async fn open(config: &Config, clock: Clock, random: Random) -> Result<Self, Error> {
        if is_one_process(config) {
            return Err(Error::OneProcess);
        }
        state::prepare_data(config)?;
        let database = state::open(config).await?;
        let services = state::services(config, database, clock, random).await?;
        state::check_staging(config, &services).await?;
        Ok(Self { services, mailer: state::mailer(config)? })
    }

    /// Works until told to stop; then hands back what it is at, and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        warn_of_the_stream(&self.services);
        let mut tasks = JoinSet::new();
        worker::start(&mut tasks, &self.services, self.mailer, &stop);
        stop.cancelled().await;
        close(tasks, &self.services).await;
    }
}

/// What is at work hands back what it is at, and the database is closed; but a database that does not answer keeps nobody from ending.
async fn close(tasks: JoinSet<()>, services: &Services) {
    let closed = async {
        tasks.join_all().await;
        services.database().clone().close().await;
    };
    if tokio::time::timeout(CLOSING, closed).await.is_err() {
        tracing::warn!("ended before all was handed back: the database does not answer");
    }
}

/// The longest it takes to hand back and close.
const CLOSING: Duration = Duration::from_secs(15);

fn is_one_process(config: &Config) -> bool {
    matches!(config.database, DatabaseConfig::Sqlite(_))
}

/// One process serves a SQLite file; the other commands may work beside it.
fn lock(config: &Config) -> Result<Option<File>, Error> {
    if !matches!(config.database, DatabaseConfig::Sqlite(_)) {
        return Ok(None);
    }
    let path = config.data_path(std::path::Path::new("serve.lock"));
    let failed = |source| StartError::Data { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::AlreadyServed(config.data.path.clone())),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

fn warn_of_plain_http(config: &Config) {
    if config.public_url.scheme() == "http" && !config.public.listen.ip().is_loopback() {
        tracing::warn!(
            "served over plain HTTP to other machines, where signing in cannot work: browsers keep the refresh token's cookie, which is marked Secure, \
             over HTTPS only. Put a TLS-terminating proxy in front and set `public_url` to its https:// address"
        );
    }
}

fn warn_of_the_stream(services: &Services) {
    if let Some(caution) = services.stream().caution() {
        tracing::warn!("{caution}.");
    }
}
