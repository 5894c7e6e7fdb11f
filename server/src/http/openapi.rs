//! The description of the API (OpenAPI 3.1), and what is the same for all operations in it.

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use portreeve_contract::{ErrorKind, FieldError, file::FileSort, service_account::ServiceAccountSort, user::UserSort};
use portreeve_services::Services;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Components, Content, OpenApi as Document, Ref, RefOr, Response as Described, ResponseBuilder,
        path::{Operation, Parameter, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{compression::compressed, extract::IdempotencyKey};

const PROBLEM_JSON: &str = "application/problem+json";
/// The two ways to say who asks. Both are bearer tokens (RFC 6750).
const ACCESS_TOKEN: &str = "access_token";
const API_KEY: &str = "api_key";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(compressed(routes!(document)))
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "openapi", operation_id = "openapi", security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)))]
async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], text()).into_response()
}

/// The description as it is served, and as it is kept in `docs/openapi.json`: indented JSON, and a line feed.
pub fn text() -> Bytes {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let write = || {
        let (_, _, document) = super::api::api();
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        Bytes::from(format!("{text}\n"))
    };
    TEXT.get_or_init(write).clone()
}

/// What stands before all operations.
pub(super) fn introduction() -> Document {
    Introduction::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Portreeve",
        description = "Everything that a person can do in the browser, for programs.\n\n\
            **Who asks** is told by the access token of `POST /v1/auth/sign-in`, as `Authorization: Bearer …`. It lives for five minutes; \
            `POST /v1/auth/refresh` gets the next one. For machines there are keys (`POST /v1/api-keys`), which go into the same header. \
            No cookie is read.\n\n\
            **Bodies** are JSON (RFC 8259) in UTF-8, times RFC 3339 in UTC, ids UUIDs (RFC 9562). What a body holds beyond what is described \
            is refused.\n\n\
            **Errors** are problems (RFC 9457) with a stable `code` ([all of them](/docs/errors)); `errors` names what is wrong by JSON Pointers (RFC 6901) into the body.\n\n\
            **Limits** are told by `RateLimit-Policy` and `RateLimit`, of the address, the account and the key, with each answer; who comes too often gets \
            429 with `Retry-After`.\n\n\
            **Lists** come in pages: `next` and `previous` are cursors, and `Link` holds the addresses of those pages (RFC 8288).\n\n\
            **Edits** are merge patches (RFC 7396) of what one has seen: send `If-Match` with its `ETag`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "auth", description = "Signing up, in and out; links in mails."),
        (name = "me", description = "One's own account and sessions."),
        (name = "api-keys", description = "Keys for machines."),
        (name = "files", description = "One's own files."),
        (name = "uploads", description = "Files in parts, over lines that break: tus 1.0.0."),
        (name = "shares", description = "Links that open a file without an account."),
        (name = "users", description = "Everyone's accounts, for administrators."),
        (name = "service-accounts", description = "Identities of machines, and their keys, for administrators."),
        (name = "stream", description = "The stream of events, and what its consumers gave up on, for administrators."),
        (name = "measures", description = "What was counted lately, for administrators."),
        (name = "signing-keys", description = "The keys that access tokens are signed with, for administrators."),
        (name = "openapi", description = "This description."),
    ),
    // What only queries name is found nowhere else.
    components(schemas(Problem, FileSort, ServiceAccountSort, UserSort)),
)]
struct Introduction;

/// Why something was not done (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `portreeve_gateway::respond` writes")]
struct Problem {
    /// An address, relative to the request's, that leads to what there is to say of the code: `/docs/errors#invalid_credentials`.
    r#type: String,
    /// The status code of the answer.
    status: u16,
    /// What kind of problem; one for each status.
    kind: ErrorKind,
    /// Stable, for programs: `invalid_credentials`.
    code: String,
    /// A sentence for the person: what happened, and what to do now.
    title: String,
    /// What is wrong in the body, if that is why.
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// Seconds to wait before trying again, if known; also as `Retry-After`.
    #[schema(required = false)]
    retry_after: u64,
}

