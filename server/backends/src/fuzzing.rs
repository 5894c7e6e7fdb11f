//! What `fuzz/` calls: parsers that are nobody else's business. Compiled by cargo-fuzz alone.

use async_nats::HeaderMap;
use portreeve_database::event::Recorded;

use crate::{
    objects::key,
    staging::{Staged, name},
    stream::nats::message,
};

/// The event of a message, if it is one of ours.
pub fn event(headers: Option<&HeaderMap>, payload: &[u8]) -> Option<Recorded> {
    message::decode(headers, payload)
}

/// The message of an event: its headers and payload.
pub fn message(recorded: &Recorded) -> (Option<HeaderMap>, Vec<u8>) {
    let message = message::encode(recorded, 0).outbound_message("portreeve.1");
    (message.headers, message.payload.to_vec())
}

/// What the name of a segment tells.
pub fn staged(name: &str) -> Option<Staged> {
    name::parse(name).ok()
}

/// An object's key as a path.
pub fn object_path(key: &str) -> Option<String> {
    key::path(key).ok().map(|path| path.to_string())
}
