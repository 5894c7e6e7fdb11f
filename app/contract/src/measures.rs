//! What happened lately, in numbers, as an administrator sees it.

use serde::{Deserialize, Serialize};

use crate::date_time::DateTime;

/// How far back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// 60 points of a minute.
    #[default]
    Hour,
    /// 96 points of a quarter of an hour.
    Day,
}

impl Span {
    /// How many points, and how many minutes each.
    pub const fn points(self) -> (u16, u16) {
        match self {
            Self::Hour => (60, 1),
            Self::Day => (96, 15),
        }
    }
}

/// Which numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct MeasuresQuery {
    /// How far back; an hour if absent.
    pub span: Span,
}

/// What all nodes counted. Each writes down what it counted when a minute is over, so the last minute is the answering node's alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measures {
    /// How far back.
    pub span: Span,
    /// The first minute of which anything is known; numbers are kept for eight days.
    pub since: DateTime,
    /// The oldest first. The last one is not over yet.
    pub points: Vec<Point>,
    /// All of them together.
    pub total: Point,
}

/// What was counted in a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// When it began.
    pub at: DateTime,
    /// Whether any node was there to count.
    pub counted: bool,
    /// Requests that were answered.
    pub requests: u64,
    /// Those of them that failed for a reason of ours: 5xx.
    pub errors: u64,
    /// Milliseconds within which half of the requests were answered.
    pub p50: Option<f64>,
    /// 95 of a hundred.
    pub p95: Option<f64>,
    /// 99 of a hundred.
    pub p99: Option<f64>,
    /// People who signed in.
    pub sign_ins: u64,
    /// Those who were not let in.
    pub refused_sign_ins: u64,
    /// Files that were accepted.
    pub uploads: u64,
    /// Their bytes.
    pub upload_bytes: u64,
    /// Events that the consumer furthest behind had still to take up, at most.
    pub lag: Option<u64>,
}
