//! Bodies on their way through, in pieces: memory does not grow with them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use futures::{FutureExt, future::BoxFuture};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower_http::timeout::TimeoutBody;

use super::{admitted::Admitted, connections::Connection, endpoint::Lease};
use crate::firewall;

/// A request's body, and how far it has come. Kept while it is sent, because as long as nobody has read of it it can be sent elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Outgoing(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    body: Body,
    /// Bytes that may still come.
    left: u64,
    /// When something last came, or the last of it.
    moved_at: Instant,
    touched: bool,
    /// Whether the client is waited for.
    starved: bool,
    trouble: Option<Trouble>,
}

/// Why it does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    TooLarge,
    TooSlow,
}

impl Outgoing {
    /// At most `limit` bytes of it.
    pub(super) fn new(body: Body, limit: u64) -> Self {
        let state = State { body, left: limit, moved_at: Instant::now(), touched: false, starved: false, trouble: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// As it is sent, this time.
    pub(super) fn send(&self) -> Body {
        self.0.lock().moved_at = Instant::now();
        Body::new(Sent(self.clone()))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().body.is_end_stream()
    }

    /// Whether any of it was read.
    pub(super) fn is_touched(&self) -> bool {
        self.0.lock().touched
    }

    pub(super) fn moved_at(&self) -> Instant {
        self.0.lock().moved_at
    }

    /// Whether it is the client who is slow.
    pub(super) fn is_starved(&self) -> bool {
        self.0.lock().starved
    }

    /// Whether the gateway gave up waiting for it.
    pub(super) fn is_too_slow(&self) -> bool {
        self.0.lock().trouble == Some(Trouble::TooSlow)
    }

    /// Whether more came than may.
    pub(super) fn is_too_large(&self) -> bool {
        self.0.lock().trouble == Some(Trouble::TooLarge)
    }
}

/// More than the limit.
#[derive(Debug, thiserror::Error)]
#[error("the body is larger than it may be")]
struct TooLarge;

struct Sent(Outgoing);

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut state = self.0.0.lock();
        state.touched = true;
        let polled = Pin::new(&mut state.body).poll_frame(context);
        state.starved = polled.is_pending();
        if polled.is_ready() {
            state.moved_at = Instant::now();
        }
        if matches!(&polled, Poll::Ready(Some(Err(error))) if firewall::is_too_slow(error)) {
            state.trouble = Some(Trouble::TooSlow);
        }
        let Poll::Ready(Some(Ok(frame))) = polled else { return polled.map_err(Into::into) };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(left) = state.left.checked_sub(length) else {
            state.trouble = Some(Trouble::TooLarge);
            return Poll::Ready(Some(Err(TooLarge.into())));
        };
        state.left = left;
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.0.lock().body.size_hint()
    }
}

/// Looks whether whoever asked is still let in. Most answers come with their head, or right after it; only from the first wait on somebody looks.
pub(super) struct Watch {
    admitted: Option<Admitted>,
    ended: Option<BoxFuture<'static, ()>>,
}

impl Watch {
    /// Of nobody, for what everybody gets.
    pub(super) fn new(admitted: Option<Admitted>) -> Self {
        Self { admitted, ended: None }
    }

    fn is_over(&mut self, waits: bool, context: &mut Context<'_>) -> bool {
        if waits && let Some(admitted) = self.admitted.take() {
            self.ended = Some(admitted.ended().boxed());
        }
        self.ended.as_mut().is_some_and(|ended| ended.poll_unpin(context).is_ready())
    }
}

/// A session or a key is over, and what it asked for with it.
#[derive(Debug, thiserror::Error)]
#[error("whoever asked is no longer let in")]
struct Over;

pin_project! {
    /// The body of an answer, which keeps its connection and its target busy until it is through, or whoever asked is no longer let in.
    pub(super) struct Received {
        #[pin]
        pub(super) body: TimeoutBody<Incoming>,
        pub(super) watch: Watch,
        pub(super) _connection: Connection,
        pub(super) _lease: Lease,
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let polled = this.body.poll_frame(context);
        if this.watch.is_over(polled.is_pending(), context) { Poll::Ready(Some(Err(Over.into()))) } else { polled }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
