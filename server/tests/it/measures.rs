//! What administrators see of what is counted.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portreeve_database::{
    Database, DbErr, Url,
    measure::{self, Measure},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{PASSWORD, Person, TestApp, process::Process};

async fn measures(admin: &Person<'_>, span: &str) -> Value {
    admin.call("admin/measures", &json!({ "query": { "span": span } })).await.ok().json()
}

/// What another node wrote down.
async fn another_node(app: &TestApp, minutes_ago: i64, numbers: Value) {
    let minute = app.now() - TimeDelta::minutes(minutes_ago);
    let row = Measure { minute, node: Uuid::from_u128(7), numbers };
    let written = app.services.database().write(async move |transaction| measure::write(&transaction, row).await);
    let written: Result<(), DbErr> = written.await;
    written.unwrap();
}

#[tokio::test]
async fn an_administrator_sees_requests_sign_ins_and_uploads_of_all_nodes() {
    let app = TestApp::start().await;
    let (grace, ada) = (app.admin("grace").await, app.person("ada").await);
    app.sign_in_with("ada@example.org", "a wrong lantern").await.assert_problem(401, "invalid_credentials");
    ada.post_file("a.txt", "text/plain", "seven b", &[]).await.ok();
    another_node(&app, 3, json!({ "errors": 2, "sign_ins": 5, "uploads": 1, "upload_bytes": 3, "lag": 9, "latency": [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] })).await;

    let hour = measures(&grace, "hour").await;
    let points = hour["points"].as_array().unwrap();
    assert_eq!(points.len(), 60);
    let (theirs, ours) = (&points[56], &points[59]);
    assert_eq!((&theirs["requests"], &theirs["errors"], &theirs["sign_ins"], &theirs["lag"]), (&json!(4), &json!(2), &json!(5), &json!(9)));
    assert_eq!((&theirs["p50"], &theirs["counted"]), (&json!(3.75), &json!(true)));
    assert_eq!(
        (&ours["sign_ins"], &ours["refused_sign_ins"], &ours["uploads"], &ours["upload_bytes"]),
        (&json!(1), &json!(1), &json!(1), &json!(7))
    );
    assert!(ours["requests"].as_u64() >= Some(4) && ours["p99"].as_f64() > Some(0.0) && ours["errors"] == 0, "{ours}");
    assert_eq!((&points[0]["counted"], &points[0]["requests"], &points[0]["p50"]), (&json!(false), &json!(0), &Value::Null));
    assert_eq!((&hour["total"]["uploads"], &hour["total"]["upload_bytes"], &hour["total"]["sign_ins"]), (&json!(2), &json!(10), &json!(6)));

    let day = grace.get("/v1/measures?span=day").await.ok().json();
    assert_eq!((day["points"].as_array().unwrap().len(), &day["total"]["uploads"]), (96, &json!(2)));
    grace.get("/v1/measures?span=week").await.assert_problem(400, "malformed");
}

#[tokio::test]
async fn a_minute_is_written_down_when_it_is_over_and_forgotten_after_eight_days() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let before = measures(&grace, "hour").await["total"]["requests"].as_u64().unwrap();
    assert!(before > 0);
    app.advance(TimeDelta::minutes(2));
    let from = app.now() - TimeDelta::hours(1);
    let written = async || measure::find_from(app.services.database().reader(), from).await.unwrap();
    let give_up = Instant::now() + Duration::from_secs(30);
    while written().await.is_empty() {
        assert!(Instant::now() < give_up, "nothing is written down");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Neither lost nor counted twice: what was written is two minutes ago, and only what came since is in this one.
    let points = measures(&grace, "hour").await["points"].as_array().cloned().unwrap();
    let requests = |at: usize| points[at]["requests"].as_u64().unwrap();
    assert!(requests(57) > before && requests(58) == 0, "{} and {}, after {before}", requests(57), requests(58));

    another_node(&app, 8 * 24 * 60 + 1, json!({})).await;
    another_node(&app, 8 * 24 * 60 - 1, json!({})).await;
    app.services.housekeep().await.unwrap();
    let kept = measure::find_from(app.services.database().reader(), app.now() - TimeDelta::days(9)).await.unwrap();
    let of_another = kept.iter().filter(|row| row.node == Uuid::from_u128(7)).count();
    assert_eq!(of_another, 1);
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_writes_down_what_it_counted() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path());
    let person = json!({ "person": { "name": "Ada", "email": "ada@example.org", "password": PASSWORD } });
    crate::support::process::call(&process.url, "auth/sign_up", &person, "").await.unwrap().error_for_status().unwrap();
    let credentials = json!({ "credentials": { "email": "ada@example.org", "password": PASSWORD } });
    crate::support::process::call(&process.url, "auth/sign_in", &credentials, "").await.unwrap().error_for_status().unwrap();
    process.signal("TERM");
    assert!(process.child.wait().unwrap().success());

    let database = Database::connect(&Url::Sqlite { path: data.path().join("portreeve.db"), readers: 1 }).await.unwrap();
    let rows = measure::find_from(database.reader(), chrono::DateTime::UNIX_EPOCH).await.unwrap();
    let sum: u64 = rows.iter().map(|row| row.numbers["sign_ins"].as_u64().unwrap()).sum();
    assert_eq!(sum, 1, "{rows:?}");
    database.close().await;
}
