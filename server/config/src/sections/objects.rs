use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::read::{Bound, Conflict, kinds, settings};
use crate::values::{MINUTE, SECOND, Secret, within};

kinds! {
    /// Where the bytes of files live.
    pub enum Objects {
        /// A folder on this machine.
        "folder" => Folder,
        /// A bucket of Amazon's S3 or of whatever speaks its protocol, for more than one node.
        "s3" => S3,
    }
}

settings! {
    /// A folder on this machine.
    pub struct Folder {
        /// Relative to `data.path`.
        path: PathBuf = "objects".into(),
        /// Where uploads wait until they are stored. Relative to `data.path`.
        staging: PathBuf = "staging".into(),
    }
}

settings! {
    /// A bucket. Uploads wait in it too, under `staging/`, where any node finds them.
    pub struct S3 {
        /// Its name.
        bucket: String => Bound::new(|name: &String| is_bucket(name), "a bucket's name: 3 to 63 lower-case letters, digits, hyphens and dots"),
        /// Where the service is; Amazon's own in `region` if there is none.
        endpoint: Option<Url> => Bound::new(
            |url: &Option<Url>| url.as_ref().is_none_or(is_endpoint),
            "a URL like https://s3.example.org, without user, password and query",
        ),
        /// Requests are signed for it.
        region: String = "us-east-1".to_owned(),
        /// Whether the bucket is named in the path of a request or in front of the host's name.
        path_style: bool = true,
        /// Who asks.
        access_key: Secret,
        /// Proves who asks.
        secret_key: Secret,
        /// For each request, until the server says something.
        timeout: Duration = 30 * SECOND => within(SECOND..=10 * MINUTE),
        /// How often a request is sent again.
        retries: u32 = 3 => within(0..=20),
    }
    check = addresses_have_no_subdomains;
}

/// As Amazon has it; other services take fewer names, none takes more.
fn is_bucket(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    (3..=63).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with(['-', '.'])
        && !name.ends_with(['-', '.'])
        && !name.contains("..")
}

fn is_endpoint(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

fn addresses_have_no_subdomains(s3: &S3) -> Result<(), Conflict> {
    let is_name = s3.endpoint.as_ref().is_none_or(|url| url.domain().is_some());
    if is_name || s3.path_style {
        return Ok(());
    }
    let message = "objects.path_style = false names the bucket in front of the host, and objects.endpoint has an address. Give it a name.";
    Err((&["path_style", "endpoint"], message.to_owned()))
}
