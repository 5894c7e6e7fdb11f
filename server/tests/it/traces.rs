//! Traces, as a collector gets them.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::support::{
    Engines, PASSWORD, Service,
    collector::{Collector, Span},
    process::{Process, call},
    service::header,
    station::Station,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Sends what it records to `endpoint`, with these settings beside.
async fn station(endpoint: &str, more: &[(&str, &str)]) -> Station {
    let settings = [("TRACES__KIND", "otlp"), ("TRACES__ENDPOINT", endpoint), ("TRACES__INTERVAL", "100ms"), ("LOG__LEVEL", "info")];
    Station::with(Engines::fresh().await, &[&settings, more].concat())
}

/// Serves, with what it logs in the file `log` of its data folder.
fn serve(station: &Station, arguments: &[&str]) -> Process {
    Process::spawn_logging(&mut station.serving(arguments), fs::File::create(station.data().join("log")).unwrap())
}

fn log(data: &Path) -> String {
    fs::read_to_string(data.join("log")).unwrap()
}

fn with_orders(station: &Station, service: &Service) -> String {
    let path = station.data().join("portreeve.toml");
    fs::write(&path, format!("[[gateway.upstream]]\nname = 'orders'\npath = '/orders'\ntargets = ['{}']\n", service.url())).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn get(url: &str, path: &str, token: &str, traceparent: Option<&str>) -> Response {
    let request = Client::new().get(format!("{url}{path}")).bearer_auth(token);
    let request = traceparent.into_iter().fold(request, |request, parent| request.header("traceparent", parent));
    request.send().await.unwrap().error_for_status().unwrap()
}

/// Ends it, as an operator would.
fn stop(mut process: Process) -> Duration {
    let told = Instant::now();
    process.signal("TERM");
    assert!(process.child.wait().unwrap().success());
    told.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_from_the_gateway_to_sql_and_to_the_service_behind_it() {
    let (collector, service) = (Collector::start().await, Service::echo().await);
    let station = station(&collector.endpoint(), &[("TRACES__HEADERS", "authorization=Bearer%20collector, x-tenant=quay")]).await;
    let process = serve(&station, &["--config", &with_orders(&station, &service)]);
    let ada = station.person("ada").await;
    let credentials = json!({ "credentials": { "email": "ada@example.org", "password": PASSWORD } });
    let signed_in = call(&ada.url, "auth/sign_in", &credentials, "device=a-cookie").await.unwrap();
    let refresh = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    let seen = get(&ada.url, "/orders/7?whose=hidden-query", &ada.token, Some(PARENT)).await.json::<Value>().await.unwrap();
    get(&ada.url, "/v1/files?search=hidden-query", &ada.token, None).await;
    let linked = Client::new().get(format!("{}/content/hidden-token", ada.url)).send().await.unwrap();
    assert_eq!(linked.status(), 404);

    // The caller's trace goes on, through the gateway and in what the service is asked.
    let request = collector.span("request", |span| span.name == "GET orders").await;
    assert_eq!((&*request.trace, &*request.parent, request.kind), (TRACE, "b7ad6b7169203331", SpanKind::Server));
    assert_eq!(
        ["http.request.method", "url.path", "http.response.status_code", "client.address", "service.name"].map(|name| request.get(name)),
        ["GET", "/orders/7", "200", "127.0.0.1", "portreeve"]
    );
    let asked = collector.child(&request, "GET").await;
    assert_eq!(asked.kind, SpanKind::Client);
    assert_eq!([asked.get("url.full"), asked.get("peer.service")], [&format!("{}/orders/7", service.url()), "orders"]);
    assert_eq!(header(&seen, "traceparent"), [format!("00-{TRACE}-{}-01", asked.id)]);

    // One begins where there is none, and leads to the database.
    let listed = collector.span("list", |span| span.name == "GET /v1/files").await;
    assert_eq!((&*listed.parent, listed.get("http.route"), listed.get("url.path")), ("", "/v1/files", "/v1/files"));
    let operation = collector.child(&listed, "files.list").await;
    let query = collector.child(&operation, "SELECT files").await;
    let system = if station.engines.database.is_some() { "postgresql" } else { "sqlite" };
    assert_eq!((query.kind, query.get("db.system.name"), query.get("db.operation.name")), (SpanKind::Client, system, "SELECT"));
    assert!(query.get("db.query.text").contains("WHERE"), "{query:?}");

    // What is written is written elsewhere, on its behalf.
    let signed = collector.span("sign-in", |span| span.name == "auth.sign_in").await;
    let transaction = collector.child(&signed, "transaction").await;
    collector.child(&transaction, "INSERT sessions").await;

    let of_link = collector.span("link", |span| span.get("http.route") == "/content/{token}").await;
    assert_eq!((of_link.get("url.path"), of_link.failed), ("/content/{token}", false));
    for headers in collector.headers() {
        assert_eq!(
            [&headers["authorization"], &headers["x-tenant"], &headers["content-type"]],
            ["Bearer collector", "quay", "application/x-protobuf"]
        );
    }
    stop(process);
    let text = log(station.data());
    let line = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|line| line["route"] == "orders");
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert_eq!((line["trace_id"].as_str(), line["span"]["id"].as_str()), (Some(TRACE), Some(request.get("portreeve.request.id"))));

    // By whatever way, nothing that is somebody's.
    let all = format!("{:?}", collector.spans());
    let refresh = refresh.split(['=', ';']).nth(1).unwrap();
    for secret in ["example.org", PASSWORD, &ada.token, refresh, "a-cookie", "hidden", "collector"] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_a_file_belongs_to_the_trace_of_its_upload() {
    let collector = Collector::start().await;
    let station = station(&collector.endpoint(), &[]).await;
    let process = serve(&station, &[]);
    let ada = station.person("ada").await;
    let id = ada.upload("seven b").await;
    ada.becomes(&id, "stored").await;
    let upload = collector.span("upload", |span| span.name == "POST /v1/files").await;
    let stored = collector.span("work", |span| span.name == "process store-files").await;
    assert_eq!((&stored.trace, stored.kind, stored.failed), (&upload.trace, SpanKind::Consumer, false));
    assert_eq!((stored.get("cloudevents.event_type"), stored.get("portreeve.event.tries")), ("file.accepted", "1"));
    // The event was made in a transaction of the upload.
    let made_in = collector.span("what made the event", |span| span.id == stored.parent).await;
    assert_eq!((&*made_in.name, &made_in.trace), ("transaction", &upload.trace));
    let object = |span: &Span| span.parent == stored.id && span.name.starts_with("objects.");
    collector.span("object store", object).await;
    let events = station.lines(&["stream", "read", "--filter", "file.accepted"]);
    assert_eq!(events[0]["traceparent"], format!("00-{}-{}-01", upload.trace, made_in.id));
    stop(process);
    // What goes on by itself begins no trace.
    let roots: Vec<_> = collector.spans().into_iter().filter(|span| span.parent.is_empty()).collect();
    assert!(roots.iter().all(|span| span.kind == SpanKind::Server), "{roots:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_spans_are_sent_before_it_stops() {
    let collector = Collector::start().await;
    let station = station(&collector.endpoint(), &[("TRACES__INTERVAL", "1m")]).await;
    let process = serve(&station, &[]);
    station.person("ada").await;
    assert!(collector.spans().is_empty());
    stop(process);
    assert!(collector.spans().iter().any(|span| span.name == "auth.sign_up"), "{:#?}", collector.spans());
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_decide_for_their_traces_unless_they_are_only_linked_to() {
    let service = Service::echo().await;
    for (callers, goes_on) in [("parent", true), ("link", false)] {
        let collector = Collector::start().await;
        let station = station(&collector.endpoint(), &[("TRACES__SAMPLE_RATIO", "0"), ("TRACES__CALLERS", callers)]).await;
        let process = serve(&station, &["--config", &with_orders(&station, &service)]);
        let ada = station.person("ada").await;
        let seen = get(&ada.url, "/orders/7", &ada.token, Some(PARENT)).await.json::<Value>().await.unwrap();
        let unsampled = PARENT.replace("-01", "-00");
        get(&ada.url, "/orders/8", &ada.token, Some(&unsampled)).await;
        get(&ada.url, "/orders/9", &ada.token, None).await;
        stop(process);
        let (told, spans) = (header(&seen, "traceparent").concat(), collector.spans());
        // What is not recorded has a trace all the same, which the service behind is told not to record either.
        assert_eq!((told.contains(TRACE), told.ends_with("-01")), (goes_on, goes_on), "{callers}: {told}");
        let requests: Vec<_> = spans.iter().filter(|span| span.kind == SpanKind::Server).map(|span| span.get("url.path")).collect();
        assert_eq!(requests, if goes_on { vec!["/orders/7"] } else { vec![] }, "{callers}");
        assert!(spans.iter().all(|span| span.trace == TRACE), "{callers}: {spans:#?}");
    }
    let collector = Collector::start().await;
    let station = station(&collector.endpoint(), &[("TRACES__CALLERS", "link")]).await;
    let process = serve(&station, &[]);
    let ada = station.person("ada").await;
    get(&ada.url, "/v1/files", &ada.token, Some(PARENT)).await;
    let request = collector.span("request", |span| span.name == "GET /v1/files").await;
    assert!(request.trace != TRACE && request.parent.is_empty() && request.links == [TRACE], "{request:?}");
    stop(process);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_silent_costs_spans_and_no_request() {
    // One refuses connections; the other takes them and never answers.
    let silent = Service::raw(|stream| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_mins(10)).await;
            drop(stream);
        })
    })
    .await;
    for address in [format!("http://127.0.0.1:{}", portreeve_testkit::port()), silent.url()] {
        let internal = format!("127.0.0.1:{}", portreeve_testkit::port());
        let more = [("TRACES__QUEUE", "16"), ("TRACES__TIMEOUT", "1s"), ("INTERNAL__LISTEN", &*internal)];
        let station = station(&format!("{address}/v1/traces"), &more).await;
        let process = serve(&station, &[]);
        let ada = station.person("ada").await;
        let begun = Instant::now();
        for _ in 0..100 {
            get(&ada.url, "/v1/files", &ada.token, None).await;
        }
        // If one in two waited until a collector is given up, it would be more.
        assert!(begun.elapsed() < Duration::from_secs(50), "{address}: {:?}", begun.elapsed());
        let count = async |outcome: &str| {
            let text = reqwest::get(format!("http://{internal}/metrics")).await.unwrap().text().await.unwrap();
            let name = format!("portreeve_trace_spans_total{{outcome=\"{outcome}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap_or_else(|| panic!("{text}"))
        };
        while count("failed").await == 0 {
            assert!(begun.elapsed() < Duration::from_mins(2), "{address}: nothing was given up");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(count("sent").await, 0, "{address}");
        if address == silent.url() {
            assert!(count("dropped").await > 100, "{address}");
        }
        let took = stop(process);
        assert!(took < Duration::from_secs(10), "{address}: {took:?}");
        let text = log(station.data());
        assert_eq!(text.matches("spans do not get to the collector").count(), 1, "{address}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_the_collector_whether_it_takes_traces() {
    let collector = Collector::start().await;
    let elsewhere = format!("http://{}/v1/metrics", collector.address);
    let (here, nowhere) = (format!("ok    traces to {}", collector.address), "http://127.0.0.1:1/v1/traces");
    for (endpoint, told) in
        [(collector.endpoint().as_str(), here.as_str()), (&elsewhere, "404 Not Found at /v1/metrics"), (nowhere, "refused")]
    {
        let station = station(endpoint, &[("TRACES__HEADERS", "x-tenant=north")]).await;
        let output = station.command(&["doctor"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = said.lines().find(|line| line.contains(" traces ")).unwrap_or_else(|| panic!("nothing of traces: {said}"));
        assert!(line.contains(told), "{told}: {line}");
    }
    assert!(collector.spans().is_empty());
    assert!(collector.headers().iter().all(|headers| headers["x-tenant"] == "north") && collector.headers().len() == 1);
}
