//! The numbers of the charts as a table, for whoever would rather read them.

use leptos::prelude::*;
use portreeve_contract::{
    measures::{Measures, Point},
    size::grouped,
};

use super::overview_measures::milliseconds;

type Column = (&'static str, fn(&Point) -> Option<String>);

static COLUMNS: [Column; 9] = [
    ("Requests", |it| Some(grouped(it.requests))),
    ("Errors", |it| Some(grouped(it.errors))),
    ("50 of 100", |it| it.p50.map(milliseconds)),
    ("95 of 100", |it| it.p95.map(milliseconds)),
    ("99 of 100", |it| it.p99.map(milliseconds)),
    ("Sign-ins", |it| Some(grouped(it.sign_ins))),
    ("Not let in", |it| Some(grouped(it.refused_sign_ins))),
    ("Uploads", |it| Some(grouped(it.uploads))),
    ("Events behind", |it| it.lag.map(grouped)),
];

/// Closed at first. The newest line first; minutes that nobody counted are left out.
#[component]
pub(super) fn Table(measures: Signal<Measures>, times: Signal<Vec<String>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let heads = COLUMNS.iter().map(|(name, _)| view! { <th scope="col" class="figure">{*name}</th> });
    let row = |(point, time): (&Point, String)| {
        let cells = COLUMNS.iter().map(|(_, read)| view! { <td class="figure">{read(point).unwrap_or_else(|| "–".to_owned())}</td> });
        view! {
            <tr>
                <th scope="row">{time}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    let rows = move || {
        let (measures, times) = (measures.get(), times.get());
        let known = measures.points.iter().zip(times).filter(|(point, _)| point.counted).rev();
        known.map(row).collect_view()
    };
    view! {
        <details class="numbers" on:toggle=move |_| open.set(true)>
            <summary>"The numbers as a table"</summary>
            // Nobody has looked for the lines before it is open.
            <Show when=move || open.get()>
                <div class="numbers-wrap" tabindex="0" role="region" aria-label="The numbers">
                    <table class="table">
                        <caption class="visually-hidden">"What was counted, the newest first"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"From"</th>
                                {heads.clone().collect_view()}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </details>
    }
}
