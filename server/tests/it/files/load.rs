//! People who upload without a pause, whatever happens to the server: who gets no answer sends again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use portreeve_backends::Random;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::station::Uploader;

/// What was answered 202 or 204: SHA-256 by id.
pub(super) type Accepted = HashMap<String, String>;

pub(super) struct Load {
    person: Uploader,
    accepted: Arc<Mutex<Accepted>>,
    refused: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

impl Load {
    /// So many at once; every fourth with tus in three parts, the others each file in one request.
    pub(super) fn start(person: &Uploader, clients: u64) -> Self {
        let mut load = Self {
            person: person.clone(),
            accepted: Arc::default(),
            refused: Arc::default(),
            stop: Arc::default(),
            clients: JoinSet::new(),
        };
        for number in 0..clients {
            let sender = Sender {
                url: person.url.clone(),
                token: person.token.clone(),
                client: Client::builder().timeout(Duration::from_mins(1)).build().unwrap(),
                accepted: load.accepted.clone(),
                refused: load.refused.clone(),
                stop: load.stop.clone(),
                random: Random::seeded(number),
            };
            load.clients.spawn(async move {
                let mut sent = 0;
                while !sender.is_over() {
                    let body = sender.body(sent);
                    sent += 1;
                    if number % 4 == 0 {
                        sender.in_parts(body).await
                    } else {
                        sender.whole(body).await
                    };
                }
            });
        }
        load
    }

    /// How many were accepted so far.
    pub(super) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// How often somebody was told that it cannot be done now.
    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Who uploads.
    pub(super) fn person(&self) -> Uploader {
        self.person.clone()
    }

    /// Waits until it was refused so many more times.
    pub(super) async fn is_refused(&self, more: usize) {
        let (begin, give_up) = (self.refused(), Instant::now() + Duration::from_mins(2));
        while self.refused() < begin + more {
            assert!(Instant::now() < give_up, "only {} times refused", self.refused() - begin);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until so many more are accepted.
    pub(super) async fn goes_on(&self, more: usize) {
        let (begin, give_up) = (self.accepted(), Instant::now() + Duration::from_mins(2));
        while self.accepted() < begin + more {
            assert!(Instant::now() < give_up, "{} accepted since, {} times refused", self.accepted() - begin, self.refused());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it, and says what was accepted.
    pub(super) async fn stop(mut self) -> Accepted {
        self.stop.store(true, Ordering::Release);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.accepted.lock().unwrap())
    }
}

struct Sender {
    url: String,
    token: String,
    client: Client,
    accepted: Arc<Mutex<Accepted>>,
    refused: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    random: Random,
}

impl Sender {
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Mostly small, and no two alike.
    fn body(&self, number: u64) -> Vec<u8> {
        let size = usize::from(u16::from_be_bytes(self.random.bytes())) * if number % 24 == 23 { 150 } else { 3 };
        let seed: [u8; 16] = self.random.bytes();
        seed.into_iter().cycle().take(16 + size).collect()
    }

    /// Sends until there is an answer that says what became of it. Whoever refuses meanwhile says that it is he who cannot.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Option<(StatusCode, Response)> {
        while !self.is_over() {
            if let Ok(answer) = request().bearer_auth(&self.token).send().await {
                match answer.status().as_u16() {
                    500 | 503 | 507 => {
                        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{answer:?}");
                        self.refused.fetch_add(1, Ordering::Relaxed);
                    }
                    // Whoever was killed in the middle of it is not taken for dead at once.
                    409 => {
                        let problem = answer.json::<Value>().await.unwrap_or_default();
                        assert!(matches!(problem["code"].as_str(), None | Some("idempotency_in_flight")), "{problem}");
                    }
                    _ => return Some((answer.status(), answer)),
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    async fn whole(&self, body: Vec<u8>) -> Option<()> {
        let key = hex(&body);
        let request = || self.client.post(format!("{}/v1/files", self.url)).header("idempotency-key", &key).body(body.clone());
        let answer = loop {
            let (status, answer) = self.send(request).await?;
            assert_eq!(status, 202, "{:?}", answer.text().await);
            // Half an answer is none.
            if let Ok(answer) = answer.json::<Value>().await {
                break answer;
            }
        };
        self.accepted.lock().unwrap().insert(answer["file"]["id"].as_str().unwrap().to_owned(), hex(&body));
        Some(())
    }

    async fn in_parts(&self, body: Vec<u8>) -> Option<()> {
        let uploads = format!("{}/v1/uploads", self.url);
        let tus = |request: RequestBuilder| request.header("tus-resumable", "1.0.0");
        let (status, created) = self.send(|| tus(self.client.post(&uploads)).header("upload-length", body.len())).await?;
        assert_eq!(status, 201, "{:?}", created.text().await);
        let location = created.headers()["location"].to_str().unwrap().to_owned();
        let url = format!("{}{location}", self.url);
        let mut at = 0;
        while at < body.len() {
            let end = (at + body.len().div_ceil(3)).min(body.len());
            let part = tus(self.client.patch(&url)).header("upload-offset", at).bearer_auth(&self.token);
            let part = part.header("content-type", "application/offset+octet-stream").body(body[at..end].to_vec());
            if part.send().await.is_ok_and(|answer| answer.status() == 204) {
                at = end;
                continue;
            }
            let (status, head) = self.send(|| tus(self.client.head(&url))).await?;
            assert_eq!(status, 200, "{location} was begun and is lost");
            at = head.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.accepted.lock().unwrap().insert(location.rsplit('/').next().unwrap().to_owned(), hex(&body));
        Some(())
    }
}

/// SHA-256.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let number = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap());
    let (first, second) = digest.as_ref().split_at(16);
    format!("{:032x}{:032x}", number(first), number(second))
}
