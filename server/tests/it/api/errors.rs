//! The list of error codes: `docs/errors.md`, `/docs/errors`, and what the code has.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use portreeve::http::errors::{CODES, FIELDS, text};
use serde_json::Value;

use crate::support::TestApp;

fn server(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_document_is_what_the_program_prints() {
    let document = std::fs::read_to_string(server("../docs/errors.md")).unwrap_or_default();
    assert!(document == text(), "docs/errors.md is behind: target/debug/portreeve errors > docs/errors.md");
}

/// All that stands in the server's code, but for tests.
fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The literal that comes next, behind a comma.
fn literal(rest: &str) -> Option<&str> {
    let (literal, _) = rest.trim_start().strip_prefix(',')?.trim_start().strip_prefix('"')?.split_once('"')?;
    let is_code = !literal.is_empty() && literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then_some(literal)
}

/// `NotFound` of `not_found`.
fn camel(snake: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    snake.split('_').map(word).collect()
}

#[test]
fn each_code_that_the_server_can_answer_with_is_listed_and_no_other() {
    let mut all = Vec::new();
    for folder in ["src", "gateway/src", "services/src", "../app/contract/src"] {
        sources(&server(folder), &mut all);
    }
    all.retain(|text| !text.contains("pub const CODES"));
    let described: Value = serde_json::from_slice(&portreeve::http::openapi()).unwrap();
    let kinds = described["components"]["schemas"]["ErrorKind"]["enum"].as_array().unwrap();
    let kinds: Vec<String> = kinds.iter().map(|kind| camel(kind.as_str().unwrap())).collect();
    assert!(kinds.len() > 20, "{kinds:?}");

    let mut written = BTreeSet::new();
    for kind in &kinds {
        for text in &all {
            // A whole word, and not the end of another: `HeadersTooLarge`.
            let words = text.match_indices(kind.as_str()).filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_ascii_alphanumeric()));
            let codes = words.filter_map(|(at, _)| literal(&text[at + kind.len()..]));
            written.extend(codes.map(|code| (code.to_owned(), kind.clone())));
        }
    }
    let listed: BTreeSet<_> = CODES.iter().map(|code| (code.name.to_owned(), format!("{:?}", code.kind))).collect();
    assert_eq!(listed, written, "server/src/http/errors/codes.rs has the left ones, the code the right ones");
    assert!(CODES.is_sorted_by_key(|code| code.name), "sorted by name");

    let of_field = |rest: &str| literal(&rest[rest.find(',')?..]).map(str::to_owned);
    let mut fields: BTreeSet<String> = all.iter().flat_map(|text| text.split("FieldError::new(").skip(1)).filter_map(of_field).collect();
    // What a body that does not fit is told, which is made of what serde says.
    fields.extend(["required", "unknown", "wrong_shape"].map(str::to_owned));
    assert_eq!(FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), fields);
    assert!(FIELDS.is_sorted(), "sorted by name");
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_what_there_is_to_say_of_it() {
    let app = TestApp::start().await;
    let answer = app.get("/v1/me").await;
    answer.assert_problem(401, "token_missing");
    let problem = answer.json();
    let (path, code) = problem["type"].as_str().unwrap().split_once('#').unwrap();
    let page = app.get(path).await.ok();
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.text.contains(&format!("<tr id=\"{code}\" ")), "{}", page.text);
    for code in CODES {
        assert_eq!(page.text.matches(&format!("id=\"{}\"", code.name)).count(), 1, "{}", code.name);
    }
    assert!(!page.text.contains(['`', '{', '}']) && page.text.contains("<code>If-Match</code>"), "{}", page.text);
}
