//! The floors of taking files in and giving them out: Axum behind Portreeve's listener that does what cannot be left out, in a process of its own.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    routing::post,
};
use futures::TryStreamExt;
use http::StatusCode;
use portreeve::listener::{self, Limits};
use portreeve_config::Config;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;

use super::Outcome;

/// What makes this program that server; the folder comes after it.
pub(crate) const ARGUMENT: &str = "floor-files";
/// How much is written at once.
const PIECE: usize = 256 * 1024;

#[derive(Clone)]
struct Floor {
    folder: PathBuf,
    log: Arc<File>,
    count: Arc<AtomicU64>,
}

/// `POST /small` writes and syncs the body, the folder and a line of a log; `POST /large` hashes as well, and keeps no more than a piece in memory; `GET /files/…`
/// is a static file server.
pub(crate) async fn serve(folder: PathBuf) -> Outcome<()> {
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = threads.spawn(listen(folder)).await?;
    threads.shutdown_background();
    Ok(served?)
}

async fn listen(folder: PathBuf) -> std::io::Result<()> {
    let log = OpenOptions::new().create(true).append(true).open(folder.join("log"))?;
    let files = ServeDir::new(&folder);
    let floor = Floor { folder, log: Arc::new(log), count: Arc::default() };
    let listener = listener::bind((Ipv4Addr::LOCALHOST, 0).into(), "listen").await?;
    println!("Files are taken in on http://{}", listener.local_addr()?);
    let limits = Limits::of(&Config::embedded().expect("the defaults").public);
    let router = Router::new()
        .route("/small", post(small))
        .route("/large", post(large))
        .layer(DefaultBodyLimit::disable())
        .with_state(floor)
        .nest_service("/files", files);
    listener::serve(listener, router, None, limits, CancellationToken::new()).await;
    Ok(())
}

async fn small(State(floor): State<Floor>, body: Bytes) -> StatusCode {
    answer(spawn_blocking(move || floor.keep(|file| file.write_all(&body))).await.unwrap_or_else(|gone| Err(gone.into())))
}

/// Receives, hashes and writes side by side, as anybody would who wants it to be fast.
async fn large(State(floor): State<Floor>, body: Body) -> StatusCode {
    let (pieces, taken) = std::sync::mpsc::sync_channel::<Vec<u8>>(2);
    let written = spawn_blocking(move || {
        floor.keep(|file| {
            let mut hash = Context::new(&SHA256);
            for piece in taken {
                hash.update(&piece);
                file.write_all(&piece)?;
            }
            std::hint::black_box(hash.finish());
            Ok(())
        })
    });
    let mut body = body.into_data_stream();
    let mut filling = Vec::with_capacity(PIECE);
    while let Ok(Some(bytes)) = body.try_next().await {
        filling.extend_from_slice(&bytes);
        if filling.len() >= PIECE {
            let full = std::mem::replace(&mut filling, Vec::with_capacity(PIECE));
            let pieces = pieces.clone();
            if !spawn_blocking(move || pieces.send(full).is_ok()).await.unwrap_or(false) {
                return StatusCode::INTERNAL_SERVER_ERROR;
            }
        }
    }
    let _ = spawn_blocking(move || pieces.send(filling)).await;
    answer(written.await.unwrap_or_else(|gone| Err(gone.into())))
}

impl Floor {
    /// The three syncs without which nobody may say “accepted”: the bytes, their name, and the line that tells of them.
    fn keep(&self, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> std::io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let mut file = File::create_new(self.folder.join(number.to_string()))?;
        write(&mut file)?;
        file.sync_data()?;
        File::open(&self.folder)?.sync_all()?;
        (&*self.log).write_all(format!("{number}\n").as_bytes())?;
        self.log.sync_data()
    }
}

fn answer(kept: std::io::Result<()>) -> StatusCode {
    kept.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::ACCEPTED)
}
