//! A stream cut into pieces of one size.

use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use object_store::{PutPayload, path::Path};

use super::Error;

/// The bytes of one object on their way to where they are stored. Keeps no more than one piece, and copies nothing.
pub(super) struct Pieces<'a, S> {
    name: &'a Path,
    expected: u64,
    found: u64,
    piece: usize,
    bytes: Pin<&'a mut S>,
    /// What came with the last piece's end and belongs to the next.
    rest: Bytes,
}

impl<'a, S: Stream<Item = Result<Bytes, Error>>> Pieces<'a, S> {
    pub(super) fn new(name: &'a Path, expected: u64, piece: usize, bytes: Pin<&'a mut S>) -> Self {
        Self { name, expected, found: 0, piece, bytes, rest: Bytes::new() }
    }

    /// Whether one piece holds it all.
    pub(super) fn is_single(&self) -> bool {
        self.expected <= self.piece as u64
    }

    /// All of it, if [`Self::is_single`].
    pub(super) async fn whole(mut self) -> Result<PutPayload, Error> {
        let whole = self.next().await?.unwrap_or_default();
        match self.next().await? {
            None => Ok(whole),
            Some(_) => Err(self.wrong_length()),
        }
    }

    /// The next piece: as large as each, but the last. `None` once all have come that should.
    pub(super) async fn next(&mut self) -> Result<Option<PutPayload>, Error> {
        let mut parts = Vec::new();
        let mut room = self.piece;
        while room > 0 {
            if self.rest.is_empty() {
                match self.bytes.next().await {
                    Some(bytes) => self.rest = bytes?,
                    None => break,
                }
                self.found += self.rest.len() as u64;
                if self.found > self.expected {
                    return Err(self.wrong_length());
                }
            }
            let part = self.rest.split_to(room.min(self.rest.len()));
            room -= part.len();
            parts.push(part);
        }
        if room < self.piece {
            return Ok(Some(parts.into_iter().collect()));
        }
        if self.found == self.expected { Ok(None) } else { Err(self.wrong_length()) }
    }

    fn wrong_length(&self) -> Error {
        Error::Length { name: self.name.to_string(), expected: self.expected, found: self.found }
    }
}
