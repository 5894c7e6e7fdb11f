//! When keys were used, so that each use need not be written down.

use chrono::{DateTime, TimeDelta, Utc};
use portreeve_contract::ApiKeyId;

/// How exactly is known when a key was last used.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Keys whose last use is known here; of others the row tells it.
const KNOWN: u64 = 10_000;

/// The last uses that this process wrote down.
#[derive(Debug)]
pub(crate) struct Uses(moka::sync::Cache<ApiKeyId, DateTime<Utc>>);

impl Default for Uses {
    fn default() -> Self {
        Self(moka::sync::Cache::new(KNOWN))
    }
}

impl Uses {
    /// Whether a use is to be written down, and counts as written from now on. `written` is what the row said when it was read.
    pub(super) fn is_news(&self, id: ApiKeyId, written: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let is_news = self.0.get(&id).max(written).is_none_or(|at| now - at >= SEEN_EVERY);
        if is_news {
            self.0.insert(id, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{ApiKeyId, DateTime, TimeDelta, Uses};

    #[test]
    fn a_key_in_constant_use_is_written_down_once_a_minute_however_old_its_row_is_that_was_read() {
        let (uses, id) = (Uses::default(), ApiKeyId(Uuid::from_u128(1)));
        let begin = DateTime::UNIX_EPOCH;
        let written = (0..180).filter(|second| uses.is_news(id, None, begin + TimeDelta::seconds(*second)));
        assert_eq!(written.collect::<Vec<_>>(), [0, 60, 120]);
        let lately = Some(begin + TimeDelta::seconds(170));
        assert!(!uses.is_news(id, lately, begin + TimeDelta::seconds(200)), "another node wrote it down");
    }
}
