//! One sync of a folder for all who wait for one.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::files;

/// Syncs a folder for whoever asks. While one sync runs, all who come wait, and then share the next: it begins after each of their files was
/// made, so it covers them all, and 64 small uploads at once pay for two or three syncs instead of 64.
#[derive(Debug)]
pub(super) struct Group {
    folder: PathBuf,
    /// How many have asked.
    asked: AtomicU64,
    turn: Mutex<Turn>,
    syncs: AtomicU64,
}

#[derive(Debug, Default)]
struct Turn {
    /// Whoever asked up to here has been answered.
    answered: u64,
    /// The last of those whose sync failed. The system tells of a failure once, and the next sync succeeds without having written what was lost,
    /// so none of them may take the next one's word.
    failed: u64,
}

impl Group {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, asked: AtomicU64::new(0), turn: Mutex::default(), syncs: AtomicU64::new(0) }
    }

    /// Returns once every name made in the folder before this call is durable.
    pub(super) async fn sync(&self) -> io::Result<()> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut turn = self.turn.lock().await;
        if mine <= turn.failed {
            return Err(io::Error::other("the folder could not be synced"));
        }
        if mine <= turn.answered {
            return Ok(());
        }
        let all = self.asked.load(Ordering::SeqCst);
        let folder = self.folder.clone();
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let synced =
            tokio::task::spawn_blocking(move || files::sync_folder(&folder)).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        turn.answered = all;
        if synced.is_err() {
            turn.failed = all;
        }
        synced
    }

    /// How often the folder was synced.
    #[cfg(test)]
    fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Group;

    #[tokio::test(flavor = "multi_thread")]
    async fn many_share_a_sync() {
        let folder = tempfile::tempdir().unwrap();
        let group = Group::new(folder.path().to_owned());
        futures::future::join_all((0..64).map(|_| group.sync())).await.into_iter().for_each(Result::unwrap);
        assert_eq!(group.syncs(), 2, "the first had its own, since nobody else was there yet, and all others one");
        group.sync().await.unwrap();
        assert_eq!(group.syncs(), 3, "who comes later is not answered with the past");
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_whom_it_meets() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let group = Group::new(gone.clone());
        let results = futures::future::join_all((0..8).map(|_| group.sync())).await;
        assert!(results.iter().all(Result::is_err));
        std::fs::create_dir(gone).unwrap();
        group.sync().await.unwrap();
    }
}
