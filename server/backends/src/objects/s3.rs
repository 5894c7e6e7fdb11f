//! Objects in a bucket of S3 or of whatever speaks its protocol.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig, path::Path};
use portreeve_config::S3;

use super::pieces::Pieces;
use super::{Error, status};

/// What is larger is stored in parts of this size.
const PIECE: usize = 8 << 20;

/// More parts no object may have.
const PARTS: u64 = 10_000;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// The size of each part but the last: all alike, as some services want it. Grows only for what is larger than 78 GiB.
pub(super) fn piece(size: u64) -> usize {
    usize::try_from(size.div_ceil(PARTS)).unwrap_or(usize::MAX).max(PIECE)
}

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    place: String,
}

impl Bucket {
    pub(super) fn new(config: &S3) -> Result<Self, Error> {
        let place = match &config.endpoint {
            Some(endpoint) => format!("the bucket {} at {}", config.bucket, endpoint.as_str().trim_end_matches('/')),
            None => format!("the bucket {}", config.bucket),
        };
        let options = ClientOptions::new()
            .with_allow_http(config.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http"))
            // One for the whole request would cut long downloads off.
            .with_timeout_disabled()
            .with_read_timeout(config.timeout)
            .with_connect_timeout(CONNECT.min(config.timeout));
        let retries = RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(5), ..BackoffConfig::default() },
            max_retries: usize::try_from(config.retries).unwrap_or(usize::MAX),
            retry_timeout: (config.timeout * 2).min(Duration::from_mins(3)),
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(config.access_key.expose())
            .with_secret_access_key(config.secret_key.expose())
            .with_virtual_hosted_style_request(!config.path_style)
            // Half of those who speak the protocol do not know it.
            .with_disable_bulk_delete(true)
            .with_client_options(options)
            .with_retry(retries);
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint_of(endpoint, config));
        }
        let store = builder.build().map_err(|error| Error::Refused { what: place.clone(), source: error.into() })?;
        Ok(Self { store: Arc::new(store), place })
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    pub(super) fn multipart(&self) -> &dyn MultipartStore {
        &*self.store
    }

    pub(super) fn place(&self) -> String {
        self.place.clone()
    }

    pub(super) async fn put<S>(&self, path: &Path, pieces: Pieces<'_, S>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>>,
    {
        if pieces.is_single() {
            let payload = pieces.whole().await?;
            return self.store.put(path, payload).await.map(drop).map_err(|error| self.writing(path, error));
        }
        self.put_in_parts(path, pieces).await
    }

    async fn put_in_parts<S>(&self, path: &Path, mut pieces: Pieces<'_, S>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>>,
    {
        let id = self.store.create_multipart(path).await.map_err(|error| self.writing(path, error))?;
        let begun = self.remember(path, &id).await;
        let written = match begun {
            Ok(()) => self.put_parts(path, &id, &mut pieces).await,
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => self.forget(path, &id).await,
            Err(error) => {
                // If the service cannot be reached now, `sweep` does it.
                if self.store.abort_multipart(path, &id).await.is_ok() {
                    self.forget(path, &id).await;
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn put_parts<S>(&self, path: &Path, id: &String, pieces: &mut Pieces<'_, S>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>>,
    {
        let mut parts: Vec<PartId> = Vec::new();
        let mut piece = pieces.next().await?;
        while let Some(payload) = piece {
            let (part, next) = join(self.store.put_part(path, id, parts.len(), payload), pieces.next()).await;
            parts.push(part.map_err(|error| self.writing(path, error))?);
            piece = next?;
        }
        self.store.complete_multipart(path, id, parts).await.map(drop).map_err(|error| self.writing(path, error))
    }

    pub(super) async fn get(&self, path: &Path, range: Option<Range<u64>>) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.store.get_opts(path, options).await.map_err(|error| match status(&error.to_string()) {
            Some(416) => Error::Range(path.to_string()),
            _ => self.error(path, error),
        })?;
        if found.range != range.unwrap_or(0..found.meta.size) {
            return Err(Error::Range(path.to_string()));
        }
        let (this, path) = (self.clone(), path.clone());
        // A body that ends before its announced length is an error of the client's; a reply that breaks off is asked for again from there.
        Ok(found.into_stream().map(move |bytes| bytes.map_err(|error| this.error(&path, error))).boxed())
    }

    pub(super) fn error(&self, path: &Path, error: object_store::Error) -> Error {
        Error::store(&self.place, path.as_ref(), error)
    }

    /// Nothing can be missing when something is written, except the upload itself: it was completed or given up by another request, and
    /// writing the object once more is right.
    pub(super) fn writing(&self, path: &Path, error: object_store::Error) -> Error {
        match self.error(path, error) {
            Error::NotFound(key) => Error::Unavailable { what: self.place.clone(), source: format!("the upload of {key} is gone").into() },
            error => error,
        }
    }
}

/// With the bucket in front of the host's name, where `object_store` wants to find it.
fn endpoint_of(endpoint: &url::Url, config: &S3) -> String {
    let mut endpoint = endpoint.clone();
    if let (false, Some(host)) = (config.path_style, endpoint.domain()) {
        let host = format!("{}.{host}", config.bucket);
        // A name stays one with another in front of it.
        let _ = endpoint.set_host(Some(&host));
    }
    endpoint.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portreeve_config::{S3, Secret};

    use super::{PARTS, PIECE, endpoint_of, piece};

    #[test]
    fn the_bucket_is_in_the_path_or_in_front_of_the_host() {
        let config = |path_style| S3 {
            bucket: "quay".to_owned(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            path_style,
            access_key: Secret::new("k"),
            secret_key: Secret::new("s"),
            timeout: Duration::from_secs(1),
            retries: 0,
        };
        let endpoint = "https://s3.example.org:9000/".parse().unwrap();
        assert_eq!(endpoint_of(&endpoint, &config(true)), "https://s3.example.org:9000");
        assert_eq!(endpoint_of(&endpoint, &config(false)), "https://quay.s3.example.org:9000");
    }

    #[test]
    fn no_object_has_too_many_parts() {
        for size in [0, 9 << 20, 5 << 30, 78 << 30, 79 << 30, 5 << 40] {
            let piece = piece(size);
            assert!(piece >= PIECE && size.div_ceil(piece as u64) <= PARTS, "{size}");
        }
        assert_eq!(piece(5 << 30), PIECE);
    }
}
