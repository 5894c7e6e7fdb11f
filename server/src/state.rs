//! The composition root: from a configuration to running services.

use std::{num::NonZeroU32, thread};

use portreeve_backends::{
    Clock, Random,
    limits::{self, Limits},
    mail::Mailer,
    objects::Objects,
    redis::Redis,
    staging::Staging,
    stream::Stream,
};
use portreeve_config::{
    Cache, Config, Database as DatabaseConfig, Mail, Objects as ObjectsConfig, SignUp, Stream as StreamConfig, Traces, Verification,
};
use portreeve_database::{Database, Url, migration};
use portreeve_gateway::{Cors, Firewall, Throttle, Upstreams};
use portreeve_services::{self as services, Parts, Services, files, keys::MasterKey};

/// Why Portreeve does not start. The message is for the operator: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error("the data folder {} cannot be used: {source}. Make it writable for this user, or set `data.path`", path.display())]
    Data {
        /// Where.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] portreeve_database::OpenError),
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] services::keys::MasterKeyError),
    /// The services.
    #[error(transparent)]
    Services(#[from] services::Fault),
    /// The place for the bytes of files.
    #[error("files: {0}")]
    Objects(#[from] portreeve_backends::objects::Error),
    /// Uploads would wait where nobody else looks.
    #[error(transparent)]
    Staging(#[from] files::StagingError),
    /// What carries events.
    #[error("stream: {0}")]
    Stream(#[from] portreeve_backends::stream::nats::Error),
    /// What many nodes remember together.
    #[error("cache: {0}")]
    Cache(#[from] portreeve_backends::redis::Error),
    /// Services behind the gateway.
    #[error("gateway: {0}")]
    Upstreams(#[from] portreeve_gateway::UpstreamError),
    /// The way mails leave.
    #[error("mail: {0}")]
    Mail(#[from] portreeve_backends::mail::Error),
}

/// Makes the data folder, for its owner only.
pub fn prepare_data(config: &Config) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let path = &config.data.path;
    let failed = |source| StartError::Data { path: path.clone(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    // Told now and plainly, rather than by whichever file is first to be written.
    let probe = path.join(format!(".write-check-{}", std::process::id()));
    std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(failed)
}

/// The configured database, whatever its schema.
pub async fn connect(config: &Config) -> Result<Database, StartError> {
    let url = match &config.database {
        DatabaseConfig::Sqlite(sqlite) => Url::Sqlite { path: config.data_path(&sqlite.path), readers: sqlite.max_readers },
        DatabaseConfig::Postgres(postgres) => {
            Url::Postgres { url: postgres.url.expose().to_owned(), connections: postgres.max_connections }
        }
    };
    Ok(Database::connect(&url).await?)
}

/// The configured database with a schema that fits: the embedded one is brought up to date, a server's must be so already.
pub async fn open(config: &Config) -> Result<Database, StartError> {
    let database = connect(config).await?;
    match &config.database {
        DatabaseConfig::Sqlite(_) => {
            let applied = migration::apply(&database).await?;
            if applied > 0 {
                tracing::info!(applied, "brought the database's schema up to date");
            }
        }
        DatabaseConfig::Postgres(_) => match migration::pending(&database).await? {
            0 => {}
            pending => return Err(portreeve_database::OpenError::Behind { pending }.into()),
        },
    }
    Ok(database)
}

/// The services over an open database.
pub async fn services(config: &Config, database: Database, clock: Clock, random: Random) -> Result<Services, StartError> {
    let master_key = MasterKey::load_or_create(&config.data_path(&config.keys.master_key_file), &random)?;
    let settings = settings(config);
    let places = places(config)?;
    let stream = stream(config, &database, &clock, &random).await?;
    let limits = match cache(config)? {
        Some(redis) => Limits::redis(redis, master_key.secret_for("limits"), clock.clone()),
        None => Limits::memory(clock.clone()),
    };
    Ok(Services::open(Parts { database, clock, random, settings, master_key, places, stream, limits }).await?)
}

/// What the nodes remember together, if that is not each by itself.
pub fn cache(config: &Config) -> Result<Option<Redis>, StartError> {
    Ok(match &config.cache {
        Cache::Memory(_) => None,
        Cache::Redis(redis) => Some(Redis::open(redis)?),
    })
}

/// What carries the events of a database.
pub async fn stream(config: &Config, database: &Database, clock: &Clock, random: &Random) -> Result<Stream, StartError> {
    let (database, clock, random) = (database.clone(), clock.clone(), random.clone());
    Ok(match &config.stream {
        StreamConfig::Database(_) => Stream::database(database, clock, random),
        StreamConfig::Nats(nats) => Stream::nats(database, clock, random, nats).await?,
    })
}

/// Where the bytes of files are.
pub fn places(config: &Config) -> Result<files::Places, StartError> {
    Ok(match &config.objects {
        ObjectsConfig::Folder(folder) => files::Places {
            staging: Staging::folder(config.data_path(&folder.staging))?,
            objects: Objects::folder(&config.data_path(&folder.path))?,
        },
        ObjectsConfig::S3(s3) => {
            let objects = Objects::s3(s3)?;
            files::Places { staging: Staging::objects(objects.clone(), "staging/"), objects }
        }
    })
}

/// Whether the configured staging is the one that the other nodes of this database use.
pub async fn check_staging(config: &Config, services: &Services) -> Result<(), StartError> {
    let is_alone = matches!(config.database, DatabaseConfig::Sqlite(_));
    Ok(services.files.check_staging(is_alone).await?)
}

/// The way mails leave.
pub fn mailer(config: &Config) -> Result<Mailer, StartError> {
    Ok(match &config.mail {
        Mail::Folder(folder) => Mailer::folder(config.data_path(&folder.path), &config.mailer.from, Random::System)?,
        Mail::Smtp(smtp) => Mailer::smtp(smtp, &config.mailer.from)?,
    })
}

/// What the gateway needs to know.
pub fn gateway(config: &Config) -> Result<portreeve_gateway::Settings, StartError> {
    let upstreams = Upstreams::open(&config.gateway, &config.public_url)?;
    let firewall = Firewall::new(&config.public, &config.gateway.rule);
    Ok(portreeve_gateway::Settings {
        public_url: config.public_url.clone(),
        body_limit: bytes(config.public.body_limit),
        trusted_proxies: config.public.trusted_proxies.clone(),
        forwarded_by: config.public.forwarded_by,
        cors: Cors::of_the_api(&config.gateway.cors.allowed_origins, config.gateway.cors.max_age),
        throttle: config.throttle.enabled.then(|| Throttle::open(&config.gateway)).flatten(),
        metrics: portreeve_gateway::Metrics::new(&upstreams, &firewall),
        firewall,
        upstreams,
        traces: match &config.traces {
            Traces::NoTraces(_) => None,
            Traces::Otlp(otlp) => Some(otlp.callers),
        },
        random: Random::System,
    })
}

fn settings(config: &Config) -> services::Settings {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    services::Settings {
        public_url: config.public_url.clone(),
        accounts: services::Accounts {
            sign_up_open: config.accounts.sign_up == SignUp::Open,
            verification_required: config.accounts.verification == Verification::Required,
            deletion_delay: config.accounts.deletion_delay,
            verification_lifetime: config.accounts.verification_lifetime,
            reset_lifetime: config.accounts.reset_lifetime,
            setup_lifetime: config.accounts.setup_lifetime,
        },
        tokens: services::Tokens {
            access_lifetime: config.tokens.access_lifetime,
            refresh_lifetime: config.tokens.refresh_lifetime,
            refresh_idle: config.tokens.refresh_idle,
            reuse_grace: config.tokens.reuse_grace,
            cache_callers: config.tokens.cache_callers,
        },
        passwords: services::passwords::Settings {
            min_length: config.passwords.min_length,
            memory_kib: u32::try_from(config.passwords.memory.bytes() / 1024).unwrap_or(u32::MAX),
            iterations: config.passwords.iterations,
            parallelism: config.passwords.parallelism,
            threads: if config.passwords.threads == 0 { cores } else { config.passwords.threads },
            queue: config.passwords.queue,
        },
        throttle: config.throttle.enabled.then(|| services::Throttle {
            account: rate(&config.throttle.account),
            address: rate(&config.throttle.address),
            sign_up: rate(&config.throttle.sign_up),
            mails: rate(&config.throttle.mails),
        }),
        plans: config.gateway.plan.keys().cloned().collect(),
        key_rotation: config.keys.rotation,
        mails: services::Mails {
            timeout: match &config.mail {
                Mail::Folder(_) => std::time::Duration::from_secs(10),
                Mail::Smtp(smtp) => smtp.timeout,
            },
        },
        files: files::Settings {
            max_size: config.files.max_size.bytes(),
            max_files: config.files.max_files.into(),
            max_bytes: config.files.max_bytes.bytes(),
            max_uploads: config.files.max_uploads.into(),
            upload_lifetime: config.files.upload_lifetime,
            trash_lifetime: config.files.trash_lifetime,
        },
        worker: files::WorkerSettings {
            parallelism: config.worker.parallelism,
            tries: config.worker.tries,
            first_pause: config.worker.first_pause,
            longest_pause: config.worker.longest_pause,
            lease: config.worker.lease,
        },
        event_lifetime: config.events.max_age,
        event_count: config.events.max_count.into(),
    }
}

fn rate(rate: &portreeve_config::Rate) -> limits::Rate {
    limits::Rate { burst: NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN), every: rate.every }
}

fn bytes(size: portreeve_config::Size) -> usize {
    usize::try_from(size.bytes()).unwrap_or(usize::MAX)
}
