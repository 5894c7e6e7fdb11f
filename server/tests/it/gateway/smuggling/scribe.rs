//! A service that reads requests to the letter, and writes down what it read.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// Answers each request with its target, and keeps the connection. Stops when it is dropped.
pub(super) struct Scribe {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    task: AbortHandle,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    head: String,
    pub(super) body: String,
    pub(super) is_whole: bool,
}

impl Heard {
    pub(super) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// Its headers as they came, with names in small letters.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.strip_suffix("\r\n\r\n").unwrap_or(&self.head).split("\r\n").skip(1);
        lines.map(|line| line.split_once(": ").unwrap_or((line, "\0")))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.lines().find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

impl Scribe {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let notes = heard.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let notes = notes.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while serve(&mut stream, &notes).await.is_ok() {}
                });
            }
        });
        Self { address, heard, task: task.abort_handle() }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: &mut BufReader<TcpStream>, notes: &Mutex<Vec<Heard>>) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // What ends before its head does is as good as another request.
        if stream.read_until(b'\n', &mut head).await? == 0 && head.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        } else if !head.ends_with(b"\n") {
            break;
        }
    }
    let mut request = Heard { head: String::from_utf8_lossy(&head).into_owned(), body: String::new(), is_whole: false };
    let number = {
        let mut notes = notes.lock().unwrap();
        notes.push(request.clone());
        notes.len() - 1
    };
    let body = body(stream, &request).await?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    request.is_whole = true;
    let target = request.target().to_owned();
    notes.lock().unwrap()[number] = request;
    stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{target}", target.len()).as_bytes()).await
}

/// RFC 9112 §6.3, without its leniency.
async fn body(stream: &mut BufReader<TcpStream>, heard: &Heard) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    match (heard.header("content-length"), heard.header("transfer-encoding")) {
        (None, None) => {}
        (Some(length), None) => {
            body.resize(length.parse().map_err(Error::other)?, 0);
            stream.read_exact(&mut body).await?;
        }
        (None, Some("chunked")) => loop {
            let length = usize::from_str_radix(&line(stream).await?, 16).map_err(Error::other)?;
            let end = body.len() + length;
            body.resize(end, 0);
            stream.read_exact(&mut body[end - length..]).await?;
            if length == 0 {
                while !line(stream).await?.is_empty() {}
                return Ok(body);
            }
            if !line(stream).await?.is_empty() {
                return Err(Error::other("a chunk is longer than it says"));
            }
        },
        framing => return Err(Error::other(format!("{framing:?}"))),
    }
    Ok(body)
}

async fn line(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(|| Error::other("no line"))
}
