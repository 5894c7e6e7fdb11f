//! The stream in JetStream: made, recognised, and begun anew when it lost something.

use std::collections::HashMap;

use async_nats::{
    HeaderMap,
    jetstream::{
        ErrorCode,
        context::GetStreamErrorKind,
        stream::{Config, Info, RawMessageErrorKind, RetentionPolicy, StorageType, Stream as JetStream},
    },
};
use chrono::{DateTime, Utc};
use portreeve_database::{
    Database, DbErr,
    consumer::{self, Consumer},
    event::{self, Recorded},
};

use super::{Error, Nats, RELAY, message};

/// The last message of the stream, from which it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    /// JetStream's number of it.
    pub(super) sequence: u64,
    /// Ours.
    pub(super) position: i64,
}

// What is written on the stream.
const OWNER: &str = "portreeve-database";
const PARTITIONS: &str = "portreeve-partitions";
const AFTER: &str = "portreeve-after";

impl Nats {
    pub(super) async fn handle(&self) -> Result<JetStream<()>, Error> {
        self.context.get_stream_no_info(&self.config.name).await.map_err(Error::server)
    }

    pub(super) async fn info(&self) -> Result<Option<Info>, Error> {
        match self.context.get_stream(&self.config.name).await {
            Ok(stream) => Ok(Some(stream.cached_info().clone())),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
                _ => Err(Error::server(error)),
            },
        }
    }

    /// Where the stream ends. One that is missing, or lacks what it had, is made anew: whatever some consumer may still need follows.
    pub(super) async fn tip(&self, database: &Database, now: DateTime<Utc>) -> Result<Tip, Error> {
        let db = database.reader();
        let relay = relay(database).await?;
        if let Some(info) = self.info().await? {
            self.is_ours(&info, &relay)?;
            let metadata = |key: &str| info.config.metadata.get(key).map(String::as_str);
            let last = match info.state {
                ref state if state.messages > 0 => self.known_at(state.last_sequence, database, &relay).await?,
                ref state if state.last_sequence < info.config.first_sequence.unwrap_or(1) => {
                    metadata(AFTER).and_then(|after| after.parse().ok())
                }
                _ => None,
            };
            let is_whole = metadata(PARTITIONS) == Some(&self.config.partitions.to_string());
            // Beyond the table's end it tells of what the database has forgotten: a backup was restored.
            let end = event::last_position(db).await?.max(relay.position);
            if let Some(position) = last.filter(|last| is_whole && (relay.position..=end).contains(last)) {
                return Ok(Tip { sequence: info.state.last_sequence, position });
            }
            tracing::warn!(has = last, had = relay.position, "JetStream lost events, or was laid out otherwise; it is filled again");
            self.context.delete_stream(&self.config.name).await.map_err(Error::server)?;
        }
        let position = begin(database, now).await?;
        let first = u64::try_from(now.timestamp_micros()).unwrap_or_default().max(1);
        let metadata = [(OWNER, owner(&relay)), (PARTITIONS, self.config.partitions.to_string()), (AFTER, position.to_string())];
        let config = Config {
            name: self.config.name.clone(),
            description: Some("Portreeve's events on their way to consumers; its database keeps them".to_owned()),
            subjects: vec![format!("{}.*", self.config.name)],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            num_replicas: self.config.replicas,
            // No number is given twice, so a late acknowledgement of what was lost acknowledges nothing else.
            first_sequence: Some(first),
            metadata: metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<HashMap<_, _>>(),
            ..Config::default()
        };
        self.context.create_stream(config).await.map_err(Error::server)?;
        tracing::info!(stream = self.config.name, after = position, "made a stream in JetStream");
        Ok(Tip { sequence: first - 1, position })
    }

    /// The stream, for who reads it; it must be there and this database's.
    pub(super) async fn readable(&self, database: &Database) -> Result<JetStream<()>, Error> {
        let info = self.info().await?.ok_or_else(|| Error::server("the stream is not made yet"))?;
        self.is_ours(&info, &relay(database).await?)?;
        self.handle().await
    }

    fn is_ours(&self, info: &Info, relay: &Consumer) -> Result<(), Error> {
        if info.config.metadata.get(OWNER) == Some(&owner(relay)) { Ok(()) } else { Err(Error::Foreign(self.config.name.clone())) }
    }

    /// The position of the event that JetStream keeps as number `sequence`, if it keeps it.
    pub(super) async fn position_at(&self, sequence: u64) -> Result<Option<i64>, Error> {
        Ok(self.headers_at(sequence).await?.and_then(|headers| message::position(&headers)))
    }

    /// The same, if it is this database's event: of one that was restored from a backup, another may have got its position since.
    async fn known_at(&self, sequence: u64, database: &Database, relay: &Consumer) -> Result<Option<i64>, Error> {
        let Some(headers) = self.headers_at(sequence).await? else { return Ok(None) };
        let Some(position) = message::position(&headers) else { return Ok(None) };
        let is_known = match event::find_at(database.reader(), &[position]).await?.pop() {
            Some(recorded) => Some(recorded.event.id) == message::id(&headers),
            // Forgotten since, as only those can be that were relayed.
            None => position == relay.position,
        };
        Ok(is_known.then_some(position))
    }

    async fn headers_at(&self, sequence: u64) -> Result<Option<HeaderMap>, Error> {
        match self.handle().await?.get_raw_message(sequence).await {
            Ok(found) => Ok(Some(found.headers)),
            Err(error) => match error.kind() {
                RawMessageErrorKind::NoMessageFound => Ok(None),
                _ => Err(Error::server(error)),
            },
        }
    }

    /// Publishes events behind the tip, all at once; each is stored only if the one before it was.
    pub(super) async fn publish(&self, tip: Tip, events: &[Recorded]) -> Result<Tip, Error> {
        let mut acknowledgements = Vec::with_capacity(events.len());
        for (recorded, after) in events.iter().zip(tip.sequence..) {
            let subject = format!("{}.{}", self.config.name, self.partition(&recorded.event.subject));
            let sent = self.context.send_publish(subject, message::encode(recorded, after)).await.map_err(Error::server)?;
            acknowledgements.push((sent, recorded.position));
        }
        let mut tip = tip;
        for (acknowledgement, position) in acknowledgements {
            let acknowledgement = acknowledgement.await.map_err(Error::server)?;
            if acknowledgement.sequence != tip.sequence + 1 {
                return Err(Error::server(format!("event {position} was stored as {}", acknowledgement.sequence)));
            }
            tip = Tip { sequence: acknowledgement.sequence, position };
        }
        Ok(tip)
    }

    pub(super) fn partition(&self, key: &str) -> u16 {
        message::partition(key, self.config.partitions)
    }
}

async fn relay(database: &Database) -> Result<Consumer, DbErr> {
    consumer::find(database.reader(), RELAY).await?.ok_or_else(|| DbErr::RecordNotFound(RELAY.to_owned()))
}

/// Tells this database from every other: no two began to relay in the same microsecond.
fn owner(relay: &Consumer) -> String {
    relay.created_at.timestamp_micros().to_string()
}

/// From where a new stream must be filled: behind what every consumer is done with. Those that come later read what is before in the table.
async fn begin(database: &Database, now: DateTime<Utc>) -> Result<i64, DbErr> {
    database
        .write(async move |transaction| {
            // Whoever registers a consumer holds it too.
            consumer::lock(&transaction, RELAY).await?;
            let done = consumer::all(&transaction).await?.into_iter().filter(|row| row.name != RELAY).map(|row| row.position).min();
            let position = match done {
                Some(position) => position,
                None => event::last_position(&transaction).await?,
            };
            consumer::move_to(&transaction, RELAY, position, now).await?;
            Ok(position)
        })
        .await
}
