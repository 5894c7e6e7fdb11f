//! What is due by the clock.

use std::time::Duration;

use portreeve_services::Services;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Once a minute; expiry is checked wherever it matters, this only tidies up.
const EVERY: Duration = Duration::from_mins(1);
/// How long another node may not know that a refresh token's successor is in use; well within the grace time.
const SEEN_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(services: Services, stop: CancellationToken) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = services.housekeep().await {
            tracing::error!(%error, "tidying up; tried again in a minute");
        }
    }
}

pub(super) async fn tidy_up(services: Services, stop: CancellationToken) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = services.tidy_up().await {
            tracing::error!(%error, "reading the signing keys; tried again in a minute");
        }
    }
}

pub(super) async fn flush_seen(services: Services, stop: CancellationToken) {
    let mut tick = interval(SEEN_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let last = tokio::select! {
            _ = tick.tick() => false,
            () = stop.cancelled() => true,
        };
        if let Err(error) = services.sessions.flush_seen().await {
            tracing::error!(%error, "writing down who was seen");
        }
        if last {
            return;
        }
    }
}
