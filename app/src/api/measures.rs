//! What is counted, as an administrator sees it.

use leptos::prelude::*;
use portreeve_contract::measures::{Measures, MeasuresQuery};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// What all nodes counted in the last hour or day.
#[server(prefix = "/api", endpoint = "admin/measures", protocol = Wire, client = Bearer)]
pub async fn lately(query: MeasuresQuery) -> Result<Measures, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.measures.of(&caller, query).await)
}
