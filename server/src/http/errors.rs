//! The list of error codes, as it is kept in `docs/errors.md` and as it is served, where the `type` of each problem leads.

mod codes;

use std::fmt::Write as _;

use axum::{Router, response::Html, routing::get};
use http::StatusCode;
use portreeve_services::Services;

pub use self::codes::{CODES, Code, FIELDS};

const PAGE: &str = include_str!("reference/errors.html");
const INTRODUCTION: &str = "\
What is refused or fails is answered with a problem (`application/problem+json`, RFC 9457). Its `code` is stable: programs go by it. Its `type` is an address that
leads to the line below, its `title` a sentence for people, which may change.";
const OF_FIELDS: &str = "A problem with the code `invalid`, and some others that are about one member, say in `errors` what is wrong with what: `pointer` is a JSON Pointer
(RFC 6901) into the body, `detail` a sentence for people, and `code` one of these.";

pub(super) fn router() -> Router<Services> {
    let page = page();
    Router::new().route("/docs/errors", get(async move || Html(page.clone())))
}

impl Code {
    /// `409 Conflict`.
    fn status(&self) -> String {
        let number = self.kind.status();
        let phrase = StatusCode::from_u16(number).ok().and_then(|status| status.canonical_reason());
        // tus has one of its own.
        format!("{number} {}", phrase.unwrap_or("Checksum Mismatch"))
    }
}

/// The list in Markdown.
pub fn text() -> String {
    let mut text = format!(
        "# Error codes\n\n<!-- Made by `portreeve errors > docs/errors.md`; what it says stands in server/src/http/errors/codes.rs. -->\n\n{INTRODUCTION} \
         Every installation serves this list at `/docs/errors`.\n\n| Code | Status | What happened | What to do |\n| --- | --- | --- | --- |\n"
    );
    for code in CODES {
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", code.name, code.status(), code.meaning, code.advice);
    }
    let _ = write!(text, "\n## In `errors`\n\n{OF_FIELDS}\n\n| Code | What it says |\n| --- | --- |\n");
    for (name, meaning) in FIELDS {
        let _ = writeln!(text, "| `{name}` | {meaning} |");
    }
    text
}

/// And as a page.
fn page() -> String {
    let (mut codes, mut fields, mut last) = (String::new(), String::new(), "");
    for code in CODES {
        // Of two lines with one name the first is where its address leads.
        let id = if code.name == last { String::new() } else { format!(" id=\"{}\"", code.name) };
        last = code.name;
        let (meaning, advice) = (marked_up(code.meaning), marked_up(code.advice));
        let _ = writeln!(
            codes,
            "<tr{id} role=\"row\"><th scope=\"row\" role=\"rowheader\"><code>{}</code></th><td role=\"cell\">{}</td><td role=\"cell\">{meaning}</td>\
             <td role=\"cell\">{advice}</td></tr>",
            code.name,
            code.status()
        );
    }
    for (name, meaning) in FIELDS {
        let _ = writeln!(
            fields,
            "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><code>{name}</code></th><td role=\"cell\">{}</td></tr>",
            marked_up(meaning)
        );
    }
    PAGE.replace("{introduction}", &marked_up(INTRODUCTION))
        .replace("{of_fields}", &marked_up(OF_FIELDS))
        .replace("{codes}", &codes)
        .replace("{fields}", &fields)
}

/// Markdown's code in HTML; there is no other mark in what stands here.
fn marked_up(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let parts = escaped.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}
