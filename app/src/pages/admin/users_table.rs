//! The table of users.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::user::{UserQuery, UserSort, UserSummary};

use super::{
    query::{PATH, href},
    sort::SortHeader,
};
use crate::components::{
    status::{StatusChip, role_name},
    time::Time,
};

/// One line a user, and headers that sort.
#[component]
pub(crate) fn Table(query: UserQuery, items: Vec<UserSummary>) -> impl IntoView {
    let header = move |sort, label| {
        let current = query.sort == sort;
        // The natural order is A to Z, and the newest account first.
        let ascending = query.reverse == (sort == UserSort::CreatedAt);
        let to = href(&UserQuery { sort, reverse: current && !query.reverse, cursor: None, ..query.clone() });
        view! { <SortHeader label to sorted=current.then_some(ascending) wide=sort != UserSort::Name /> }
    };
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
