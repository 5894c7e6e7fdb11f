//! Files, off the threads that others wait for.

mod syncs;

use std::fs::{DirBuilder, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::Path;

use bytes::Bytes;
use futures::Stream;
use tokio::task::spawn_blocking;

use crate::objects::Error;

pub(crate) use syncs::Syncs;

/// How much is read at once: enough that the way through another thread costs nothing beside it, little enough for many readers.
const READ: u64 = 256 << 10;

/// Makes a folder that only its owner enters, and those above it, and syncs where it is named. One that is there is left as it is.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !path.is_dir() => Err(error),
        _ => sync_folder(above),
    }
}

/// Makes the names in a folder survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Has the system begin to write a range that will be synced later. Makes nothing durable, and that it cannot be done is no failure.
pub(crate) fn write_behind(file: &File, range: Range<u64>) {
    // Linux begins to write what is dirty when it hears that it will not be read soon; what is not yet on disk stays in memory all the same.
    #[cfg(target_os = "linux")]
    {
        let length = std::num::NonZeroU64::new(range.end.saturating_sub(range.start));
        let _ = rustix::fs::fadvise(file, range.start, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, range);
}

/// The bytes of `range`, or an error if the file has fewer. Only what is being read is in memory.
pub(crate) fn read(name: String, file: File, range: Range<u64>) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    futures::stream::try_unfold((name, file, range), async |(name, file, mut range)| {
        if range.is_empty() {
            return Ok(None);
        }
        let length = usize::try_from((range.end - range.start).min(READ)).unwrap_or(0);
        let start = range.start;
        // Made here: the allocator keeps room for each thread that makes some, and there are many of those that read.
        let mut bytes = vec![0; length];
        let read = spawn_blocking(move || file.read_exact_at(&mut bytes, start).map(|()| (Bytes::from(bytes), file)));
        match read.await.map_err(io::Error::other).and_then(|read| read) {
            Ok((bytes, file)) => {
                range.start += length as u64;
                Ok(Some((bytes, (name, file, range))))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Error::Length { name, expected: range.end, found: start }),
            Err(error) => Err(Error::reading(&name, error)),
        }
    })
}
