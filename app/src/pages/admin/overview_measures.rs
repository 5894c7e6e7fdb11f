//! What the charts show, and how they say it.

use portreeve_contract::{
    measures::{Measures, Point, Span},
    size::{bytes, grouped},
};

use super::overview_chart::{Form, Measure, Series};

/// In the order of the page.
pub(super) static CHARTS: [Measure; 6] = [
    Measure {
        name: "Requests",
        series: &[Series { name: "Requests", form: Form::Bars, ink: "signal", read: |point| count(point.requests) }],
        figure: number,
        words: |all| (format!("{} {}", many(all.total.requests, "request", "requests"), lately(all.span)), now(all, |it| it.requests)),
    },
    Measure {
        name: "Errors",
        series: &[Series { name: "Errors", form: Form::Bars, ink: "red", read: |point| count(point.errors) }],
        figure: number,
        words: errors,
    },
    Measure {
        name: "Time to answer",
        series: &[
            Series { name: "50 of 100", form: Form::Line, ink: "signal", read: |point| point.p50 },
            Series { name: "95 of 100", form: Form::Dashes, ink: "ink", read: |point| point.p95 },
            Series { name: "99 of 100", form: Form::Dots, ink: "brass", read: |point| point.p99 },
        ],
        figure: milliseconds,
        words: latency,
    },
    Measure {
        name: "Sign-ins",
        series: &[
            Series { name: "Signed in", form: Form::Bars, ink: "signal", read: |point| count(point.sign_ins) },
            Series { name: "Not let in", form: Form::Marks, ink: "brass", read: |point| count(point.refused_sign_ins) },
        ],
        figure: number,
        words: |all| {
            let refused = format!("{} not let in", grouped(all.total.refused_sign_ins));
            (format!("{} {}", many(all.total.sign_ins, "sign-in", "sign-ins"), lately(all.span)), refused)
        },
    },
    Measure {
        name: "Uploads",
        series: &[Series { name: "Files", form: Form::Bars, ink: "signal", read: |point| count(point.uploads) }],
        figure: number,
        words: |all| {
            (
                format!("{} {}", many(all.total.uploads, "file", "files"), lately(all.span)),
                format!("{} in all", bytes(all.total.upload_bytes)),
            )
        },
    },
    Measure {
        name: "Stream lag",
        series: &[Series { name: "Events behind", form: Form::Line, ink: "signal", read: |point| point.lag.and_then(count) }],
        figure: number,
        words: lag,
    },
];

#[allow(clippy::cast_precision_loss, reason = "a pixel needs no 53 bits")]
#[allow(clippy::unnecessary_wraps, reason = "other series have values that are not known")]
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, and round numbers above them")]
fn number(value: f64) -> String {
    grouped(value.max(0.0) as u64)
}

fn many(count: u64, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {several}", grouped(count)) }
}

/// “0.4 ms”, “120 ms”, “1.2 s”.
pub(super) fn milliseconds(value: f64) -> String {
    match value {
        ..9.95 => format!("{value:.1} ms"),
        ..999.5 => format!("{value:.0} ms"),
        _ => format!("{:.1} s", value / 1000.0),
    }
}

const fn lately(span: Span) -> &'static str {
    match span {
        Span::Hour => "in the last hour",
        Span::Day => "in the last day",
    }
}

/// The last value.
fn now(all: &Measures, read: fn(&Point) -> u64) -> String {
    let last = all.points.last().map(read).unwrap_or_default();
    let point = match all.span {
        Span::Hour => "in this minute",
        Span::Day => "in this quarter of an hour",
    };
    format!("{} {point} so far", grouped(last))
}

fn errors(all: &Measures) -> (String, String) {
    let (errors, requests) = (all.total.errors, all.total.requests);
    if errors == 0 {
        return ("None".to_owned(), format!("No request failed {} for a reason of ours", lately(all.span)));
    }
    // In tenths of a per cent, and never none.
    let share = (errors * 1000).div_ceil(requests.max(1));
    let share = format!("{}.{} % of all requests, {}", share / 10, share % 10, now(all, |it| it.errors));
    (format!("{} {}", many(errors, "request failed", "requests failed"), lately(all.span)), share)
}

fn latency(all: &Measures) -> (String, String) {
    let Point { p50: Some(half), p95: Some(most), p99: Some(nearly_all), .. } = all.total else {
        return ("Nothing was asked".to_owned(), format!("No request came {}", lately(all.span)));
    };
    let rest = format!("Half of them within {}, 99 of 100 within {}", milliseconds(half), milliseconds(nearly_all));
    (format!("95 of 100 within {}", milliseconds(most)), rest)
}

fn lag(all: &Measures) -> (String, String) {
    let Some(last) = all.points.last().and_then(|point| point.lag) else {
        return ("Not known".to_owned(), "The database did not say".to_owned());
    };
    let first = if last == 0 { "Nothing waits".to_owned() } else { format!("{} behind", many(last, "event", "events")) };
    (first, format!("{} at most {}", grouped(all.total.lag.unwrap_or(last)), lately(all.span)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn measures(total: Point) -> Measures {
        Measures { span: Span::Hour, since: total.at, points: vec![total.clone()], total }
    }

    /// A minute that was counted, in which nothing came.
    pub(in crate::pages::admin) fn nothing() -> Point {
        Point {
            at: "2026-11-25T18:00:00Z".parse().unwrap(),
            counted: true,
            requests: 0,
            errors: 0,
            p50: None,
            p95: None,
            p99: None,
            sign_ins: 0,
            refused_sign_ins: 0,
            uploads: 0,
            upload_bytes: 0,
            lag: None,
        }
    }

    fn said(total: Point) -> Vec<String> {
        let all = measures(total);
        CHARTS
            .iter()
            .map(|chart| {
                let (first, second) = (chart.words)(&all);
                format!("{}: {first}. {second}.", chart.name)
            })
            .collect()
    }

    #[test]
    fn a_quiet_hour_is_said_plainly() {
        assert_eq!(
            said(nothing()),
            [
                "Requests: 0 requests in the last hour. 0 in this minute so far.",
                "Errors: None. No request failed in the last hour for a reason of ours.",
                "Time to answer: Nothing was asked. No request came in the last hour.",
                "Sign-ins: 0 sign-ins in the last hour. 0 not let in.",
                "Uploads: 0 files in the last hour. 0 bytes in all.",
                "Stream lag: Not known. The database did not say.",
            ]
        );
    }

    #[test]
    fn a_busy_hour_is_said_with_its_numbers() {
        let busy = Point {
            requests: 120_000,
            errors: 1,
            p50: Some(0.41),
            p95: Some(12.4),
            p99: Some(2500.0),
            sign_ins: 1,
            refused_sign_ins: 2,
            uploads: 1,
            upload_bytes: 4_249_999,
            lag: Some(1),
            ..nothing()
        };
        assert_eq!(
            said(busy),
            [
                "Requests: 120\u{202f}000 requests in the last hour. 120\u{202f}000 in this minute so far.",
                "Errors: 1 request failed in the last hour. 0.1 % of all requests, 1 in this minute so far.",
                "Time to answer: 95 of 100 within 12 ms. Half of them within 0.4 ms, 99 of 100 within 2.5 s.",
                "Sign-ins: 1 sign-in in the last hour. 2 not let in.",
                "Uploads: 1 file in the last hour. 4.2 MB in all.",
                "Stream lag: 1 event behind. 1 at most in the last hour.",
            ]
        );
    }
}
