//! Bodies that stream.

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};

pub(super) type Pieces = BoxStream<'static, Result<Bytes, String>>;

/// The body's bytes; an error when the sender is cut off, which the gateway does if it keeps us waiting.
pub(super) fn pieces(body: Body) -> Pieces {
    body.into_data_stream().map_err(|error| error.to_string()).boxed()
}
