//! A stream on one of the engines, consumers that do what they are told, and what they saw.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use parking_lot::Mutex;
use portreeve_backends::{
    Clock, Random,
    stream::{Consumer, Delivery, Failure, Handler, Stream, to_cloud_event},
};
use portreeve_contract::EventId;
use portreeve_database::{
    Database, DbErr, Transaction,
    event::{self, Event},
};
use portreeve_testkit::{TestDatabase, nats};
use serde_json::json;
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::support::{eventually, now, uuid};

/// A database, and whatever carries the events.
pub(crate) struct Rig {
    pub(crate) test: TestDatabase,
    pub(crate) server: Option<nats::Server>,
    stream: Stream,
}

impl Rig {
    pub(crate) async fn sqlite() -> Self {
        Self::new(TestDatabase::fresh().await, None).await
    }

    /// If there is a PostgreSQL to test on.
    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::new(TestDatabase::postgres().await?, None).await)
    }

    /// NATS beside whichever database there is.
    pub(crate) async fn nats() -> Self {
        let test = match TestDatabase::postgres().await {
            Some(test) => test,
            None => TestDatabase::fresh().await,
        };
        Self::new(test, Some(nats::Server::start())).await
    }

    async fn new(test: TestDatabase, server: Option<nats::Server>) -> Self {
        let stream = over(test.database.clone(), server.as_ref(), Clock::System).await;
        Self { test, server, stream }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.test.database
    }

    /// The stream of this process.
    pub(crate) fn stream(&self) -> Stream {
        self.stream.clone()
    }

    /// The stream as another process has it: with connections of its own, and hearing nothing of what this one appends.
    pub(crate) async fn elsewhere(&self) -> Stream {
        over(self.test.another().await, self.server.as_ref(), Clock::System).await
    }

    /// The stream of another process whose clock stands still, so that what it makes later is not later by its id.
    pub(crate) async fn standing_still(&self) -> Stream {
        over(self.test.another().await, self.server.as_ref(), Clock::Manual(portreeve_testkit::clock())).await
    }

    /// Appends one event, in a transaction of its own.
    pub(crate) async fn append(&self, key: &str, number: u64) {
        self.append_all(vec![event("file.accepted", key, number)]).await;
    }

    /// Appends events in one transaction.
    pub(crate) async fn append_all(&self, events: Vec<Event>) {
        let appended = self.database().write(async move |transaction| {
            for event in events {
                event::append(&transaction, event).await?;
            }
            Ok::<_, DbErr>(())
        });
        appended.await.unwrap();
    }

    /// What was appended, in order, as others read it.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let stream = self.stream();
        stream.give_positions().await.unwrap();
        stream.read(0, 10_000).await.unwrap().iter().map(|it| to_cloud_event(&it.event).to_string()).collect()
    }

    /// Waits until the consumer has nothing left to do.
    pub(crate) async fn settled(&self, consumer: &str) {
        let stream = self.stream();
        eventually("nothing is left to do", async || {
            stream.give_positions().await.unwrap();
            let last = stream.last_position().await.unwrap();
            let infos = stream.consumers().await.unwrap();
            infos.iter().any(|info| info.name == consumer && info.pending == 0 && info.position == last)
        })
        .await;
    }
}

async fn over(database: Database, server: Option<&nats::Server>, clock: Clock) -> Stream {
    match server {
        None => Stream::database(database, clock, Random::System),
        Some(server) => Stream::nats(database, clock, Random::System, &server.config()).await.unwrap(),
    }
}

pub(crate) fn event(r#type: &str, key: &str, number: u64) -> Event {
    let (id, data) = (EventId(uuid()), json!({ "number": number, "text": "\u{202e} <\u{0007}>", "half": 0.5 }));
    Event { sequence: 0, id, r#type: r#type.to_owned(), subject: key.to_owned(), data, time: now(), traceparent: None }
}

/// One that wants `file.*`, is quick to try again, and is not quick to take others for dead.
pub(crate) fn consumer(name: &'static str) -> Consumer {
    Consumer {
        name,
        types: &["file.*"],
        parallelism: 8,
        tries: 4,
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_mins(10),
        lease: Duration::from_secs(30),
    }
}

/// What a handler does with an event.
pub(crate) enum Act {
    Finish,
    FinishAfter(Duration),
    /// Until it is dropped.
    Hang,
    Fail,
    FailForGood,
    Panic,
}

/// An event in a handler's hands.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) key: String,
    pub(crate) number: u64,
    pub(crate) failures: u32,
    pub(crate) position: i64,
    pub(crate) at: Instant,
    pub(crate) bytes: String,
    pub(crate) finished: bool,
}

