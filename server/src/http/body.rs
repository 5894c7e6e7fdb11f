//! Bodies that stream.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};

/// A sender that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);

/// The body's bytes; an error when the sender is cut off, or says nothing for a minute.
pub(super) fn patient(body: Body) -> BoxStream<'static, Result<Bytes, String>> {
    until_silent(body.into_data_stream().map(|next| next.map_err(|error| error.to_string())), SILENCE).boxed()
}

fn until_silent(
    stream: impl Stream<Item = Result<Bytes, String>> + Send + 'static,
    silence: Duration,
) -> impl Stream<Item = Result<Bytes, String>> + Send {
    futures::stream::unfold(Some(stream.boxed()), move |stream| async move {
        let mut stream = stream?;
        match tokio::time::timeout(silence, stream.next()).await {
            Ok(next) => next.map(|next| (next, Some(stream))),
            Err(_) => Some((Err("nothing came for too long".to_owned()), None)),
        }
    })
}
