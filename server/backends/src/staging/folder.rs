//! Staging in a folder: one flat file a writer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use portreeve_contract::FileId;
use tokio::{sync::oneshot, task::spawn_blocking};
use uuid::Uuid;

use super::{Error, Segment, Staged, name};
use crate::files::{self, Syncs};

/// How much is written at once. A writer fills one buffer of this size while another is being written.
const PIECE: usize = 256 << 10;

/// The disk is given as much at once while more comes in, so that the sync in the end finds little left to do.
const BEHIND: u64 = 1 << 20;

const IDENTITY: &str = ".portreeve-staging";

#[derive(Clone, Debug)]
pub(super) struct Folder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    syncs: Syncs,
}

impl Folder {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        files::make_folder(&path).map_err(|error| Error::writing(&path.display().to_string(), error))?;
        Ok(Self(Arc::new(Shared { syncs: Syncs::below(&path), path })))
    }

    pub(super) fn begin(&self, file: FileId, start: u64, writer: Uuid) -> Writer {
        let name = name::name(file, start, writer);
        let disk = Disk { path: self.0.path.join(&name), file: None, spare: Vec::new(), written: 0, behind: 0 };
        Writer {
            folder: self.clone(),
            name,
            start,
            first: Bytes::new(),
            filling: Vec::new(),
            taken: 0,
            synced: 0,
            named: false,
            disk: State::Idle(disk),
        }
    }

    pub(super) async fn read(&self, segment: Segment) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + use<>, Error> {
        let path = self.0.path.join(&segment.name);
        let file = blocking(move || File::open(path)).await.map_err(|error| Error::reading(&segment.name, error))?;
        Ok(files::read(segment.name, file, 0..segment.length))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.path.join(name)
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.0.path.join(name);
        match blocking(move || fs::remove_file(path)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.error(error)),
            // A name that comes back after a power cut is garbage that the next sweep finds.
            _ => Ok(()),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<Staged>, Error> {
        let path = self.0.path.clone();
        let list = move || {
            let names = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.file_name()));
            // What is not ours stays what it is.
            names.filter_map(|name| name.map(|name| name::parse(name.to_str()?).ok()).transpose()).collect()
        };
        blocking(list).await.map_err(|error| self.error(error))
    }

    pub(super) async fn identity(&self, fresh: Uuid) -> Result<Uuid, Error> {
        let folder = self.0.path.clone();
        let text = blocking(move || identity(&folder, fresh)).await.map_err(|error| self.error(error))?;
        self.parse_identity(&text)
    }

    pub(super) async fn known_identity(&self) -> Result<Option<Uuid>, Error> {
        let path = self.0.path.join(IDENTITY);
        match blocking(move || fs::read_to_string(path)).await {
            Ok(text) => self.parse_identity(&text).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }

    fn parse_identity(&self, text: &str) -> Result<Uuid, Error> {
        text.trim()
            .parse()
            .map_err(|error: uuid::Error| Error::Refused { what: self.0.path.join(IDENTITY).display().to_string(), source: error.into() })
    }

    pub(super) fn place(&self) -> String {
        self.0.path.display().to_string()
    }

    fn error(&self, error: io::Error) -> Error {
        Error::writing(&self.0.path.display().to_string(), error)
    }
}

/// The file's text, written whole before it gets its name, which it gets only if there is none of that name.
fn identity(folder: &Path, fresh: Uuid) -> io::Result<String> {
    let path = folder.join(IDENTITY);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        known => return known,
    }
    let draft = folder.join(format!("{IDENTITY}.{}", fresh.simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(format!("{fresh}\n").as_bytes())?;
    file.sync_all()?;
    let named = fs::hard_link(&draft, &path);
    fs::remove_file(&draft)?;
    match named {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => files::sync_folder(folder)?,
    }
    fs::read_to_string(&path)
}

/// One file, which grows.
#[derive(Debug)]
pub(super) struct Writer {
    folder: Folder,
    name: String,
    start: u64,
    /// What came first, as it came: of a small file that is all there is.
    first: Bytes,
    filling: Vec<u8>,
    /// Bytes that came.
    taken: u64,
    /// Bytes that are durable.
    synced: u64,
    /// Whether the file's name is durable.
    named: bool,
    disk: State,
}

/// Where the file is: here, with a thread that writes it, or given up after a failure. After one, nobody can say what a later sync would mean.
#[derive(Debug)]
enum State {
    Idle(Disk),
    Busy(oneshot::Receiver<io::Result<Disk>>),
    Broken,
}

#[derive(Debug)]
struct Disk {
    path: PathBuf,
    /// Made with the first byte, so that a writer that never writes leaves nothing.
    file: Option<Arc<File>>,
    /// The buffer that is not being filled.
    spare: Vec<u8>,
    /// Bytes that the system has, and those of them that the disk was given.
    written: u64,
    behind: u64,
}

impl Disk {
    /// Writes the last bytes for now; what is returned is still to be synced.
    fn finish(&mut self, first: &[u8], rest: Vec<u8>) -> io::Result<Option<Arc<File>>> {
        if !first.is_empty() {
            self.append(first)?;
        }
        if !rest.is_empty() {
            self.write(rest)?;
        }
        if self.written <= BEHIND {
            return Ok(self.file.clone());
        }
        // With so much on its way to the disk it does not make the small ones wait.
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        Ok(None)
    }

    fn write(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        self.append(&bytes)?;
        bytes.clear();
        self.spare = bytes;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Arc::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?)),
        };
        (&**file).write_all(bytes)?;
        self.written += bytes.len() as u64;
        if self.written - self.behind >= BEHIND {
            files::write_behind(file, self.behind..self.written);
            self.behind = self.written;
        }
        Ok(())
    }
}

