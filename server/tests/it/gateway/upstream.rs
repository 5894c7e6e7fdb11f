//! Who may call a service, and what it hears of them.

use axum::{Router, response::Response, routing::any};
use serde_json::{Value, json};

use super::{behind, orders};
use crate::support::{
    Person, Service, TestApp,
    service::{echo, header},
};

/// What a JWT says, unverified.
fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).expect("a JWT").claims
}

fn bearer(seen: &Value) -> String {
    let values = header(seen, "authorization");
    assert_eq!(values.len(), 1, "{seen}");
    values[0].strip_prefix("Bearer ").expect("a bearer token").to_owned()
}

#[tokio::test]
async fn a_service_hears_who_calls_by_a_token_made_for_it() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "").await;
    let ada = app.person("ada").await;

    let seen = ada.send(|client, url| client.post(format!("{url}/orders/7?q=1&q=2")).body("a bale of hemp")).await.ok().json();
    assert_eq!(
        (&seen["method"], &seen["path"], &seen["query"], &seen["body"]),
        (&json!("POST"), &json!("/orders/7"), &json!("q=1&q=2"), &json!("a bale of hemp"))
    );
    assert_eq!(header(&seen, "content-length"), ["14"]);

    let token = bearer(&seen);
    assert_ne!(token, ada.access_token());
    let said = claims(&token);
    assert_eq!((said["aud"].as_str(), said["sub"].as_str()), (Some("orders"), Some(ada.id().await.as_str())));
    assert_eq!((&said["iss"], &said["roles"]), (&json!(app.url), &json!(["member"])));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 60);

    // As the service would verify it.
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&app.get("/.well-known/jwks.json").await.ok().text).expect("a key set");
    let head = jsonwebtoken::decode_header(&token).expect("a header");
    let key = keys.find(head.kid.as_deref().expect("a kid")).expect("its key");
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&["orders"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(&token, &jsonwebtoken::DecodingKey::from_jwk(key).expect("a key"), &validation)
        .expect("a good signature");

    // It opens nothing here.
    app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(&token)).await.assert_problem(401, "invalid_token");
    app.send(|client, url| client.get(format!("{url}/orders/7")).bearer_auth(&token)).await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn only_who_is_known_and_may_gets_through() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "").await;
    let ada = app.person("ada").await;
    app.get("/orders/7").await.assert_problem(401, "token_missing");
    app.send(|client, url| client.get(format!("{url}/orders/7")).bearer_auth("rubbish")).await.assert_problem(401, "invalid_token");

    let key = async |scope: &str| {
        let new = json!({ "name": "crane", "scopes": [scope] });
        let made = ada.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&new)).await.ok().json();
        made["key"].as_str().unwrap().to_owned()
    };
    let (good, other) = (key("upstreams:call").await, key("files:read").await);
    let refused = app.send(|client, url| client.get(format!("{url}/orders/7")).bearer_auth(&other)).await;
    refused.assert_problem(403, "insufficient_scope");
    assert_eq!(service.asked(), 0);

    let seen = app.send(|client, url| client.get(format!("{url}/orders/7")).bearer_auth(&good)).await.ok().json();
    let said = claims(&bearer(&seen));
    assert_eq!((said["aud"].as_str(), said["scope"].as_str(), said["sid"].as_str()), (Some("orders"), Some("upstreams:call"), None));
    assert!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap() <= 60);
}

#[tokio::test]
async fn a_service_says_what_a_key_has_to_be_for() {
    let service = Service::echo().await;
    let upstream = |name: &str, scope: &str| {
        orders(&[&service.url()], &format!("scope = '{scope}'"))
            .replace("'orders'", &format!("'{name}'"))
            .replace("'/orders'", &format!("'/{name}'"))
    };
    let file = format!("{}{}", upstream("archive", "files:read"), upstream("office", "users:read"));
    let app = TestApp::start_on(&[], &file).await;
    let (root, ada) = (app.admin("root").await, app.person("ada").await);
    let key = async |person: &Person<'_>, scope: &str| {
        let new = json!({ "name": "crane", "scopes": [scope] });
        let made = person.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&new)).await.ok().json();
        made["key"].as_str().unwrap().to_owned()
    };
    let ask = async |path: &str, token: &str| app.send(|client, url| client.get(format!("{url}{path}")).bearer_auth(token)).await;

    ask("/archive/7", &key(&ada, "files:read").await).await.ok();
    ask("/archive/7", &key(&ada, "upstreams:call").await).await.assert_problem(403, "insufficient_scope");
    ask("/archive/7", &ada.access_token()).await.ok();

    // What is for administrators lets in nobody else, whatever their key says.
    ask("/office/7", &ada.access_token()).await.assert_problem(403, "forbidden");
    ask("/office/7", &key(&ada, "users:read").await).await.assert_problem(403, "forbidden");
    ask("/office/7", &key(&root, "files:read").await).await.assert_problem(403, "insufficient_scope");
    ask("/office/7", &key(&root, "users:read").await).await.ok();
    ask("/office/7", &root.access_token()).await.ok();
    assert_eq!(service.asked(), 4);
}

