//! `/v1/measures`, for administrators.

use axum::{extract::State, response::Response};
use portreeve_contract::measures::{Measures, MeasuresQuery};
use portreeve_gateway::scopes::StreamRead;
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    compression::compressed,
    extract::{Json, Query, answer},
};

const TAG: &str = "measures";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(compressed(routes!(measures)))
}

/// What all nodes counted in the last hour or day.
#[utoipa::path(get, path = "/v1/measures", tag = TAG, operation_id = "measures", security(("access_token" = []), ("api_key" = ["stream:read"])), params(MeasuresQuery), responses(
    (status = 200, description = "As far as they have written it down.", body = Measures),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn measures(State(services): State<Services>, StreamRead(caller): StreamRead, Query(query): Query<MeasuresQuery>) -> Response {
    answer(services.measures.of(&caller, query).await.map(Json))
}
