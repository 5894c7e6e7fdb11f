//! Events: how fast they are appended and acknowledged, what that costs in syncs, and whether a million old ones are in the way.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use portreeve_backends::{
    Clock, Random,
    stream::{Consumer, Delivery, Failure, Handler, Stream},
};
use portreeve_contract::EventId;
use portreeve_database::{
    ConnectionTrait, Database, DbErr, Url,
    event::{self, Event},
    migration,
};
use portreeve_testkit::nats;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Outcome, Report, Spread};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const IN_FLIGHT: [usize; 3] = [1, 16, 64];
/// Events of which the syncs are counted.
const COUNTED: usize = 2048;
/// Syncs for an event at 64 in flight.
const SYNCS_FLOOR: f64 = 1.0 / 16.0;
const OLD: u32 = 1_000_000;
/// Of the rate with none of them.
const OLD_FLOOR: f64 = 0.8;

/// What makes this program append events and do nothing else; how many at a time, and how many in all, come after it.
pub(crate) const ARGUMENT: &str = "append-events";

pub(crate) async fn measure() -> Outcome<Report> {
    let mut report = Report::new("Events, durable before they are acknowledged, median (least to most) of 5 rounds of 2 s");
    let folder = tempfile::tempdir()?;
    let database = open(folder.path()).await?;
    let server = nats::Server::start();
    let stream = Jet::open(&server).await?;
    for in_flight in IN_FLIGHT {
        let mut rounds = Vec::new();
        for round in 0..=ROUNDS {
            let appended = rate(in_flight, async || Ok(append(&database).await?)).await?;
            let published = rate(in_flight, async || stream.publish().await).await?;
            // The first round only warms up.
            if round > 0 {
                rounds.push((appended, published));
            }
        }
        report.tell(format!("appended per second on SQLite, {in_flight} in flight"), Spread::of(rounds.iter().map(|round| round.0)));
        report.tell(
            format!("published per second to JetStream, `sync_interval: always`, {in_flight} in flight"),
            Spread::of(rounds.iter().map(|round| round.1)),
        );
    }
    for in_flight in IN_FLIGHT {
        let each = syncs(in_flight)?;
        let what = format!("fsyncs for an event on SQLite, {in_flight} in flight");
        if in_flight == 64 {
            report.hold(what, format!("{each:.4}"), "≤ 0.0625", each <= SYNCS_FLOOR);
        } else {
            report.tell(what, format!("{each:.4}"));
        }
    }
    old(&mut report).await?;
    Ok(report)
}

/// The same beside an empty table and one with a million events, turn by turn.
async fn old(report: &mut Report) -> Outcome<()> {
    let (few, many) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (few, many) = (open(few.path()).await?, open(many.path()).await?);
    let sql = format!(
        "INSERT INTO events (id, type, subject, data, time) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD}) \
         SELECT randomblob(16), 'file.accepted', hex(randomblob(8)), '{{}}', '2026-01-01 00:00:00+00:00' FROM n"
    );
    many.write(async move |transaction| transaction.execute_unprepared(&sql).await).await?;
    let (mut appended, mut handled) = (Vec::new(), Vec::new());
    let (mut of_few, mut of_many) = (Counting::start(&few).await?, Counting::start(&many).await?);
    for round in 0..=ROUNDS {
        let rates = (rate(64, async || Ok(append(&few).await?)).await?, rate(64, async || Ok(append(&many).await?)).await?);
        let claims = (of_few.catch_up().await?, of_many.catch_up().await?);
        if round > 0 {
            appended.push(rates.1 / rates.0);
            handled.push(claims.1 / claims.0);
        }
    }
    let (appended, handled) = (Spread::of(appended), Spread::of(handled));
    report.hold("appended after 1 000 000 events, of the rate after none", appended, "≥ 0.8", appended.median >= OLD_FLOOR);
    report.hold("claimed and handled after 1 000 000 events, of the rate after none", handled, "≥ 0.8", handled.median >= OLD_FLOOR);
    Ok(())
}

async fn open(folder: &Path) -> Outcome<Database> {
    let database = Database::connect(&Url::Sqlite { path: folder.join("portreeve.db"), readers: 2 }).await?;
    migration::apply(&database).await?;
    Ok(database)
}

