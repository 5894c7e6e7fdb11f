//! `/admin/stream`, as the page calls it.

use std::time::{Duration, Instant};

use portreeve_contract::EventId;
use portreeve_database::{
    DbErr,
    event::{self, Event},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, TestApp};

/// Tells the worker of files that are none, which it gives up on at once.
async fn poison(app: &TestApp, count: u128) {
    let events = (0..count).map(|number| Event {
        sequence: 0,
        id: EventId(Uuid::from_u128(number)),
        r#type: "file.accepted".to_owned(),
        subject: format!("no file {number}"),
        data: json!({ "owner": null }),
        time: portreeve_backends::Clock::Manual(app.clock.clone()).now(),
        traceparent: None,
    });
    let events: Vec<_> = events.collect();
    let appended = app.services.database().write(async move |transaction| {
        for event in events {
            event::append(&transaction, event).await?;
        }
        Ok::<_, DbErr>(())
    });
    appended.await.unwrap();
}

async fn consumer(admin: &Person<'_>) -> Value {
    admin.call("admin/stream", &json!({})).await.ok().json()["consumers"][0].clone()
}

async fn letters(admin: &Person<'_>, query: Value) -> Value {
    admin.call("admin/dead_letters", &json!({ "query": query })).await.ok().json()
}

/// Waits until `store-files` has given up on so many.
async fn gave_up(admin: &Person<'_>, count: u64) {
    let give_up = Instant::now() + Duration::from_secs(20);
    loop {
        let consumer = consumer(admin).await;
        if consumer["dead"] == count && consumer["pending"] == 0 {
            return;
        }
        assert!(Instant::now() < give_up, "{consumer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_administrator_sees_dead_letters_sends_them_again_and_throws_them_away() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    poison(&app, 3).await;
    gave_up(&grace, 3).await;

    let first = letters(&grace, json!({ "limit": 2 })).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let second = letters(&grace, json!({ "limit": 2, "before": first["next"] })).await;
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    assert_eq!(letters(&grace, json!({ "consumer": "another" })).await["items"], json!([]));

    let letter = &second["items"][0];
    assert_eq!((&letter["consumer"], &letter["event_type"], &letter["tries"]), (&json!("store-files"), &json!("file.accepted"), &json!(1)));
    assert_eq!(letter["last_error"], "its subject is no file");
    let id = json!({ "id": letter["id"] });
    let detail = grace.call("admin/dead_letter", &id).await.ok().json();
    assert_eq!(detail["errors"].as_array().unwrap().len(), 1);
    let event: Value = serde_json::from_str(detail["event"].as_str().unwrap()).unwrap();
    assert_eq!((&event["specversion"], &event["subject"]), (&json!("1.0"), &letter["key"]));

    // Nothing has changed, so it comes back, as another letter.
    grace.call("admin/redrive", &id).await.ok();
    gave_up(&grace, 3).await;
    grace.call("admin/dead_letter", &id).await.assert_problem(404, "dead_letter_not_found");
    grace.call("admin/redrive", &id).await.assert_problem(404, "dead_letter_not_found");
    let before = letters(&grace, json!({})).await;
    let sent = grace.call("admin/redrive_all", &json!({ "consumer": null })).await.ok().json();
    assert_eq!(sent, json!({ "count": 3 }));
    gave_up(&grace, 3).await;
    let after = letters(&grace, json!({})).await;
    assert_ne!(before, after);
    for letter in after["items"].as_array().unwrap() {
        grace.call("admin/drop_dead_letter", &json!({ "id": letter["id"] })).await.ok();
    }
    gave_up(&grace, 0).await;
}

#[tokio::test]
async fn an_administrator_lets_a_consumer_read_again() {
    let app = TestApp::start().await;
    let (grace, ada) = (app.admin("grace").await, app.person("ada").await);
    let file = ada.post_file("a.txt", "text/plain", "text", &[]).await.ok().json();
    ada.stored_file(file["file"]["id"].as_str().unwrap()).await;
    let give_up = Instant::now() + Duration::from_secs(20);
    let handled = async |count: u64| {
        while consumer(&grace).await["handled"] != count {
            assert!(Instant::now() < give_up, "{}", consumer(&grace).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    handled(1).await;
    let replay =
        async |consumer: &str, from: &str| grace.call("admin/replay", &json!({ "wish": { "consumer": consumer, "from": from } })).await;
    replay("store-files", "yesterday").await.assert_fields(&[("/from", "no_point")]);
    replay("nobody", "beginning").await.assert_problem(404, "consumer_not_found");
    replay("store-files", " beginning ").await.ok();
    handled(2).await;
    let info = grace.call("admin/stream", &json!({})).await.ok().json();
    assert_eq!(info["engine"], app.engines.stream());
    assert_eq!(info["consumers"][0]["handled_per_minute"], 2);
    assert!(info["last"].as_i64() >= info["first"][0].as_i64());
}
