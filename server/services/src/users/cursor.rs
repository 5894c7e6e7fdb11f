//! Where a page of the list begins, opaque to whoever carries it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use portreeve_contract::UserId;
use portreeve_database::user::{Direction, Key, Sort};
use serde::{Deserialize, Serialize};

use super::Error;

/// The last row's sort value and id, and which way to go from there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursor {
    back: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    micros: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    id: UserId,
}

impl Cursor {
    pub(super) fn encode(direction: Direction, key: &Key) -> String {
        let back = direction == Direction::Backward;
        let cursor = match key {
            Key::Time(time, id) => Self { back, micros: Some(time.timestamp_micros()), text: None, id: *id },
            Key::Text(text, id) => Self { back, micros: None, text: Some(text.clone()), id: *id },
        };
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }

    /// # Errors
    /// [`Error::Cursor`] for anything else than a cursor of a list sorted like this.
    pub(super) fn decode(text: &str, sort: Sort) -> Result<(Direction, Key), Error> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Cursor)?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| Error::Cursor)?;
        let direction = if cursor.back { Direction::Backward } else { Direction::Forward };
        let key = match (sort, cursor.micros, cursor.text) {
            (Sort::CreatedAt, Some(micros), None) => Key::Time(DateTime::from_timestamp_micros(micros).ok_or(Error::Cursor)?, cursor.id),
            (Sort::Name | Sort::Email, None, Some(text)) if !text.contains('\0') => Key::Text(text, cursor.id),
            _ => return Err(Error::Cursor),
        };
        Ok((direction, key))
    }
}

#[cfg(test)]
mod tests {
    use portreeve_database::user::{Direction, Key, Sort};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn a_key() -> impl Strategy<Value = (Sort, Key)> {
        let id = any::<u128>().prop_map(|id| UserId(Uuid::from_u128(id)));
        let time = (0..4_000_000_000_000_000_i64).prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap());
        let sort = prop_oneof![Just(Sort::Name), Just(Sort::Email)];
        prop_oneof![
            (time, id.clone()).prop_map(|(time, id)| (Sort::CreatedAt, Key::Time(time, id))),
            (sort, "[^\\x00]{0,100}", id).prop_map(|(sort, text, id)| (sort, Key::Text(text, id))),
        ]
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went((sort, key) in a_key(), back in any::<bool>()) {
            let direction = if back { Direction::Backward } else { Direction::Forward };
            let decoded = Cursor::decode(&Cursor::encode(direction, &key), sort);
            prop_assert_eq!(decoded.unwrap(), (direction, key));
        }

        #[test]
        fn anything_else_is_told_apart(text in "\\PC{0,60}|[A-Za-z0-9_-]{0,120}") {
            prop_assert!(Cursor::decode(&text, Sort::Name).is_err());
        }
    }
}
