//! How often requests may come.

use chrono::TimeDelta;
use futures::{StreamExt, stream};
use portreeve_testkit::redis;
use serde_json::json;

use super::orders;
use crate::support::{Answer, Person, Service, TestApp};

const ON: (&str, &str) = ("PORTREEVE__THROTTLE__ENABLED", "true");
const BEHIND_PROXIES: (&str, &str) = ("PORTREEVE__PUBLIC__TRUSTED_PROXIES", "127.0.0.0/8");

/// A setting of a plan, as a variable.
macro_rules! plan {
    ($name:literal, $value:literal) => {
        (concat!("PORTREEVE__GATEWAY__PLAN__", $name), $value)
    };
}

/// Three at once, then one a minute.
const THREE_FROM_AN_ADDRESS: [(&str, &str); 3] =
    [plan!("ADDRESS__BURST", "3"), plan!("ADDRESS__REQUESTS", "60"), plan!("ADDRESS__PER", "1h")];

fn with(options: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&[ON][..], options].concat()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// What is left of a policy's bucket, as an answer tells.
fn left(answer: &Answer, policy: &str) -> u64 {
    let wanted = format!("\"{policy}\";r=");
    let found = header(answer, "ratelimit").split(", ").find_map(|one| one.strip_prefix(&wanted));
    let found = found.unwrap_or_else(|| panic!("{policy}: {:?}", answer.headers));
    found.split(';').next().unwrap().parse().unwrap()
}

async fn key(person: &Person<'_>, more: serde_json::Value) -> Answer {
    let mut body = json!({ "name": "crane", "scopes": ["account:read", "upstreams:call"] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&body)).await
}

async fn with_key(app: &TestApp, key: &str, path: &str) -> Answer {
    app.send(|client, url| client.get(format!("{url}{path}")).bearer_auth(key)).await
}

async fn claiming(app: &TestApp, name: &str, value: &str) -> Answer {
    app.send(|client, url| client.get(format!("{url}/v1/me")).header(name, value)).await
}

#[tokio::test]
async fn each_answer_tells_the_limits_that_it_was_counted_by() {
    let app = TestApp::start_with(&with(&[])).await;
    let page = app.get("/sign-in").await.ok();
    assert_eq!(header(&page, "ratelimit-policy"), "\"address\";q=4000;w=20");
    assert_eq!(header(&page, "ratelimit"), "\"address\";r=3999;t=1");
    let ada = app.person("ada").await;
    let me = ada.get("/v1/me").await.ok();
    assert_eq!(header(&me, "ratelimit-policy"), "\"address\";q=4000;w=20, \"member\";q=2000;w=20");
    assert_eq!(header(&me, "ratelimit"), "\"address\";r=3997;t=1, \"member\";r=1999;t=1");
    let refused = app.sign_in_with("ada@example.org", "not the password").await;
    assert_eq!(header(&refused, "ratelimit-policy"), "\"address\";q=4000;w=20, \"address-auth\";q=400;w=40");
    // A function of pages, too, and once however often it asks who calls.
    assert_eq!(left(&ada.profile().await.ok(), "member"), 1998);
    assert_eq!(left(&ada.get("/v1/me").await.ok(), "member"), 1997);
}

#[tokio::test]
async fn who_comes_too_often_is_told_when_to_come_back() {
    let app = TestApp::start_with(&with(&THREE_FROM_AN_ADDRESS)).await;
    for _ in 0..3 {
        app.get("/v1/openapi.json").await.ok();
    }
    for path in ["/v1/openapi.json", "/", "/v1/me", "/nothing-here", "/shared/x.svg"] {
        let refused = app.get(path).await;
        refused.assert_problem(429, "too_many_requests");
        assert_eq!((header(&refused, "retry-after"), refused.json()["retry_after"].as_u64()), ("60", Some(60)), "{path}");
        assert_eq!(header(&refused, "ratelimit"), "\"address\";r=0;t=180", "{path}");
    }
    app.advance(TimeDelta::seconds(60));
    app.get("/v1/openapi.json").await.ok();
    app.get("/v1/openapi.json").await.assert_problem(429, "too_many_requests");
}

#[tokio::test]
async fn health_and_the_files_of_pages_are_free() {
    let app = TestApp::start_with(&with(&THREE_FROM_AN_ADDRESS)).await;
    for _ in 0..10 {
        for path in ["/health", "/pkg/portreeve.css"] {
            let answer = app.get(path).await;
            assert_ne!(answer.status, 429, "{path}");
            assert_eq!(header(&answer, "ratelimit"), "", "{path}");
        }
    }
    assert_eq!(left(&app.get("/v1/openapi.json").await.ok(), "address"), 2);
}

