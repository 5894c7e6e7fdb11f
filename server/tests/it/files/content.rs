//! Downloads, links and shares.

use std::time::Duration;

use chrono::TimeDelta;
use portreeve_database::{DbErr, file};
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::sleep};

use crate::support::{Person, TestApp};

async fn stored(person: &Person<'_>, name: &str, body: &'static str) -> String {
    let id = person.post_file(name, "text/plain", body, &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    person.stored_file(&id).await;
    id
}

#[tokio::test]
async fn parts_and_conditions_are_answered_as_the_standard_says() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "ten.txt", "0123456789").await;
    let get = async |headers: &[(&str, &str)]| {
        ada.send(|client, url| {
            headers.iter().fold(client.get(format!("{url}/v1/files/{id}/content")), |it, (name, value)| it.header(*name, *value))
        })
        .await
    };
    let whole = get(&[]).await;
    let etag = whole.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!((whole.status.as_u16(), &*whole.text, &whole.headers["accept-ranges"]), (200, "0123456789", &"bytes".parse().unwrap()));
    assert!(whole.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"ten.txt\""));

    for (range, text, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-65536", "0123456789", "bytes 0-9/10"),
        ("bytes=5-99", "56789", "bytes 5-9/10"),
    ] {
        let part = get(&[("range", range)]).await;
        assert_eq!((part.status.as_u16(), &*part.text), (206, text), "{range}");
        assert_eq!(part.headers["content-range"], content_range);
    }
    let beyond = get(&[("range", "bytes=10-")]).await;
    beyond.assert_problem(416, "range_not_satisfiable");
    assert_eq!(beyond.headers["content-range"], "bytes */10");
    assert_eq!(get(&[("if-none-match", &etag)]).await.status, 304);
    assert_eq!(get(&[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await.status, 200);
    assert_eq!(get(&[("range", "bytes=0-1"), ("if-range", &etag)]).await.text, "01");
    get(&[("if-match", "\"another\"")]).await.assert_problem(412, "changed");
    get(&[("if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT")]).await.assert_problem(412, "changed");
    assert_eq!(get(&[("if-match", &etag), ("range", "bytes=0-1")]).await.text, "01");
    let head = ada.send(|client, url| client.head(format!("{url}/v1/files/{id}/content")).header("range", "bytes=0-1")).await;
    assert_eq!((head.status.as_u16(), &*head.text, &head.headers["content-length"]), (200, "", &"10".parse().unwrap()));
}

#[tokio::test]
async fn served_content_never_runs_as_the_site() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for (name, body) in [
        ("a.html", "<!doctype html><script>alert(1)</script>"),
        ("b.svg", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"),
    ] {
        let id = stored(&ada, name, body).await;
        let link = ada
            .send(|client, url| client.post(format!("{url}/v1/files/{id}/links")).json(&json!({ "disposition": "inline" })))
            .await
            .ok()
            .json();
        let shown = app.get(link["url"].as_str().unwrap()).await.ok();
        assert_eq!(shown.headers["content-security-policy"], "sandbox; frame-ancestors 'self'");
        assert_eq!(shown.headers["x-content-type-options"], "nosniff");
        assert_eq!(shown.headers["content-type"], "text/plain; charset=utf-8", "{name}");
    }
}

#[tokio::test]
async fn a_link_opens_one_file_for_five_minutes_and_as_long_as_the_session_lasts() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "a.txt", "hello").await;
    let link = async |person: &Person<'_>| {
        let answer: Value = person.send(|client, url| client.post(format!("{url}/v1/files/{id}/links")).json(&json!({}))).await.ok().json();
        answer["url"].as_str().unwrap().to_owned()
    };
    let url = link(&ada).await;
    assert_eq!(app.get(&url).await.ok().text, "hello");
    let mut forged = url.clone().into_bytes();
    let last = forged.len() - 8;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    app.get(&String::from_utf8(forged).unwrap()).await.assert_problem(404, "link_invalid");
    app.advance(TimeDelta::minutes(6));
    app.get(&url).await.assert_problem(404, "link_invalid");

    ada.refresh().await.ok();
    let url = link(&ada).await;
    app.get(&url).await.ok();
    ada.call("auth/sign_out", &json!({})).await.ok();
    app.get(&url).await.assert_problem(404, "link_invalid");
}

