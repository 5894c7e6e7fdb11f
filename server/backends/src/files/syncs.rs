//! Syncs that are shared by all who wait for one.

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{sync::oneshot, task::spawn_blocking};

/// From so many syncs on, one of the whole file system is cheaper than each of them.
const MANY: usize = 4;

/// Makes files and their names survive a power cut, for whoever asks. While one round of syncs runs, all who come wait, and then share the next:
/// it begins after each of them wrote what they wrote, so it covers them all.
///
/// Whoever is alone has a sync of the file and one of its folder. From [`MANY`] on, one call syncs the file system instead: 64 small uploads at
/// once cost two or three calls and not 128. That call waits for what anybody else wrote there too, which is why the few are spared it.
#[derive(Clone, Debug)]
pub(crate) struct Syncs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Any file of the file system, if one call syncs all of it.
    file_system: Option<File>,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Asked>,
    /// Whether a thread answers those who wait.
    is_running: bool,
}

#[derive(Debug)]
struct Asked {
    file: Option<Arc<File>>,
    folder: Option<PathBuf>,
    answer: Answer,
}

struct Answer(Box<dyn FnOnce(io::Result<()>) + Send>);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl Syncs {
    /// For files below `folder`, which should be there.
    pub(crate) fn below(folder: &Path) -> Self {
        Self(Arc::new(Shared { file_system: syncs_at_once(folder), queue: Mutex::default() }))
    }

    /// Returns once all that was written to `file` before this call is durable, and every name that was made in `folder` before it.
    pub(crate) async fn sync(&self, file: Option<Arc<File>>, folder: Option<PathBuf>) -> io::Result<()> {
        let (answer, answered) = oneshot::channel();
        self.ask(file, folder, |synced| drop(answer.send(synced)));
        answered.await.map_err(io::Error::other)?
    }

    /// The same for who wrote on a thread that may block, and need not come back from there in between.
    pub(crate) fn ask(&self, file: Option<Arc<File>>, folder: Option<PathBuf>, answer: impl FnOnce(io::Result<()>) + Send + 'static) {
        let begins = {
            let mut queue = self.0.queue.lock();
            queue.waiting.push(Asked { file, folder, answer: Answer(Box::new(answer)) });
            !std::mem::replace(&mut queue.is_running, true)
        };
        if begins {
            // By itself, since whoever asked first may be dropped before the others are answered.
            let shared = self.0.clone();
            spawn_blocking(move || shared.run());
        }
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let round = {
                let mut queue = self.queue.lock();
                if queue.waiting.is_empty() {
                    queue.is_running = false;
                    return;
                }
                std::mem::take(&mut queue.waiting)
            };
            let synced = self.sync(&round);
            for asked in round {
                // Of a failure the system tells once, and what comes next succeeds without having written what was lost: all have to hear it now.
                asked.answer.0(synced.as_ref().copied().map_err(copy));
            }
        }
    }

    fn sync(&self, round: &[Asked]) -> io::Result<()> {
        let folders: BTreeSet<_> = round.iter().filter_map(|asked| asked.folder.as_deref()).collect();
        let files = || round.iter().filter_map(|asked| asked.file.as_ref());
        match &self.file_system {
            Some(file_system) if files().count() + folders.len() >= MANY => sync_file_system(file_system),
            _ => {
                // The length belongs to what fdatasync(2) makes durable, the times do not.
                files().try_for_each(|file| file.sync_data())?;
                folders.into_iter().try_for_each(super::sync_folder)
            }
        }
    }
}

fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error)
}

/// A file by which one call syncs the whole file system, where that call promises as much as the sync of each file: on those that do so
/// themselves and do not hand it on, and since Linux 5.8, which tells of what could not be written.
#[cfg(target_os = "linux")]
fn syncs_at_once(folder: &Path) -> Option<File> {
    /// ext2 to ext4, XFS, Btrfs: `linux/magic.h`.
    const KNOWN: [u64; 3] = [0xEF53, 0x5846_5342, 0x9123_683E];
    let file = File::open(folder).ok()?;
    let kind = rustix::fs::fstatfs(&file).ok()?.f_type;
    let is_known = u64::try_from(kind).is_ok_and(|kind| KNOWN.contains(&kind));
    let release = rustix::system::uname();
    (is_known && tells_of_failures(&release.release().to_string_lossy())).then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn syncs_at_once(_: &Path) -> Option<File> {
    None
}

#[cfg(target_os = "linux")]
fn tells_of_failures(release: &str) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= (5, 8))
}

#[cfg(target_os = "linux")]
fn sync_file_system(file: &File) -> io::Result<()> {
    rustix::fs::syncfs(file).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures::future::join_all;

    use super::Syncs;

    #[tokio::test]
    async fn a_failure_is_told_to_all_whom_it_meets_and_to_nobody_later() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let syncs = Syncs::below(&gone);
        let results = join_all((0..8).map(|_| syncs.sync(None, Some(gone.clone())))).await;
        assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)));
        std::fs::create_dir(&gone).unwrap();
        syncs.sync(None, Some(gone)).await.unwrap();
    }

    #[tokio::test]
    async fn who_asked_first_may_go() {
        let folder = tempfile::tempdir().unwrap();
        let syncs = Syncs::below(folder.path());
        let mut first = Box::pin(syncs.sync(None, Some(folder.path().to_owned())));
        assert!(futures::poll!(&mut first).is_pending());
        drop(first);
        syncs.sync(None, Some(folder.path().to_owned())).await.unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn old_kernels_do_not_tell() {
        for (release, tells) in [
            ("4.19.0", false),
            ("5.7.19-arch", false),
            ("5.8.0", true),
            ("5.15.0-91-generic", true),
            ("6.1", true),
            ("?", false),
            ("", false),
        ] {
            assert_eq!(super::tells_of_failures(release), tells, "{release}");
        }
    }
}
