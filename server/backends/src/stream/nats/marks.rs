//! How far consumers are.

use async_nats::jetstream::{context::ConsumerInfoErrorKind, stream::RawMessageErrorKind};
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
        let rows = consumer::all(stream.database.reader()).await?.into_iter();
        let behind: Vec<_> = rows.filter(|row| row.name != RELAY && row.position < tip.position).collect();
        // Asked for before consumers are: what comes meanwhile is of the next time.
        let last = if behind.is_empty() { Vec::new() } else { last(nats).await? };
        if !behind.is_empty() && last.iter().flatten().max() != Some(&tip.sequence) {
            // The tip is never thrown away. A stream that ends elsewhere lost something, which is found out when it is verified.
            return Ok(());
        }
        for row in behind {
            let Some(done) = done(nats, &row.name, tip, &last).await? else {
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

/// The number of each partition's last message, by the stream's own leader.
async fn last(nats: &Nats) -> Result<Vec<Option<u64>>, Error> {
    let handle = &nats.handle().await?;
    let subjects: Vec<_> = (0..nats.config.partitions).map(|partition| format!("{}.{partition}", nats.config.name)).collect();
    let last = stream::iter(subjects).map(|subject| async move {
        match handle.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => Ok(Some(message.sequence)),
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(Error::server(error)),
        }
    });
    last.buffered(SIDE_BY_SIDE).try_collect().await
}

/// The number of the last message up to which a consumer is done with all; `None` if it does not run. `last` are those of [`last`].
async fn done(nats: &Nats, name: &str, tip: Tip, last: &[Option<u64>]) -> Result<Option<u64>, Error> {
    let handle = &nats.handle().await?;
    let durables: Vec<_> = (0..nats.config.partitions).map(|partition| durable(name, partition)).zip(last.iter().copied()).collect();
    let done = stream::iter(durables).map(|(durable, last)| async move {
        match handle.consumer_info(durable).await {
            Ok(info) => Ok(Some(up_to(info.ack_floor.stream_sequence, last, tip.sequence))),
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound | ConsumerInfoErrorKind::StreamNotFound) => Ok(None),
            Err(error) => Err(Error::server(error)),
        }
    });
    let done: Vec<_> = done.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    Ok(done.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min()))
}

/// Up to where all of a partition is done with. What a consumer says that it has still to give is no help: where there are several nodes its leader may be
/// one whose copy of the stream lacks the newest messages. What was acknowledged it knows.
fn up_to(acknowledged: u64, last: Option<u64>, tip: u64) -> u64 {
    if last.is_none_or(|last| last <= acknowledged) { tip } else { acknowledged.min(tip) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_partition_holds_is_not_done_before_it_is_acknowledged() {
        assert_eq!(up_to(10, Some(10), 12), 12);
        // Whatever its consumer says of more to come.
        assert_eq!(up_to(10, Some(11), 12), 10);
        assert_eq!(up_to(0, Some(11), 12), 0);
        // All was thrown away, since all were done with it.
        assert_eq!(up_to(0, None, 12), 12);
        // One that came after the tip was looked at.
        assert_eq!(up_to(13, Some(13), 12), 12);
        assert_eq!(up_to(13, Some(14), 12), 12);
    }
}
