//! Events as others read them.

use portreeve_database::event::Event;
use serde_json::{Value, json};

/// The event in CloudEvents' JSON format (CloudEvents 1.0, JSON Event Format §3), with the extensions `partitionkey` and, where
/// traces are recorded, `traceparent`.
pub fn to_cloud_event(event: &Event) -> Value {
    let mut attributes = json!({
        "specversion": "1.0",
        "id": event.id,
        "source": "/portreeve",
        "type": event.r#type,
        "subject": event.subject,
        "time": event.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "datacontenttype": "application/json",
        "partitionkey": event.subject,
        "data": event.data,
    });
    if let Some(traceparent) = &event.traceparent {
        attributes["traceparent"] = json!(traceparent);
    }
    attributes
}
