//! The stream of events as an administrator sees it.

use serde::{Deserialize, Serialize};

use crate::{DeadLetterId, date_time::DateTime};

/// What the stream holds, and who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamInfo {
    /// What carries the events.
    pub engine: Engine,
    /// The first event that is kept: its position, and when it happened. `None` if none is.
    pub first: Option<(i64, DateTime)>,
    /// The position of the last event, or 0.
    pub last: i64,
    /// Every consumer that was ever run, by name.
    pub consumers: Vec<ConsumerInfo>,
}

/// What carries the events to consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The database alone.
    Database,
    /// NATS JetStream.
    Nats,
}

/// A consumer, and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsumerInfo {
    /// `store-files`.
    pub name: String,
    /// The position of the last event that it was handed or passed over.
    pub position: i64,
    /// Events behind that position.
    pub lag: i64,
    /// Events in its hands or waiting for another try.
    pub pending: u64,
    /// Those of them that failed before.
    pub failing: u64,
    /// Events it gave up on.
    pub dead: u64,
    /// Events it has finished, ever.
    pub handled: i64,
    /// And in the last 60 seconds.
    pub handled_per_minute: i64,
}

/// Let a consumer read again. Field errors: `/from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "consumer": "store-files", "from": "2026-01-01" })))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Which.
    pub consumer: String,
    /// From where on: `beginning`, a position, a time (RFC 3339) or a day (UTC).
    pub from: String,
}

/// Which dead letters: the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct DeadLetterQuery {
    /// Only those of this consumer.
    pub consumer: Option<String>,
    /// Only those before this one: the `next` of another page.
    pub before: Option<DeadLetterId>,
    /// Items a page: 1 to 100, 25 if absent.
    pub limit: Option<u64>,
}

/// One line of the list of dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetterSummary {
    /// By which it is redriven or dropped.
    pub id: DeadLetterId,
    /// Who gave up.
    pub consumer: String,
    /// Where in the stream the event is.
    pub position: i64,
    /// The event's type: `file.accepted`.
    pub event_type: String,
    /// What the event tells of.
    pub key: String,
    /// How often it was tried.
    pub tries: u32,
    /// What was said last.
    pub last_error: String,
    /// When it was given up.
    pub created_at: DateTime,
}

/// A page of dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetterPage {
    /// At most `limit`.
    pub items: Vec<DeadLetterSummary>,
    /// For the page after this one.
    pub next: Option<DeadLetterId>,
}

/// A dead letter, with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetterDetail {
    /// Its line in the list.
    pub letter: DeadLetterSummary,
    /// Each try's failure, the first one first.
    pub errors: Vec<TryError>,
    /// The whole event (CloudEvents 1.0, JSON format), indented for people.
    pub event: String,
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryError {
    /// When.
    pub time: DateTime,
    /// What was said.
    pub error: String,
}

/// Which dead letters to send again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "consumer": "store-files" })))]
#[serde(deny_unknown_fields, default)]
pub struct RedriveAll {
    /// Only those of this consumer.
    pub consumer: Option<String>,
}

/// What was done about many dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Redriven {
    /// How many were sent to their consumers again.
    pub count: u64,
}
