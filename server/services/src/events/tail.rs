//! Following the stream as it grows, for whoever watches.

use std::{sync::Arc, time::Duration};

use portreeve_backends::stream::Stream;
use portreeve_database::{DbErr, event::Recorded};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Events that another process appended are seen this late at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Read at a time.
const READ: u64 = 256;
/// Events that a slow watcher may be behind before it has to begin anew.
const BEHIND: usize = 1024;

/// One reader for all watchers of this process.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    stream: Stream,
    sender: broadcast::Sender<Arc<Recorded>>,
}

impl Tail {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, sender: broadcast::channel(BEHIND).0 }
    }

    /// What happens from now on.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Arc<Recorded>> {
        self.sender.subscribe()
    }

    /// Reads on until told to stop. Without watchers it only keeps its place, now and then.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let mut appended = self.stream.appended();
        let mut position = None;
        while !stop.is_cancelled() {
            appended.borrow_and_update();
            match self.read_on(position).await {
                Ok(next) => position = Some(next),
                Err(error) => tracing::error!(%error, "following the stream; tried again in a moment"),
            }
            tokio::select! {
                _ = appended.changed(), if self.sender.receiver_count() > 0 => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn read_on(&self, from: Option<i64>) -> Result<i64, DbErr> {
        self.stream.give_positions().await?;
        let Some(mut position) = from.filter(|_| self.sender.receiver_count() > 0) else { return self.stream.last_position().await };
        loop {
            let events = self.stream.read(position, READ).await?;
            let more = events.len() as u64 == READ;
            for event in events {
                position = event.position;
                let _ = self.sender.send(Arc::new(event));
            }
            if !more {
                return Ok(position);
            }
        }
    }
}
