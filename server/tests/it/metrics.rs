//! `/metrics`, as a collector reads it, and what `docs/` builds on it.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    gateway::{tls::Authority, tls_listener},
    support::{Service, TestApp},
};

/// A name, labels among others, and a value.
type Sample<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

async fn scrape(app: &TestApp) -> String {
    let answer = app.send(|client, _| client.get(format!("{}/metrics", app.internal_url))).await.ok();
    assert_eq!(answer.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    answer.text
}

/// The value of the sample of that name with these labels among others; nothing if there is none.
fn value(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let fits = |line: &&str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
        rest.is_some_and(|rest| labels.iter().all(|(name, value)| rest.contains(&format!("{name}=\"{value}\""))))
    };
    text.lines().find(fits)?.rsplit_once(' ')?.1.parse().ok()
}

/// Waits for what happens beside requests.
async fn until(app: &TestApp, what: &str, holds: impl Fn(&str) -> bool) -> String {
    let give_up = Instant::now() + Duration::from_secs(30);
    loop {
        let text = scrape(app).await;
        if holds(&text) {
            return text;
        }
        assert!(Instant::now() < give_up, "not {what}: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// With services behind the gateway, one of which is not there, and with all that is counted counted once.
async fn busy() -> (TestApp, Service) {
    let service = Service::echo().await;
    let file = format!(
        "[[gateway.rule]]\nname = \"no-attic\"\naction = \"block\"\npath = \"/attic\"\n\n\
         [[gateway.rule]]\nname = \"all-brews\"\naction = \"count\"\nmethods = [\"BREW\"]\n\n\
         [[gateway.upstream]]\nname = \"echo\"\npath = \"/echo\"\ntargets = [\"{}\"]\naccess = \"public\"\n\n\
         [[gateway.upstream]]\nname = \"gone\"\npath = \"/gone\"\ntargets = [\"http://127.0.0.1:{}\"]\nfailures = 1\nretries = 0\n",
        service.url(),
        portreeve_testkit::port(),
    );
    let app = TestApp::start_on(&[], &file).await;
    let ada = app.person("ada").await;
    app.sign_in("ada").await;
    app.sign_in_with("ada@example.org", "a wrong lantern").await.assert_problem(401, "invalid_credentials");
    let body = json!({ "name": "crane", "scopes": ["account:read"] });
    let key = ada.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&body)).await.ok().json();
    ada.get("/v1/me").await.ok();
    app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(key["key"].as_str().unwrap())).await.ok();
    app.get("/v1/me").await.assert_problem(401, "token_missing");
    ada.get("/gone/7").await.assert_problem(502, "upstream_unreachable");
    app.get("/echo/wholly-secret-path").await.ok();
    app.get("/wholly-secret-path").await;
    app.get("/v1/files/wholly-secret-path?wholly-secret-query").await;
    app.send(|client, url| client.request("BREW".parse().unwrap(), format!("{url}/v1/me"))).await;
    for path in ["/attic", "/attic/wholly-secret-path"] {
        app.get(path).await.assert_problem(403, "blocked");
    }
    ada.post_file("a.txt", "text/plain", "seven b", &[]).await.ok();
    (app, service)
}