#[tokio::test]
async fn parallel_requests_get_no_more_than_the_burst() {
    let app = TestApp::start_with(&with(&THREE_FROM_AN_ADDRESS)).await;
    let answers = futures::future::join_all((0..100).map(|_| app.get("/v1/openapi.json"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 3);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 97);
}

#[tokio::test]
async fn each_account_has_the_plan_of_its_role() {
    let app = TestApp::start_with(&with(&[
        plan!("MEMBER__BURST", "2"),
        plan!("MEMBER__REQUESTS", "1"),
        plan!("ADMIN__BURST", "5"),
        plan!("ADMIN__REQUESTS", "1"),
    ]))
    .await;
    let (master, ada, eve) = (app.admin("master").await, app.person("ada").await, app.person("eve").await);
    for (person, burst) in [(&master, 5), (&ada, 2), (&eve, 2)] {
        for _ in 0..burst {
            person.get("/v1/me").await.ok();
        }
        let refused = person.get("/v1/me").await;
        refused.assert_problem(429, "too_many_requests");
        assert_eq!(header(&refused, "retry-after"), "60");
    }
    // Functions of pages say it as they say everything.
    ada.profile().await.assert_problem(429, "too_many_requests");
    app.sign_in("ada").await.get("/v1/me").await.assert_problem(429, "too_many_requests");
    app.advance(TimeDelta::minutes(1));
    ada.get("/v1/me").await.ok();
}

#[tokio::test]
async fn a_class_of_requests_can_have_less() {
    let app = TestApp::start_with(&with(&[plan!("MEMBER__UPLOAD__BURST", "1"), plan!("MEMBER__UPLOAD__EVERY", "1h")])).await;
    let ada = app.person("ada").await;
    let sent = ada.post_file("a.txt", "text/plain", "tide", &[]).await.ok();
    assert!(header(&sent, "ratelimit-policy").ends_with("\"member\";q=2000;w=20, \"member-upload\";q=1;w=3600"), "{:?}", sent.headers);
    let refused = ada.post_file("b.txt", "text/plain", "tide", &[]).await;
    refused.assert_problem(429, "too_many_requests");
    assert_eq!(header(&refused, "retry-after"), "3600");
    ada.get("/v1/files").await.ok();
}

#[tokio::test]
async fn a_key_counts_within_its_account() {
    let app = TestApp::start_with(&with(&[
        plan!("KEY__BURST", "2"),
        plan!("KEY__REQUESTS", "1"),
        plan!("MEMBER__BURST", "8"),
        plan!("MEMBER__REQUESTS", "1"),
    ]))
    .await;
    let ada = app.person("ada").await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(key(&ada, json!({})).await.ok().json()["key"].as_str().unwrap().to_owned());
    }
    // Three of the eight were for making the keys.
    for key in &keys[..2] {
        for _ in 0..2 {
            with_key(&app, key, "/v1/me").await.ok();
        }
        let refused = with_key(&app, key, "/v1/me").await;
        refused.assert_problem(429, "too_many_requests");
        assert_eq!(left(&refused, "key"), 0);
    }
    assert_eq!(left(&with_key(&app, &keys[2], "/v1/me").await.ok(), "member"), 0);
    let refused = with_key(&app, &keys[2], "/v1/me").await;
    refused.assert_problem(429, "too_many_requests");
    assert_eq!((left(&refused, "member"), left(&refused, "key")), (0, 1), "many keys are no more than one account");
    ada.get("/v1/me").await.assert_problem(429, "too_many_requests");
}

