//! What is counted of a minute, and what an administrator sees of it.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use portreeve_contract::measures::{Point, Span};
use serde::{Deserialize, Serialize};

use super::latency::{Counts, quantile};

/// As a row keeps it. What a later release counts besides is nothing to an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Numbers {
    pub(super) latency: Counts,
    pub(super) errors: u64,
    pub(super) sign_ins: u64,
    pub(super) refused_sign_ins: u64,
    pub(super) uploads: u64,
    pub(super) upload_bytes: u64,
    /// The same to all nodes, so that it is not added up.
    pub(super) lag: Option<u64>,
}

impl Numbers {
    /// What came since.
    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            latency: std::array::from_fn(|at| self.latency[at] - before.latency[at]),
            errors: self.errors - before.errors,
            sign_ins: self.sign_ins - before.sign_ins,
            refused_sign_ins: self.refused_sign_ins - before.refused_sign_ins,
            uploads: self.uploads - before.uploads,
            upload_bytes: self.upload_bytes - before.upload_bytes,
            lag: self.lag,
        }
    }

    fn add(&mut self, other: &Self) {
        for (sum, count) in self.latency.iter_mut().zip(other.latency) {
            *sum += count;
        }
        self.errors += other.errors;
        self.sign_ins += other.sign_ins;
        self.refused_sign_ins += other.refused_sign_ins;
        self.uploads += other.uploads;
        self.upload_bytes += other.upload_bytes;
        self.lag = self.lag.max(other.lag);
    }

    fn point(&self, at: DateTime<Utc>, counted: bool) -> Point {
        Point {
            at,
            counted,
            requests: self.latency.iter().sum(),
            errors: self.errors,
            p50: quantile(&self.latency, 0.5),
            p95: quantile(&self.latency, 0.95),
            p99: quantile(&self.latency, 0.99),
            sign_ins: self.sign_ins,
            refused_sign_ins: self.refused_sign_ins,
            uploads: self.uploads,
            upload_bytes: self.upload_bytes,
            lag: self.lag,
        }
    }
}

/// When the minute of a time began.
pub(super) fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    floor(time, TimeDelta::minutes(1))
}

fn floor(time: DateTime<Utc>, step: TimeDelta) -> DateTime<Utc> {
    time.duration_trunc(step).unwrap_or(time)
}

/// When the first point of a span begins that ends with the one of `now`.
pub(super) fn start(span: Span, now: DateTime<Utc>) -> DateTime<Utc> {
    let (count, step) = span.points();
    let step = TimeDelta::minutes(step.into());
    floor(now, step) - step * (i32::from(count) - 1)
}

/// What was counted in each point, and in all of them.
pub(super) fn points(span: Span, start: DateTime<Utc>, minutes: &[(DateTime<Utc>, Numbers)]) -> (Vec<Point>, Point) {
    let (count, step) = span.points();
    let mut sums = vec![(Numbers::default(), false); count.into()];
    let mut total = Numbers::default();
    for (minute, numbers) in minutes {
        let at = (*minute - start).num_minutes().div_euclid(step.into());
        if let Some((sum, counted)) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
            sum.add(numbers);
            *counted = true;
            total.add(numbers);
        }
    }
    let at = |number: usize| start + TimeDelta::minutes(i64::from(step) * i64::try_from(number).unwrap_or_default());
    let points = sums.iter().enumerate().map(|(number, (sum, counted))| sum.point(at(number), *counted));
    let counted = sums.iter().any(|(_, counted)| *counted);
    (points.collect(), total.point(start, counted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        // 09:00.
        DateTime::from_timestamp(1_780_045_200 + minutes * 60, 0).unwrap()
    }

    fn requests(count: u64, lag: u64) -> Numbers {
        let mut numbers = Numbers { lag: Some(lag), ..Numbers::default() };
        numbers.latency[0] = count;
        numbers
    }

    #[test]
    fn nodes_are_added_up_minute_by_minute() {
        let now = at(0) + TimeDelta::seconds(59);
        let from = start(Span::Hour, now);
        assert_eq!(from, at(-59));
        let minutes = [(at(-60), requests(99, 0)), (at(-59), requests(1, 7)), (at(0), requests(2, 3)), (at(0), requests(3, 3))];
        let (points, total) = points(Span::Hour, from, &minutes);
        assert_eq!(points.len(), 60);
        assert_eq!((points[0].requests, points[0].counted, points[0].lag), (1, true, Some(7)));
        assert_eq!((points[1].requests, points[1].counted, points[1].lag), (0, false, None));
        assert_eq!((points[59].at, points[59].requests, points[59].lag), (at(0), 5, Some(3)));
        assert_eq!((total.at, total.requests, total.lag), (from, 6, Some(7)));
    }

    #[test]
    fn a_day_is_in_quarters_of_an_hour() {
        let from = start(Span::Day, at(29));
        assert_eq!(from, at(15 - 95 * 15));
        let (points, total) = points(
            Span::Day,
            from,
            &[(at(14 - 95 * 15), requests(8, 0)), (at(14), requests(1, 0)), (at(15), requests(2, 0)), (at(29), requests(4, 0))],
        );
        assert_eq!((points.len(), points[94].requests, points[95].requests, total.requests), (96, 1, 6, 7));
    }

    #[test]
    fn what_an_earlier_release_counted_can_be_read() {
        let numbers: Numbers = serde_json::from_str(r#"{ "errors": 3, "unheard_of": 1 }"#).unwrap();
        assert_eq!(numbers, Numbers { errors: 3, ..Numbers::default() });
    }
}