#[tokio::test]
async fn a_service_hears_the_name_that_people_know_whatever_the_client_writes() {
    let service = Service::echo().await;
    for (more, of_service) in [("", false), ("preserve_host = true", true)] {
        let app = behind(&[&service.url()], &format!("access = 'public'\n{more}")).await;
        let own = app.url.strip_prefix("http://").unwrap();
        let seen = app.send(|client, url| client.get(format!("{url}/orders/7")).header("host", "evil.example")).await.ok().json();
        assert_eq!(header(&seen, "x-forwarded-host"), [own]);
        assert_eq!(header(&seen, "host"), [if of_service { own.to_owned() } else { service.address.to_string() }]);
    }
}

#[tokio::test]
async fn what_a_client_says_of_itself_is_not_passed_on() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "").await;
    let ada = app.person("ada").await;
    let request = ada.send(|client, url| {
        let request = client.get(format!("{url}/orders/7"));
        let forged = [
            ("x-forwarded-for", "6.6.6.6"),
            ("forwarded", "for=6.6.6.6"),
            ("x-forwarded-user", "root"),
            ("x-forwarded-host", "evil.example"),
            ("x-real-ip", "6.6.6.6"),
            ("remote-user", "root"),
            ("x-portreeve-user", "root"),
            ("x_forwarded_user", "root"),
            ("x-authenticated-user", "root"),
            ("x-user-id", "1"),
            ("x-consumer-username", "root"),
            ("x-goog-authenticated-user-email", "root"),
            ("x-amzn-oidc-data", "x"),
            ("x-ms-client-principal", "x"),
            ("x-ssl-client-verify", "SUCCESS"),
            ("cf-access-jwt-assertion", "x"),
            ("tailscale-user-login", "root"),
            ("ssl-client-verify", "SUCCESS"),
            ("x-http-method-override", "DELETE"),
            ("x-request-id", "mine"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("proxy-authorization", "Basic eA=="),
            ("cookie", "theme=dark; __Host-portreeve_refresh=secret"),
            ("accept-language", "en"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ];
        forged.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    });
    let answer = request.await.ok();
    let seen = answer.json();
    let host = app.url.strip_prefix("http://").unwrap();
    assert_eq!(header(&seen, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(header(&seen, "x-forwarded-host"), [host]);
    assert_eq!(header(&seen, "x-forwarded-proto"), ["http"]);
    assert_eq!(header(&seen, "host"), [service.address.to_string()]);
    assert_eq!(header(&seen, "cookie"), ["theme=dark"]);
    assert_eq!(header(&seen, "accept-language"), ["en"]);
    assert_eq!(header(&seen, "x-request-id"), [answer.headers["x-request-id"].to_str().unwrap()]);
    // Where no traces are recorded there is no span to stand between the caller's and the service's.
    assert_eq!(header(&seen, "traceparent"), ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]);
    for gone in [
        "forwarded",
        "x-forwarded-user",
        "x-real-ip",
        "remote-user",
        "x-portreeve-user",
        "x_forwarded_user",
        "x-authenticated-user",
        "x-user-id",
        "x-consumer-username",
        "x-goog-authenticated-user-email",
        "x-amzn-oidc-data",
        "x-ms-client-principal",
        "x-ssl-client-verify",
        "cf-access-jwt-assertion",
        "tailscale-user-login",
        "ssl-client-verify",
        "x-http-method-override",
        "x-hop",
        "te",
        "proxy-authorization",
        "connection",
    ] {
        assert_eq!(header(&seen, gone), [""; 0], "{gone}");
    }
}

#[tokio::test]
async fn a_public_service_is_open_and_still_hears_who_says_so() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'\nstrip_prefix = true").await;
    let seen = app.get("/orders/7").await.ok().json();
    assert_eq!((seen["path"].as_str(), header(&seen, "authorization").len()), (Some("/7"), 0));
    assert_eq!(header(&seen, "x-forwarded-prefix"), ["/orders"]);
    assert_eq!(app.get("/orders").await.ok().json()["path"], "/");
    let ada = app.person("ada").await;
    let seen = ada.get("/orders/7").await.ok().json();
    assert_eq!(claims(&bearer(&seen))["sub"].as_str(), Some(ada.id().await.as_str()));
    // A service may have a scheme of its own.
    let seen = app.send(|client, url| client.get(format!("{url}/orders")).basic_auth("ada", Some("x"))).await.ok().json();
    assert!(header(&seen, "authorization")[0].starts_with("Basic "));
    let key = format!("prv_{}", "x".repeat(43));
    app.send(|client, url| client.get(format!("{url}/orders")).bearer_auth(key)).await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn an_answer_cannot_speak_for_portreeve() {
    let hostile = async || {
        Response::builder()
            .header("set-cookie", "__Host-portreeve_refresh=mine; Path=/; Secure")
            .header("set-cookie", "cart=7; Path=/orders")
            .header("clear-site-data", "\"*\"")
            .header("strict-transport-security", "max-age=0")
            .header("service-worker-allowed", "/")
            .header("x-request-id", "mine")
            .header("keep-alive", "timeout=5")
            .header("content-type", "text/html")
            .header("content-security-policy", "default-src *")
            .header("cache-control", "max-age=60")
            .body("<script src=/orders/x.js></script>".to_owned())
            .unwrap()
    };
    let service = Service::serve(Router::new().fallback(any(hostile))).await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    let answer = app.get("/orders/page").await.ok();
    let all = |name: &str| answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(all("set-cookie"), ["cart=7; Path=/orders"]);
    assert_eq!(all("content-security-policy"), ["default-src *", "sandbox; frame-ancestors 'none'"]);
    assert_eq!(all("x-content-type-options"), ["nosniff"]);
    assert_eq!(all("cache-control"), ["max-age=60"]);
    assert_ne!(all("x-request-id"), ["mine"]);
    for gone in ["clear-site-data", "strict-transport-security", "service-worker-allowed", "keep-alive"] {
        assert!(all(gone).is_empty(), "{gone}");
    }
}

#[tokio::test]
async fn redirects_lead_back_through_the_gateway() {
    let service = Service::serve(
        Router::new()
            .route(
                "/within",
                any(async |request: axum::extract::Request| {
                    let host = request.headers()["host"].to_str().unwrap().to_owned();
                    Response::builder().status(302).header("location", format!("http://{host}/next?x=1")).body(String::new()).unwrap()
                }),
            )
            .route("/path", any(async || Response::builder().status(302).header("location", "/next").body(String::new()).unwrap()))
            .route(
                "/away",
                any(async || Response::builder().status(302).header("location", "//elsewhere.example/next").body(String::new()).unwrap()),
            ),
    )
    .await;
    let app = behind(&[&service.url()], "access = 'public'\nstrip_prefix = true").await;
    for (path, location) in [("within", "/orders/next?x=1"), ("path", "/orders/next"), ("away", "//elsewhere.example/next")] {
        assert_eq!(app.get(&format!("/orders/{path}")).await.headers["location"], location);
    }
}

#[tokio::test]
async fn bodies_pass_in_pieces_and_up_to_the_limit() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'\nbody_limit = '1 MiB'").await;
    let pieces =
        |count: usize| reqwest::Body::wrap_stream(futures::stream::iter((0..count).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 64 << 10]))));
    let seen = app.send(|client, url| client.post(format!("{url}/orders")).body(pieces(16))).await.ok().json();
    assert_eq!(seen["length"], 1 << 20);
    assert_eq!(header(&seen, "transfer-encoding"), ["chunked"]);
    app.send(|client, url| client.post(format!("{url}/orders")).body(pieces(17))).await.assert_problem(413, "too_large");
    let announced = app.send(|client, url| client.post(format!("{url}/orders")).body(vec![b'x'; (1 << 20) + 1])).await;
    announced.assert_problem(413, "too_large");
}

