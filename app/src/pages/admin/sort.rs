//! Lists that are sorted by their columns.

use leptos::prelude::*;

/// A header that sorts by its column, and the other way round when pressed again.
#[component]
pub(super) fn SortHeader(
    /// What the column holds.
    label: &'static str,
    /// The address of the list that is sorted so.
    to: String,
    /// Whether the list is sorted by this column, and ascending.
    sorted: Option<bool>,
    /// Whether only wide screens show it.
    wide: bool,
) -> impl IntoView {
    let state = sorted.map(|ascending| if ascending { "ascending" } else { "descending" });
    view! {
        <th scope="col" aria-sort=state data-wide=wide.then_some("")>
            <a href=to data-noscroll="">
                {label}
            </a>
        </th>
    }
}