const INVALID: &str = "The body does not fit, or holds what cannot be accepted: `invalid`, with `errors`.";

/// Problems that many operations have in common: name, status, what it says.
const COMMON: [(&str, &str, &str); 9] = [
    ("Malformed", "400", "The body is not JSON, or a parameter cannot be read: `malformed`."),
    ("Unauthenticated", "401", "There is no valid access token or key: `token_missing`, `invalid_token`."),
    ("Forbidden", "403", "The key is not for this: `insufficient_scope`, `session_required`."),
    ("NotAcceptable", "406", "The answer would be JSON, and `Accept` does not want it: `not_acceptable`."),
    ("TooLarge", "413", "The body is larger than is taken here: `too_large`."),
    ("UnsupportedMediaType", "415", "`Content-Type` names nothing that is read here: `unsupported_media_type`."),
    ("Invalid", "422", INVALID),
    (
        "TooManyRequests",
        "429",
        "Too often, for now (`too_many_requests`, `throttled`) or for today (`quota_exceeded`): with `Retry-After`.",
    ),
    ("Other", "default", "Any other problem: ours (500), or not now (503)."),
];

/// Says of each operation what is so for all of its kind.
pub(super) fn complete(document: &mut Document) {
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = |format: &str, description: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format).description(Some(description));
        RefOr::T(SecurityScheme::Http(scheme.build()))
    };
    components.security_schemes.insert(ACCESS_TOKEN.to_owned(), bearer("JWT", "Of `POST /v1/auth/sign-in`."));
    components
        .security_schemes
        .insert(API_KEY.to_owned(), bearer("prv_…", "A key of `POST /v1/api-keys` that has the scope which is named."));
    for (name, _, description) in COMMON {
        let response = ResponseBuilder::new().description(description).content(PROBLEM_JSON, problem()).build();
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete_one(operation);
        }
        if let Some(head) = &mut item.head {
            for response in head.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    response.content.clear();
                }
            }
        }
    }
}

fn complete_one(operation: &mut Operation) {
    super::retirement::mark(operation);
    keyed(operation);
    let security = operation.security.get_or_insert_with(|| vec![SecurityRequirement::new(ACCESS_TOKEN, Vec::<String>::new())]);
    let public = security.contains(&SecurityRequirement::default());
    let reads_json = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.keys().any(|kind| kind.ends_with("json")),
        _ => false,
    };
    let parameters = operation.parameters.is_some();
    let responses = &mut operation.responses.responses;
    let writes_json = responses.values().any(|response| matches!(response, RefOr::T(it) if it.content.contains_key("application/json")));
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response @ Described { .. }) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(problem()));
        }
    }
    for (name, status, _) in COMMON {
        let applies = match status {
            "400" => reads_json || parameters,
            "401" | "403" => !public,
            "406" => writes_json,
            "413" | "415" | "422" => reads_json,
            _ => true,
        };
        if applies {
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
        }
    }
}

/// What a key can have for an answer, beside what else is said of those.
fn keyed(operation: &mut Operation) {
    let is_key = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == IdempotencyKey::NAME);
    let is_keyed = operation.parameters.iter().flatten().any(is_key);
    if !is_keyed {
        return;
    }
    let of_body = if operation.request_body.is_some() { INVALID } else { "" };
    let said = [
        ("409", "", "A request with this `Idempotency-Key` is under way (`idempotency_in_flight`): with `Retry-After`."),
        ("422", of_body, "The `Idempotency-Key` was used for another request: `idempotency_conflict`."),
    ];
    for (status, otherwise, of_key) in said {
        let response = ResponseBuilder::new().description(otherwise).build();
        let response = operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
        if let RefOr::T(response) = response {
            format!("{} {of_key}", response.description).trim_start().clone_into(&mut response.description);
        }
    }
}

fn problem() -> Content {
    Content::new(Some(Ref::from_schema_name("Problem")))
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, .. } = item;
    [get, put, post, delete, options, head, patch].into_iter().flatten()
}