#[tokio::test]
async fn a_collector_reads_what_happened_and_no_label_is_a_strangers() {
    let (app, _service) = busy().await;
    let text = until(&app, "stored and mailed", |text| {
        let of_consumer = |name: &str| value(text, name, &[("consumer", "store-files")]);
        of_consumer("portreeve_stream_handled_events_total") == Some(1.0)
            && of_consumer("portreeve_stream_lag_events") == Some(0.0)
            && value(text, "portreeve_files_stored_total", &[]) == Some(1.0)
            && value(text, "portreeve_mails_total", &[("outcome", "sent")]) >= Some(1.0)
    })
    .await;
    let requests = |labels: &[(&str, &str)]| value(&text, "http_server_request_duration_seconds_count", labels);
    for (caller, status) in [("session", "200"), ("api_key", "200"), ("anonymous", "401")] {
        let labels = [("route", "/v1/me"), ("method", "GET"), ("status", status), ("caller", caller)];
        assert_eq!(requests(&labels), Some(1.0), "{labels:?}: {text}");
    }
    assert_eq!(requests(&[("route", "/v1/me"), ("method", "other"), ("status", "405")]), Some(1.0), "{text}");
    assert_eq!(requests(&[("route", "echo"), ("status", "200"), ("caller", "anonymous")]), Some(1.0), "{text}");
    assert_eq!(requests(&[("route", "gone"), ("status", "502"), ("caller", "session")]), Some(1.0), "{text}");
    assert!(requests(&[("route", "none"), ("status", "404")]) >= Some(1.0), "{text}");
    let all = value(&text, "http_server_request_duration_seconds_bucket", &[("route", "/v1/me"), ("caller", "session"), ("le", "+Inf")]);
    assert_eq!(all, Some(1.0));
    let expected: [Sample; 20] = [
        ("portreeve_refusals_total", &[("code", "blocked")], 2.0),
        ("portreeve_firewall_matches_total", &[("rule", "no-attic"), ("action", "block")], 2.0),
        ("portreeve_firewall_matches_total", &[("rule", "all-brews"), ("action", "count")], 1.0),
        ("portreeve_trace_spans_total", &[("outcome", "sent")], 0.0),
        ("portreeve_refusals_total", &[("code", "token_missing")], 2.0),
        ("portreeve_sign_ins_total", &[("outcome", "success")], 1.0),
        ("portreeve_sign_ins_total", &[("outcome", "invalid_credentials")], 1.0),
        ("portreeve_sign_ins_total", &[("outcome", "throttled")], 0.0),
        ("portreeve_uploads_accepted_total", &[], 1.0),
        ("portreeve_uploads_accepted_bytes_total", &[], 7.0),
        ("portreeve_upstream_tries_total", &[("upstream", "echo"), ("outcome", "answered")], 1.0),
        ("portreeve_upstream_target_up", &[("upstream", "echo")], 1.0),
        ("portreeve_upstream_target_up", &[("upstream", "gone")], 0.0),
        ("portreeve_database_up", &[], 1.0),
        ("portreeve_stream_lag_events", &[("consumer", "store-files")], 0.0),
        ("portreeve_stream_handled_events_total", &[("consumer", "store-files")], 1.0),
        ("portreeve_stream_dead_letters", &[("consumer", "store-files")], 0.0),
        ("http_server_active_requests", &[], 0.0),
        ("process_start_time_seconds", &[], 1_780_000_000.0),
        ("portreeve_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0),
    ];
    for (name, labels, expected) in expected {
        assert_eq!(value(&text, name, labels), Some(expected), "{name} {labels:?}: {text}");
    }
    for counted in ["token_cache_hits", "token_cache_misses", "caller_cache_hits", "caller_cache_misses"] {
        assert!(value(&text, &format!("portreeve_{counted}_total"), &[]) >= Some(1.0), "{counted}: {text}");
    }
    assert!(value(&text, "portreeve_upstream_tries_total", &[("upstream", "gone"), ("outcome", "failed")]) >= Some(1.0), "{text}");
    assert!(value(&text, "portreeve_database_connections_max", &[]) > Some(0.0), "{text}");
    for strangers in ["secret", "BREW", "example.org", "prv_"] {
        assert!(!text.contains(strangers), "{strangers} is in {text}");
    }
    // Nor does it answer anybody but the operator.
    assert_eq!(app.get("/metrics").await.status, 404);
}

#[tokio::test]
async fn a_database_that_is_gone_takes_only_its_own_metrics_along() {
    let app = TestApp::start().await;
    app.get("/v1/me").await.assert_problem(401, "token_missing");
    until(&app, "up", |text| value(text, "portreeve_database_up", &[]) == Some(1.0)).await;
    app.services.database().clone().close().await;
    let text = until(&app, "down", |text| value(text, "portreeve_database_up", &[]) == Some(0.0)).await;
    assert_eq!(value(&text, "portreeve_stream_lag_events", &[]), None, "{text}");
    let labels = [("route", "/v1/me"), ("status", "401")];
    assert_eq!(value(&text, "http_server_request_duration_seconds_count", &labels), Some(1.0), "{text}");
    assert_eq!(value(&text, "portreeve_refusals_total", &[("code", "token_missing")]), Some(1.0), "{text}");
}

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of samples: what can be asked for.
fn samples(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
}

/// The metrics that an expression of PromQL asks for: words that begin as ours do.
fn asked(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| ["portreeve_", "http_server_", "process_"].iter().any(|prefix| word.starts_with(prefix)))
}

#[tokio::test]
async fn the_documents_name_what_there_is_and_nothing_else() {
    let (app, _service) = busy().await;
    let text = until(&app, "at work", |text| value(text, "portreeve_stream_lag_events", &[]).is_some()).await;
    // Without TLS there is no certificate that could end.
    let secure = tls_listener::app(&Authority::new()).await;
    let text = text + &scrape(&secure).await;
    let samples = samples(&text);

    let families: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let guide = document("observability.md");
    let row = |line: &str| line.strip_prefix("| `")?.split(['`', '{']).next().map(str::to_owned);
    let told: BTreeSet<String> = guide.lines().filter_map(row).filter(|name| asked(name).next().is_some()).collect();
    // A counter's samples end in `_total`, an information's in `_info`: by those names they are asked for.
    let family = |name: &String| name.trim_end_matches("_total").trim_end_matches("_info").to_owned();
    let (told_families, families): (BTreeSet<_>, BTreeSet<_>) =
        (told.iter().map(family).collect(), families.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(told_families, families, "docs/observability.md tells of the left ones");
    for name in &told {
        let is_sample = samples.contains(name) || samples.contains(&format!("{name}_count"));
        assert!(is_sample, "docs/observability.md tells of {name}, which nobody can ask for");
    }

    let alerts = document("alerts.yml");
    let dashboard: Value = serde_json::from_str(&document("grafana.json")).unwrap();
    let mut expressions: Vec<String> = alerts.lines().filter_map(|line| Some(line.trim().strip_prefix("expr: ")?.to_owned())).collect();
    assert!(expressions.len() >= 8, "{expressions:?}");
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 10);
    for panel in panels {
        let targets = panel["targets"].as_array().unwrap_or_else(|| panic!("{panel}"));
        expressions.extend(targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned()));
    }
    for expression in &expressions {
        let mut count = 0;
        for metric in asked(expression) {
            assert!(samples.contains(metric), "{metric} in “{expression}” is nowhere: {samples:?}");
            count += 1;
        }
        assert!(count > 0, "“{expression}” asks for nothing of ours");
    }
}
