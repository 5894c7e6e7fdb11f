use std::time::Duration;

use url::Url;

use crate::read::{Bound, kinds, settings, words};
use crate::values::{MINUTE, SECOND, Secret, within};

kinds! {
    /// Where traces go.
    pub enum Traces {
        /// Nowhere: none are recorded.
        "off" => NoTraces,
        /// A collector, over OTLP/HTTP.
        "otlp" => Otlp,
    }
}

settings! {
    /// No traces: nothing to set.
    pub struct NoTraces {}
}

settings! {
    /// A collector of traces, which are sent as protobuf over HTTP.
    pub struct Otlp {
        /// The whole address, path included.
        endpoint: Url => Bound::new(is_endpoint, "a URL like http://127.0.0.1:4318/v1/traces, with its path and without user and password"),
        /// What is sent along with each request: `name=value`, with commas between.
        headers: Option<Secret> => Bound::new(
            |headers: &Option<Secret>| headers.as_ref().is_none_or(|headers| headers_of(headers).is_some()),
            "name=value, with commas between several: authorization=Bearer%20token",
        ),
        /// What this installation is called there: `service.name`.
        service_name: String = "portreeve".to_owned(),
        /// The part of the traces beginning here that is recorded, from 0 to 1.
        sample_ratio: f64 = 1.0 => within(0.0..=1.0),
        /// What a caller's `traceparent` counts for.
        callers: Callers = Callers::Parent,
        /// Spans that may wait to be sent.
        queue: usize = 4096 => within(16..=65_536),
        /// How often they are sent.
        interval: Duration = 5 * SECOND => within(Duration::from_millis(100)..=MINUTE),
        /// How long the collector may take, and how long is waited for it at the end.
        timeout: Duration = 5 * SECOND => within(Duration::from_millis(100)..=MINUTE),
    }
}

words! {
    /// What a caller's `traceparent` counts for.
    pub enum Callers {
        /// Its trace goes on here, and is recorded if it says so.
        "parent" => Parent,
        /// A new trace begins, which links to it: a stranger decides nothing.
        "link" => Link,
    }
}

impl Otlp {
    /// The headers by name.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.headers.as_ref().and_then(headers_of).unwrap_or_default()
    }
}

fn is_endpoint(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() != "/"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// As `OTEL_EXPORTER_OTLP_HEADERS` has them: values percent-encoded where they have to be.
fn headers_of(text: &Secret) -> Option<Vec<(String, String)>> {
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let fits = is_name(name.trim()) && !value.is_empty() && value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        fits.then(|| (name.trim().to_owned(), value.into_owned()))
    };
    text.expose().split(',').map(one).collect()
}
