//! Lists over a hundred thousand: not how long they take here and now, but what the database has to read for them.

mod files;
mod users;

use std::sync::Mutex;

use portreeve_database::Reader;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, prelude::async_trait::async_trait};
use serde_json::Value;

use crate::support::TestApp;

const MANY: u64 = 100_000;
const LIMIT: u64 = 25;

/// Remembers what it was asked.
struct Recorder<'a> {
    inner: &'a Reader,
    asked: Mutex<Vec<Statement>>,
}

impl<'a> Recorder<'a> {
    fn of(inner: &'a Reader) -> Self {
        Self { inner, asked: Mutex::default() }
    }
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

fn is_postgres(app: &TestApp) -> bool {
    app.services.database().reader().get_database_backend() == DbBackend::Postgres
}

/// Adds a hundred thousand rows with one statement.
async fn add(app: &TestApp, table: &str, sql: String) {
    let written: Result<_, DbErr> =
        app.services.database().write(async move |transaction| transaction.execute_unprepared(&sql).await).await;
    assert_eq!(written.expect("rows").rows_affected(), MANY);
    if is_postgres(app) {
        // As the server does by itself, a while later.
        app.services.database().reader().execute_unprepared(&format!("VACUUM ANALYZE {table}")).await.unwrap();
    }
}

/// Sees what the database does for a page of those rows of `table` that have one value in `column`; `rows` are in it.
async fn examine(db: &Reader, recorder: Recorder<'_>, (table, column, rows): (&str, &str, u64), search: &str, what: &str) {
    for statement in recorder.asked.into_inner().unwrap() {
        let what = format!("{what}: {}", statement.sql);
        let is_page = statement.sql.contains("ORDER BY");
        let is_count = statement.sql.contains("COUNT(");
        if db.get_database_backend() == DbBackend::Postgres {
            let most = match (is_page, is_count) {
                (true, _) if search.is_empty() => LIMIT + 1,
                // Of parallel workers it tells averages, rounded.
                (true, _) | (_, true) => rows + LIMIT,
                // PostgreSQL may look the ids up first and the rows then.
                _ => 2 * LIMIT,
            };
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
                step.starts_with(&format!("SEARCH {table} USING COVERING INDEX")) && step.contains(&format!("({column}=?"))
            } else if is_count {
                step.starts_with(&format!("SEARCH {table} USING COVERING INDEX")) && step.ends_with(&format!("({column}=?)"))
            } else {
                step.starts_with(&format!("SEARCH {table} USING INDEX")) && step.ends_with("(id=?)")
            };
            assert!(fits, "{what}: {step}");
        }
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
