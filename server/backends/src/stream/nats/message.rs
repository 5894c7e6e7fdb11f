//! An event as a message: CloudEvents' JSON format, with its place in the headers.

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID, jetstream::message::PublishMessage};
use chrono::{DateTime, Utc};
use portreeve_contract::EventId;
use portreeve_database::event::{Event, Recorded};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::stream::to_cloud_event;

/// The event's place in the stream.
const POSITION: &str = "Portreeve-Position";
/// The number of its row, which is another on PostgreSQL.
const SEQUENCE: &str = "Portreeve-Sequence";

/// The same in every release: messages of one key must never be in two partitions.
pub(super) fn partition(key: &str, partitions: u16) -> u16 {
    let digest = Sha256::digest(key.as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    u16::try_from(number % u64::from(partitions.max(1))).unwrap_or_default()
}

/// To be stored only right behind the message with the sequence number `after`.
pub(crate) fn encode(recorded: &Recorded, after: u64) -> PublishMessage {
    PublishMessage::build()
        .message_id(recorded.event.id.to_string())
        .expected_last_sequence(after)
        .header(POSITION, recorded.position.to_string())
        .header(SEQUENCE, recorded.event.sequence.to_string())
        .payload(to_cloud_event(&recorded.event).to_string().into())
}

pub(super) fn position(headers: &HeaderMap) -> Option<i64> {
    headers.get(POSITION)?.as_str().parse().ok()
}

/// The event's id.
pub(super) fn id(headers: &HeaderMap) -> Option<EventId> {
    Some(EventId(headers.get(NATS_MESSAGE_ID)?.as_str().parse().ok()?))
}

/// The event of a message, if it is one of ours.
pub(crate) fn decode(headers: Option<&HeaderMap>, payload: &[u8]) -> Option<Recorded> {
    let headers = headers?;
    let Value::Object(mut event) = serde_json::from_slice(payload).ok()? else { return None };
    let mut text = |name: &str| match event.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let event = Event {
        sequence: headers.get(SEQUENCE)?.as_str().parse().ok()?,
        id: EventId(text("id")?.parse().ok()?),
        r#type: text("type")?,
        subject: text("subject")?,
        time: DateTime::parse_from_rfc3339(&text("time")?).ok()?.with_timezone(&Utc),
        traceparent: text("traceparent"),
        data: event.remove("data")?,
    };
    Some(Recorded { position: position(headers)?, event })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_its_partition_over_releases() {
        assert_eq!(["", "a", "0198c0de-0000-7000-8000-000000000000"].map(|key| partition(key, 64)), [20, 10, 12]);
        assert_eq!(partition("a", 1), 0);
    }

    #[test]
    fn a_message_is_the_event_that_it_was_made_of() {
        let event = Event {
            sequence: 7,
            id: EventId(uuid::Uuid::from_u128(1)),
            r#type: "file.accepted".to_owned(),
            subject: "key".to_owned(),
            data: serde_json::json!({ "owner": null, "name": "\u{202e}\u{0}" }),
            time: DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap(),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        };
        let recorded = Recorded { position: 9, event };
        let message = encode(&recorded, 3).outbound_message("portreeve.1");
        assert_eq!(decode(message.headers.as_ref(), &message.payload), Some(recorded));
        assert_eq!(decode(None, &message.payload), None);
        assert_eq!(decode(message.headers.as_ref(), b"[]"), None);
    }
}
