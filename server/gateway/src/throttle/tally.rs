//! What was counted for one request, and how its answer tells of it.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use portreeve_backends::limits::{Level, Levels};
use portreeve_contract::Problem;
use tokio::sync::OnceCell;

use super::{Class, plans::Plan};

/// draft-ietf-httpapi-ratelimit-headers-09, as is the other one.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// A request carries it in its extensions, from the gateway's door to wherever its caller becomes known.
#[derive(Clone, Debug)]
pub(crate) struct Tally(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    class: Class,
    lines: Mutex<Vec<Line>>,
    /// A page may ask several times who calls; it is counted once.
    caller: OnceCell<Result<(), Problem>>,
}

/// What answers say of a bucket, whoever it is of.
#[derive(Debug)]
pub(super) struct Bucket {
    /// How many it holds, and in how many seconds they come back.
    policy: String,
    /// As far as the number of those that are left.
    limit: String,
}

impl Bucket {
    /// `window` in seconds.
    pub(super) fn new(name: &str, holds: u64, window: u64) -> Self {
        Self { policy: format!("\"{name}\";q={holds};w={window}"), limit: format!("\"{name}\";r=") }
    }
}

/// How full one of them is: how many are left, and in how many seconds it is full.
#[derive(Debug)]
struct Line {
    bucket: Arc<Bucket>,
    left: u64,
    full_in: u64,
}

impl Tally {
    pub(super) fn new(class: Class) -> Self {
        Self(Arc::new(Kept { class, lines: Mutex::default(), caller: OnceCell::new() }))
    }

    pub(super) fn class(&self) -> Class {
        self.0.class
    }

    /// Counts the caller, unless that was done.
    pub(super) async fn once(&self, count: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
        self.0.caller.get_or_init(|| count).await.clone()
    }

    /// Notes how full the buckets of a plan are.
    pub(super) fn note(&self, plan: &Plan, levels: &Levels) {
        let line = |bucket: &Arc<Bucket>, level: &Level| Line { bucket: bucket.clone(), left: level.left, full_in: seconds(level.full_in) };
        let mut lines = self.0.lines.lock();
        lines.push(line(&plan.bucket, &levels.whole));
        if let (Some((_, bucket)), Some(level)) = (plan.class(self.class()), &levels.class) {
            lines.push(line(bucket, level));
        }
        if let (Some((_, bucket)), Some(level)) = (&plan.daily, &levels.day) {
            lines.push(line(bucket, level));
        }
    }

    /// Puts it into the answer; an upstream may have said something of its own limits there.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let lines = self.0.lines.lock();
        let (mut policy, mut limit) = (String::with_capacity(128), String::with_capacity(128));
        for line in &*lines {
            let separator = if policy.is_empty() { "" } else { ", " };
            let (mut left, mut full_in) = (itoa::Buffer::new(), itoa::Buffer::new());
            // For each request: put together piece by piece, it takes a third of what a format does.
            policy.extend([separator, &line.bucket.policy]);
            limit.extend([separator, &line.bucket.limit, left.format(line.left), ";t=", full_in.format(line.full_in)]);
        }
        for (header, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let (false, Ok(value)) = (text.is_empty(), HeaderValue::try_from(text)) {
                headers.append(header, value);
            }
        }
    }
}

/// Whole ones, and no less.
pub(super) fn seconds(duration: std::time::Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
