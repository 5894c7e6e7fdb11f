//! What lists have in common: how many lines a page has, what is searched for, and where the next page begins.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use portreeve_contract::{ErrorKind, Problem};
use portreeve_database::page::{Direction, Key, Page};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

const DEFAULT_LIMIT: u64 = 25;
const MAX_LIMIT: u64 = 100;
/// Characters of a search; nothing that is searched is longer.
const MAX_SEARCH: usize = 254;

/// Lines on a page.
pub(crate) fn limit(asked: Option<u64>) -> u64 {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

/// What the engines can search for.
pub(crate) fn search(asked: &str) -> String {
    asked.nfc().filter(|c| *c != '\0').take(MAX_SEARCH).collect()
}

/// What a name is found and sorted by, whatever case and form it is written in: some systems name a file with an `a` and two dots behind it (UAX #15).
pub(crate) fn key_of(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase()
}

/// The way round that was asked for.
pub(crate) fn order(ascending: bool, reverse: bool) -> Order {
    if ascending == reverse { Order::Desc } else { Order::Asc }
}

/// A cursor that is not one of ours.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a cursor")]
pub struct MalformedCursor;

impl From<MalformedCursor> for Problem {
    fn from(_: MalformedCursor) -> Self {
        Self::new(ErrorKind::Malformed, "malformed_cursor", "This page of the list cannot be found. Start again from the first.")
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SortedBy {
    Time,
    Text,
    Number,
}

/// Where a page begins.
pub(crate) type Start = Option<(Direction, Key)>;

/// The last row's sort value and id, and which way to go from there; opaque to whoever carries it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    back: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    micros: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    id: Uuid,
}

/// Reads a cursor of a list that is sorted like this.
pub(crate) fn decode(cursor: Option<&str>, by: SortedBy) -> Result<Start, MalformedCursor> {
    let Some(text) = cursor else { return Ok(None) };
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedCursor)?;
    let cursor: Cursor = serde_json::from_slice(&json).map_err(|_| MalformedCursor)?;
    let direction = if cursor.back { Direction::Backward } else { Direction::Forward };
    let key = match (by, cursor.micros, cursor.text, cursor.number) {
        (SortedBy::Time, Some(micros), None, None) => Key::Time(DateTime::from_timestamp_micros(micros).ok_or(MalformedCursor)?, cursor.id),
        (SortedBy::Text, None, Some(text), None) if !text.contains('\0') => Key::Text(text, cursor.id),
        (SortedBy::Number, None, None, Some(number)) => Key::Number(number, cursor.id),
        _ => return Err(MalformedCursor),
    };
    Ok(Some((direction, key)))
}

pub(crate) fn encode(direction: Direction, key: Key) -> String {
    let back = direction == Direction::Backward;
    let bare = |id| Cursor { back, micros: None, text: None, number: None, id };
    let cursor = match key {
        Key::Time(time, id) => Cursor { micros: Some(time.timestamp_micros()), ..bare(id) },
        Key::Text(text, id) => Cursor { text: Some(text), ..bare(id) },
        Key::Number(number, id) => Cursor { number: Some(number), ..bare(id) },
    };
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The cursors of the pages after and before this one.
pub(crate) fn around<T>(page: &Page<T>, from: &Start, key: impl Fn(&T) -> Key) -> (Option<String>, Option<String>) {
    let backward = matches!(from, Some((Direction::Backward, _)));
    let at = |row: Option<&T>, direction| row.map(|row| encode(direction, key(row)));
    // What lies beyond in the asked direction was looked at; in the other there is what we came from.
    let next = if page.more || backward { at(page.items.last(), Direction::Forward) } else { None };
    let previous =
        if (backward && page.more) || (!backward && from.is_some()) { at(page.items.first(), Direction::Backward) } else { None };
    (next, previous)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_key() -> impl Strategy<Value = (SortedBy, Key)> {
        let id = || any::<u128>().prop_map(Uuid::from_u128);
        let time = (0..4_000_000_000_000_000_i64).prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap());
        prop_oneof![
            (time, id()).prop_map(|(time, id)| (SortedBy::Time, Key::Time(time, id))),
            ("[^\\x00]{0,100}", id()).prop_map(|(text, id)| (SortedBy::Text, Key::Text(text, id))),
            (any::<i64>(), id()).prop_map(|(number, id)| (SortedBy::Number, Key::Number(number, id))),
        ]
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went((by, key) in a_key(), back in any::<bool>()) {
            let direction = if back { Direction::Backward } else { Direction::Forward };
            let decoded = decode(Some(&encode(direction, key.clone())), by);
            prop_assert_eq!(decoded.unwrap(), Some((direction, key)));
        }

        #[test]
        fn anything_else_is_told_apart(text in "\\PC{0,60}|[A-Za-z0-9_-]{0,120}") {
            prop_assert!(decode(Some(&text), SortedBy::Text).is_err());
        }
    }
}
