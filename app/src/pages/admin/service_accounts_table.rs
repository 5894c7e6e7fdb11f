//! The table of service accounts.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::service_account::{ServiceAccount, ServiceAccountQuery, ServiceAccountSort};

use super::{
    service_accounts_query::{PATH, href},
    sort::SortHeader,
};
use crate::components::{
    status::{AccessChip, role_name},
    time::Time,
};

/// One line an account, and headers that sort.
#[component]
pub(super) fn Table(query: ServiceAccountQuery, items: Vec<ServiceAccount>) -> impl IntoView {
    let header = move |sort, label| {
        let current = query.sort == sort;
        // The natural order is A to Z, and the newest account first.
        let ascending = query.reverse == (sort == ServiceAccountSort::CreatedAt);
        let to = href(&ServiceAccountQuery { sort, reverse: current && !query.reverse, cursor: None, ..query.clone() });
        view! { <SortHeader label to sorted=current.then_some(ascending) wide=sort != ServiceAccountSort::Name /> }
    };
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">"Service accounts"</caption>
                <thead>
                    <tr>
                        {header(ServiceAccountSort::Name, "Name")}
                        <th scope="col" data-wide>"Role"</th>
                        <th scope="col">"State"</th>
                        {header(ServiceAccountSort::CreatedAt, "Since")}
                    </tr>
                </thead>
                <tbody>{items.into_iter().map(|account| view! { <Row account /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(account: ServiceAccount) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <A href=format!("{PATH}/{}", account.id)>{account.name}</A>
            </th>
            <td data-wide>{role_name(account.role)}</td>
            <td>
                <AccessChip access=account.status />
            </td>
            <td data-wide>
                <Time at=account.created_at />
            </td>
        </tr>
    }
}
