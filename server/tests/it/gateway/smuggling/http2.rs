//! Over HTTP/2, where a service hears of a request in HTTP/1.1: what is framed there by lengths and lines is anything here.

use super::{
    HIDDEN, INNOCENT, Scribe, assert_nothing_is_smuggled,
    frames::{
        Client, Header, Headers, Outcome,
        Outcome::{Answered, Ended, Reset},
        PROTOCOL_ERROR,
        Part::{self, Data},
    },
};
use crate::gateway::behind;

const METHOD: Header<'_> = (b":method", b"POST");
const SCHEME: Header<'_> = (b":scheme", b"http");
const AUTHORITY: Header<'_> = (b":authority", b"x");
const PATH: Header<'_> = (b":path", b"/orders");

/// A request to the service as it should be, with more headers.
fn post(more: Headers<'_>) -> Vec<Header<'_>> {
    [&[METHOD, SCHEME, AUTHORITY, PATH], more].concat()
}

/// What becomes of an innocent request on the same connection.
async fn next(client: &mut Client) -> Outcome {
    client.ask(&[Part::Headers(&[(b":method", b"GET"), SCHEME, AUTHORITY, (b":path", INNOCENT.as_bytes())])]).await
}

#[tokio::test]
async fn a_length_that_lies_is_refused() {
    let length = HIDDEN.len().to_string();
    let cases: [(&str, Headers<'_>, &[&[u8]]); 11] = [
        ("less than comes", &[(b"content-length", b"3")], &[HIDDEN.as_bytes()]),
        ("less than comes, which is seen late", &[(b"content-length", b"3")], &[b"abc", HIDDEN.as_bytes()]),
        ("nothing, and something comes", &[(b"content-length", b"0")], &[HIDDEN.as_bytes()]),
        ("more than comes", &[(b"content-length", b"100")], &[HIDDEN.as_bytes()]),
        ("something, and nothing comes", &[(b"content-length", b"5")], &[]),
        ("two", &[(b"content-length", b"3"), (b"content-length", length.as_bytes())], &[HIDDEN.as_bytes()]),
        ("two, the other way round", &[(b"content-length", length.as_bytes()), (b"content-length", b"3")], &[HIDDEN.as_bytes()]),
        ("a list", &[(b"content-length", b"3, 3")], &[b"abc"]),
        ("a sign", &[(b"content-length", b"+3")], &[b"abc"]),
        ("hexadecimal", &[(b"content-length", b"0x3")], &[b"abc"]),
        ("none", &[(b"content-length", b"")], &[b"abc"]),
    ];
    for (what, headers, body) in cases {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let mut client = Client::connect(&app).await;
        let headers = post(headers);
        let parts: Vec<_> = [Part::Headers(&headers)].into_iter().chain(body.iter().map(|data| Data(data))).collect();
        assert_eq!(client.ask(&parts).await, Reset(PROTOCOL_ERROR), "{what}");
        assert_eq!(next(&mut client).await, Answered(200, INNOCENT.to_owned()), "{what}");
        assert_nothing_is_smuggled(what, &service);
        assert!(!service.heard().iter().any(|heard| heard.is_whole && heard.target() == "/orders"), "{what}: {:?}", service.heard());
    }
}

#[tokio::test]
async fn headers_of_a_connection_and_pseudo_headers_out_of_place_are_refused() {
    let cases: [(&str, Vec<Header<'_>>); 17] = [
        ("chunks", post(&[(b"transfer-encoding", b"chunked")])),
        ("chunks and a length", post(&[(b"content-length", b"5"), (b"transfer-encoding", b"chunked")])),
        ("connection", post(&[(b"connection", b"close")])),
        ("keep-alive", post(&[(b"keep-alive", b"timeout=5")])),
        ("proxy-connection", post(&[(b"proxy-connection", b"keep-alive")])),
        ("upgrade", post(&[(b"upgrade", b"websocket")])),
        ("te", post(&[(b"te", b"chunked")])),
        ("a path with a space", vec![METHOD, SCHEME, AUTHORITY, (b":path", b"/orders HTTP/1.1")]),
        ("a path of two lines", vec![METHOD, SCHEME, AUTHORITY, (b":path", b"/orders HTTP/1.1\r\nX-Any: a\r\n\r\nGET /orders/hidden")]),
        ("a path with NUL", vec![METHOD, SCHEME, AUTHORITY, (b":path", b"/orders\0")]),
        ("no path", vec![METHOD, SCHEME, AUTHORITY]),
        ("an empty path", vec![METHOD, SCHEME, AUTHORITY, (b":path", b"")]),
        ("two paths", post(&[(b":path", b"/orders/hidden")])),
        ("two authorities", vec![METHOD, SCHEME, AUTHORITY, (b":authority", b"y"), PATH]),
        ("an authority of two lines", vec![METHOD, SCHEME, (b":authority", b"x\r\nX-Any: a"), PATH]),
        ("a scheme with a path", vec![METHOD, (b":scheme", b"http://x/orders/hidden?"), AUTHORITY, PATH]),
        ("a pseudo-header behind others", vec![METHOD, SCHEME, AUTHORITY, (b"x-any", b"a"), PATH]),
    ];
    for (what, headers) in cases {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let mut client = Client::connect(&app).await;
        assert_eq!(client.ask(&[Part::Headers(&headers), Data(b"0\r\n\r\n")]).await, Reset(PROTOCOL_ERROR), "{what}");
        assert_eq!(next(&mut client).await, Answered(200, INNOCENT.to_owned()), "{what}");
        assert_nothing_is_smuggled(what, &service);
        assert_eq!(service.heard().len(), 1, "{what}: {:?}", service.heard());
    }
}

#[tokio::test]
async fn lines_in_names_and_values_end_the_connection() {
    let cases: [(&str, Headers<'_>); 13] = [
        ("a line in a value", &[(b"x-any", b"a\r\nTransfer-Encoding: chunked")]),
        ("a line feed in a value", &[(b"x-any", b"a\nTransfer-Encoding: chunked")]),
        ("a carriage return in a value", &[(b"x-any", b"a\rb")]),
        ("NUL in a value", &[(b"x-any", b"a\0b")]),
        ("a line in a cookie", &[(b"cookie", b"a=b\r\nX-Any: c")]),
        ("a line in a name", &[(b"x-any: a\r\ntransfer-encoding", b"chunked")]),
        ("NUL in a name", &[(b"x-any\0", b"a")]),
        ("a colon in a name", &[(b"transfer-encoding:", b"chunked")]),
        ("a space in a name", &[(b"transfer-encoding ", b"chunked")]),
        ("capitals in a name", &[(b"Transfer-Encoding", b"chunked")]),
        ("no name", &[(b"", b"a")]),
        ("a method of two lines", &[(b":method", b"GET /orders/hidden HTTP/1.1\r\nX-Any: a\r\n\r\nPOST")]),
        ("a pseudo-header that is none", &[(b":hidden", b"a")]),
    ];
    for (what, headers) in cases {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let mut client = Client::connect(&app).await;
        let outcome = client.ask(&[Part::Headers(&post(headers)), Data(b"0\r\n\r\n")]).await;
        assert!(matches!(outcome, Ended(_)), "{what}: {outcome:?}");
        assert_eq!(service.heard().len(), 0, "{what}: {:?}", service.heard());
    }
}

#[tokio::test]
async fn two_hosts_are_none() {
    let hosts: [Headers<'_>; 4] = [
        &[AUTHORITY, PATH, (b"host", b"y")],
        &[AUTHORITY, PATH, (b"host", b"x"), (b"host", b"x")],
        &[(b":authority", b"u@x"), PATH],
        &[PATH],
    ];
    for hosts in hosts {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let mut client = Client::connect(&app).await;
        let outcome = client.ask(&[Part::Headers(&[&[METHOD, SCHEME], hosts].concat()), Data(HIDDEN.as_bytes())]).await;
        let Answered(400, problem) = &outcome else { panic!("{hosts:?}: {outcome:?}") };
        assert!(problem.contains("host_refused"), "{hosts:?}: {problem}");
        assert_eq!(next(&mut client).await, Answered(200, INNOCENT.to_owned()), "{hosts:?}");
        assert_eq!(service.heard().len(), 1, "{hosts:?}: {:?}", service.heard());
    }
}

/// What is passed on: its headers, its trailers, and the length that the service should be told.
type Passed<'a> = (&'a str, Headers<'a>, Option<Part<'a>>, Option<&'a [u8]>);

/// As one request, framed by us: by a length if it came with one, and in chunks otherwise.
#[tokio::test]
async fn what_is_passed_on_is_framed_anew() {
    let length = HIDDEN.len().to_string();
    let length = length.as_bytes();
    let trailers = Part::Headers(&[(b"content-length", b"3"), (b"host", b"y"), (b"x-any", b"a")]);
    let cases: [Passed<'_>; 5] = [
        ("nothing", &[], None, None),
        ("a length", &[(b"content-length", length)], None, Some(length)),
        ("the same length twice", &[(b"content-length", length), (b"content-length", length)], None, Some(length)),
        ("trailers", &[(b"te", b"trailers"), (b"trailer", b"content-length, host, x-any")], Some(trailers), None),
        ("one host, twice", &[(b"host", b"x")], None, None),
    ];
    for (what, headers, trailers, length) in cases {
        let service = Scribe::start().await;
        let app = behind(&[&service.url()], "access = 'public'").await;
        let mut client = Client::connect(&app).await;
        let headers = post(headers);
        let parts: Vec<_> = [Part::Headers(&headers), Data(HIDDEN.as_bytes())].into_iter().chain(trailers).collect();
        assert_eq!(client.ask(&parts).await, Answered(200, "/orders".to_owned()), "{what}");
        assert_eq!(next(&mut client).await, Answered(200, INNOCENT.to_owned()), "{what}");
        assert_nothing_is_smuggled(what, &service);
        let heard = &service.heard()[0];
        assert!(heard.is_whole && heard.body == HIDDEN, "{what}: {heard:?}");
        assert_eq!(heard.header("content-length").map(str::as_bytes), length, "{what}: {heard:?}");
        assert_eq!(heard.header("transfer-encoding"), length.is_none().then_some("chunked"), "{what}: {heard:?}");
    }
}
