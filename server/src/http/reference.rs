//! `/docs`: the reference of the API, in which one can sign in and try the calls. Swagger UI, out of the binary: nothing is fetched from elsewhere,
//! and the policy of all pages holds.

use std::sync::Arc;

use axum::{
    Router,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use portreeve_services::Services;

const PAGE: &str = include_str!("reference/page.html");
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("../../../style/base.css"),
    include_str!("../../../style/components/flags.css"),
    include_str!("../../../style/components/header.css"),
    include_str!("../../../style/components/button.css"),
    include_str!("../../../style/components/form.css"),
    include_str!("../../../style/components/table.css"),
    include_str!("reference/page.css"),
    include_str!("reference/errors.css"),
);

pub(super) fn router() -> Router<Services> {
    Router::new()
        .route("/docs", get(async || Html(PAGE)))
        .route("/docs/reference.css", get(async || own("text/css", STYLE)))
        .route("/docs/reference.js", get(async || own("text/javascript", include_str!("reference/reference.js"))))
        .route("/docs/theme.js", get(async || own("text/javascript", include_str!("reference/theme.js"))))
        .route("/docs/swagger-ui.css", get(async || vendored("swagger-ui.css")))
        .route("/docs/swagger-ui-bundle.js", get(async || vendored("swagger-ui-bundle.js")))
}

fn own(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

fn vendored(name: &str) -> Response {
    let Ok(Some(file)) = utoipa_swagger_ui::serve(name, Arc::default()) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, "public, max-age=3600".to_owned())];
    (headers, file.bytes.into_owned()).into_response()
}
