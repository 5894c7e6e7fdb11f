//! State in words, shape and colour.

use leptos::prelude::*;
use portreeve_contract::user::{Access, Role, UserStatus};

/// A word with a mark.
#[component]
pub(crate) fn Chip(
    /// `done`, `attention`, `failed`, `signal` or `plain`.
    kind: &'static str,
    /// The word.
    text: &'static str,
) -> impl IntoView {
    view! {
        <span class="chip" data-kind=kind>
            {text}
        </span>
    }
}

/// Whether an account can be used.
#[component]
pub(crate) fn StatusChip(status: UserStatus) -> impl IntoView {
    let (kind, text) = match status {
        UserStatus::Active => ("done", "Active"),
        UserStatus::Disabled => ("failed", "Disabled"),
        UserStatus::Deleting => ("attention", "Deleting"),
    };
    view! { <Chip kind text /> }
}

/// Whether an administrator lets an account be used.
#[component]
pub(crate) fn AccessChip(access: Access) -> impl IntoView {
    let status = match access {
        Access::Active => UserStatus::Active,
        Access::Disabled => UserStatus::Disabled,
    };
    view! { <StatusChip status /> }
}

/// A role in words.
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Member => "Member",
        Role::Admin => "Administrator",
    }
}
