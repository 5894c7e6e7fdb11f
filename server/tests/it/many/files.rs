//! A person's list of files, and their trash.

use portreeve_contract::UserId;
use portreeve_database::{
    Reader,
    file::{self, File, Sort},
    page::{Direction, Key, Page},
};
use sea_orm::Order;

use super::{LIMIT, MANY, Recorder, add, is_postgres};
use crate::support::TestApp;

/// Names and sizes in an order that is neither the other's nor that in which the files came.
async fn fill(app: &TestApp, owner: UserId, trashed: bool) {
    let columns = "id, owner_id, name, name_key, size, media_type, extension, status, version, created_at, trashed_at, erase_at";
    let sql = if is_postgres(app) {
        let trash = if trashed { "now(), now() + interval '30 days'" } else { "NULL, NULL" };
        format!(
            "INSERT INTO files ({columns}) SELECT gen_random_uuid(), '{owner}', 'Chart ' || n, 'chart ' || n, e, 'text/plain', 'txt', 'stored', 1, \
             to_timestamp(1700000000 + i), {trash} \
             FROM (SELECT i, i * 7919 % 100003 AS n, i * 104729 % 100019 AS e FROM generate_series(1::bigint, {MANY}) AS i) AS mixed"
        )
    } else {
        let trash = if trashed { "'2026-01-01T00:00:00+00:00', '2026-02-01T00:00:00+00:00'" } else { "NULL, NULL" };
        format!(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {MANY}), \
             mixed AS (SELECT i, i * 7919 % 100003 AS n, i * 104729 % 100019 AS e FROM numbers) \
             INSERT INTO files ({columns}) SELECT randomblob(16), x'{}', 'Chart ' || n, 'chart ' || n, e, 'text/plain', 'txt', 'stored', 1, \
             strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch'), {trash} FROM mixed",
            owner.0.simple()
        )
    };
    add(app, "files", sql).await;
}

#[tokio::test]
async fn a_page_is_read_from_an_index_in_the_trash_too() {
    let app = TestApp::start().await;
    let ada: UserId = app.person("ada").await.id().await.parse().unwrap();
    let db = app.services.database().reader();
    for trashed in [false, true] {
        fill(&app, ada, trashed).await;
    }
    for trashed in [false, true] {
        for sort in [Sort::CreatedAt, Sort::Name, Sort::Size] {
            let first = examine(db, ada, ("", trashed), (sort, Order::Asc), None).await;
            let last = first.items.last().expect("a page");
            let key = match sort {
                Sort::CreatedAt => Key::Time(last.created_at, last.id.0),
                Sort::Name => Key::Text(last.name_key.clone(), last.id.0),
                Sort::Size => Key::Number(last.size, last.id.0),
            };
            for (order, direction) in
                [(Order::Asc, Direction::Forward), (Order::Asc, Direction::Backward), (Order::Desc, Direction::Forward)]
            {
                let page = examine(db, ada, ("", trashed), (sort, order), Some((direction, key.clone()))).await;
                assert_eq!(page.total, MANY);
            }
            let found = examine(db, ada, ("chart 4711", trashed), (sort, Order::Desc), None).await;
            assert_eq!(found.total, 11);
        }
    }
}

/// Reads a page, and sees what the database does for it.
async fn examine(db: &Reader, owner: UserId, which: (&str, bool), by: (Sort, Order), from: Option<(Direction, Key)>) -> Page<File> {
    let what = format!("{which:?} by {by:?} from {from:?}");
    let recorder = Recorder::of(db);
    let page = file::page(&recorder, owner, which, by, from, LIMIT).await.unwrap();
    super::examine(db, recorder, ("files", "owner_id", 2 * MANY), which.0, &what).await;
    page
}
