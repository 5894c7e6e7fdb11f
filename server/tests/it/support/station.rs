//! Processes over one data folder and one database, as an operator runs them: servers, workers, and commands beside them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use portreeve_config::Config;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Engines, PASSWORD,
    process::{Process, call, portreeve},
};

/// An installation; its processes come and go.
pub(crate) struct Station {
    folder: TempDir,
    pub(crate) engines: Engines,
    address: String,
    settings: HashMap<String, String>,
}

impl Station {
    /// On the engines of this run's combination, with a schema that fits.
    pub(crate) async fn new() -> Self {
        Self::on(Engines::fresh().await)
    }

    /// On these engines.
    pub(crate) fn on(engines: Engines) -> Self {
        Self::with(engines, &[])
    }

    /// And with these settings, over those that make it quick to give up.
    pub(crate) fn with(engines: Engines, settings: &[(&str, &str)]) -> Self {
        // One address over all processes: tokens name who issued them.
        let address = format!("127.0.0.1:{}", portreeve_testkit::port());
        let url = format!("http://{address}");
        let defaults = [
            ("PUBLIC_URL", &*url),
            ("TOKENS__ACCESS_LIFETIME", "1h"),
            ("WORKER__LEASE", "60s"),
            ("WORKER__TRIES", "2"),
            ("WORKER__FIRST_PAUSE", "20ms"),
        ];
        let settings = defaults.iter().chain(settings).map(|(name, value)| (format!("PORTREEVE__{name}"), (*value).to_owned()));
        let settings = engines.settings().into_iter().chain(settings).collect();
        let station = Self { folder: tempfile::tempdir().unwrap(), engines, address, settings };
        station.says(&["migrate"]);
        station
    }

    /// As it is, on a run that has a PostgreSQL; others leave such tests out.
    pub(crate) fn on_postgres(self) -> Self {
        assert!(self.engines.database.is_some(), "this needs the PostgreSQL that `./test rust` starts");
        self
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The folder in which the engine of this combination keeps objects, one file each.
    pub(crate) fn objects(&self) -> PathBuf {
        self.engines.s3.as_ref().map_or_else(|| self.data().join("objects"), portreeve_testkit::s3::Server::bucket)
    }

    /// What `serve` would be configured as, for looking at what it did.
    pub(crate) fn config(&self) -> Config {
        let data = ("PORTREEVE__DATA__PATH".to_owned(), self.data().to_string_lossy().into_owned());
        let listen = ["PUBLIC", "INTERNAL"].map(|name| (format!("PORTREEVE__{name}__LISTEN"), "127.0.0.1:0".to_owned()));
        let settings = self.settings.clone().into_iter();
        Config::load(None, settings.chain(listen).chain([data])).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The program with this installation's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_in(self.data(), arguments)
    }

    /// On another machine: with a data folder of its own, and the same keys.
    pub(crate) fn command_in(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = portreeve(data);
        command.args(arguments).env("PORTREEVE__KEYS__MASTER_KEY_FILE", self.data().join("master.key")).envs(&self.settings);
        command
    }

    pub(crate) fn serve(&self, arguments: &[&str]) -> Process {
        Process::spawn(&mut self.serving(arguments))
    }

    /// The command of [`Self::serve`].
    pub(crate) fn serving(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&[&["serve"], arguments].concat());
        command.env("PORTREEVE__PUBLIC__LISTEN", &self.address);
        command
    }

    /// What a command says, which succeeds.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().expect("a process");
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text")
    }

    /// And as lines of JSON.
    pub(crate) fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        self.says(arguments).lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
    }

    /// What `stream info` says of one consumer.
    pub(crate) fn consumer(&self, name: &str) -> Value {
        let info = self.lines(&["stream", "info", "--json"]).remove(0);
        info["consumers"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or_default()
    }

    /// Somebody who uploads.
    pub(crate) async fn person(&self, name: &str) -> Uploader {
        let url = format!("http://{}", self.address);
        let person = json!({ "person": { "name": name, "email": format!("{name}@example.org"), "password": PASSWORD } });
        let answer: Value = call(&url, "auth/sign_up", &person, "").await.unwrap().json().await.unwrap();
        Uploader { url, token: answer["signed_in"]["access_token"].as_str().unwrap().to_owned(), client: Client::new() }
    }
}

/// Somebody with a token that outlives servers.
#[derive(Clone)]
pub(crate) struct Uploader {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) client: Client,
}

impl Uploader {
    /// `POST /v1/files`, however it ends.
    pub(crate) async fn try_upload(&self, body: impl Into<reqwest::Body>) -> reqwest::Result<(u16, Value)> {
        let request = self.client.post(format!("{}/v1/files?name=a.txt", self.url)).bearer_auth(&self.token).body(body);
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// Uploads a file, and gives its id.
    pub(crate) async fn upload(&self, body: impl Into<reqwest::Body>) -> String {
        let (_, answer) = self.try_upload(body).await.unwrap();
        answer["file"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// What is told of a file, which is there.
    pub(crate) async fn file(&self, id: &str) -> Value {
        let request = self.client.get(format!("{}/v1/files/{id}", self.url)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{id} was accepted and is lost");
        answer.json().await.unwrap()
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        self.file(id).await["status"].as_str().unwrap().to_owned()
    }

    /// What is stored.
    pub(crate) async fn content(&self, id: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}/v1/files/{id}/content", self.url)).bearer_auth(&self.token);
        request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().to_vec()
    }

    /// Waits until a file is where it should be.
    pub(crate) async fn becomes(&self, id: &str, wanted: &str) {
        let give_up = Instant::now() + Duration::from_secs(40);
        loop {
            let status = self.status(id).await;
            if status == wanted {
                return;
            }
            assert!(Instant::now() < give_up, "{status}, and never {wanted}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < give_up, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
