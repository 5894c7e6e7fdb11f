//! How long events are kept: as it is configured.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use portreeve_contract::EventId;
use portreeve_database::{
    DbErr,
    event::{self, Event},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;

/// Events that no consumer wants.
async fn append(app: &TestApp, numbers: Range<u128>) {
    let time = app.now();
    let appended = app.services.database().write(async move |transaction| {
        for number in numbers {
            let event = Event {
                sequence: 0,
                id: EventId(Uuid::from_u128(number)),
                r#type: "tide.turned".to_owned(),
                subject: "harbour".to_owned(),
                data: json!({}),
                time,
                traceparent: None,
            };
            event::append(&transaction, event).await?;
        }
        Ok::<_, DbErr>(())
    });
    appended.await.unwrap();
}

/// Keeps house until only so many of all are left: a consumer's place follows within seconds past what it does not want.
async fn are_left(app: &TestApp, count: i64, all: i64) {
    let (stream, begun) = (app.services.stream(), Instant::now());
    loop {
        stream.give_positions().await.unwrap();
        app.services.housekeep().await.unwrap();
        let last = stream.last_position().await.unwrap();
        let left = stream.first().await.unwrap().map_or(0, |first| last - first.position + 1);
        // The server gives positions as well, and is perhaps about to commit them.
        let begins = last < all;
        assert!(begins || left >= count, "{left} are left, too few");
        if !begins && left == count {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{left} are left, not {count}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn of_more_events_than_are_configured_the_oldest_are_forgotten() {
    let app = TestApp::start_with(&[("PORTREEVE__EVENTS__MAX_COUNT", "1000")]).await;
    append(&app, 0..1100).await;
    are_left(&app, 1000, 1100).await;
}

#[tokio::test]
async fn what_is_older_than_is_configured_is_forgotten() {
    let app = TestApp::start_with(&[("PORTREEVE__EVENTS__MAX_AGE", "2h")]).await;
    append(&app, 0..20).await;
    app.advance(TimeDelta::minutes(90));
    append(&app, 20..23).await;
    app.advance(TimeDelta::minutes(31));
    are_left(&app, 3, 23).await;
}
