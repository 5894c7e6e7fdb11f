//! The administrator's list over a hundred thousand accounts: not how long it takes here and now, but what the database has to read for it.

use std::sync::Mutex;

use portreeve_database::{
    Reader,
    page::{Direction, Key, Page},
    user::{self, Kind, Sort, User},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, Order, QueryResult, Statement, prelude::async_trait::async_trait};
use serde_json::{Value, json};

use crate::support::TestApp;

const USERS: u64 = 100_000;
const LIMIT: u64 = 25;

/// Remembers what it was asked.
struct Recorder<'a> {
    inner: &'a Reader,
    asked: Mutex<Vec<Statement>>,
}

#[async_trait]
impl ConnectionTrait for Recorder<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        unimplemented!("a list writes nothing")
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        unimplemented!("a list writes nothing")
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.asked.lock().unwrap().push(statement.clone());
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.asked.lock().unwrap().push(statement.clone());
        self.inner.query_all_raw(statement).await
    }
}

/// Names and addresses in an order that is neither the other's nor that in which the accounts were made.
async fn fill(app: &TestApp) {
    let columns = "id, name, name_key, email, email_key, email_verified_at, password_hash, role, created_at";
    let postgres = app.services.database().reader().get_database_backend() == DbBackend::Postgres;
    let sql = if postgres {
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
    let written: Result<_, DbErr> =
        app.services.database().write(async move |transaction| transaction.execute_unprepared(&sql).await).await;
    assert_eq!(written.expect("accounts").rows_affected(), USERS);
    if postgres {
        // As the server does by itself, a while later.
        app.services.database().reader().execute_unprepared("VACUUM ANALYZE users").await.unwrap();
    }
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
    let recorder = Recorder { inner: db, asked: Mutex::default() };
    let page = user::page(&recorder, Kind::Person, search, by, from, LIMIT).await.unwrap();
    for statement in recorder.asked.into_inner().unwrap() {
        examine_statement(db, statement, search, &what).await;
    }
    page
}

async fn examine_statement(db: &Reader, statement: Statement, search: &str, what: &str) {
    let is_page = statement.sql.contains("ORDER BY");
    let is_count = statement.sql.contains("COUNT(");
    let most = match (is_page, is_count) {
        (true, _) if search.is_empty() => LIMIT + 1,
        (true, _) | (_, true) => USERS + 1,
        // PostgreSQL may look the ids up first and the rows then.
        _ => 2 * LIMIT,
    };
    let what = format!("{what}: {}", statement.sql);
    if db.get_database_backend() == DbBackend::Postgres {
        let explained = explain(db, "EXPLAIN (ANALYZE, FORMAT JSON)", statement).await;
        let plan: Value = explained[0].try_get_by_index(0).unwrap();
        let mut nodes = Vec::new();
        collect(&plan[0]["Plan"], &mut nodes);
        assert!(nodes.iter().all(|(kind, _)| !kind.ends_with("Sort")), "{what}: {plan:#}");
        assert!(is_count || nodes.iter().all(|(kind, _)| kind != "Seq Scan"), "{what}: {plan:#}");
        let read: f64 = nodes.iter().filter(|(kind, _)| kind.contains("Scan")).map(|(_, read)| read).sum();
        #[expect(clippy::cast_precision_loss, reason = "well below 2^52")]
        let most = most as f64;
        assert!(read <= most, "{what}: {read} read: {plan:#}");
    } else {
        let plan = explain(db, "EXPLAIN QUERY PLAN", statement).await;
        let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").unwrap()).collect();
        let [step] = steps.as_slice() else { panic!("{what}: {steps:?}") };
        // A list of ids is looked up one by one; the others read one index, in its order, and nothing of the table.
        let fits = if is_page {
            step.starts_with("SEARCH users USING COVERING INDEX") && step.contains("(kind=?")
        } else if is_count {
            step.starts_with("SEARCH users USING COVERING INDEX") && step.ends_with("(kind=?)")
        } else {
            step.starts_with("SEARCH users USING INDEX") && step.ends_with("(id=?)")
        };
        assert!(fits, "{what}: {step}");
    }
}

async fn explain(db: &Reader, how: &str, statement: Statement) -> Vec<QueryResult> {
    db.query_all_raw(Statement { sql: format!("{how} {}", statement.sql), ..statement }).await.unwrap()
}

/// Every node of a plan, and how many rows it looked at.
fn collect(node: &Value, into: &mut Vec<(String, f64)>) {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let looked_at = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
    into.push((node["Node Type"].as_str().unwrap_or_default().to_owned(), looked_at));
    for inner in node["Plans"].as_array().into_iter().flatten() {
        collect(inner, into);
    }
}
