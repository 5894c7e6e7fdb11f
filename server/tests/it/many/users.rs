//! The administrator's list of accounts.

use portreeve_database::{
    Reader,
    page::{Direction, Key, Page},
    user::{self, Kind, Sort, User},
};
use sea_orm::Order;
use serde_json::json;

use super::{LIMIT, MANY as USERS, Recorder, add, is_postgres};
use crate::support::TestApp;

/// Names and addresses in an order that is neither the other's nor that in which the accounts were made.
async fn fill(app: &TestApp) {
    let columns = "id, name, name_key, email, email_key, email_verified_at, password_hash, role, created_at";
    let sql = if is_postgres(app) {
        format!(
            "INSERT INTO users ({columns}) SELECT gen_random_uuid(), 'Person ' || n, 'person ' || n, 'P' || e || '@example.org', \
             'p' || e || '@example.org', now(), 'x', 'member', to_timestamp(1700000000 + i) \
             FROM (SELECT i, i * 7919 % 100003 AS n, i * 104729 % 100019 AS e FROM generate_series(1::bigint, {USERS}) AS i) AS mixed"
        )
    } else {
        format!(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {USERS}), \
             mixed AS (SELECT i, i * 7919 % 100003 AS n, i * 104729 % 100019 AS e FROM numbers) \
             INSERT INTO users ({columns}) SELECT randomblob(16), 'Person ' || n, 'person ' || n, 'P' || e || '@example.org', \
             'p' || e || '@example.org', '2026-01-01T00:00:00+00:00', 'x', 'member', \
             strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch') FROM mixed"
        )
    };
    add(app, "users", sql).await;
}

#[tokio::test]
async fn a_page_is_read_from_an_index_and_a_search_reads_each_entry_once() {
    let app = TestApp::start().await;
    fill(&app).await;
    let grace = app.admin("grace").await;
    let found = grace.call("admin/list_users", &json!({ "query": { "search": "PERSON 4711", "sort": "name" } })).await.ok().json();
    // 4711 itself, and 47110 to 47119.
    assert_eq!((&found["total"], &found["items"][0]["name"]), (&json!(11), &json!("Person 4711")));

    let db = app.services.database().reader();
    for sort in [Sort::CreatedAt, Sort::Name, Sort::Email] {
        let middle = middle(db, sort).await;
        for order in [Order::Asc, Order::Desc] {
            for from in [None, Some(Direction::Forward), Some(Direction::Backward)] {
                let from = from.map(|direction| (direction, middle.clone()));
                let page = examine(db, "", (sort, order.clone()), from).await;
                assert_eq!((page.items.len() as u64, page.total), (LIMIT, USERS + 1));
            }
        }
        // What nobody is called has to be looked for everywhere.
        for search in ["nobody at all", "p99999@"] {
            examine(db, search, (sort, Order::Desc), None).await;
        }
    }
}

/// Somewhere in the list.
async fn middle(db: &Reader, sort: Sort) -> Key {
    let user = user::find_by_email(db, "p50000@example.org").await.unwrap().expect("one of them");
    match sort {
        Sort::CreatedAt => Key::Time(user.created_at, user.id.0),
        Sort::Name => Key::Text(user.name_key, user.id.0),
        Sort::Email => Key::Text(user.email_key, user.id.0),
    }
}

/// Reads a page, and sees what the database does for it.
async fn examine(db: &Reader, search: &str, by: (Sort, Order), from: Option<(Direction, Key)>) -> Page<User> {
    let what = format!("“{search}” by {by:?} from {from:?}");
    let recorder = Recorder::of(db);
    let page = user::page(&recorder, Kind::Person, search, by, from, LIMIT).await.unwrap();
    super::examine(db, recorder, ("users", "kind", USERS + 1), search, &what).await;
    page
}
