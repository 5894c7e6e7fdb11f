//! Callers are remembered, and what is remembered is true: at once where a change is made, within a second everywhere else, or nothing is.

mod acts;
mod deaf;
mod elsewhere;
mod expiry;
mod here;
mod operator;

use std::time::{Duration, Instant};

use chrono::DateTime;
use portreeve_contract::EventId;
use portreeve_database::{Counts, event::Event};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, TestApp};

/// What is promised to every process but the one that makes a change.
const A_SECOND: Duration = Duration::from_secs(1);
/// To that one.
const AT_ONCE: Duration = Duration::ZERO;
/// A machine may be slow, and its tests many.
const PATIENCE: Duration = Duration::from_secs(40);

fn counts(app: &TestApp) -> Counts {
    app.services.standings().counts()
}

/// Asks until an answer comes from memory alone, and gives that.
async fn remembered(app: &TestApp, ask: impl AsyncFn() -> Answer) -> Answer {
    let begun = Instant::now();
    loop {
        let before = counts(app);
        let answer = ask().await;
        if counts(app) == (Counts { hits: before.hits + 1, ..before }) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "it is never remembered: {}", answer.text);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whoever asks later than `within` after this was called sees what happened before. How long an answer takes does not matter, only when it was asked for.
async fn seen(what: &str, within: Duration, is_seen: impl AsyncFn() -> bool) {
    let happened = Instant::now();
    loop {
        let asked = happened.elapsed();
        if is_seen().await {
            return;
        }
        assert!(asked < within, "{what}: whoever asked {asked:?} later was told what was so before");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What a change appends, whoever writes it.
pub(crate) fn an_event(r#type: &str, subject: &str) -> Event {
    Event {
        sequence: 0,
        id: EventId(Uuid::from_u128(1)),
        r#type: r#type.to_owned(),
        subject: subject.to_owned(),
        data: json!({}),
        time: DateTime::UNIX_EPOCH,
        traceparent: None,
    }
}
