//! An S3 server that nobody here wrote (the crate s3s-fs), over real HTTP on a free port of this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use portreeve_config::{S3, Secret};
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::sync::oneshot;

const BUCKET: &str = "portreeve";
const ACCESS_KEY: &str = "harbour";
const SECRET_KEY: &str = "a-secret-of-the-harbour";

/// A server with one empty bucket. Runs on threads of its own, so it serves a test that blocks and a process that the test starts. Gone, with all
/// that was stored, when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    folder: TempDir,
    service: S3Service,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Server {
    /// A fresh one, which answers when this returns.
    ///
    /// # Panics
    /// If the machine has no port or no room for it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = s3s_fs::FileSystem::new(folder.path()).expect("a file system");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(s3s::auth::SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut server = Self { address, folder, service: service.build(), running: None };
        server.run(listener);
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What Portreeve is told about it. Impatient, so that tests of failures are short.
    ///
    /// # Panics
    /// Never: an address is part of a URL.
    pub fn config(&self) -> S3 {
        self.config_at(self.address)
    }

    /// As [`Self::config`], by way of something in between, such as a [`crate::Proxy`].
    ///
    /// # Panics
    /// Never: an address is part of a URL.
    pub fn config_at(&self, address: SocketAddr) -> S3 {
        S3 {
            bucket: BUCKET.to_owned(),
            endpoint: Some(format!("http://{address}").parse().expect("a URL")),
            region: "us-east-1".to_owned(),
            path_style: true,
            access_key: Secret::new(ACCESS_KEY),
            secret_key: Secret::new(SECRET_KEY),
            timeout: Duration::from_secs(5),
            retries: 1,
        }
    }

    /// The folder of the bucket's objects, one file each.
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Parts of uploads that were neither completed nor given up. This server takes an upload off its list before it puts the object together, where S3 does
    /// both at once: what it leaves of one whose client died in between has no id any more, and is its own.
    ///
    /// # Panics
    /// If the folder cannot be read.
    pub fn parts(&self) -> usize {
        let names = std::fs::read_dir(self.folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let is_known = |upload: &str| self.folder.path().join(format!(".upload-{upload}.json")).exists();
        names
            .filter(|name| {
                name.to_str().and_then(|name| name.strip_prefix(".upload_id-")?.split_once('.')).is_some_and(|(id, _)| is_known(id))
            })
            .count()
    }

    /// Breaks every connection and refuses new ones, until [`Self::restart`]. What is stored stays.
    ///
    /// # Panics
    /// If the server panicked.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            running.thread.join().expect("the server ends");
        }
    }

    /// Listens again, on the same port.
    ///
    /// # Panics
    /// If somebody else took the port meanwhile.
    pub fn restart(&mut self) {
        self.stop();
        self.run(TcpListener::bind(self.address).expect("its port"));
    }

    fn run(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).expect("a socket");
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        let service = self.service.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let _ = ready.send(());
                tokio::select! {
                    () = serve(listener, service) => {}
                    _ = stopped => {}
                }
            });
            // With it go all connections.
            runtime.shutdown_timeout(Duration::from_secs(1));
        });
        is_ready.recv().expect("the server starts");
        self.running = Some(Running { stop, thread });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(listener: tokio::net::TcpListener, service: S3Service) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        tokio::spawn(async move {
            // A connection that breaks is what tests are about.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
