//! A chart: a few series over time, drawn as SVG. What it shows is also said in words.

use std::fmt::Write;

use leptos::prelude::*;
use portreeve_contract::measures::{Measures, Point, Span};

/// What a chart shows.
pub(super) struct Measure {
    /// Its heading.
    pub(super) name: &'static str,
    pub(super) series: &'static [Series],
    /// A value in words: “12 ms”.
    pub(super) figure: fn(f64) -> String,
    /// What stands out, and what else there is to say.
    pub(super) words: fn(&Measures) -> (String, String),
}

/// A line or bars.
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// What it is drawn in: `signal`, `red`, `brass`, `ink`.
    pub(super) ink: &'static str,
    pub(super) read: fn(&Point) -> Option<f64>,
}

/// How a series is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bars,
    /// Strokes across bars that are drawn before them.
    Marks,
    Line,
    Dashes,
    Dots,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Marks => "marks",
            Self::Line => "line",
            Self::Dashes => "dashes",
            Self::Dots => "dots",
        }
    }
}

/// A point is so wide, and the highest value so high; the browser stretches both to the room there is.
const WIDTH: usize = 10;
const HEIGHT: f64 = 100.0;

#[component]
pub(super) fn Chart(measure: &'static Measure, measures: Signal<Measures>, times: Signal<Vec<String>>) -> impl IntoView {
    let words = Memo::new(move |_| measures.with(measure.words));
    let top = Memo::new(move |_| measures.with(|it| top(measure.series, &it.points)));
    let count = move || measures.with(|it| it.points.len());
    let said = move || words.with(|(first, second)| format!("{}: {first}. {second}.", measure.name));
    let paths = measure.series.iter().map(|series| {
        let path = move || measures.with(|it| path(series, &it.points, top.get()));
        view! { <path class="chart-series" data-form=series.form.name() data-ink=series.ink d=path /> }
    });
    view! {
        <figure class="chart">
            <figcaption>
                <h2>{measure.name}</h2>
                <p class="chart-words number">{move || words.with(|words| words.0.clone())}</p>
                <p class="hint number">{move || words.with(|words| words.1.clone())}</p>
            </figcaption>
            <div class="chart-plot">
                <span class="chart-top number" aria-hidden="true">
                    {move || (measure.figure)(top.get())}
                </span>
                <svg viewBox=move || format!("0 0 {} 100", count() * WIDTH) preserveAspectRatio="none" role="img" aria-label=said>
                    <path class="chart-gap" d=move || measures.with(|it| gaps(&it.points)) />
                    {paths.collect_view()}
                    {move || columns(measure, &measures.get(), &times.get())}
                </svg>
            </div>
            <div class="chart-foot hint">
                <span aria-hidden="true">{move || measures.with(|it| begin(it.span))}</span>
                <Legend series=measure.series />
                <span aria-hidden="true">"now"</span>
            </div>
        </figure>
    }
}

const fn begin(span: Span) -> &'static str {
    match span {
        Span::Hour => "an hour ago",
        Span::Day => "a day ago",
    }
}

/// Which is which, where there are several.
#[component]
fn Legend(series: &'static [Series]) -> impl IntoView {
    (series.len() > 1).then(|| {
        let item = |series: &'static Series| {
            let d = if series.form == Form::Bars { "M4 0h6v10h-6zM14 4h6v6h-6z" } else { "M1 5H23" };
            view! {
                <li>
                    <svg viewBox="0 0 24 10" aria-hidden="true">
                        <path class="chart-series" data-form=series.form.name() data-ink=series.ink d=d />
                    </svg>
                    {series.name}
                </li>
            }
        };
        view! { <ul class="chart-legend">{series.iter().map(item).collect_view()}</ul> }
    })
}

