//! Live events, partition by partition.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use futures::{StreamExt, TryStreamExt, stream};
use portreeve_database::{consumer, delivery};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Error, Nats, RELAY, durable, hand::Hand};
use crate::stream::{
    Stream,
    consumer::{Consumer, Handler},
    work::Share,
};

/// A wake-up that was lost, or an event that a dead worker held, is noticed this late at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After NATS or the database refused something.
const REST: Duration = Duration::from_millis(500);
/// Requests at the same time.
const SIDE_BY_SIDE: usize = 32;

/// One process's share of one consumer.
pub(in crate::stream) struct Runner<H> {
    stream: Stream,
    nats: Nats,
    consumer: Consumer,
    handler: Arc<H>,
    share: Share,
}

impl<H: Handler> Runner<H> {
    pub(in crate::stream) fn new(stream: Stream, nats: Nats, (consumer, handler): (Consumer, Arc<H>), share: Share) -> Self {
        Self { stream, nats, consumer, handler, share }
    }

    pub(in crate::stream) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.serve(&stop).await {
                tracing::error!(consumer = self.consumer.name, %error, "events cannot be had from JetStream; tried again in a moment");
                tokio::select! {
                    () = tokio::time::sleep(REST) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }

    async fn serve(&self, stop: &CancellationToken) -> Result<(), Error> {
        self.register().await?;
        let mut woken = self.nats.client.subscribe(self.nats.wake_subject()).await.map_err(Error::server)?;
        let (mut partitions, mut done) = (self.partitions().await?, self.done().await?);
        let all: BTreeSet<u16> = (0..self.nats.config.partitions).collect();
        let mut ready: VecDeque<u16> = all.iter().copied().collect();
        let (mut busy, mut again) = (BTreeSet::new(), BTreeSet::new());
        let (mut tasks, mut mend_at) = (JoinSet::new(), None);
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let news: Vec<u16> = tokio::select! {
                () = stop.cancelled() => break,
                Ok(permit) = self.share.slots.clone().acquire_owned(), if !ready.is_empty() && mend_at.is_none() => {
                    if let Some(partition) = ready.pop_front() {
                        busy.insert(partition);
                        tasks.spawn(self.next(partitions[usize::from(partition)].clone(), (partition, done), permit, stop.clone()));
                    }
                    continue;
                }
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                    let (partition, went) = ended.map_err(Error::server)?;
                    busy.remove(&partition);
                    // One that had an event may have another.
                    let has_more = went.unwrap_or_else(|error| {
                        if mend_at.is_none() {
                            tracing::warn!(consumer = self.consumer.name, %error, "JetStream is in trouble; events wait");
                            mend_at = Some(Instant::now() + REST);
                        }
                        false
                    });
                    if again.remove(&partition) || has_more { vec![partition] } else { continue }
                }
                // What is in hands goes on meanwhile.
                () = sleep_until(mend_at.unwrap_or_else(Instant::now)), if mend_at.is_some() => {
                    let mended = tokio::select! {
                        mended = self.partitions() => mended,
                        () = stop.cancelled() => break,
                    };
                    let Ok(made) = mended else {
                        mend_at = Some(Instant::now() + REST);
                        continue;
                    };
                    (partitions, done, mend_at) = (made, self.done().await.unwrap_or(done), None);
                    all.iter().copied().collect()
                }
                Some(message) = woken.next() => {
                    std::str::from_utf8(&message.payload).unwrap_or_default().split(',').filter_map(|number| number.parse().ok()).collect()
                }
                _ = look.tick() => all.iter().copied().collect(),
            };
            for partition in news {
                if busy.contains(&partition) {
                    again.insert(partition);
                } else if all.contains(&partition) && !ready.contains(&partition) {
                    ready.push_back(partition);
                }
            }
        }
        while tasks.join_next().await.is_some() {}
        Ok(())
    }

    /// A consumer that is new begins with the first event that is kept: those that were relayed already wait where failed events do.
    async fn register(&self) -> Result<(), Error> {
        let (name, now) = (self.consumer.name, self.stream.clock.now());
        let registered = self.stream.database.write(async move |transaction| {
            consumer::register(&transaction, RELAY, 0, now).await?;
            // Before it is looked for: others may register it at this moment.
            let relayed = consumer::lock(&transaction, RELAY).await?.map_or(0, |relay| relay.position);
            if consumer::find(&transaction, name).await?.is_some() {
                return Ok(());
            }
            consumer::register(&transaction, name, relayed, now).await?;
            delivery::insert_range(&transaction, name, (0, relayed), now).await
        });
        Ok(registered.await?)
    }

    /// Up to where all is done with or parked.
    async fn done(&self) -> Result<i64, Error> {
        Ok(consumer::find(self.stream.database.reader(), self.consumer.name).await?.map_or(0, |row| row.position))
    }

    async fn partitions(&self) -> Result<Vec<PullConsumer>, Error> {
        let handle = &self.nats.readable(&self.stream.database).await?;
        let configs: Vec<_> = (0..self.nats.config.partitions)
            .map(|partition| pull::Config {
                durable_name: Some(durable(self.consumer.name, partition)),
                filter_subject: format!("{}.{partition}", self.nats.config.name),
                deliver_policy: DeliverPolicy::All,
                ack_policy: AckPolicy::Explicit,
                ack_wait: self.consumer.lease,
                max_deliver: -1,
                max_ack_pending: 1,
                ..pull::Config::default()
            })
            .collect();
        let made = stream::iter(configs).map(|config| handle.create_consumer(config));
        made.buffered(SIDE_BY_SIDE).try_collect().await.map_err(Error::server)
    }

    /// Deals with the next event of a partition; says whether there was one.
    fn next(
        &self,
        partition: PullConsumer,
        (number, done): (u16, i64),
        permit: OwnedSemaphorePermit,
        stop: CancellationToken,
    ) -> impl Future<Output = (u16, Result<bool, Error>)> + Send + use<H> {
        let hand = Hand {
            stream: self.stream.clone(),
            nats: self.nats.clone(),
            share: self.share.clone(),
            consumer: self.consumer.clone(),
            handler: self.handler.clone(),
            partition: number,
            done,
        };
        async move {
            let _permit = permit;
            (number, hand.next(&partition, &stop).await)
        }
    }
}
