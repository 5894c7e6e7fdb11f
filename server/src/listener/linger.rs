//! The end of a connection on which more may come than we want to read.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// Without a byte of the client's.
const PAUSE: Duration = Duration::from_secs(2);
/// In all.
const LONGEST: Duration = Duration::from_secs(10);
/// Bytes.
const AT_ONCE: usize = 16 * 1024;

/// Throws away what a client goes on sending when nothing more is said to it (RFC 9112 §9.6). Closed at once, TCP would tell it that what it sent was lost,
/// and the answer, which says why nobody wanted it, would be lost for that.
pub(super) struct Linger {
    until: Instant,
    pause: Pin<Box<Sleep>>,
}

impl Linger {
    pub(super) fn begin() -> Self {
        Self { until: Instant::now() + LONGEST, pause: Box::pin(sleep(PAUSE)) }
    }

    /// Ready when the client has closed its side too, is silent, or goes on for too long.
    pub(super) fn poll(&mut self, mut stream: impl AsyncRead + Unpin, context: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [const { std::mem::MaybeUninit::uninit() }; AT_ONCE];
        loop {
            let mut read = ReadBuf::uninit(&mut scratch);
            let now = match Pin::new(&mut stream).poll_read(context, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => Instant::now(),
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.pause.as_mut().poll(context),
            };
            if now >= self.until {
                return Poll::Ready(());
            }
            self.pause.as_mut().reset(self.until.min(now + PAUSE));
        }
    }
}