async fn append(database: &Database) -> Result<(), DbErr> {
    let now = Clock::System.now();
    let id = Random::System.uuid(now);
    let (r#type, subject) = ("file.accepted".to_owned(), id.to_string());
    let event = Event { sequence: 0, id: EventId(id), r#type, subject, data: json!({ "size": 65_536 }), time: now, traceparent: None };
    database.write(async move |transaction| event::append(&transaction, event).await).await
}

/// How often a second something is done, that many at a time.
async fn rate(in_flight: usize, work: impl AsyncFn() -> Outcome<()>) -> Outcome<f64> {
    let began = Instant::now();
    let each = (0..in_flight).map(|_| async {
        let mut done = 0_u32;
        while began.elapsed() < ROUND {
            work().await?;
            done += 1;
        }
        Outcome::Ok(f64::from(done))
    });
    let done: f64 = futures::future::try_join_all(each).await?.into_iter().sum();
    Ok(done / began.elapsed().as_secs_f64())
}

/// Appends and ends; for [`syncs`].
pub(crate) async fn append_some(in_flight: usize, count: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let database = open(folder.path()).await?;
    let each = (0..in_flight).map(|_| async {
        for _ in 0..count / in_flight {
            append(&database).await?;
        }
        Outcome::Ok(())
    });
    futures::future::try_join_all(each).await?;
    Ok(())
}

/// Of an event, as strace(1) counts them in a process that appends; what opening the database takes is left out.
fn syncs(in_flight: usize) -> Outcome<f64> {
    let count = |events: usize| -> Outcome<usize> {
        let log = tempfile::NamedTempFile::new()?;
        let mut command = Command::new("strace");
        command.args(["-f", "-e", "trace=fsync,fdatasync", "-o"]).arg(log.path()).arg(std::env::current_exe()?);
        let status = command.args([ARGUMENT, &in_flight.to_string(), &events.to_string()]).status();
        if !status.map_err(|error| format!("strace: {error}"))?.success() {
            return Err("strace failed".into());
        }
        Ok(fs::read_to_string(log.path())?.lines().filter(|line| line.contains("sync(")).count())
    };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let each = count(COUNTED)?.saturating_sub(count(0)?) as f64 / COUNTED as f64;
    Ok(each)
}

/// A consumer that counts.
struct Counting {
    database: Database,
    handled: Arc<AtomicU64>,
    before: i64,
}

struct Count(Arc<AtomicU64>);

impl Handler for Count {
    async fn handle(&self, _: &Delivery) -> Result<(), Failure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Counting {
    async fn start(database: &Database) -> Outcome<Self> {
        let before = event::last_position(database.reader()).await?;
        let counting = Self { database: database.clone(), handled: Arc::default(), before };
        // Its place in the stream is written down.
        let now = Clock::System.now();
        database.write(async move |transaction| portreeve_database::consumer::register(&transaction, "count", before, now).await).await?;
        Ok(counting)
    }

    /// Handles all that is there; events per second.
    async fn catch_up(&mut self) -> Outcome<f64> {
        let last = event::last_position(self.database.reader()).await?;
        let waiting = u64::try_from(last - self.before)?;
        self.before = last;
        self.handled.store(0, Ordering::Relaxed);
        let stream = Stream::database(self.database.clone(), Clock::System, Random::System);
        let consumer = Consumer {
            name: "count",
            types: &["file.*"],
            parallelism: 16,
            tries: 1,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(1),
            lease: Duration::from_secs(30),
        };
        let stop = CancellationToken::new();
        let began = Instant::now();
        let handler = Arc::new(Count(self.handled.clone()));
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { stream.consume(consumer, handler, stop).await }
        });
        while self.handled.load(Ordering::Relaxed) < waiting {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let seconds = began.elapsed().as_secs_f64();
        stop.cancel();
        running.await?;
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let rate = waiting as f64 / seconds;
        Ok(rate)
    }
}

/// JetStream without anything of ours.
struct Jet(async_nats::jetstream::Context);

impl Jet {
    async fn open(server: &nats::Server) -> Outcome<Self> {
        let client = async_nats::connect(server.config().url.as_str()).await?;
        let context = async_nats::jetstream::new(client);
        let config =
            async_nats::jetstream::stream::Config { name: "BARE".to_owned(), subjects: vec!["bare".to_owned()], ..Default::default() };
        context.create_stream(config).await?;
        Ok(Self(context))
    }

    async fn publish(&self) -> Outcome<()> {
        let payload = json!({ "size": 65_536, "id": Random::System.uuid(Clock::System.now()) }).to_string();
        self.0.publish("bare", payload.into()).await?.await?;
        Ok(())
    }
}