#[tokio::test]
async fn a_shared_link_opens_without_an_account_as_often_and_as_long_as_it_should() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "chart.txt", "soundings").await;
    let share = async |body: Value| ada.send(|client, url| client.post(format!("{url}/v1/files/{id}/shares")).json(&body)).await;
    let token = |share: &Value| share["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let open =
        async |token: &str, body: Value| app.send(|client, url| client.post(format!("{url}/v1/shared/{token}/links")).json(&body)).await;

    let twice = share(json!({ "max_downloads": 2 })).await.ok().json();
    let about = app.get(&format!("/v1/shared/{}", token(&twice))).await.ok().json();
    assert_eq!((&about["name"], &about["size"]), (&"chart.txt".into(), &9.into()));
    for _ in 0..2 {
        let link = open(&token(&twice), json!({})).await.ok().json();
        assert_eq!(app.get(link["url"].as_str().unwrap()).await.ok().text, "soundings");
    }
    open(&token(&twice), json!({})).await.assert_problem(404, "link_invalid");

    let locked = share(json!({ "password": "low water" })).await.ok().json();
    open(&token(&locked), json!({})).await.assert_problem(403, "wrong_password");
    open(&token(&locked), json!({ "password": "high water" })).await.assert_problem(403, "wrong_password");
    open(&token(&locked), json!({ "password": "low water" })).await.ok();

    let revoked = share(json!({})).await.ok().json();
    let opened = open(&token(&revoked), json!({})).await.ok().json();
    let opened = opened["url"].as_str().unwrap();
    app.get(opened).await.ok();
    let shares = ada.get(&format!("/v1/files/{id}/shares")).await.ok().json();
    assert_eq!((&shares["total"], &shares["next"]), (&3.into(), &Value::Null));
    assert!(shares["items"].as_array().unwrap().iter().any(|share| share["url"] == revoked["url"]), "its owner is told it again");
    let path = format!("/v1/files/{id}/shares/{}", revoked["id"].as_str().unwrap());
    ada.send(|client, url| client.delete(format!("{url}{path}"))).await.ok();
    open(&token(&revoked), json!({})).await.assert_problem(404, "link_invalid");
    app.get(opened).await.assert_problem(404, "link_invalid");

    let brief = share(json!({ "expires_at": app.now() + TimeDelta::minutes(2) })).await.ok().json();
    let opened = open(&token(&brief), json!({})).await.ok().json();
    let opened = opened["url"].as_str().unwrap();
    app.get(opened).await.ok();
    app.advance(TimeDelta::minutes(2));
    app.get(opened).await.assert_problem(404, "link_invalid");
    open(&token(&brief), json!({})).await.assert_problem(404, "link_invalid");

    // What is in the trash is not shared.
    ada.send(|client, url| client.delete(format!("{url}/v1/files/{id}"))).await.ok();
    open(&token(&locked), json!({ "password": "low water" })).await.assert_problem(404, "link_invalid");
    share(json!({ "expires_at": "2001-01-01T00:00:00Z", "max_downloads": 0 }))
        .await
        .assert_fields(&[("/expires_at", "past"), ("/max_downloads", "too_few")]);
}

#[tokio::test]
async fn links_that_have_ended_make_room_for_others() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "chart.txt", "soundings").await;
    let share = async || ada.send(|client, url| client.post(format!("{url}/v1/files/{id}/shares")).json(&json!({}))).await;
    let first = share().await.ok().json();
    for _ in 1..100 {
        share().await.ok();
    }
    share().await.assert_problem(409, "too_many_shares");
    let path = format!("/v1/files/{id}/shares/{}", first["id"].as_str().unwrap());
    ada.send(|client, url| client.delete(format!("{url}{path}"))).await.ok();
    share().await.ok();
}

#[tokio::test]
async fn a_file_is_renamed_thrown_away_taken_back_and_erased() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "old.txt", "x").await;
    let key = ada.get(&format!("/v1/files/{id}")).await.json()["file_key"].as_str().unwrap().to_owned();
    let patch = async |body: Value, tag: &str| {
        ada.send(|client, url| client.patch(format!("{url}/v1/files/{id}")).header("if-match", tag).json(&body)).await
    };
    let tag = ada.get(&format!("/v1/files/{id}")).await.headers["etag"].to_str().unwrap().to_owned();
    let renamed = patch(json!({ "name": "new.txt" }), &tag).await.ok();
    assert_eq!(renamed.json()["name"], "new.txt");
    patch(json!({ "name": "other.txt" }), &tag).await.assert_problem(412, "changed");
    patch(json!({ "status": "stored" }), "*").await.assert_problem(422, "invalid");
    ada.send(|client, url| client.patch(format!("{url}/v1/files/{id}")).json(&json!({ "name": "blind.txt" })))
        .await
        .assert_problem(428, "precondition_required");

    patch(json!({ "trashed": true }), "*").await.ok();
    assert_eq!(ada.get("/v1/files").await.json()["total"], 0);
    assert_eq!(ada.get("/v1/files?trashed=true").await.json()["total"], 1);
    patch(json!({ "trashed": false }), "*").await.ok();
    assert_eq!(ada.get("/v1/files").await.json()["total"], 1);

    patch(json!({ "trashed": true }), "*").await.ok();
    app.services.housekeep().await.unwrap();
    assert!(app.has_object(&key));
    app.advance(TimeDelta::days(31));
    app.services.housekeep().await.unwrap();
    assert!(!app.has_object(&key));
    let ada = app.sign_in("ada").await;
    ada.get(&format!("/v1/files/{id}")).await.assert_problem(404, "file_not_found");
}