#[tokio::test]
async fn an_administrator_gives_a_key_a_plan_of_its_own() {
    const PARTNER: &str = "[gateway.plan.partner]\nrequests = 1\nburst = 4\n";
    let app =
        TestApp::start_on(&with(&[plan!("KEY__BURST", "1"), plan!("ADMIN__BURST", "3"), plan!("ADMIN__REQUESTS", "1")]), PARTNER).await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    key(&ada, json!({ "plan": "partner" })).await.assert_problem(403, "forbidden");
    let unknown = key(&master, json!({ "plan": "parnter" })).await;
    unknown.assert_problem(422, "invalid");
    unknown.assert_fields(&[("/plan", "unknown")]);
    let made = key(&master, json!({ "plan": "partner" })).await.ok().json();
    assert_eq!(made["api_key"]["plan"], "partner");
    assert_eq!(master.get("/v1/api-keys").await.ok().json()["items"][0]["plan"], "partner");
    // The account has none left, which is not the key's affair.
    master.get("/v1/me").await.assert_problem(429, "too_many_requests");
    let key = made["key"].as_str().unwrap();
    for left_then in [3, 2, 1, 0] {
        let answer = with_key(&app, key, "/v1/me").await.ok();
        assert_eq!(left(&answer, "partner"), left_then);
        assert!(!header(&answer, "ratelimit").contains("admin"), "{:?}", answer.headers);
    }
    with_key(&app, key, "/v1/me").await.assert_problem(429, "too_many_requests");
}