/// Does what it is told and remembers it.
pub(crate) struct Doer {
    act: Box<dyn Fn(&Seen) -> Act + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
    busy: Mutex<BTreeMap<String, u32>>,
    most: Mutex<usize>,
    /// Keys of which two events were in hands at once. Kept, since a panic in here would be but another failure to try again.
    overlaps: Mutex<Vec<String>>,
    pub(crate) gave_up: AtomicU32,
}

impl Doer {
    pub(crate) fn new(act: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Arc<Self> {
        let act = Box::new(act);
        Arc::new(Self {
            act,
            seen: Mutex::default(),
            busy: Mutex::default(),
            most: Mutex::default(),
            overlaps: Mutex::default(),
            gave_up: AtomicU32::new(0),
        })
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }

    /// The numbers of the events of a key that were finished, in order.
    pub(crate) fn finished(&self, key: &str) -> Vec<u64> {
        self.seen.lock().iter().filter(|seen| seen.key == key && seen.finished).map(|seen| seen.number).collect()
    }

    pub(crate) fn count(&self) -> usize {
        assert!(self.overlaps.lock().is_empty(), "two events at once of {:?}", self.overlaps.lock());
        self.seen.lock().iter().filter(|seen| seen.finished).count()
    }

    /// How many keys were in hands at once.
    pub(crate) fn most(&self) -> usize {
        *self.most.lock()
    }

    pub(crate) async fn has_finished(&self, count: usize) {
        eventually(&format!("{count} events are finished"), async || self.count() >= count).await;
    }

    pub(crate) async fn has_seen(&self, count: usize) {
        eventually(&format!("{count} events are seen"), async || self.seen.lock().len() >= count).await;
    }
}

/// A key in hands.
struct Busy<'a>(&'a Doer, String);

impl<'a> Busy<'a> {
    fn begin(doer: &'a Doer, key: &str) -> Self {
        let mut busy = doer.busy.lock();
        let of_key = busy.entry(key.to_owned()).or_default();
        *of_key += 1;
        if *of_key > 1 {
            doer.overlaps.lock().push(key.to_owned());
        }
        let mut most = doer.most.lock();
        *most = (*most).max(busy.len());
        Self(doer, key.to_owned())
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.lock().remove(&self.1);
    }
}

impl Handler for Doer {
    async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
        let event = &delivery.event;
        let seen = Seen {
            key: event.subject.clone(),
            number: event.data["number"].as_u64().unwrap(),
            failures: delivery.failures,
            position: delivery.position,
            at: Instant::now(),
            bytes: to_cloud_event(event).to_string(),
            finished: false,
        };
        let _busy = Busy::begin(self, &seen.key);
        let act = (self.act)(&seen);
        let at = {
            let mut all = self.seen.lock();
            all.push(seen);
            all.len() - 1
        };
        match act {
            Act::Finish => {}
            Act::FinishAfter(time) => tokio::time::sleep(time).await,
            Act::Hang => std::future::pending().await,
            Act::Fail => return Err(Failure::Temporary("not now".to_owned())),
            Act::FailForGood => return Err(Failure::Permanent("never".to_owned())),
            Act::Panic => panic!("a test's panic: expected"),
        }
        self.seen.lock()[at].finished = true;
        Ok(())
    }

    async fn gave_up(&self, _: &Transaction, _: &Event, _: &Failure) -> Result<(), DbErr> {
        self.gave_up.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
}

/// A consumer at work in one process.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start<H: Handler>(stream: Stream, consumer: Consumer, handler: &Arc<H>) -> Self {
        let (stop, handler) = (CancellationToken::new(), handler.clone());
        let stopped = stop.clone();
        let task = tokio::spawn(async move { stream.consume(consumer, handler, stopped).await });
        Self { stop, task }
    }

    /// The process is told to stop, and does.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.expect("it stops").unwrap();
    }

    /// The process is killed: it hands nothing back.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}
