//! `/admin/overview`: what happened in the last hour or day, drawn.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use portreeve_contract::measures::{Measures, MeasuresQuery, Span};

use super::{overview_chart::Chart, overview_measures::CHARTS, overview_table::Table};
use crate::{
    address::with_query,
    api,
    components::{
        guard::needs_sign_in,
        layout::{AdminTabs, NeedsScript, Page},
        load::{Load, keep_fresh},
        time::Time,
    },
    time::clock,
};

/// Where the page is.
const PATH: &str = "/admin/overview";
/// How old what is shown may be while somebody looks at it.
const FRESH: Duration = Duration::from_secs(10);

/// One chart for each measure.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    needs_sign_in();
    let params = use_query_map();
    let span = Memo::new(move |_| if params.with(|it| it.get("span").as_deref() == Some("day")) { Span::Day } else { Span::Hour });
    let measures = LocalResource::new(move || api::measures::lately(MeasuresQuery { span: span.get() }));
    let refetch = Callback::new(move |()| measures.refetch());
    Effect::new(move || keep_fresh(FRESH, refetch));
    view! {
        <Page title="Overview">
            <AdminTabs />
            <NeedsScript />
            <Spans span=span.into() />
            <Load read=move || measures.get() retry=move || measures.refetch() lines=8 let:measures>
                <Charts measures />
            </Load>
        </Page>
    }
}

/// How far back, as links.
#[component]
fn Spans(span: Signal<Span>) -> impl IntoView {
    let link = move |of: Span, name: &'static str, text: &'static str| {
        let current = move || (span.get() == of).then_some("true");
        view! {
            <a href=with_query(PATH, &[("span", name)]) aria-current=current>
                {text}
            </a>
        }
    };
    view! {
        <nav class="spans" aria-label="How far back">
            {link(Span::Hour, "", "Last hour")}
            {link(Span::Day, "day", "Last day")}
        </nav>
    }
}

#[component]
fn Charts(measures: Signal<Measures>) -> impl IntoView {
    // The same for all charts, and the browser takes its time to make them.
    let times = Memo::new(move |_| measures.with(|it| it.points.iter().map(|point| clock(&point.at)).collect::<Vec<_>>()));
    // Not drawn anew with each minute.
    let since = Memo::new(move |_| measures.get().since);
    let charts = CHARTS.iter().map(|measure| view! { <Chart measure measures times=times.into() /> });
    view! {
        <div class="charts">{charts.collect_view()}</div>
        <Table measures times=times.into() />
        <p class="hint">
            "All nodes together, counted since "
            {move || view! { <Time at=since.get() /> }}
            ". Each writes down a minute when it is over, so this minute is what the node knows that answered you. Where nobody counted, the ground is grey."
        </p>
    }
}
