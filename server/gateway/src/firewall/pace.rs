//! Bodies that trickle are cut off.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portreeve_contract::{ErrorKind, Problem};
use tokio::time::{Instant, Sleep};

/// How a body has to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Without a byte.
    pub(super) pause: Duration,
    /// Bytes a second, of all the time that it is waited for beyond one such pause.
    pub(super) rate: u64,
}

impl Pace {
    /// The body, as long as it keeps to it. Only the time counts in which somebody wants more of it.
    pub(super) fn keep(self, body: Body) -> Paced {
        Paced { body, pace: self, received: 0, waited: Duration::ZERO, waiting: None }
    }

    /// How long a body of which so much came may have been waited for in all.
    fn patience(self, received: u64) -> Duration {
        self.pause + received.checked_div(self.rate).map_or(Duration::MAX / 4, Duration::from_secs)
    }
}

/// It did not.
#[derive(Debug, thiserror::Error)]
#[error("the rest of the body did not come in time")]
struct TooSlow;

/// Whether that is what an error tells of.
pub(crate) fn is_too_slow<'a>(error: &'a (dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (**error).source());
    causes.any(<dyn Error>::is::<TooSlow>)
}

/// What the client is told of it.
pub(crate) fn too_slow() -> Problem {
    Problem::new(ErrorKind::RequestTimeout, "body_incomplete", "The rest of the body did not come in time.")
}

pub(super) struct Paced {
    body: Body,
    pace: Pace,
    received: u64,
    waited: Duration,
    /// Since when, and what wakes us if it is for too long.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(next) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some((since, _)) = this.waiting.take() {
                this.waited += since.elapsed();
            }
            if let Some(Ok(frame)) = &next {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(next.map(|frame| frame.map_err(Into::into)));
        }
        let (pace, left) = (this.pace, this.pace.patience(this.received).saturating_sub(this.waited));
        let (_, wake) = this.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(tokio::time::sleep_until(now + pace.pause.min(left))))
        });
        ready!(wake.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;

    use super::*;

    /// Whether a body of pieces of so many bytes, each after its pause in milliseconds, comes through.
    async fn comes(pieces: &'static [(u64, usize)]) -> bool {
        let pieces = stream::iter(pieces).then(async |(pause, size)| {
            tokio::time::sleep(Duration::from_millis(*pause)).await;
            Ok::<_, std::io::Error>(vec![0; *size])
        });
        let paced = Pace { pause: Duration::from_secs(1), rate: 1000 }.keep(Body::from_stream(pieces));
        match Body::new(paced).collect().await {
            Ok(_) => true,
            Err(error) => {
                assert!(is_too_slow(&error), "{error}");
                false
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_pauses_or_trickles_is_cut_off() {
        assert!(comes(&[]).await);
        assert!(comes(&[(900, 1)]).await);
        assert!(!comes(&[(1100, 1_000_000)]).await);
        assert!(!comes(&[(0, 1_000_000), (1100, 1)]).await);
        // A byte at a time, none too late, and yet it would take forever.
        assert!(!comes(&[(500, 1), (400, 1), (500, 1)]).await);
        assert!(comes(&[(500, 500), (500, 500), (500, 500), (500, 500)]).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_may_take_its_time() {
        let pieces = stream::iter((0..10).map(|_| Ok::<_, std::io::Error>("x")));
        let mut paced = Pace { pause: Duration::from_secs(1), rate: 1000 }.keep(Body::from_stream(pieces));
        let mut count = 0;
        while let Some(piece) = paced.frame().await {
            piece.unwrap();
            count += 1;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(count, 10);
    }
}
