//! What the tests of this crate share.

use std::process::{Command, Output};
use std::sync::LazyLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, TryStreamExt};
use portreeve_backends::objects::{Error, Objects};
use portreeve_testkit::s3;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const MIB: u64 = 1 << 20;

/// Around everything that is cut somewhere.
pub(crate) const SIZES: [u64; 9] = [0, 1, 256 * 1024 + 1, MIB - 1, MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB];

/// Where objects are kept during one test.
pub(crate) struct Place {
    pub(crate) objects: Objects,
    pub(crate) folder: TempDir,
    pub(crate) server: Option<s3::Server>,
}

impl Place {
    pub(crate) fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { objects: Objects::folder(&folder.path().join("objects")).unwrap(), folder, server: None }
    }

    pub(crate) fn s3() -> Self {
        let server = s3::Server::start();
        Self { objects: Objects::s3(&server.config()).unwrap(), folder: tempfile::tempdir().unwrap(), server: Some(server) }
    }

    /// How much is left of uploads that were not finished.
    pub(crate) fn leftovers(&self) -> usize {
        match &self.server {
            Some(server) => server.parts(),
            None => files(self.folder.path()).into_iter().filter(|path| path.contains('#')).count(),
        }
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &std::path::Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path.to_str().unwrap().to_owned()) }
    }
    all
}

/// The byte at a place of every test's file: it repeats after no power of two, so that a piece that is swapped is noticed.
pub(crate) fn byte_at(place: u64) -> u8 {
    u8::try_from(place % 251).unwrap() ^ u8::try_from((place >> 16) & 0xff).unwrap()
}

/// `length` bytes from `start` on, as long as they end before the 32nd MiB.
pub(crate) fn bytes(start: u64, length: u64) -> Bytes {
    static ALL: LazyLock<Bytes> = LazyLock::new(|| (0..32 * MIB).map(byte_at).collect());
    ALL.slice(usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap())
}

/// The first `size` bytes in pieces of an odd size.
pub(crate) fn stream(size: u64) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    const PIECE: u64 = 65_521;
    let pieces = (0..size.div_ceil(PIECE)).map(move |number| bytes(number * PIECE, PIECE.min(size - number * PIECE)));
    futures::stream::iter(pieces.map(Ok))
}

/// Reads to the end; the bytes must be those from `start` on.
pub(crate) async fn assert_reads(read: impl Stream<Item = Result<Bytes, Error>>, start: u64, length: u64) {
    let read: Vec<Bytes> = read.try_collect().await.unwrap();
    let read = read.concat();
    assert_eq!(read.len() as u64, length);
    assert!(read == bytes(start, length), "{length} bytes from {start} on are others");
}

/// The error that a stream ends with.
pub(crate) async fn error_of(read: impl Stream<Item = Result<Bytes, Error>>) -> Error {
    let mut read = std::pin::pin!(read);
    while let Some(bytes) = read.next().await {
        if let Err(error) = bytes {
            return error;
        }
    }
    panic!("it ended as if all were there");
}

pub(crate) fn now() -> DateTime<Utc> {
    portreeve_backends::Clock::System.now()
}

pub(crate) fn uuid() -> Uuid {
    portreeve_backends::Random::System.uuid(now())
}

/// Waits until something comes true that another thread does.
pub(crate) async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let started = std::time::Instant::now();
    while !is_true().await {
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

const AGAIN: &str = "PORTREEVE_TEST_AGAIN";

/// Whether this is the process that [`again`] started.
pub(crate) fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// Runs one test of this binary in a process of its own, below `wrapper`, which ends with whatever runs the rest of the line.
pub(crate) fn again(wrapper: &[&str], test: &str) -> Output {
    let mut command = Command::new(wrapper.first().copied().unwrap_or("env"));
    command.args(wrapper.get(1..).unwrap_or_default()).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(AGAIN, "1");
    let output = command.output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    output
}

/// Runs each test of a contract on each engine.
macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod on_a_folder {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(super::Place::folder()).await; })+
        }
        mod on_s3 {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(super::Place::s3()).await; })+
        }
    };
}

pub(crate) use on_each_engine;
