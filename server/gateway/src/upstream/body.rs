//! Bodies on their way through, in pieces: memory does not grow with them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::endpoint::Lease;

/// How far a request's body has come.
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// When something last came, or the last of it.
    moved_at: Instant,
    /// Whether the client is waited for.
    starved: bool,
    too_large: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { moved_at: Instant::now(), starved: false, too_large: false })))
    }

    pub(super) fn moved_at(&self) -> Instant {
        self.0.lock().moved_at
    }

    /// Whether it is the client who is slow.
    pub(super) fn is_starved(&self) -> bool {
        self.0.lock().starved
    }

    /// Whether more came than may.
    pub(super) fn is_too_large(&self) -> bool {
        self.0.lock().too_large
    }
}

/// More than the limit.
#[derive(Debug, thiserror::Error)]
#[error("the body is larger than it may be")]
struct TooLarge;

/// The body of a request: at most so many bytes, and it tells how far it has come.
pub(super) struct Sent {
    body: Body,
    left: u64,
    progress: Progress,
}

impl Sent {
    pub(super) fn new(body: Body, limit: u64, progress: Progress) -> Self {
        Self { body, left: limit, progress }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let this = &mut *self;
        let mut state = this.progress.0.lock();
        state.starved = polled.is_pending();
        if polled.is_ready() {
            state.moved_at = Instant::now();
        }
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = this.left.checked_sub(length) else {
                    state.too_large = true;
                    return Poll::Ready(Some(Err(TooLarge.into())));
                };
                this.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, which keeps its target busy until it is through.
pub(super) struct Received {
    pub(super) body: Body,
    pub(super) _lease: Lease,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