#[tokio::test]
async fn what_is_taken_back_stays_and_what_is_erased_cannot_be_taken_back() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = stored(&ada, "a.txt", "x").await;
    let path = format!("/v1/files/{id}");
    ada.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", "*").json(&json!({ "trashed": true }))).await.ok();
    app.advance(TimeDelta::days(31));
    let ada = app.sign_in("ada").await;

    // While somebody else writes, the one comes first and the other has found what is due already.
    let (release, released) = oneshot::channel::<()>();
    let held = id.parse().unwrap();
    let writing = app.services.database().write(async move |transaction| {
        file::find(&transaction, held).await?;
        let _ = released.await;
        Ok::<_, DbErr>(())
    });
    let restoring = ada.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", "*").json(&json!({ "trashed": false })));
    let erasing = async {
        sleep(Duration::from_secs(1)).await;
        futures::join!(app.services.files.housekeep(), async {
            sleep(Duration::from_secs(1)).await;
            release.send(()).unwrap();
        })
    };
    let (written, restored, (erased, ())) = futures::join!(writing, restoring, erasing);
    written.unwrap();
    erased.unwrap();
    let content = ada.get(&format!("{path}/content")).await;
    assert_eq!(restored.status.is_success(), content.status.is_success(), "{} {}", restored.text, content.text);

    // A DELETE that saw it in the trash does not erase what was taken back since.
    let id = stored(&ada, "b.txt", "y").await;
    let path = format!("/v1/files/{id}");
    let change = async |trashed: bool| {
        ada.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", "*").json(&json!({ "trashed": trashed }))).await.ok()
    };
    let tag = change(true).await.headers["etag"].to_str().unwrap().to_owned();
    change(false).await;
    change(true).await;
    ada.send(|client, url| client.delete(format!("{url}{path}")).header("if-match", tag)).await.assert_problem(412, "changed");
    ada.send(|client, url| client.delete(format!("{url}{path}")).header("if-match", "*")).await.ok();
    ada.get(&path).await.assert_problem(404, "file_not_found");
}

#[tokio::test]
async fn a_repeated_request_is_not_held_against_the_share_that_it_filled() {
    let app = TestApp::start_with(&[("PORTREEVE__FILES__MAX_BYTES", "4 MiB")]).await;
    let ada = app.person("ada").await;
    let send = async |byte: u8| ada.post_file("a.bin", "application/octet-stream", vec![byte; 3 << 20], &[("idempotency-key", "k")]).await;
    let first = send(1).await.ok().json();
    let again = send(1).await.ok();
    assert_eq!((again.json(), &again.headers["idempotency-replayed"]), (first, &"true".parse().unwrap()));
    send(2).await.assert_problem(422, "idempotency_conflict");
    ada.post_file("b.bin", "application/octet-stream", vec![1; 3 << 20], &[]).await.assert_problem(413, "quota_exceeded");
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_same_answer() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let key = [("idempotency-key", "k1")];
    let first = ada.post_file("a.txt", "text/plain", "one", &key).await.ok().json();
    let again = ada.post_file("a.txt", "text/plain", "one", &key).await.ok();
    assert_eq!(again.json(), first);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    ada.post_file("a.txt", "text/plain", "two", &key).await.assert_problem(422, "idempotency_conflict");
    // Small ones are taken in in one transaction, and wait for each other; a large one has its key while it comes.
    for (key, size) in [("k2", 4), ("k3", 3 << 20)] {
        let twins = futures::future::join_all((0..6).map(|_| async {
            let headers = [("idempotency-key", key)];
            ada.post_file("b.txt", "text/plain", "t".repeat(size), &headers).await
        }))
        .await;
        let (taken, refused): (Vec<_>, Vec<_>) = twins.iter().partition(|twin| twin.status == 202);
        assert!(taken.iter().all(|twin| twin.json() == taken[0].json()), "{:?}", taken.iter().map(|twin| &twin.text).collect::<Vec<_>>());
        for twin in &refused {
            twin.assert_problem(409, "idempotency_in_flight");
        }
        assert!(!taken.is_empty() && (refused.is_empty() || key == "k3"), "{refused:?}");
    }
    ada.post_file("b.txt", "text/plain", "u".repeat(3 << 20), &[("idempotency-key", "k3")])
        .await
        .assert_problem(422, "idempotency_conflict");
    assert_eq!(ada.get("/v1/files").await.json()["total"], 3);
}
