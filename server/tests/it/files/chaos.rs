//! Killed at any moment, under load: nothing that was accepted is lost, nothing is stored twice, and nothing is left lying about.

use std::{
    collections::HashMap,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use portreeve::serve::Server;
use portreeve_backends::{Clock, Random, clock::Manual};
use portreeve_config::Config;
use reqwest::Client;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::support::{
    PASSWORD, fresh_postgres,
    process::{Process, call, portreeve},
};

/// `./test` runs a few rounds; `./test chaos` many.
fn rounds() -> u64 {
    std::env::var("PORTREEVE_TEST_CHAOS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// What was answered 202 or 204: SHA-256 by id.
type Accepted = Arc<Mutex<HashMap<String, String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_nothing_that_it_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_postgres(u64::MAX).await;
    // One address over all rounds: tokens name who issued them.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let command = || {
        let mut command = portreeve(folder.path());
        command
            .arg("serve")
            .env("PORTREEVE__PUBLIC_URL", format!("http://{address}"))
            .env("PORTREEVE__PUBLIC__LISTEN", &address)
            .env("PORTREEVE__TOKENS__ACCESS_LIFETIME", "1h")
            .env("PORTREEVE__WORKER__LEASE", "1s")
            .env("PORTREEVE__WORKER__FIRST_PAUSE", "50ms");
        on(&mut command, database.as_deref());
        command
    };
    if database.is_some() {
        let mut migrate = portreeve(folder.path());
        on(&mut migrate, database.as_deref());
        assert!(migrate.arg("migrate").status().unwrap().success());
    }
    let accepted = Accepted::default();
    let random = Random::seeded(7);
    let first = Process::spawn(&mut command());
    let person = json!({ "person": { "name": "Ada", "email": "ada@example.org", "password": PASSWORD } });
    let ada: serde_json::Value = call(&first.url, "auth/sign_up", &person, "").await.unwrap().json().await.unwrap();
    let token = ada["signed_in"]["access_token"].as_str().unwrap().to_owned();
    drop(first);

    let mut sent = 0;
    for _ in 0..rounds() {
        let process = Process::spawn(&mut command());
        let stop = Arc::new(AtomicBool::new(false));
        let uploads: Vec<_> = (0..4)
            .map(|worker| {
                sent += 1;
                let client = Uploader {
                    url: process.url.clone(),
                    token: token.clone(),
                    accepted: accepted.clone(),
                    stop: stop.clone(),
                    random: Random::seeded(sent),
                    sent: AtomicU64::new(0),
                };
                tokio::spawn(async move { if worker == 0 { client.in_parts().await } else { client.whole().await } })
            })
            .collect();
        let life = u64::from(u16::from_be_bytes(random.bytes())) % 600;
        tokio::time::sleep(Duration::from_millis(50 + life)).await;
        process.signal("KILL");
        stop.store(true, Ordering::Release);
        for upload in uploads {
            upload.await.unwrap();
        }
    }

    let accepted = accepted.lock().unwrap().clone();
    assert!(!accepted.is_empty(), "nothing was ever accepted");
    let process = Process::spawn(&mut command());
    all_stored(&process.url, &token, &accepted).await;
    process.signal("TERM");
    let mut process = process;
    assert!(process.child.wait().unwrap().success());
    nothing_is_left(folder.path(), database).await;
}

fn on(command: &mut Command, database: Option<&str>) {
    if let Some(url) = database {
        command.env("PORTREEVE__DATABASE__KIND", "postgres").env("PORTREEVE__DATABASE__URL", url);
    }
}

struct Uploader {
    url: String,
    token: String,
    accepted: Accepted,
    stop: Arc<AtomicBool>,
    random: Random,
    sent: AtomicU64,
}

impl Uploader {
    fn file(&self) -> Vec<u8> {
        let size = usize::from(u16::from_be_bytes(self.random.bytes())) * 3;
        let seed: [u8; 16] = self.random.bytes();
        self.sent.fetch_add(1, Ordering::Relaxed);
        seed.into_iter().cycle().take(size).collect()
    }

    /// One request each.
    async fn whole(&self) {
        let client = Client::new();
        while !self.stop.load(Ordering::Acquire) {
            let body = self.file();
            let sum = hex(&body);
            let request = client.post(format!("{}/v1/files", self.url)).bearer_auth(&self.token).body(body);
            let Ok(answer) = request.send().await else { return };
            let status = answer.status();
            let Ok(answer) = answer.json::<serde_json::Value>().await else { return };
            assert_eq!(status, 202, "{answer}");
            self.accepted.lock().unwrap().insert(answer["file"]["id"].as_str().unwrap().to_owned(), sum);
        }
    }

    /// tus, in three parts.
    async fn in_parts(&self) {
        let client = Client::new();
        while !self.stop.load(Ordering::Acquire) {
            let body = self.file();
            let sum = hex(&body);
            let request = client.post(format!("{}/v1/uploads", self.url)).bearer_auth(&self.token).header("tus-resumable", "1.0.0");
            let Ok(created) = request.header("upload-length", body.len()).send().await else { return };
            assert_eq!(created.status(), 201);
            let location = created.headers()["location"].to_str().unwrap().to_owned();
            let mut at = 0;
            while at < body.len() {
                let end = (at + body.len().div_ceil(3)).min(body.len());
                let part = client
                    .patch(format!("{}{location}", self.url))
                    .bearer_auth(&self.token)
                    .header("tus-resumable", "1.0.0")
                    .header("upload-offset", at)
                    .header("content-type", "application/offset+octet-stream")
                    .body(body[at..end].to_vec());
                let Ok(answer) = part.send().await else { return };
                assert_eq!(answer.status(), 204);
                at = end;
            }
            self.accepted.lock().unwrap().insert(location.rsplit('/').next().unwrap().to_owned(), sum);
        }
    }
}

async fn all_stored(url: &str, token: &str, accepted: &HashMap<String, String>) {
    let client = Client::new();
    let give_up = Instant::now() + Duration::from_mins(2);
    for (id, sum) in accepted {
        loop {
            let file = client.get(format!("{url}/v1/files/{id}")).bearer_auth(token).send().await.unwrap();
            assert_eq!(file.status(), 200, "{id} was accepted and is lost");
            let file: serde_json::Value = file.json().await.unwrap();
            if file["status"] == "stored" {
                assert_eq!(file["sha256"].as_str(), Some(sum.as_str()), "{id}");
                break;
            }
            assert!(Instant::now() < give_up, "accepted and never stored: {file}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let content = client.get(format!("{url}/v1/files/{id}/content")).bearer_auth(token).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(&hex(&content), sum, "{id} is not what was sent");
    }
}

/// A week later there are as many objects as stored files, and nothing else.
async fn nothing_is_left(folder: &Path, database: Option<String>) {
    let data = folder.to_string_lossy().into_owned();
    let mut settings: HashMap<String, String> =
        [("PORTREEVE__PUBLIC__LISTEN", "127.0.0.1:0"), ("PORTREEVE__INTERNAL__LISTEN", "127.0.0.1:0"), ("PORTREEVE__DATA__PATH", &data)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
    if let Some(url) = database {
        settings.insert("PORTREEVE__DATABASE__KIND".to_owned(), "postgres".to_owned());
        settings.insert("PORTREEVE__DATABASE__URL".to_owned(), url);
    }
    let config = Config::load(None, settings.into_iter()).unwrap_or_else(|errors| panic!("{errors}"));
    let clock = Manual::at(Clock::System.now() + TimeDelta::days(7));
    let server = Server::open(config, Clock::Manual(clock), Random::System).await.unwrap();
    server.services.housekeep().await.unwrap();
    assert_eq!(server.services.stream().dead_letters(None, None, 10).await.unwrap(), []);
    let rows = portreeve_database::entity::file::Entity::find().all(server.services.database().reader()).await.unwrap();
    let stored: Vec<_> = rows.iter().filter(|row| row.status == portreeve_database::file::Status::Stored).collect();
    assert_eq!(stored.len(), rows.len(), "what was never finished has expired");
    let names = |folder: &Path| -> Vec<String> {
        let entries =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        entries.filter(|name| !name.starts_with('.')).collect()
    };
    assert_eq!(names(&folder.join("staging")), Vec::<String>::new());
    let mut objects = names(&folder.join("objects/uploads"));
    objects.sort();
    let mut keys: Vec<_> = stored.iter().map(|row| format!("{}.{}", row.id, row.extension)).collect();
    keys.sort();
    assert_eq!(objects, keys);
}

fn hex(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let number = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap());
    let (first, second) = digest.as_ref().split_at(16);
    format!("{:032x}{:032x}", number(first), number(second))
}
