//! What waits in the table beside what JetStream hands out.
//!
//! A replayed event, or one that is sent again, is a row in `deliveries`, which JetStream knows nothing of; and a message in somebody's hands is in no
//! row. A runner of the rows first marks the row as held and then asks here; whoever takes a message asks for such rows afterwards. So
//! at least one of the two sees the other, and makes way.

use std::collections::{BTreeMap, HashSet};

use async_nats::jetstream::{
    context::ConsumerInfoErrorKind,
    stream::{RawMessageErrorKind, Stream as JetStream},
};
use portreeve_database::event::Recorded;
use tokio::time::timeout;

use super::{Error, Nats, durable, message};
use crate::stream::consumer::Consumer;

impl Nats {
    /// Those of a consumer's rows, by key and position, that must wait: a message of their key is in hands, or JetStream has not come to
    /// their own yet, and so perhaps not to one before them. Up to `done` all was handed out, as far as is known.
    ///
    /// # Errors
    /// Also that it takes too long for somebody who has to keep a hold meanwhile on what he is at.
    pub(in crate::stream) async fn must_wait(&self, consumer: &Consumer, done: i64, rows: &[(String, i64)]) -> Result<HashSet<i64>, Error> {
        timeout(consumer.lease / 3, self.waiting(consumer.name, done, rows)).await.map_err(Error::server)?
    }

    async fn waiting(&self, consumer: &str, done: i64, rows: &[(String, i64)]) -> Result<HashSet<i64>, Error> {
        let mut partitions = BTreeMap::<u16, Vec<&(String, i64)>>::new();
        for row in rows {
            partitions.entry(self.partition(&row.0)).or_default().push(row);
        }
        let handle = self.handle().await?;
        let mut waiting = HashSet::new();
        for (partition, rows) in partitions {
            let handed = self.handed(&handle, &durable(consumer, partition)).await?;
            let is_in_hands = |key: &str| match &handed.last {
                // With one message in flight that is the last which was handed out.
                Some(last) if self.partition(&last.event.subject) == partition => last.event.subject == key,
                _ => true,
            };
            let is_ahead = |position: i64| position > done && handed.last.as_ref().is_none_or(|last| last.position < position);
            let must_wait = rows.into_iter().filter(|(key, position)| (handed.in_flight && is_in_hands(key)) || is_ahead(*position));
            waiting.extend(must_wait.map(|(_, position)| *position));
        }
        Ok(waiting)
    }

    async fn handed(&self, handle: &JetStream<()>, durable: &str) -> Result<Handed, Error> {
        let info = match handle.consumer_info(durable).await {
            Ok(info) => info,
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => {
                return Ok(Handed { in_flight: false, last: None });
            }
            Err(error) => return Err(Error::server(error)),
        };
        let last = match info.delivered.stream_sequence {
            0 => None,
            sequence => match handle.get_raw_message(sequence).await {
                Ok(found) => message::decode(Some(&found.headers), &found.payload),
                Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => None,
                Err(error) => return Err(Error::server(error)),
            },
        };
        Ok(Handed { in_flight: info.num_ack_pending > 0, last })
    }
}

/// What JetStream has handed out of a partition.
struct Handed {
    /// Somebody has not acknowledged it yet.
    in_flight: bool,
    /// The last message up to which it was, which may be one of another partition.
    last: Option<Recorded>,
}
