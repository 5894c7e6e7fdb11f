//! `POST /v1/files` while another request with its `Idempotency-Key` is under way.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;
use futures::{SinkExt, channel::mpsc};
use portreeve_database::idempotency_key;
use reqwest::Body;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::{Answer, Engines, Person, TestApp, station::Station};

/// As much as does not come in one transaction.
const SIZE: usize = 3 << 20;
const KEY: (&str, &str) = ("idempotency-key", "k");

fn whole() -> Vec<u8> {
    vec![b'a'; SIZE]
}

async fn send(person: &Person<'_>, body: impl Into<Body>) -> Answer {
    person.post_file("a.txt", "text/plain", body, &[KEY]).await
}

/// The same request, of which a byte is not sent yet.
struct Slow(mpsc::Sender<Result<Bytes, std::io::Error>>);

impl Slow {
    fn begin<'a>(person: &'a Person<'_>) -> (Self, impl Future<Output = Answer> + 'a) {
        let (mut sender, body) = mpsc::channel(1);
        sender.try_send(Ok(Bytes::from(vec![b'a'; SIZE - 1]))).unwrap();
        let length = SIZE.to_string();
        let answer = async move {
            let headers = [KEY, ("content-length", &length)];
            person.post_file("a.txt", "text/plain", Body::wrap_stream(body), &headers).await
        };
        (Self(sender), answer)
    }

    async fn end(mut self) {
        self.0.send(Ok(Bytes::from_static(b"a"))).await.unwrap();
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let soon = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), soon).await.unwrap_or_else(|_| panic!("never {what}"));
}

async fn files(person: &Person<'_>) -> Value {
    person.get("/v1/files").await.ok().json()
}

async fn is_under_way(person: &Person<'_>) {
    until("under way", async || files(person).await["total"] == 1).await;
}

#[tokio::test]
async fn whoever_sends_it_again_is_told_so_by_every_node() {
    let app = TestApp::start().await;
    let other = app.beside().await;
    let ada = app.person("ada").await;
    let (slow, first) = Slow::begin(&ada);
    let meanwhile = async {
        is_under_way(&ada).await;
        for person in [ada.at(&app), ada.at(&other)] {
            for body in [whole(), b"small".to_vec()] {
                let refused = send(&person, body).await;
                refused.assert_problem(409, "idempotency_in_flight");
                assert_eq!(refused.headers["retry-after"], "5");
            }
        }
        slow.end().await;
    };
    let (first, ()) = tokio::join!(first, meanwhile);
    let again = send(&ada.at(&other), whole()).await.ok();
    assert_eq!((again.json(), &again.headers["idempotency-replayed"]), (first.ok().json(), &"true".parse().unwrap()));
    send(&ada, "small").await.assert_problem(422, "idempotency_conflict");
    assert_eq!(files(&ada).await["total"], 1);
}

#[tokio::test]
async fn one_that_fails_or_is_dropped_frees_its_key_at_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (slow, first) = Slow::begin(&ada);
    let meanwhile = async {
        is_under_way(&ada).await;
        let path = format!("/v1/uploads/{}", files(&ada).await["items"][0]["id"].as_str().unwrap());
        ada.send(|client, url| client.delete(format!("{url}{path}")).header("tus-resumable", "1.0.0")).await.ok();
        slow.end().await;
    };
    let (first, ()) = tokio::join!(first, meanwhile);
    first.assert_problem(404, "file_not_found");
    let (slow, second) = Slow::begin(&ada);
    {
        let mut second = std::pin::pin!(second);
        tokio::select! {
            answer = &mut second => panic!("answered before its end: {}", answer.text),
            () = is_under_way(&ada) => {}
        }
    }
    drop(slow);
    let mut accepted = None;
    until("free again", async || {
        let answer = send(&ada, whole()).await;
        let is_free = answer.status == 202;
        if is_free {
            accepted = Some(answer);
        } else {
            answer.assert_problem(409, "idempotency_in_flight");
        }
        is_free
    })
    .await;
    assert!(!accepted.unwrap().headers.contains_key("idempotency-replayed"));
    assert_eq!(files(&ada).await["total"], 1);
}

#[tokio::test]
async fn a_key_whose_holder_is_not_heard_of_for_a_minute_is_free_and_the_holder_has_lost_it() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = ada.id().await.parse().unwrap();
    let (slow, first) = Slow::begin(&ada);
    let meanwhile = async {
        is_under_way(&ada).await;
        // One that goes on is heard of.
        app.advance(TimeDelta::seconds(40));
        let database = app.services.database();
        let is_heard_of = async || {
            let known = idempotency_key::find(database.reader(), id, "k").await.unwrap().unwrap();
            known.created_at == app.now()
        };
        until("heard of", is_heard_of).await;
        app.advance(TimeDelta::seconds(59));
        send(&ada, whole()).await.assert_problem(409, "idempotency_in_flight");
        until("heard of again", is_heard_of).await;
        // As if its node stood still from now on.
        database
            .write(async |transaction| {
                transaction.execute_unprepared("UPDATE idempotency_keys SET created_at = '2000-01-01T00:00:00+00:00'").await
            })
            .await
            .unwrap();
        let second = send(&ada, whole()).await.ok();
        assert!(!second.headers.contains_key("idempotency-replayed"));
        slow.end().await;
        second
    };
    let (first, second) = tokio::join!(first, meanwhile);
    assert_eq!((first.json(), &first.headers["idempotency-replayed"]), (second.json(), &"true".parse().unwrap()));
    assert_eq!(files(&ada).await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_process_serves_a_key_is_free_when_that_is_back() {
    let station = Station::with(Engines::default(), &[]);
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    let request = || {
        let request = ada.client.post(format!("{}/v1/files", ada.url)).bearer_auth(&ada.token);
        request.header(KEY.0, KEY.1).header("content-length", SIZE)
    };
    let (mut sender, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    sender.try_send(Ok(Bytes::from(vec![b'a'; SIZE - 1]))).unwrap();
    let cut_off = tokio::spawn(request().body(Body::wrap_stream(body)).send());
    until("under way", async || {
        let files = ada.client.get(format!("{}/v1/files", ada.url)).bearer_auth(&ada.token).send().await.unwrap();
        files.json::<Value>().await.unwrap()["total"] == 1
    })
    .await;
    server.signal("KILL");
    drop(server);
    cut_off.await.unwrap().expect_err("nobody is there to answer");

    let _server = station.serve(&[]);
    assert_eq!(request().body(whole()).send().await.unwrap().status(), 202);
}
