//! A client of HTTP/2 that says what no library would (RFC 9113 §4, RFC 7541 §6.2.2).

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{gateway::connect, support::TestApp};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// An error of the protocol.
pub(super) const PROTOCOL_ERROR: u32 = 1;

const PATIENCE: Duration = Duration::from_secs(40);

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is answered: the status, and the body.
    Answered(u16, String),
    /// It is given up, and the connection goes on.
    Reset(u32),
    /// The connection ends.
    Ended(u32),
}

/// A name and its value.
pub(super) type Header<'a> = (&'a [u8], &'a [u8]);
pub(super) type Headers<'a> = &'a [Header<'a>];

/// A part of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// Headers, or trailers.
    Headers(Headers<'a>),
    Data(&'a [u8]),
}

pub(super) struct Client {
    stream: TcpStream,
    asked: u32,
}

impl Client {
    pub(super) async fn connect(app: &TestApp) -> Self {
        let mut stream = connect(app).await;
        stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.expect("a connection");
        Self { stream, asked: 0 }
    }

    /// Sends all parts of a request at once, the last of which ends it, and waits for what becomes of it.
    pub(super) async fn ask(&mut self, parts: &[Part<'_>]) -> Outcome {
        let id = 2 * self.asked + 1;
        self.asked += 1;
        let frames = parts.iter().enumerate().flat_map(|(number, part)| {
            let end = if number + 1 == parts.len() { END_STREAM } else { 0 };
            match part {
                Part::Headers(headers) => frame(HEADERS, END_HEADERS | end, id, &block(headers)),
                Part::Data(data) => frame(DATA, end, id, data),
            }
        });
        self.stream.write_all(&frames.collect::<Vec<u8>>()).await.expect("a connection");
        timeout(PATIENCE, self.outcome(id)).await.expect("an answer or an end")
    }

    async fn outcome(&mut self, id: u32) -> Outcome {
        let (mut status, mut body) = (None, Vec::new());
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).await.expect("a frame");
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).await.expect("a frame");
            let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
            match (head[3], u32::from_be_bytes(head[5..].try_into().unwrap())) {
                (GOAWAY, 0) => return Outcome::Ended(number(4)),
                (RST_STREAM, stream) if stream == id => return Outcome::Reset(number(0)),
                (HEADERS, stream) if stream == id => status = status.or(Some(self::status(payload[0]))),
                (DATA, stream) if stream == id => body.extend(payload),
                _ => continue,
            }
            if head[4] & END_STREAM != 0 {
                return Outcome::Answered(status.expect("a status"), String::from_utf8(body).expect("text"));
            }
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Each name and value as it is: neither indexed nor compressed.
fn block(headers: Headers<'_>) -> Vec<u8> {
    let text = |text: &[u8]| [&[u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text")], text].concat();
    headers.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// Those of the static table (RFC 7541, appendix A); no other is expected here.
fn status(index: u8) -> u16 {
    [200, 204, 206, 304, 400, 404, 500][usize::from(index.checked_sub(0x88).expect("an index"))]
}
