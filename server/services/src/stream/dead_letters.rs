//! What consumers gave up on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_contract::{
    DeadLetterId,
    stream::{DeadLetterDetail, DeadLetterPage, DeadLetterQuery, DeadLetterSummary, Redriven, TryError},
};
use portreeve_database::dead_letter::DeadLetter;
use serde::Deserialize;
use serde_json::Value;

use super::Error;
use crate::{
    Caller, Fault,
    core::Core,
    idempotency::{self, Effect, Keyed},
    list,
};

pub(super) async fn list(core: &Core, query: DeadLetterQuery) -> Result<DeadLetterPage, Error> {
    let limit = list::limit(query.limit);
    // One more than is shown tells whether there is a next page.
    let mut letters = core.stream.dead_letters(query.consumer.as_deref(), query.before.map(|id| id.0), limit + 1).await?;
    let more = letters.len() as u64 > limit;
    if more {
        letters.pop();
    }
    let next = letters.last().filter(|_| more).map(|last| DeadLetterId(last.id));
    let items: Result<_, Error> = letters.into_iter().map(|letter| summary(&letter)).collect();
    Ok(DeadLetterPage { items: items?, next })
}

pub(super) async fn detail(core: &Core, id: DeadLetterId) -> Result<DeadLetterDetail, Error> {
    let letter = core.stream.dead_letter(id.0).await?;
    let errors = failures(&letter)?.into_iter().map(|it| TryError { time: it.time, error: it.error }).collect();
    Ok(DeadLetterDetail { letter: summary(&letter)?, errors, event: format!("{:#}", letter.event) })
}

pub(super) async fn redrive(core: &Arc<Core>, caller: &Caller, id: DeadLetterId, idempotency_key: Option<String>) -> Result<Effect, Error> {
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"redrive", id.0.as_bytes()]);
    let (shared, by) = (core.clone(), caller.user);
    let redriven = idempotency::once(core, keyed, async move {
        let letter = shared.stream.redrive(id.0).await?;
        tracing::info!(%by, %id, consumer = letter.consumer, "a dead letter is sent again");
        Ok::<_, Error>(Value::Null)
    });
    Ok(redriven.await?.1)
}

pub(super) async fn redrive_all(core: &Core, caller: &Caller, consumer: Option<String>) -> Result<Redriven, Error> {
    let count = core.stream.redrive_all(consumer.as_deref()).await?;
    tracing::info!(by = %caller.user, count, consumer = consumer.as_deref().unwrap_or("all"), "dead letters are sent again");
    Ok(Redriven { count })
}

pub(super) async fn drop_one(core: &Core, caller: &Caller, id: DeadLetterId) -> Result<(), Error> {
    core.stream.drop_dead_letter(id.0).await?;
    tracing::info!(by = %caller.user, %id, "a dead letter is thrown away");
    Ok(())
}

/// A failure as it is stored.
#[derive(Deserialize)]
struct Failure {
    time: DateTime<Utc>,
    error: String,
}

fn failures(letter: &DeadLetter) -> Result<Vec<Failure>, Fault> {
    Ok(Vec::deserialize(&letter.errors)?)
}

fn summary(letter: &DeadLetter) -> Result<DeadLetterSummary, Error> {
    Ok(DeadLetterSummary {
        id: DeadLetterId(letter.id),
        consumer: letter.consumer.clone(),
        position: letter.position,
        event_type: letter.event["type"].as_str().unwrap_or_default().to_owned(),
        key: letter.key.clone(),
        tries: u32::try_from(letter.failures).unwrap_or_default(),
        last_error: failures(letter)?.pop().map(|it| it.error).unwrap_or_default(),
        created_at: letter.created_at,
    })
}
