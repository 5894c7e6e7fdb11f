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

/// A bucket: its policy's name, how many it holds, in how many seconds they come back; how many are left, and in how many seconds it is full.
#[derive(Debug)]
struct Line {
    name: String,
    holds: u64,
    window: u64,
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
        let line = |name: String, (holds, window): (u64, u64), level: &Level| Line {
            name,
            holds,
            window,
            left: level.left,
            full_in: seconds(level.full_in),
        };
        let window = |rate: portreeve_backends::limits::Rate| {
            let burst = rate.burst.get();
            (u64::from(burst), seconds(rate.every * burst).max(1))
        };
        let mut lines = self.0.lines.lock();
        lines.push(line(plan.name.clone(), window(plan.rate), &levels.whole));
        if let (Some(rate), Some(level)) = (plan.class_rate(self.class()), &levels.class) {
            lines.push(line(format!("{}-{}", plan.name, self.class().name()), window(rate), level));
        }
        if let (Some(quota), Some(level)) = (plan.daily, &levels.day) {
            lines.push(line(format!("{}-day", plan.name), (quota.into(), 86_400), level));
        }
    }

    /// Puts it into the answer; an upstream may have said something of its own limits there.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let lines = self.0.lines.lock();
        let list = |first: &str, second: &str, numbers: fn(&Line) -> [u64; 2]| {
            let mut text = String::with_capacity(64);
            for line in &*lines {
                let [one, other] = numbers(line);
                let separator = if text.is_empty() { "" } else { ", " };
                let (mut digits, mut more) = (itoa::Buffer::new(), itoa::Buffer::new());
                // For each request: put together piece by piece, it takes a third of what a format does.
                for piece in [separator, "\"", &line.name, first, digits.format(one), second, more.format(other)] {
                    text.push_str(piece);
                }
            }
            text
        };
        let policy = list("\";q=", ";w=", |line| [line.holds, line.window]);
        let limit = list("\";r=", ";t=", |line| [line.left, line.full_in]);
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
