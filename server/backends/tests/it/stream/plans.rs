//! How the queries that run all the time find their rows: by an index, however many events there are.

use portreeve_database::{Database, Reader, delivery, event};
use portreeve_testkit::TestDatabase;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};

use crate::support::now;

/// What a consumer has to do that reads a million events again, and another one that is at work.
const MILLION: &str = "INSERT INTO events (id, type, subject, data, time, position) \
                       SELECT gen_random_uuid(), 'file.accepted', i::text, '{}', now(), i FROM generate_series(1, 1000000) AS i; \
                       SELECT setval('events_position_seq', 1000000); \
                       INSERT INTO events (id, type, subject, data, time) \
                       SELECT gen_random_uuid(), 'file.accepted', i::text, '{}', now() FROM generate_series(1, 300) AS i; \
                       INSERT INTO deliveries (consumer, position, key, failures, due_at, errors) \
                       SELECT 'again', i, i::text, 0, now() - interval '1 minute', '[]' FROM generate_series(1, 1000000) AS i; \
                       INSERT INTO deliveries (consumer, position, key, failures, due_at, errors) \
                       SELECT 'store-files', i, i::text, 1, now() + interval '1 minute', '[]' FROM generate_series(1, 16) AS i";

/// Every query of a consumer's rounds.
fn queries(db: &Reader) -> [(&'static str, Statement); 7] {
    let backend = db.get_database_backend();
    [
        ("after", event::select_after(db, 990_000, 256).build(backend)),
        ("types after", event::select_types_after(db, 990_000, 256).build(backend)),
        ("last", event::select_last(db).build(backend)),
        ("due", delivery::select_due("again", now()).build(backend)),
        ("claimable", delivery::select_claimable("again", now(), 16).build(backend)),
        ("going first", delivery::select_going_first("again", ("7", 7), now()).build(backend)),
        // Looks at all that wait, and is asked when none is due: few, then.
        ("next due", delivery::select_next_due("store-files").build(backend)),
    ]
}

#[tokio::test]
async fn on_sqlite_no_query_of_the_stream_walks_a_table() {
    let test = TestDatabase::fresh().await;
    let db = test.database.reader();
    for (what, query) in queries(db) {
        let plan = explain(db, "EXPLAIN QUERY PLAN", "detail", query).await;
        let is_searched = plan.lines().all(|line| line.starts_with("SEARCH ") || line.starts_with("CORRELATED SCALAR SUBQUERY"));
        assert!(is_searched, "{what}: {plan}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn on_postgres_a_million_events_are_as_quick_as_a_few() {
    let test = TestDatabase::postgres().await.expect("the PostgreSQL of this run");
    let (database, db) = (&test.database, test.database.reader());
    run(database, MILLION).await;
    // Each by itself: it takes no transaction around it.
    db.execute_unprepared("VACUUM (ANALYZE) events").await.unwrap();
    db.execute_unprepared("VACUUM (ANALYZE) deliveries").await.unwrap();
    let reads = queries(db).map(|(what, query)| (what, query, 100));
    // Each of 256 rows is written anew, and so are its places in five indexes.
    let positions = ("giving positions", Statement::from_string(DbBackend::Postgres, event::give_positions_statement(256)), 25 * 256);
    for (what, query, most) in reads.into_iter().chain([positions]) {
        let plan = explain(db, "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF)", "QUERY PLAN", query).await;
        assert!(!plan.contains("Seq Scan on events") && !plan.contains("Seq Scan on deliveries"), "{what}: {plan}");
        let touched = pages(&plan);
        assert!((1..=most).contains(&touched), "{what} touches {touched} pages: {plan}");
    }
}

async fn run(database: &Database, sql: &'static str) {
    database.write(async move |transaction| transaction.execute_unprepared(sql).await).await.unwrap();
}

/// How many pages of 8 KiB, of which a table of a million has some ten thousand, the first line about them, which is of the whole query, counts.
fn pages(plan: &str) -> u64 {
    let line = plan.lines().find(|line| line.contains("Buffers: shared")).unwrap_or_default();
    let count = |name: &str| line.split_once(name).and_then(|(_, rest)| rest.split(' ').next()?.parse::<u64>().ok()).unwrap_or_default();
    count("hit=") + count("read=")
}

/// What the engine says it would do; `--nocapture` shows it.
#[expect(clippy::print_stdout, reason = "whoever tunes a query wants to see it")]
async fn explain(db: &Reader, explain: &str, column: &str, query: Statement) -> String {
    let Statement { sql, values, db_backend } = query;
    let rows = db.query_all_raw(Statement { sql: format!("{explain} {sql}"), values, db_backend }).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    println!("{sql}\n  {}\n", lines.join("\n  "));
    lines.join("\n")
}