#[tokio::test]
async fn the_longest_path_wins_and_whole_segments_count() {
    let (orders_service, returns) = (Service::echo().await, Service::serve(Router::new().fallback(any(async || "returns"))).await);
    let more = format!(
        "access = 'public'\n[[gateway.upstream]]\nname = 'returns'\npath = '/orders/returns'\naccess = 'public'\ntargets = ['{}']",
        returns.url()
    );
    let app = TestApp::start_on(&[], &orders(&[&orders_service.url()], &more)).await;
    assert_eq!(app.get("/orders/returns/1").await.ok().text, "returns");
    assert_eq!(app.get("/orders/returned").await.ok().json()["path"], "/orders/returned");
    assert_eq!(app.get("/orders-and-more").await.status, 404);
    assert_eq!(app.get("/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_host_of_its_own_is_wholly_the_services() {
    let service =
        Service::serve(Router::new().route("/v1/me", any(echo)).route("/", any(async || axum::response::Html("<h1>Shop</h1>")))).await;
    let file = format!(
        "[[gateway.upstream]]\nname = 'shop'\npath = '/'\nhost = 'shop.example.org'\naccess = 'public'\npreserve_host = true\ntargets = ['{}']",
        service.url()
    );
    let app = TestApp::start_on(&[], &file).await;
    let ask = async |path: &str, host: &str| app.send(|client, url| client.get(format!("{url}{path}")).header("host", host)).await;
    let page = ask("/", "Shop.example.org:3000").await.ok();
    assert_eq!(page.text, "<h1>Shop</h1>");
    assert!(!page.headers.contains_key("content-security-policy"), "its pages are its own");
    let seen = ask("/v1/me", "shop.example.org").await.ok().json();
    assert_eq!(header(&seen, "host"), ["shop.example.org"]);
    // Unsafe requests below /api are its own affair there.
    let posted = app.send(|client, url| client.post(format!("{url}/api/x")).header("host", "shop.example.org")).await;
    assert_eq!(posted.status, 404);
    assert!(posted.text.is_empty(), "{}", posted.text);
    // And no other name leads there.
    assert_eq!(app.get("/v1/me").await.status, 401);
}