impl State {
    /// On a thread that may block.
    fn busy(work: impl FnOnce(oneshot::Sender<io::Result<Disk>>) + Send + 'static) -> Self {
        let (answer, answered) = oneshot::channel();
        spawn_blocking(move || work(answer));
        Self::Busy(answered)
    }
}

impl Writer {
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        if self.taken == 0 && bytes.len() <= PIECE {
            self.taken = bytes.len() as u64;
            self.first = bytes;
            return Ok(());
        }
        self.filling.extend_from_slice(&std::mem::take(&mut self.first));
        self.fill(&bytes).await
    }

    async fn fill(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.filling.len()));
            self.filling.extend_from_slice(now);
            self.taken += now.len() as u64;
            bytes = later;
            if self.filling.len() == PIECE {
                let mut disk = self.idle().await?;
                let full = std::mem::replace(&mut self.filling, std::mem::take(&mut disk.spare));
                self.disk = State::busy(move |answer| drop(answer.send(disk.write(full).map(|()| disk))));
            }
        }
        Ok(())
    }

    pub(super) async fn sync(&mut self) -> Result<Vec<Segment>, Error> {
        if self.taken > self.synced {
            let mut disk = self.idle().await?;
            let taken = self.taken;
            let (first, rest) = (std::mem::take(&mut self.first), std::mem::take(&mut self.filling));
            let folder = (!self.named).then(|| self.folder.0.path.clone());
            let syncs = self.folder.0.syncs.clone();
            self.disk = State::busy(move |answer| match disk.finish(&first, rest) {
                Ok(None) if folder.is_none() => drop(answer.send(Ok(disk))),
                // Not by way of whoever waits, who would only send it on.
                Ok(file) => syncs.ask(file, folder, |synced| drop(answer.send(synced.map(|()| disk)))),
                Err(error) => drop(answer.send(Err(error))),
            });
            self.disk = State::Idle(self.idle().await?);
            self.named = true;
            self.synced = taken;
        }
        if self.synced == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![Segment { start: self.start, length: self.synced, name: self.name.clone() }])
    }

    /// Waits until the file is here. If whoever calls is dropped meanwhile, the next call goes on waiting.
    async fn idle(&mut self) -> Result<Disk, Error> {
        let done = match &mut self.disk {
            State::Busy(writing) => writing.await.map_err(io::Error::other).and_then(|written| written),
            _ => match std::mem::replace(&mut self.disk, State::Broken) {
                State::Idle(disk) => return Ok(disk),
                _ => Err(io::Error::other("an earlier write failed")),
            },
        };
        self.disk = State::Broken;
        done.map_err(|error| self.folder.error(error))
    }
}

/// What nobody was told of takes room that others wait for, so it goes at once and not with the next sweep.
impl Drop for Writer {
    fn drop(&mut self) {
        let (0, Ok(runtime)) = (self.synced, tokio::runtime::Handle::try_current()) else { return };
        let path = self.folder.0.path.join(&self.name);
        match std::mem::replace(&mut self.disk, State::Broken) {
            State::Idle(Disk { file: None, .. }) => {}
            State::Busy(writing) => {
                runtime.spawn(async move {
                    let _ = writing.await;
                    let _ = blocking(move || fs::remove_file(path)).await;
                });
            }
            State::Idle(_) | State::Broken => drop(runtime.spawn_blocking(move || fs::remove_file(path))),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other).and_then(|done| done)
}
