//! Traces (OpenTelemetry), as far as the database is concerned: each statement is a span of its own, and an event knows where it came from.

use std::collections::HashMap;

use opentelemetry::{
    Context, KeyValue, global,
    propagation::TextMapPropagator,
    time,
    trace::{Span as _, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use sea_orm::{DatabaseConnection, DbBackend, metric};

/// What spans have as their target, beside all that is logged. They are never written to the log.
pub const TARGET: &str = "otel";

/// Characters of a statement that are told.
const MOST: usize = 2000;
const PARENT: &str = "traceparent";

/// Where in which trace this runs (W3C Trace Context), for what will come of it. `None` where no traces are recorded.
pub fn traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Context::current(), &mut carrier);
    carrier.remove(PARENT)
}

/// The other way round.
pub fn context_of(traceparent: &str) -> Context {
    let carrier = HashMap::from([(PARENT.to_owned(), traceparent.to_owned())]);
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier)
}

/// Makes a span of each statement that runs within one that is recorded. Asked once: where nothing records spans, nothing is done for a statement.
pub(crate) fn statements_of(connection: &mut DatabaseConnection) {
    if tracing::enabled!(target: TARGET, tracing::Level::TRACE) {
        let system = match connection.get_database_backend() {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        connection.set_metric_callback(move |done| note(system, done));
    }
}

/// Called when a statement has ended, in the task that ran it.
fn note(system: &'static str, done: &metric::Info<'_>) {
    let parent = Context::current();
    if !parent.span().span_context().is_sampled() {
        return;
    }
    // Values are apart, in `statement.values`, and stay there.
    let sql = done.statement.sql.as_str();
    let summary = summary(sql);
    let end = time::now();
    let tracer = global::tracer("portreeve");
    let mut attributes = vec![
        KeyValue::new("db.system.name", system),
        KeyValue::new("db.query.text", cut(sql).to_owned()),
        KeyValue::new("db.query.summary", summary.clone()),
    ];
    if let Some(operation) = sql.split_whitespace().next() {
        attributes.push(KeyValue::new("db.operation.name", operation.to_owned()));
    }
    let start = end.checked_sub(done.elapsed).unwrap_or(end);
    let builder = tracer.span_builder(summary).with_kind(SpanKind::Client).with_start_time(start).with_attributes(attributes);
    let mut span = builder.start_with_context(&tracer, &parent);
    if done.failed {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(end);
}

/// What is done to which table: `SELECT users`.
fn summary(sql: &str) -> String {
    let mut words = sql.split_whitespace();
    let mut summary = words.next().unwrap_or_default().to_owned();
    let into = |word: &&str| ["FROM", "INTO", "UPDATE"].iter().any(|before| word.eq_ignore_ascii_case(before));
    let table = if into(&summary.as_str()) { words.next() } else { words.by_ref().find(into).and_then(|_| words.next()) };
    let name =
        table.map(|table| table.trim_matches('"')).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    if let Some(name) = name {
        summary = format!("{summary} {name}");
    }
    summary
}

fn cut(sql: &str) -> &str {
    sql.char_indices().nth(MOST).map_or(sql, |(at, _)| &sql[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_summed_up_by_what_it_does_to_which_table() {
        for (sql, said) in [
            (r#"SELECT "users"."id" FROM "users" WHERE "users"."id" = ?"#, "SELECT users"),
            (r#"INSERT INTO "events" ("id") VALUES (?)"#, "INSERT events"),
            (r#"UPDATE "files" SET "name" = $1"#, "UPDATE files"),
            (r#"DELETE FROM "links""#, "DELETE links"),
            ("SELECT 1", "SELECT"),
            ("SELECT x FROM (SELECT 1)", "SELECT"),
            ("", ""),
        ] {
            assert_eq!(summary(sql), said, "{sql}");
        }
        assert_eq!(cut(&"ü".repeat(MOST + 1)), "ü".repeat(MOST));
    }

    #[test]
    fn where_nothing_is_recorded_there_is_no_parent_to_tell() {
        assert_eq!(traceparent(), None);
        let came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let _within = context_of(came).attach();
        assert_eq!(traceparent().as_deref(), Some(came));
        let _without = context_of("rubbish").attach();
        assert_eq!(traceparent(), None);
    }
}
