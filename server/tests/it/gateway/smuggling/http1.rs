//! Over HTTP/1.1: two ways to read where a request ends.

use super::{HIDDEN, INNOCENT, Scribe, assert_nothing_is_smuggled};
use crate::gateway::{behind, raw, status};

/// What is wrong with each, the request up to its last header, what follows, and the status of the answer. A length and chunks may be answered by the
/// chunks, if the connection ends with that (RFC 9112 §6.1); a line feed alone may end a line (§2.2).
fn tricks() -> Vec<(&'static str, String, String, &'static str)> {
    let chunked = format!("0\r\n\r\n{HIDDEN}");
    let length = HIDDEN.len();
    let all = chunked.len();
    vec![
        ("CL and TE", format!("Content-Length: {all}\r\nTransfer-Encoding: chunked"), chunked.clone(), "200"),
        ("TE and CL", format!("Transfer-Encoding: chunked\r\nContent-Length: {all}"), chunked.clone(), "200"),
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {length}"), HIDDEN.to_owned(), "400"),
        ("a list of lengths", format!("Content-Length: 0, {length}"), HIDDEN.to_owned(), "400"),
        ("a signed length", format!("Content-Length: +{length}"), HIDDEN.to_owned(), "400"),
        ("a length that is none", format!("Content-Length: 0x{length:x}"), HIDDEN.to_owned(), "400"),
        ("TE in disguise", "Transfer-Encoding: xchunked".to_owned(), chunked.clone(), "400"),
        ("chunks that are not the last coding", "Transfer-Encoding: chunked, identity".to_owned(), chunked.clone(), "400"),
        ("a space before the colon", format!("Content-Length : {length}"), HIDDEN.to_owned(), "400"),
        ("a folded line", "Transfer-Encoding:\r\n chunked".to_owned(), chunked.clone(), "400"),
        ("a bare line feed in a header", format!("X-Any: a\nTransfer-Encoding: chunked\r\nContent-Length: {all}"), chunked, "200"),
        ("a bare carriage return", "X-Any: a\rContent-Length: 0".to_owned(), HIDDEN.to_owned(), "400"),
        (
            "a bare line feed behind a chunk's length",
            "Transfer-Encoding: chunked".to_owned(),
            format!("2;\nxx\r\n{:x}\r\n0\r\n\r\n{HIDDEN}\r\n0\r\n\r\n", length + 5),
            "400",
        ),
        ("a chunk that is longer than it says", "Transfer-Encoding: chunked".to_owned(), format!("1\r\nab\r\n0\r\n\r\n{HIDDEN}"), "400"),
        (
            "a chunk's length that is too large to be one",
            "Transfer-Encoding: chunked".to_owned(),
            format!("10000000000000000\r\n\r\n0\r\n\r\n{HIDDEN}"),
            "400",
        ),
    ]
}

/// Each answer of a connection: its status, and its body.
fn answers(said: &str) -> Vec<(&str, &str)> {
    let answers = said.split("HTTP/1.1 ").skip(1);
    answers.map(|answer| (&answer[..3], answer.split_once("\r\n\r\n").map_or("", |(_, body)| body))).collect()
}

#[tokio::test]
async fn no_request_hides_in_another() {
    for (what, headers, rest, expected) in tricks() {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let answer = raw(&app, &format!("POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n{rest}")).await;
        assert_eq!(status(&answer), expected, "{what}: {answer}");
        assert!(!answer.contains("hidden"), "{what}: {answer}");
        assert_nothing_is_smuggled(what, &service);
    }
}

#[tokio::test]
async fn on_a_connection_that_stays_open_the_next_answer_is_the_next_requests_or_there_is_none() {
    let innocent = format!("GET {INNOCENT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for (what, headers, rest, expected) in tricks() {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let said = raw(&app, &format!("POST /orders HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{rest}{innocent}")).await;
        let answers = answers(&said);
        assert_eq!(answers.first().map(|(status, _)| *status), Some(expected), "{what}: {said}");
        assert!(answers[1..].is_empty() || answers[1..] == [("200", INNOCENT)], "{what}: {said}");
        assert!(!said.contains("hidden"), "{what}: {said}");
        assert_nothing_is_smuggled(what, &service);
    }
}

#[tokio::test]
async fn what_is_in_a_body_is_no_request() {
    let innocent = format!("GET {INNOCENT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let length = HIDDEN.len();
    for (headers, rest) in [
        (format!("Content-Length: {length}"), HIDDEN.to_owned()),
        (format!("Content-Length: {length}\r\nContent-Length: {length}"), HIDDEN.to_owned()),
        ("Transfer-Encoding: chunked".to_owned(), format!("{length:x}\r\n{HIDDEN}\r\n0\r\n\r\n")),
    ] {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let said = raw(&app, &format!("POST /orders HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{rest}{innocent}")).await;
        assert_eq!(answers(&said), [("200", "/orders"), ("200", INNOCENT)], "{headers}: {said}");
        assert_nothing_is_smuggled(&headers, &service);
        assert_eq!(service.heard()[0].body, HIDDEN, "{headers}");
    }
}
