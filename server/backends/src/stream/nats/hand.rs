//! One message in this process's hands.

use std::{sync::Arc, time::Duration};

use async_nats::{
    connection::State,
    jetstream::{AckKind, Message, consumer::PullConsumer},
};
use futures::StreamExt;
use portreeve_database::{dead_letter, delivery, event::Recorded};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Error, Nats, message};
use crate::stream::{
    Stream,
    consumer::{Consumer, Delivery, Handler, Hold, Loan},
    work::{Share, Work},
};

/// The pause after what came of an event could not be noted.
const REST: Duration = Duration::from_secs(1);

/// How long it waits for an answer that a server gives at once, unless another worker holds what it would give; or never, since it was killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes the next event of one partition.
pub(super) struct Hand<H> {
    pub(super) stream: Stream,
    pub(super) nats: Nats,
    pub(super) share: Share,
    pub(super) consumer: Consumer,
    pub(super) handler: Arc<H>,
    pub(super) partition: u16,
    /// Up to this position all is done with or parked.
    pub(super) done: i64,
}

impl<H: Handler> Hand<H> {
    /// Whether there was one.
    pub(super) async fn next(self, partition: &PullConsumer, stop: &CancellationToken) -> Result<bool, Error> {
        let until = Instant::now() + self.consumer.lease;
        let Some(message) = self.fetch(partition).await? else { return Ok(false) };
        let Some(recorded) = message::decode(message.headers.as_ref(), &message.payload) else {
            tracing::error!(subject = %message.subject, "JetStream holds a message that is no event of Portreeve's; passed over");
            self.tell(&message, AckKind::Term).await?;
            return Ok(true);
        };
        let loan = Loan::until(until);
        if self.is_to_be_tried(&recorded, &loan).await? {
            if !self.try_it(&message, recorded, &loan, stop).await? {
                return Ok(false);
            }
        } else if loan.is_over() {
            return Ok(false); // acknowledged by whoever has it now
        }
        self.tell(&message, AckKind::Ack).await?;
        Ok(true)
    }

    async fn fetch(&self, partition: &PullConsumer) -> Result<Option<Message>, Error> {
        let fetched = async {
            let mut batch = partition.fetch().max_messages(1).messages().await?;
            batch.next().await.transpose()
        };
        // Where another worker holds a message, JetStream answers only once that is free again; by then the better part of a short lease, which
        // counts from the question on, would be over, and each worker in turn would take itself for dead.
        let patience = PATIENCE.min(self.nats.config.timeout).min(self.consumer.lease / 3);
        let fetched: Result<_, async_nats::Error> = match timeout(patience, fetched).await {
            Ok(fetched) => fetched,
            Err(_) if self.nats.client.connection_state() == State::Connected => return Ok(None),
            Err(elapsed) => return Err(Error::server(elapsed)),
        };
        fetched.map_err(Error::Server)
    }

    /// An event that is not wanted or done with is passed over; one whose key waits is parked behind it.
    async fn is_to_be_tried(&self, recorded: &Recorded, loan: &Arc<Loan>) -> Result<bool, Error> {
        let (db, name, position) = (self.stream.database.reader(), self.consumer.name, recorded.position);
        if position <= self.done || !self.consumer.wants(&recorded.event.r#type) || dead_letter::is_kept(db, name, position).await? {
            return Ok(false);
        }
        if !delivery::goes_first(db, name, (&recorded.event.subject, position), self.stream.clock.now()).await? {
            return Ok(true);
        }
        let parked = delivery::Delivery {
            consumer: name.to_owned(),
            position,
            key: recorded.event.subject.clone(),
            failures: 0,
            due_at: self.stream.clock.now(),
            holder: None,
            held_until: None,
            errors: json!([]),
        };
        let loan = loan.clone();
        let parked = self.stream.database.write(async move |transaction| {
            // Another worker may be done with it already.
            if loan.is_over() { Ok(()) } else { delivery::insert(&transaction, vec![parked]).await }
        });
        parked.await?;
        Ok(false)
    }

    /// Tries it, and keeps it from others meanwhile. `false` if it is not to be acknowledged.
    async fn try_it(&self, message: &Message, recorded: Recorded, loan: &Arc<Loan>, stop: &CancellationToken) -> Result<bool, Error> {
        let delivery = Delivery {
            event: recorded.event,
            position: recorded.position,
            failures: 0,
            consumer: self.consumer.name,
            hold: Hold::Message(loan.clone()),
            errors: json!([]),
            completed: Arc::default(),
        };
        let work =
            Work { share: self.share.clone(), stream: self.stream.clone(), consumer: self.consumer.clone(), handler: self.handler.clone() };
        let is_noted = tokio::select! {
            is_noted = work.run(delivery) => is_noted,
            () = self.keep_hold(message, loan) => false,
            () = stop.cancelled() => {
                self.tell(message, AckKind::Nak(None)).await?;
                self.nats.wake([self.partition]).await;
                let _ = self.nats.client.flush().await;
                return Ok(false);
            }
        };
        if !is_noted && !loan.is_over() {
            self.tell(message, AckKind::Nak(Some(REST))).await?;
        }
        Ok(is_noted)
    }

    /// Ends when it is too late: another worker may have it.
    async fn keep_hold(&self, message: &Message, loan: &Loan) {
        loop {
            sleep(self.consumer.lease / 3).await;
            let until = Instant::now() + self.consumer.lease;
            match message.double_ack_with(AckKind::Progress).await {
                Ok(()) => loan.put_off(until),
                Err(error) => tracing::warn!(consumer = self.consumer.name, %error, "JetStream does not hear that work goes on"),
            }
            if loan.is_over() {
                return;
            }
        }
    }

    async fn tell(&self, message: &Message, what: AckKind) -> Result<(), Error> {
        message.double_ack_with(what).await.map_err(Error::Server)
    }
}
