//! What must be so in the end, whatever happened.

use std::{
    collections::HashMap,
    fs,
    io::Write,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use portreeve::{serve::Server, state};
use portreeve_backends::{Clock, Random, clock::Manual};
use portreeve_database::{entity::file, event, file::Status};
use sea_orm::EntityTrait;

use super::load::{Accepted, hex};
use crate::support::station::{Station, Uploader};

/// Whoever waits in vain for so long waits for something that does not come.
const PATIENCE: Duration = Duration::from_mins(3);

/// Each file that was accepted is stored in the end, as it was sent. However many wait, and however slow the machine is: as long as one after the other
/// comes, none is lost.
pub(super) async fn all_stored(ada: &Uploader, accepted: &Accepted) {
    let came = Mutex::new(Instant::now());
    let look = |(id, sum): (&String, &String)| {
        let (id, sum, came) = (id.clone(), sum.clone(), &came);
        async move {
            loop {
                let file = ada.file(&id).await;
                if file["status"] == "stored" {
                    assert_eq!(file["sha256"].as_str(), Some(&*sum), "{id}");
                    break;
                }
                assert!(came.lock().unwrap().elapsed() < PATIENCE, "accepted and never stored: {file}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(hex(&ada.content(&id).await), sum, "{id} is not what was sent");
            *came.lock().unwrap() = Instant::now();
        }
    };
    // As they came, which is as they are stored.
    let mut in_order: Vec<_> = accepted.iter().collect();
    in_order.sort();
    let looks: Vec<_> = in_order.into_iter().map(look).collect();
    futures::stream::iter(looks).buffer_unordered(8).collect::<()>().await;
}

/// A week later there are as many objects as stored files, and nothing else. Returns how many that are.
pub(super) async fn nothing_is_left(station: &Station, accepted: &Accepted) -> usize {
    let config = station.config();
    let places = state::places(&config).unwrap();
    let clock = Manual::at(Clock::System.now() + TimeDelta::days(7));
    let server = Box::pin(Server::open(config, Clock::Manual(clock), Random::System)).await.unwrap();
    server.services.housekeep().await.unwrap();
    assert_eq!(server.services.stream().dead_letters(None, None, 10).await.unwrap(), []);

    let db = server.services.database().reader();
    let rows = file::Entity::find().all(db).await.unwrap();
    assert!(rows.iter().all(|row| row.status == Status::Stored), "what was never finished has expired");
    // Each upload has bytes of its own, and was sent again until it was answered.
    let mut by_sum: HashMap<_, Vec<_>> = HashMap::new();
    for row in &rows {
        by_sum.entry(row.sha256.clone()).or_default().push(row.id);
    }
    assert!(by_sum.len() == rows.len(), "stored twice: {:?}", by_sum.values().filter(|ids| ids.len() > 1).collect::<Vec<_>>());
    for id in accepted.keys() {
        let events = event::find_of_subject(db, id).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.r#type == "file.stored").count(), 1, "{id}");
    }

    assert_eq!(places.staging.list().await.unwrap(), []);
    let objects: Vec<_> = places.objects.list("").map_ok(|object| object.key).try_collect().await.unwrap();
    let mut objects: Vec<_> = objects.into_iter().filter(|key| key != "staging/identity").collect();
    objects.sort();
    let mut keys: Vec<_> = rows.iter().map(|row| format!("uploads/{}.{}", row.id, row.extension)).collect();
    keys.sort();
    assert_eq!(objects, keys);
    match &station.engines.s3 {
        Some(server) => assert_eq!(server.parts(), 0),
        // Half-written ones are in no list.
        None => assert_eq!((files(&station.data().join("staging")), files(&station.data().join("objects"))), (0, keys.len())),
    }
    rows.len()
}

/// Figures, past the capture of tests' output: nobody looks at that of a test that passes.
pub(super) fn tell(figures: &str) {
    let _ = writeln!(std::io::stderr(), "{}: {figures}", std::thread::current().name().unwrap_or_default());
}

/// How many there are, whatever their names, but for those that begin with a dot.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let count = |entry: fs::DirEntry| if entry.path().is_dir() { files(&entry.path()) } else { 1 };
    entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).map(count).sum()
}
