//! A moment: relative, with the full time on hover and focus.

use leptos::prelude::*;
use portreeve_contract::date_time::DateTime;

use crate::time::{full, machine, relative};

/// Shown in the browser only: the words depend on its clock and its time zone.
#[allow(clippy::needless_pass_by_value, reason = "it is a copy where pages are rendered, and a component has what it shows")]
#[component]
pub(crate) fn Time(
    /// When.
    at: DateTime,
) -> impl IntoView {
    view! {
        <time class="time" datetime=machine(&at) data-full=full(&at) tabindex="0">
            {relative(&at)}
        </time>
    }
}