#[tokio::test]
async fn an_administrator_gives_anybodys_key_a_plan_and_takes_it_back() {
    const PARTNER: &str = "[gateway.plan.partner]\nrequests = 1\nburst = 4\n";
    let app = TestApp::start_on(&with(&[]), PARTNER).await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let made = key(&ada, json!({})).await.ok().json();
    let (id, key) = (made["api_key"]["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let path = format!("/v1/api-keys/{id}/plan");
    let put = async |person: &Person<'_>, plan: serde_json::Value| {
        person.send(|client, url| client.put(format!("{url}{path}")).header("if-match", "*").json(&json!({ "plan": plan }))).await
    };
    put(&ada, json!("partner")).await.assert_problem(403, "forbidden");
    put(&master, json!("parnter")).await.assert_fields(&[("/plan", "unknown")]);
    assert_eq!(put(&master, json!("partner")).await.ok().json()["plan"], "partner");
    assert_eq!(left(&with_key(&app, key, "/v1/me").await.ok(), "partner"), 3);
    put(&master, json!(null)).await.ok();
    // What it took by the other plan leaves its bucket empty at most.
    let refused = with_key(&app, key, "/v1/me").await;
    refused.assert_problem(429, "too_many_requests");
    assert_eq!(header(&refused, "retry-after"), "1");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(left(&with_key(&app, key, "/v1/me").await.ok(), "key"), 1999);
}

#[tokio::test]
async fn a_daily_quota_lasts_until_midnight() {
    let app = TestApp::start_with(&with(&[plan!("MEMBER__DAILY_QUOTA", "3")])).await;
    let ada = app.person("ada").await;
    for left_then in [2, 1, 0] {
        let answer = ada.get("/v1/me").await.ok();
        assert!(header(&answer, "ratelimit-policy").ends_with("\"member-day\";q=3;w=86400"), "{:?}", answer.headers);
        assert_eq!(left(&answer, "member-day"), left_then);
    }
    let refused = ada.get("/v1/me").await;
    refused.assert_problem(429, "quota_exceeded");
    let midnight = 86_400 - app.now().timestamp() % 86_400;
    assert_eq!(header(&refused, "retry-after"), midnight.to_string());
    app.advance(TimeDelta::seconds(midnight));
    app.sign_in("ada").await.get("/v1/me").await.ok();
}

#[tokio::test]
async fn what_goes_to_an_upstream_is_counted_once() {
    let service = Service::echo().await;
    let app = TestApp::start_on(&with(&[]), &orders(&[&service.url()], "")).await;
    let ada = app.person("ada").await;
    let key = key(&ada, json!({})).await.ok().json()["key"].as_str().unwrap().to_owned();
    let before = ada.get("/v1/me").await.ok();
    let answer = with_key(&app, &key, "/orders/7").await.ok();
    for policy in ["address", "member"] {
        assert_eq!(left(&answer, policy) + 1, left(&before, policy), "{policy}");
    }
    assert_eq!(left(&answer, "key"), 1999);
    // Neither does the service hear of it, nor is anything asked of it for who may not.
    assert!(!answer.text.contains("ratelimit"), "{}", answer.text);
}

#[tokio::test]
async fn who_forges_an_address_is_counted_by_their_own() {
    let app = TestApp::start_with(&with(&THREE_FROM_AN_ADDRESS)).await;
    for number in 0..3 {
        claiming(&app, "x-forwarded-for", &format!("203.0.113.{number}")).await.assert_problem(401, "token_missing");
    }
    for (name, value) in [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9"), ("x-real-ip", "203.0.113.9")] {
        claiming(&app, name, value).await.assert_problem(429, "too_many_requests");
    }
}

#[tokio::test]
async fn behind_proxies_only_the_header_that_they_write_is_believed() {
    for (by, believed, forged) in [("x-forwarded-for", "", "for="), ("forwarded", "for=", "")] {
        let by = [BEHIND_PROXIES, ("PORTREEVE__PUBLIC__FORWARDED_BY", by)];
        let app = TestApp::start_with(&with(&[&THREE_FROM_AN_ADDRESS[..], &by].concat())).await;
        let name = |prefix: &str| if prefix.is_empty() { "x-forwarded-for" } else { "forwarded" };
        for number in 0..10 {
            let told = format!("{believed}203.0.113.{number}");
            claiming(&app, name(believed), &told).await.assert_problem(401, "token_missing");
        }
        let mut refused = 0;
        for number in 0..10 {
            let told = format!("{forged}198.51.100.{number}");
            refused += usize::from(claiming(&app, name(forged), &told).await.status == 429);
        }
        assert_eq!(refused, 7, "{by:?}");
    }
}

#[tokio::test]
async fn ten_thousand_addresses_are_remembered_only_while_it_matters() {
    let app = TestApp::start_with(&with(&[BEHIND_PROXIES])).await;
    let ask = |number: u32| {
        let address = std::net::Ipv4Addr::from(0xCB00_0000 + number).to_string();
        app.send(|client, url| client.get(format!("{url}/v1")).header("x-forwarded-for", address))
    };
    let answers: Vec<_> = stream::iter((0..10_000).map(ask)).buffer_unordered(32).map(|answer| left(&answer, "address")).collect().await;
    assert!(answers.iter().all(|left| *left == 3999), "each has a bucket of its own");
    assert_eq!(app.services.limits().remembered(), 10_000);
    app.advance(TimeDelta::seconds(1));
    app.services.tidy_up().await.unwrap();
    assert_eq!(app.services.limits().remembered(), 0);
}

#[tokio::test]
async fn it_can_be_turned_off() {
    for off in [("PORTREEVE__THROTTLE__ENABLED", "false"), ("PORTREEVE__GATEWAY__THROTTLE__ENABLED", "false")] {
        let app = TestApp::start_with(&with(&[&THREE_FROM_AN_ADDRESS[..], &[off]].concat())).await;
        for _ in 0..10 {
            let answer = app.get("/v1/openapi.json").await.ok();
            assert_eq!(header(&answer, "ratelimit-policy"), "", "{off:?}");
        }
    }
}

#[tokio::test]
async fn nodes_that_share_a_redis_count_together_and_apart_while_it_is_away() {
    let mut server = redis::Server::start();
    let folder = tempfile::tempdir().unwrap();
    let (url, master_key) = (server.url(), folder.path().join("master.key").to_string_lossy().into_owned());
    let shared = [
        ON,
        ("PORTREEVE__CACHE__KIND", "redis"),
        ("PORTREEVE__CACHE__URL", &url),
        ("PORTREEVE__CACHE__TIMEOUT", "5s"),
        ("PORTREEVE__CACHE__PREFIX", "together"),
        ("PORTREEVE__KEYS__MASTER_KEY_FILE", &master_key),
    ];
    let options = [&shared[..], &THREE_FROM_AN_ADDRESS].concat();
    let (one, other) = (TestApp::start_with(&options).await, TestApp::start_with(&options).await);
    one.get("/v1/openapi.json").await.ok();
    assert_eq!(left(&other.get("/v1/openapi.json").await.ok(), "address"), 1);
    one.get("/v1/openapi.json").await.ok();
    for app in [&one, &other] {
        app.get("/v1/openapi.json").await.assert_problem(429, "too_many_requests");
    }

    // Each goes on from what it let through itself: two and one.
    server.kill();
    for (app, tokens) in [(&one, 1), (&other, 2)] {
        for _ in 0..tokens {
            app.get("/v1/openapi.json").await.ok();
        }
        app.get("/v1/openapi.json").await.assert_problem(429, "too_many_requests");
    }

    server.restart();
    let begun = std::time::Instant::now();
    loop {
        for app in [&one, &other] {
            app.advance(TimeDelta::hours(1));
        }
        // The new one knows nothing, so they are together again when the second sees what the first took.
        let (first, second) = (one.get("/v1/openapi.json").await, other.get("/v1/openapi.json").await);
        if left(&second, "address") < left(&first, "address") {
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_mins(1), "never together again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
