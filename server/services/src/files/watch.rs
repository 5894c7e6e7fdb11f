//! What happens to a person's files, as it happens.

use std::{collections::VecDeque, sync::Arc};

use futures::Stream;
use portreeve_contract::{FileId, file::FileEvent};
use portreeve_database::{event::Recorded, file};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{Error, view};
use crate::{Caller, core::Core};

/// As many are told to somebody who comes back; more, and they had better read the list again.
const MISSED: u64 = 1000;

/// Something to tell a watcher.
#[derive(Clone, Debug)]
pub enum Change {
    /// A file changed; the number is the event's position, to come back with.
    File(i64, Box<FileEvent>),
    /// More happened than is told one by one: read the list again.
    Reset,
}

pub(super) async fn watch(
    core: &Arc<Core>,
    caller: &Caller,
    after: Option<i64>,
) -> Result<impl Stream<Item = Change> + Send + use<>, Error> {
    // Listening first, so that nothing falls between the two.
    let live = core.tail.watch();
    let mut missed = VecDeque::new();
    let mut reset = false;
    if let Some(after) = after {
        let events = core.stream.read(after, MISSED).await?;
        reset = events.len() as u64 == MISSED;
        if !reset {
            missed.extend(events.into_iter().map(Arc::new));
        }
    }
    let watcher =
        Watcher { core: core.clone(), owner: serde_json::json!(caller.user), last: after.unwrap_or_default(), missed, reset, live };
    Ok(futures::stream::unfold(watcher, |mut watcher| async move { watcher.next().await.map(|change| (change, watcher)) }))
}

struct Watcher {
    core: Arc<Core>,
    owner: serde_json::Value,
    last: i64,
    missed: VecDeque<Arc<Recorded>>,
    reset: bool,
    live: Receiver<Arc<Recorded>>,
}

impl Watcher {
    /// `None` once the server stops.
    async fn next(&mut self) -> Option<Change> {
        loop {
            if std::mem::take(&mut self.reset) {
                return Some(Change::Reset);
            }
            let recorded = match self.missed.pop_front() {
                Some(recorded) => recorded,
                None => match self.live.recv().await {
                    Ok(recorded) if recorded.position <= self.last => continue,
                    Ok(recorded) => recorded,
                    Err(RecvError::Lagged(_)) => return Some(Change::Reset),
                    Err(RecvError::Closed) => return None,
                },
            };
            self.last = recorded.position;
            if let Some(change) = self.change(&recorded).await {
                return Some(change);
            }
        }
    }

    async fn change(&self, recorded: &Recorded) -> Option<Change> {
        let event = &recorded.event;
        if !event.r#type.starts_with("file.") || event.data.get("owner") != Some(&self.owner) {
            return None;
        }
        let id: FileId = event.subject.parse().ok()?;
        let file = match file::find(self.core.database.reader(), id).await {
            Ok(file) => file.filter(|file| !file::is_erasing(file)).map(view),
            Err(error) => {
                tracing::warn!(%error, "reading a file that changed");
                return Some(Change::Reset);
            }
        };
        Some(Change::File(recorded.position, Box::new(FileEvent { r#type: event.r#type.clone(), file, id })))
    }
}
