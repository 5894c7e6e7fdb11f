//! A running Portreeve.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use portreeve::{serve::Server, state};
use portreeve_backends::{Clock, Random, clock::Manual};
use portreeve_config::Config;
use portreeve_contract::user::Role;
use portreeve_database::migration;
use portreeve_services::{Services, users::NewUser};
use reqwest::{Client, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Answer, Engines, Person, process::portreeve};

/// A password that is accepted.
pub(crate) const PASSWORD: &str = "tide lantern harbour box";

static STARTED: AtomicU64 = AtomicU64::new(0);

/// Settings on top of those that a test needs, as environment variables name them.
pub(crate) type Options<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) internal_url: String,
    pub(crate) redirect: Option<SocketAddr>,
    pub(crate) clock: Manual,
    pub(crate) services: Services,
    pub(crate) setup: Option<String>,
    pub(crate) engines: Engines,
    client: Client,
    folder: TempDir,
    stop: CancellationToken,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(options: Options<'_>) -> Self {
        Self::start_on(options, "").await
    }

    /// With a file of an operator's, too.
    pub(crate) async fn start_on(options: Options<'_>, file: &str) -> Self {
        let clock = Manual::at(DateTime::<Utc>::from_timestamp(1_780_000_000, 0).expect("a time"));
        Self::launch(options, file, Engines::fresh().await, clock).await
    }

    /// On these engines.
    pub(crate) async fn start_over(engines: Engines) -> Self {
        let clock = Manual::at(DateTime::<Utc>::from_timestamp(1_780_000_000, 0).expect("a time"));
        Self::launch(&[], "", engines, clock).await
    }

    /// Another node over the same database, with the same keys, files and mails, and under the same name. On SQLite, too, where an operator can have
    /// none: there it stands for the commands that work beside a server.
    pub(crate) async fn beside(&self) -> Self {
        let path = |name: &str| self.folder.path().join(name).to_string_lossy().into_owned();
        let mut options: Vec<_> = self.engines.settings();
        let mut set = |name: &str, value: String| options.push((format!("PORTREEVE__{name}"), value));
        set("PUBLIC_URL", self.url.clone());
        set("KEYS__MASTER_KEY_FILE", path("master.key"));
        set("MAIL__PATH", path("mail"));
        if self.engines.database.is_none() {
            set("DATABASE__PATH", path("portreeve.db"));
        }
        if self.engines.s3.is_none() {
            set("OBJECTS__PATH", path("objects"));
            set("OBJECTS__STAGING", path("staging"));
        }
        let options: Vec<_> = options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self::launch(&options, "", Engines::default(), self.clock.clone()).await
    }

    async fn launch(options: Options<'_>, file: &str, engines: Engines, clock: Manual) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let data = folder.path().to_string_lossy().into_owned();
        let on_engines = engines.settings();
        // Later ones win, as a test's own do over these.
        let settings: HashMap<String, String> = [
            ("PORTREEVE__PUBLIC_URL", "http://127.0.0.1:0"),
            ("PORTREEVE__PUBLIC__LISTEN", "127.0.0.1:0"),
            ("PORTREEVE__INTERNAL__LISTEN", "127.0.0.1:0"),
            ("PORTREEVE__DATA__PATH", &data),
            ("PORTREEVE__THROTTLE__ENABLED", "false"),
        ]
        .into_iter()
        .chain(on_engines.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .chain(options.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let written = folder.path().join("portreeve.toml");
        std::fs::write(&written, file).expect("a file");
        let config = Config::load(Some(&written), settings.into_iter()).unwrap_or_else(|errors| panic!("{errors}"));
        if matches!(config.database, portreeve_config::Database::Postgres(_)) {
            let database = state::connect(&config).await.expect("a connection");
            migration::apply(&database).await.expect("a schema");
            database.close().await;
        }
        let server = Box::pin(Server::open(config, Clock::Manual(clock.clone()), Random::seeded(number))).await.expect("a server");
        let stop = CancellationToken::new();
        let app = Self {
            url: format!("http://{}", server.public),
            redirect: server.redirect(),
            internal_url: format!("http://{}", server.internal),
            services: server.services.clone(),
            setup: server.setup.clone().map(String::from),
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client"),
            clock,
            engines,
            folder,
            stop: stop.clone(),
        };
        tokio::spawn(server.run(stop));
        app
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The program beside this server, with its settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = portreeve(self.data());
        command.args(arguments).envs(self.engines.settings());
        command
    }

    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        Clock::Manual(self.clock.clone()).now()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// What a page of our own sends.
    pub(crate) async fn call(&self, function: &str, body: &Value) -> Answer {
        self.call_with(function, body, HeaderMap::new()).await
    }

    pub(crate) async fn call_with(&self, function: &str, body: &Value, headers: HeaderMap) -> Answer {
        let request =
            self.client.post(format!("{}/api/{function}", self.url)).header("sec-fetch-site", "same-origin").headers(headers).json(body);
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// Anything at all.
    pub(crate) async fn send(&self, build: impl FnOnce(&Client, &str) -> reqwest::RequestBuilder) -> Answer {
        Answer::read(build(&self.client, &self.url).send().await.expect("an answer")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(|client, url| client.get(format!("{url}{path}"))).await
    }

    /// Whether the object store has it; each engine of the tests keeps a file for each.
    pub(crate) fn has_object(&self, key: &str) -> bool {
        let folder = self.engines.s3.as_ref().map_or_else(|| self.folder.path().join("objects"), portreeve_testkit::s3::Server::bucket);
        folder.join(key).exists()
    }

    /// Someone who just signed up.
    pub(crate) async fn person(&self, name: &str) -> Person<'_> {
        let person = json!({ "person": { "name": name, "email": format!("{name}@example.org"), "password": PASSWORD } });
        let answer = self.call("auth/sign_up", &person).await.ok();
        Person::signed_up(self, &answer)
    }

    /// An administrator made by the command line's way, signed in.
    pub(crate) async fn admin(&self, name: &str) -> Person<'_> {
        let email = format!("{name}@example.org");
        let new = NewUser { name: name.to_owned(), email: email.clone(), password: PASSWORD.to_owned(), role: Role::Admin };
        self.services.users.create(new).await.expect("an administrator");
        self.sign_in(name).await
    }

    /// Someone who has an account, on one more device.
    pub(crate) async fn sign_in(&self, name: &str) -> Person<'_> {
        let answer = self.sign_in_with(&format!("{name}@example.org"), PASSWORD).await.ok();
        Person::signed_in(self, &answer)
    }

    pub(crate) async fn sign_in_with(&self, email: &str, password: &str) -> Answer {
        self.call("auth/sign_in", &json!({ "credentials": { "email": email, "password": password } })).await
    }

    /// What the page does when its access token runs out.
    pub(crate) async fn refresh_with(&self, refresh_token: &str) -> Answer {
        self.call_with("auth/refresh", &json!({}), refresh_cookie(refresh_token)).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn refresh_cookie(refresh_token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("cookie", format!("__Host-portreeve_refresh={refresh_token}").parse().expect("a header"));
    headers
}
