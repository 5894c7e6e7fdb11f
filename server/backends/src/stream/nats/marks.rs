//! How far consumers are.

use async_nats::jetstream::context::ConsumerInfoErrorKind;
use futures::{StreamExt, TryStreamExt, stream};
use portreeve_database::consumer;

use super::{Error, Nats, RELAY, durable, link::Tip};
use crate::stream::Stream;

/// Requests at the same time.
const SIDE_BY_SIDE: usize = 32;
/// What everybody is done with is thrown away in JetStream once it is so many messages.
const PURGE: u64 = 1024;

/// Brings consumers' rows up to date, and frees JetStream of what nobody needs from it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    purged: u64,
}

impl Marks {
    pub(super) async fn update(&mut self, stream: &Stream, nats: &Nats, tip: Tip) -> Result<(), Error> {
        let mut needed = tip.sequence;
        for row in consumer::all(stream.database.reader()).await?.into_iter().filter(|row| row.name != RELAY) {
            if row.position >= tip.position {
                continue;
            }
            let Some(done) = done(nats, &row.name, tip).await? else {
                needed = 0;
                continue;
            };
            needed = needed.min(done);
            if done == 0 {
                continue; // it has not begun
            }
            let position = if done == tip.sequence { Some(tip.position) } else { nats.position_at(done).await? };
            if let Some(position) = position.filter(|position| *position > row.position) {
                let now = stream.clock.now();
                stream.database.write(async move |transaction| consumer::move_to(&transaction, &row.name, position, now).await).await?;
            }
        }
        if needed > self.purged + PURGE {
            // Up to it but without it: the last message tells where the stream ends.
            nats.handle().await?.purge().sequence(needed).await.map_err(Error::server)?;
            self.purged = needed;
        }
        Ok(())
    }
}

/// The number of the last message up to which a consumer is done with all; `None` if it does not run.
async fn done(nats: &Nats, name: &str, tip: Tip) -> Result<Option<u64>, Error> {
    let handle = &nats.handle().await?;
    let durables: Vec<_> = (0..nats.config.partitions).map(|partition| durable(name, partition)).collect();
    let done = stream::iter(durables).map(|durable| async move {
        match handle.consumer_info(durable).await {
            Ok(info) if info.num_pending == 0 && info.num_ack_pending == 0 => Ok(Some(tip.sequence)),
            Ok(info) => Ok(Some(info.ack_floor.stream_sequence.min(tip.sequence))),
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => Ok(None),
            Err(error) => Err(Error::server(error)),
        }
    });
    let done: Vec<_> = done.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    Ok(done.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min()))
}
