//! Compressing answers (RFC 9110 §8.4), for operations that say so where they are routed:
//!
//! ```text
//! OpenApiRouter::new().routes(compressed(routes!(list))).routes(routes!(create))
//! ```
//!
//! All others are left as they are, and pay nothing. The length of a compressed answer tells what it has in common with what was asked (BREACH), so nothing
//! that holds a token, a key, a link or another secret is ever declared so, and a test goes through the whole description.

use axum::routing::MethodRouter;
use http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::{
    CompressionLayer,
    predicate::{Predicate, SizeAbove},
};
use utoipa::openapi::{extensions::ExtensionsBuilder, path::PathItem};
use utoipa_axum::router::UtoipaMethodRouter;

/// How the description says that an operation's answers may come compressed.
pub(super) const MARK: &str = "x-compressed";

/// Smaller answers fit in one packet anyway.
const WORTH_IT: u16 = 1024;

/// Answers of these in zstd, brotli or gzip, whichever the client weighs highest.
pub(super) fn compressed<S: Clone + Send + Sync + 'static>((schemas, mut paths, routes): UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    for PathItem { get, put, post, delete, head, patch, .. } in paths.paths.values_mut() {
        for operation in [get, put, post, delete, head, patch].into_iter().flatten() {
            operation.extensions.get_or_insert_default().merge(ExtensionsBuilder::new().add(MARK, true).build());
        }
    }
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(fits));
    let routes: MethodRouter<S> = routes.layer(layer);
    (schemas, paths, routes)
}

/// Whole answers alone, and none that an `ETag` names byte for byte: each coding would need one of its own (RFC 9110 §8.8.3.3), and edits name it in `If-Match`.
fn fits(status: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    status == StatusCode::OK && is_json && !headers.contains_key(header::ETAG)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// What no compressed answer has, at any depth.
    const SECRETS: [&str; 12] = [
        "access_token",
        "refresh_token",
        "device_token",
        "token",
        "key",
        "secret",
        "url",
        "link",
        "password",
        "code",
        "nonce",
        "credentials",
    ];

    fn description() -> Value {
        serde_json::from_slice(&crate::http::openapi()).expect("JSON")
    }

    /// The names of all that a schema may hold.
    fn names(document: &Value, schema: &Value, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref")
                    && seen.insert(reference.clone())
                {
                    let inner = document.pointer(reference.trim_start_matches('#')).expect("a schema");
                    names(document, inner, seen, found);
                }
                if let Some(Value::Object(properties)) = object.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                object.values().for_each(|inner| names(document, inner, seen, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| names(document, inner, seen, found)),
            _ => {}
        }
    }

    /// Each operation: its id, whether it is compressed, and all that its answers name.
    fn operations(document: &Value) -> Vec<(String, bool, BTreeSet<String>)> {
        let paths = document["paths"].as_object().expect("paths");
        let all = paths.values().flat_map(|item| item.as_object().expect("operations").values()).filter(|it| it["operationId"].is_string());
        all.map(|operation| {
            let mut found = BTreeSet::new();
            // Problems are none of them: only what is a success is compressed.
            let answers = operation["responses"].as_object().expect("answers").iter().filter(|(status, _)| status.starts_with('2'));
            for (_, response) in answers {
                names(document, &response["content"], &mut BTreeSet::new(), &mut found);
                found.extend(response["headers"].as_object().into_iter().flat_map(|headers| headers.keys().cloned()));
            }
            (operation["operationId"].as_str().expect("an id").to_owned(), operation[MARK] == true, found)
        })
        .collect()
    }

    #[test]
    fn no_operation_that_answers_a_secret_is_compressed() {
        let operations = operations(&description());
        let is_secret = |found: &BTreeSet<String>| SECRETS.iter().any(|secret| found.contains(*secret));
        // The list would be worth nothing if it did not know these.
        for id in ["signIn", "signUp", "refresh", "createApiKey", "linkFile", "shareFile", "listShares", "openShare"] {
            let (_, compressed, found) = operations.iter().find(|(other, ..)| other == id).expect(id);
            assert!(is_secret(found) && !compressed, "{id}: {found:?}");
        }
        let compressed: Vec<_> = operations.iter().filter(|(_, compressed, _)| *compressed).collect();
        for (id, _, found) in &compressed {
            assert!(!is_secret(found), "{id} answers {found:?}");
            assert!(!found.contains("ETag"), "{id} has an ETag, and is never compressed");
        }
        let ids: BTreeSet<_> = compressed.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(ids, BTreeSet::from(["listFiles", "listUsers", "measures", "openapi"]), "think of BREACH before adding one");
    }
}
