//! The table of users.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::user::{UserQuery, UserSort, UserSummary};

use super::query::{PATH, href};
use crate::components::{
    status::{StatusChip, role_name},
    time::Time,
};

/// One line a user, and headers that sort.
#[component]
pub(crate) fn Table(query: UserQuery, items: Vec<UserSummary>) -> impl IntoView {
    let header = move |sort, label| view! { <SortHeader query=query.clone() sort label /> };
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">"Users"</caption>
                <thead>
                    <tr>
                        {header(UserSort::Name, "Name")}
                        {header(UserSort::Email, "Address")}
                        <th scope="col" data-wide>"Role"</th>
                        <th scope="col">"State"</th>
                        {header(UserSort::CreatedAt, "Since")}
                    </tr>
                </thead>
                <tbody>{items.into_iter().map(|user| view! { <Row user /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// A header that sorts by its column, and the other way round when pressed again.
#[component]
fn SortHeader(query: UserQuery, sort: UserSort, label: &'static str) -> impl IntoView {
    let current = query.sort == sort;
    // The natural order is A to Z, and the newest account first.
    let ascending = query.reverse == (sort == UserSort::CreatedAt);
    let state = match (current, ascending) {
        (false, _) => None,
        (true, true) => Some("ascending"),
        (true, false) => Some("descending"),
    };
    let to = href(&UserQuery { sort, reverse: current && !query.reverse, cursor: None, ..query });
    view! {
        <th scope="col" aria-sort=state data-wide=(sort != UserSort::Name).then_some("")>
            <A href=to scroll=false>
                {label}
            </A>
        </th>
    }
}

#[component]
fn Row(user: UserSummary) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <A href=format!("{PATH}/{}", user.id)>{user.name}</A>
                <span class="email-below email hint">{user.email.clone()}</span>
            </th>
            <td data-wide>
                <span class="email">{user.email}</span>
                {(!user.email_verified).then(|| view! { <span class="hint">" not confirmed"</span> })}
            </td>
            <td data-wide>{role_name(user.role)}</td>
            <td>
                <StatusChip status=user.status />
            </td>
            <td data-wide>
                <Time at=user.created_at />
            </td>
        </tr>
    }
}