/// What is under the pointer is told in words.
fn columns(measure: &'static Measure, measures: &Measures, times: &[String]) -> impl IntoView + use<> {
    let column = |(at, (point, time)): (usize, (&Point, &String))| {
        let value = |series: &Series| (series.read)(point).map(|value| format!("{} {}", series.name, (measure.figure)(value)));
        let values = measure.series.iter().filter_map(value).collect::<Vec<_>>().join(", ");
        let text = if point.counted { format!("{time}: {values}") } else { format!("{time}: nobody counted") };
        view! {
            <rect class="chart-column" x=(at * WIDTH).to_string() y="0" width=WIDTH.to_string() height="100">
                <title>{text}</title>
            </rect>
        }
    };
    measures.points.iter().zip(times).enumerate().map(column).collect_view()
}

/// The value at the upper edge: the next 1, 2 or 5 times a power of ten.
fn top(series: &[Series], points: &[Point]) -> f64 {
    let values = points.iter().flat_map(|point| series.iter().filter_map(|series| (series.read)(point)));
    let highest = values.fold(0.0, f64::max);
    if highest <= 1.0 {
        return 1.0;
    }
    let power = 10_f64.powf(highest.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= highest).unwrap_or(10.0);
    step * power
}

fn path(series: &Series, points: &[Point], top: f64) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (at, point) in points.iter().enumerate() {
        let Some(value) = (series.read)(point).filter(|_| point.counted) else {
            drawing = false;
            continue;
        };
        let (x, y) = (at * WIDTH, HEIGHT - value / top * HEIGHT);
        let _ = match series.form {
            Form::Bars | Form::Marks if value <= 0.0 => Ok(()),
            // Something is never drawn as nothing.
            Form::Bars => write!(path, "M{} 100V{:.1}h{}V100z", x + 1, y.min(HEIGHT - 1.5), WIDTH - 2),
            Form::Marks => write!(path, "M{} {y:.1}h{}", x + 1, WIDTH - 2),
            _ if drawing => write!(path, "L{} {y:.1}", x + WIDTH / 2),
            // One alone is a dot: its ends are round.
            _ => write!(path, "M{} {y:.1}h.1", x + WIDTH / 2),
        };
        drawing = true;
    }
    path
}

fn gaps(points: &[Point]) -> String {
    let mut path = String::new();
    for (at, _) in points.iter().enumerate().filter(|(_, point)| !point.counted) {
        let _ = write!(path, "M{} 0h{WIDTH}v100h-{WIDTH}z", at * WIDTH);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::admin::overview_measures::tests::nothing;

    const BARS: Series =
        Series { name: "Requests", form: Form::Bars, ink: "signal", read: |point| u32::try_from(point.requests).ok().map(f64::from) };
    const LINE: Series = Series { name: "Half", form: Form::Line, ink: "signal", read: |point| point.p50 };

    fn point(requests: u64, p50: Option<f64>, counted: bool) -> Point {
        Point { counted, requests, p50, ..nothing() }
    }

    #[test]
    fn the_upper_edge_is_a_round_number_that_nothing_exceeds() {
        for (highest, edge) in [(0, 1.0_f64), (1, 1.0), (2, 2.0), (3, 5.0), (11, 20.0), (50, 50.0), (501, 1000.0), (1000, 1000.0)] {
            let found = top(&[BARS], &[point(highest, None, true)]);
            assert!((found - edge).abs() < 1e-9, "{found} of {highest}");
        }
    }

    #[test]
    fn bars_stand_on_the_ground_and_the_smallest_is_seen() {
        let points = [point(50, None, true), point(0, None, true), point(1, None, true)];
        assert_eq!(path(&BARS, &points, 1000.0), "M1 100V95.0h8V100zM21 100V98.5h8V100z");
        let marks = Series { form: Form::Marks, ..BARS };
        assert_eq!(path(&marks, &points, 100.0), "M1 50.0h8M21 99.0h8");
    }

    #[test]
    fn a_line_breaks_where_nothing_is_known() {
        let points = [point(1, Some(5.0), true), point(1, Some(10.0), true), point(0, None, true), point(1, Some(0.0), true)];
        assert_eq!(path(&LINE, &points, 10.0), "M5 50.0h.1L15 0.0M35 100.0h.1");
    }

    #[test]
    fn minutes_that_nobody_counted_are_marked() {
        let points = [point(0, None, true), point(0, None, false)];
        assert_eq!(gaps(&points), "M10 0h10v100h-10z");
    }
}
