//! A file of 1 GiB on its way in and out, against floors that do no more than they must.

use std::{
    fs::File,
    io::Write,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    body::{Bytes, Frame},
    client::conn::http1::handshake,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::support::{Call, Connection, MEBIBYTE, Outcome, Person, Process, Report, Spread, fill};

const ROUNDS: usize = 5;
const PIECE: usize = 256 * 1024;
const PIECES: usize = 4096;
const BYTES: usize = PIECE * PIECES;
/// Of the floor's rate.
const FLOOR: f64 = 0.7;
/// Bytes of memory on top of what it had before.
const MEMORY_FLOOR: f64 = 16.0 * MEBIBYTE;

pub(crate) async fn measure() -> Outcome<Report> {
    let (data, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fill(data.path(), 1).await?;
    let bare = Process::files(folder.path())?;
    let portreeve = Process::portreeve(data.path())?;
    let mut connection = Connection::open(portreeve.address).await?;
    let token = Person::sign_in(&mut connection, 0).await?.bearer();
    // What a first upload leaves in memory for good (threads, buffers, the allocator's own) is there before it is looked at.
    let warm = Call::sending("/v1/files?name=warm.bin", vec![1; 4 * PIECE])?.with(header::AUTHORIZATION, &token)?;
    connection.succeed(&warm).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (_, before) = portreeve.resident()?;
    let (mut ins, mut outs, mut most) = (Vec::new(), Vec::new(), before);
    for round in 0..ROUNDS {
        let (receiving, answer) = {
            free_memory(folder.path())?;
            let sent = send(portreeve.address, "/v1/files?name=large.bin", Some(&token));
            tokio::pin!(sent);
            loop {
                tokio::select! {
                    sent = &mut sent => break sent?,
                    () = tokio::time::sleep(Duration::from_millis(20)) => most = most.max(portreeve.resident()?.1),
                }
            }
        };
        let id = serde_json::from_slice::<Value>(&answer)?["file"]["id"].as_str().ok_or("no id")?.to_owned();
        let file = Call::get(&format!("/v1/files/{id}"))?.with(header::AUTHORIZATION, &token)?;
        // The one before may have rested for too long. Storing it is not to disturb the floor.
        let mut connection = Connection::open(portreeve.address).await?;
        while serde_json::from_slice::<Value>(&connection.succeed(&file).await?.body)?["status"] != "stored" {
            most = most.max(portreeve.resident()?.1);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        free_memory(folder.path())?;
        let (floor, _) = send(bare.address, "/large", None).await?;
        ins.push((receiving, floor));
        let content = read(portreeve.address, &format!("/v1/files/{id}/content"), Some(&token)).await?;
        outs.push((content, read(bare.address, &format!("/files/{round}"), None).await?));
    }

    let rate = |seconds: f64| 1024.0 / seconds;
    let mut report = Report::new("A file of 1 GiB, median (least to most) of 5 rounds");
    report.tell("sent to the 202, MiB/s", Spread::of(ins.iter().map(|round| rate(round.0))));
    report.tell("a bare receive, hash, write and sync, MiB/s", Spread::of(ins.iter().map(|round| rate(round.1))));
    let ratio = Spread::of(ins.iter().map(|(mine, floor)| floor / mine));
    report.hold("sent, of the bare rate", ratio, "≥ 0.7", ratio.median >= FLOOR);
    report.hold(
        "memory on top while it was sent and stored, MiB",
        format!("{:.1}", (most - before) / MEBIBYTE),
        "≤ 16",
        most - before <= MEMORY_FLOOR,
    );
    report.tell("downloaded, MiB/s", Spread::of(outs.iter().map(|round| rate(round.0))));
    report.tell("from a static file server (tower-http), MiB/s", Spread::of(outs.iter().map(|round| rate(round.1))));
    let ratio = Spread::of(outs.iter().map(|(mine, floor)| floor / mine));
    report.hold("downloaded, of the static rate", ratio, "≥ 0.7", ratio.median >= FLOOR);
    Ok(report)
}

/// What is written goes into memory first. To a virtual machine its host gives memory as it is touched, which can cost more than all the rest: so
/// whoever is next finds as much as they need that was touched just now.
fn free_memory(folder: &Path) -> Outcome<()> {
    let path = folder.join("memory");
    let mut file = File::create(&path)?;
    let piece = vec![7; PIECE];
    for _ in 0..PIECES + PIECES / 4 {
        file.write_all(&piece)?;
    }
    Ok(std::fs::remove_file(path)?)
}

/// Seconds until the answer to all bytes, and the answer.
async fn send(address: SocketAddr, path: &str, token: Option<&str>) -> Outcome<(f64, Bytes)> {
    let piece = Bytes::from(vec![42; PIECE]);
    let pieces = futures::stream::iter((0..PIECES).map(move |_| Ok::<_, std::convert::Infallible>(Frame::data(piece.clone()))));
    let mut request = Request::new(BodyExt::boxed_unsync(StreamBody::new(pieces)));
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(BYTES));
    let began = Instant::now();
    let (status, mut body) = exchange(address, path, token, request).await?;
    let seconds = began.elapsed().as_secs_f64();
    let answer = BodyExt::collect(&mut body).await?.to_bytes();
    if status != StatusCode::ACCEPTED {
        return Err(format!("{path} was answered with {status}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok((seconds, answer))
}

/// Seconds until all bytes were here.
async fn read(address: SocketAddr, path: &str, token: Option<&str>) -> Outcome<f64> {
    let request = Request::new(BodyExt::boxed_unsync(http_body_util::Empty::new()));
    let began = Instant::now();
    let (status, mut body) = exchange(address, path, token, request).await?;
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, Bytes::len);
    }
    if status != StatusCode::OK || bytes != BYTES {
        return Err(format!("{path} was answered with {status} and {bytes} bytes").into());
    }
    Ok(began.elapsed().as_secs_f64())
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::convert::Infallible>;

async fn exchange(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    mut request: Request<Body>,
) -> Outcome<(StatusCode, hyper::body::Incoming)> {
    let (mut sender, connection) = handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    tokio::spawn(connection);
    *request.uri_mut() = path.parse()?;
    request.headers_mut().insert(header::HOST, address.to_string().parse()?);
    if let Some(token) = token {
        request.headers_mut().insert(header::AUTHORIZATION, token.parse()?);
    }
    let (parts, body) = sender.send_request(request).await?.into_parts();
    Ok((parts.status, body))
}
