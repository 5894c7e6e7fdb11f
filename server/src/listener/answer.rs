//! An answer on its way, watched: one that the client's flow control holds up shows in no socket.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::watch::Busy;

pub(super) struct Answer {
    body: Body,
    busy: Busy,
}

impl Answer {
    pub(super) fn new(body: Body, busy: Busy) -> Self {
        // HTTP/2 asks for the first part only once the client will take it.
        busy.handed_over();
        Self { body, busy }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.busy.passed_on();
        let next = Pin::new(&mut self.body).poll_frame(context);
        if matches!(next, Poll::Ready(Some(Ok(_)))) {
            self.busy.handed_over();
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
