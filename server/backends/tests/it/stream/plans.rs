//! How the queries that run all the time find their rows: by an index, however many events there are.

use portreeve_database::{Reader, delivery, event};
use portreeve_testkit::TestDatabase;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};

use crate::support::now;

#[tokio::test]
async fn no_query_of_the_stream_walks_a_table() {
    let test = TestDatabase::fresh().await;
    let (database, db) = (&test.database, test.database.reader());
    // PostgreSQL walks a small table because that is faster: this one is not small.
    if db.get_database_backend() == DbBackend::Postgres {
        let fill = "INSERT INTO events (id, type, subject, data, time, position) \
                    SELECT gen_random_uuid(), 'file.accepted', i::text, '{}', now(), i FROM generate_series(1, 20000) AS i; \
                    INSERT INTO deliveries (consumer, position, key, failures, due_at, errors) \
                    SELECT 'store-files', i, i::text, 0, now(), '[]' FROM generate_series(1, 20000) AS i";
        database.write(async move |transaction| transaction.execute_unprepared(fill).await).await.unwrap();
        db.execute_unprepared("ANALYZE").await.unwrap();
    }
    let after = plan(db, event::select_after(db, 19_000, 256)).await;
    let last = plan(db, event::select_last(db)).await;
    let claim = plan(db, delivery::select_claimable("store-files", now(), 16)).await;
    let first = plan(db, delivery::select_going_first("store-files", ("7", 7), now())).await;
    if db.get_database_backend() == DbBackend::Postgres {
        assert!(after.contains("Index Scan using events_position on events") && !after.contains("Seq Scan"), "{after}");
        assert!(last.contains("using events_position on events") && !last.contains("Seq Scan"), "{last}");
        assert!(claim.contains("Index Scan using deliveries_pkey on deliveries"), "{claim}");
        assert!(first.contains("Index Scan using deliveries_key on deliveries") && !first.contains("Seq Scan"), "{first}");
    } else {
        assert_eq!(after, "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)");
        assert_eq!(last, "SEARCH events");
        assert!(claim.starts_with("SEARCH deliveries USING INDEX sqlite_autoindex_deliveries_1 (consumer=?)"), "{claim}");
        assert!(claim.contains("SEARCH other USING INDEX") && !claim.contains("SCAN"), "{claim}");
        assert!(first.starts_with("SEARCH deliveries USING INDEX") && first.contains("key=?"), "{first}");
    }
}

/// What the engine says it would do; `--nocapture` shows it.
#[expect(clippy::print_stdout, reason = "whoever tunes a query wants to see it")]
async fn plan(db: &Reader, query: impl QueryTrait) -> String {
    let db_backend = db.get_database_backend();
    let Statement { sql, values, .. } = query.build(db_backend);
    let (explain, column) = match db_backend {
        DbBackend::Postgres => ("EXPLAIN (COSTS OFF)", "QUERY PLAN"),
        _ => ("EXPLAIN QUERY PLAN", "detail"),
    };
    let rows = db.query_all_raw(Statement { sql: format!("{explain} {sql}"), values, db_backend }).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    println!("{sql}\n  {}\n", lines.join("\n  "));
    lines.join("\n")
}
