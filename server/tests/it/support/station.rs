//! Processes over one data folder and one database, as an operator runs them: servers, workers, and commands beside them.

use std::{
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    PASSWORD, fresh_postgres,
    process::{Process, call, portreeve},
};

/// An installation; its processes come and go.
pub(crate) struct Station {
    folder: TempDir,
    pub(crate) database: Option<String>,
    address: String,
}

impl Station {
    /// With a database whose schema fits. `number` tells it from other tests' databases.
    pub(crate) async fn new(number: u64) -> Self {
        // One address over all processes: tokens name who issued them.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let station = Self { folder: tempfile::tempdir().unwrap(), database: fresh_postgres(u64::MAX - number).await, address };
        station.says(&["migrate"]);
        station
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this installation's settings, and quick to give up.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_in(self.data(), arguments)
    }

    /// On another machine: with a data folder of its own, and the same keys.
    pub(crate) fn command_in(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = portreeve(data);
        command
            .args(arguments)
            .env("PORTREEVE__KEYS__MASTER_KEY_FILE", self.data().join("master.key"))
            .env("PORTREEVE__PUBLIC_URL", format!("http://{}", self.address))
            .env("PORTREEVE__TOKENS__ACCESS_LIFETIME", "1h")
            .env("PORTREEVE__WORKER__LEASE", "60s")
            .env("PORTREEVE__WORKER__TRIES", "2")
            .env("PORTREEVE__WORKER__FIRST_PAUSE", "20ms");
        if let Some(url) = &self.database {
            command.env("PORTREEVE__DATABASE__KIND", "postgres").env("PORTREEVE__DATABASE__URL", url);
        }
        command
    }

    pub(crate) fn serve(&self, arguments: &[&str]) -> Process {
        Process::spawn(self.command(&[&["serve"], arguments].concat()).env("PORTREEVE__PUBLIC__LISTEN", &self.address))
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
        Uploader { url, token: answer["signed_in"]["access_token"].as_str().unwrap().to_owned() }
    }
}

/// Somebody with a token that outlives servers.
pub(crate) struct Uploader {
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Uploader {
    /// Uploads a file, and gives its id.
    pub(crate) async fn upload(&self, body: impl Into<reqwest::Body>) -> String {
        let request = Client::new().post(format!("{}/v1/files?name=a.txt", self.url)).bearer_auth(&self.token).body(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["file"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        let request = Client::new().get(format!("{}/v1/files/{id}", self.url)).bearer_auth(&self.token);
        let file: Value = request.send().await.unwrap().json().await.unwrap();
        file["status"].as_str().unwrap_or_else(|| panic!("{file}")).to_owned()
    }

    /// Waits until a file is where it should be.
    pub(crate) async fn becomes(&self, id: &str, wanted: &str) {
        let give_up = Instant::now() + Duration::from_secs(20);
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
