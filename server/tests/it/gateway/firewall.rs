//! What no request may be, and which ones an operator does not want.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{behind, connect, orders, raw, status};
use crate::support::{Service, TestApp};

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n")
}

/// A rule, and one service behind.
async fn with_rules(service: &Service, rules: &str) -> TestApp {
    TestApp::start_on(&[], &format!("{rules}\n{}", orders(&[&service.url()], ""))).await
}

#[tokio::test]
async fn an_odd_path_is_refused_whomever_it_is_for() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    for start in ["", "/v1", "/api/auth", "/orders", "/pkg"] {
        for path in [
            "//x",
            "/./x",
            "/../v1/me",
            "/%2e%2e/x",
            "/%2E/x",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/x%00",
            "/x%0a",
            "/%",
            "/%4",
            "/%zz",
            "/%252e%252e/x",
        ] {
            let answer = raw(&app, &get(&format!("{start}{path}"), "")).await;
            assert!(status(&answer) == "400" && answer.contains("path_refused"), "{start}{path}: {answer}");
        }
    }
    assert_eq!(service.asked(), 0);
    // What is encoded though it need not be is no other path.
    let answer = raw(&app, &get("/%76%31/me", "")).await;
    assert_eq!(status(&answer), "404", "{answer}");
}

#[tokio::test]
async fn whose_a_path_is_does_not_depend_on_how_it_is_written() {
    let service = Service::echo().await;
    let open = format!("[[gateway.upstream]]\nname = 'shop'\npath = '/orders/shop'\ntargets = ['{}']\naccess = 'public'\n", service.url());
    let closed =
        orders(&[&service.url()], "access = 'public'").replace("'/orders'", "'/orders/shop/admin'").replace("access = 'public'", "");
    let block = "[[gateway.rule]]\nname = 'internal'\naction = 'block'\npath = '/orders/shop/internal'\n\
        [[gateway.rule]]\nname = 'exports'\naction = 'block'\npath = '/orders/shop/*/export'\n";
    let app = TestApp::start_on(&[], &format!("{block}{open}{closed}")).await;
    for (path, expected) in [
        ("/orders/shop/x", "200"),
        ("/orders/shop/x;y=1", "200"),
        ("/orders/shop/%61dmin2", "200"),
        ("/orders/shop/admin/x", "401"),
        ("/orders/shop/%61dmin/x", "400"),
        ("/orders/shop/adm%69n", "400"),
        ("/orders/shop/admin;x/y", "400"),
        ("/orders/shop;x/admin/y", "404"),
        ("/orders/shop/Admin/x", "400"),
        ("/orders/shop/;/admin", "400"),
        ("/orders/shop/internal", "403"),
        ("/orders/shop/internal;x", "403"),
        ("/orders/shop/intern%61l/", "403"),
        ("/orders/shop/7/export", "403"),
        ("/orders/shop/7/export/", "403"),
        ("/orders/shop/7/export;x=1", "403"),
    ] {
        let answer = raw(&app, &get(path, "")).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
}

#[tokio::test]
async fn what_a_rule_lets_in_may_come_in_however_it_is_read() {
    let service = Service::echo().await;
    let rules = "[[gateway.rule]]\nname = 'styles'\naction = 'allow'\npath = '*.css'\n[[gateway.rule]]\nname = 'admin'\naction = 'block'\npath = '/orders/admin'\n";
    let app = TestApp::start_on(&[], &format!("{rules}{}", orders(&[&service.url()], "access = 'public'"))).await;
    for (path, expected) in [
        ("/orders/admin/x.css", "200"),
        ("/orders/admin", "403"),
        ("/orders/admin;x.css", "403"),
        ("/orders/admin;x=/y.css", "200"),
        ("/orders/admin/y;x.css", "403"),
    ] {
        let answer = raw(&app, &get(path, "")).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_method_that_stands_in_a_header_is_one_that_rules_know() {
    let no_delete = "[[gateway.rule]]\nname = 'keep'\naction = 'block'\nmethods = ['DELETE']\n";
    let only_post =
        "[[gateway.rule]]\nname = 'posts'\naction = 'allow'\nmethods = ['POST']\n[[gateway.rule]]\nname = 'rest'\naction = 'block'\n";
    for rules in [no_delete, only_post] {
        let app = TestApp::start_on(&[], rules).await;
        for (header, expected) in [("", "401"), ("X-HTTP-Method-Override: DELETE\r\n", "403")] {
            let request = format!(
                "POST /v1/uploads/x HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\n{header}Connection: close\r\n\r\n"
            );
            let answer = raw(&app, &request).await;
            assert_eq!(status(&answer), expected, "{rules}{answer}");
        }
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let app = TestApp::start().await;
    let ask = async |line: &str, headers: &str| raw(&app, &format!("GET {line}\r\n{headers}Connection: close\r\n\r\n")).await;
    for headers in
        ["", "Host:\r\n", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: u@a\r\n", "Host: a/b\r\n", "Host: a:1:2\r\n", "Host: :80\r\n"]
    {
        let answer = ask("/health HTTP/1.1", headers).await;
        assert!(status(&answer) == "400", "{headers:?}: {answer}");
    }
    let answer = ask("http://a.example/health HTTP/1.1", "Host: b.example\r\n").await;
    assert!(status(&answer) == "400" && answer.contains("host_refused"), "{answer}");
    for (line, headers) in
        [("http://a.example/health HTTP/1.1", "Host: A.example:80\r\n"), ("/health HTTP/1.0", ""), ("/health HTTP/1.1", "Host: a\r\n")]
    {
        let answer = ask(line, headers).await;
        assert_eq!(status(&answer), "200", "{line} {headers:?}: {answer}");
    }
}

#[tokio::test]
async fn a_head_is_so_large_and_no_larger() {
    let app = TestApp::start().await;
    let of = |count: usize| (0..count).map(|number| format!("X-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    for (request, expected) in [
        (get(&format!("/health?{}", "x".repeat(8 << 10)), ""), "414"),
        (get(&format!("/health?{}", "x".repeat(70 << 10)), ""), "414"),
        (get("/health", &of(120)), "431"),
        (get("/health", &format!("X-Long: {}\r\n", "x".repeat(33 << 10))), "431"),
        (get("/health", &format!("X-Long: {}\r\n", "x".repeat(200 << 10))), "431"),
        (get(&format!("/health?{}", "x".repeat(4000)), &of(90)), "200"),
    ] {
        let answer = raw(&app, &request).await;
        assert_eq!(status(&answer), expected, "{} bytes: {answer}", request.len());
    }
}

#[tokio::test]
async fn the_first_rule_that_decides_does() {
    let service = Service::echo().await;
    let rules = "
        [[gateway.rule]]
        name = 'try'
        action = 'count'
        path = '/orders'
        [[gateway.rule]]
        name = 'readers'
        action = 'allow'
        path = '/orders/open'
        methods = ['GET']
        [[gateway.rule]]
        name = 'exports'
        action = 'block'
        path = '/orders/*/export'
        [[gateway.rule]]
        name = 'writers'
        action = 'block'
        path = '/orders/open'
        [[gateway.rule]]
        name = 'tools'
        action = 'block'
        user_agent = '*sqlmap*'
        [[gateway.rule]]
        name = 'marked'
        action = 'block'
        header = 'x-tool: scan*'
    ";
    let app = with_rules(&service, rules).await;
    let ask = async |line: &str, headers: &str| {
        raw(&app, &format!("{line} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")).await
    };
    for (line, headers) in [
        ("GET /orders/7/export", ""),
        ("GET /ORDERS/7/Export", ""),
        ("GET /orders/7/e%78port?x=1", ""),
        ("POST /orders/open/7", ""),
        ("GET /v1/me", "User-Agent: SQLmap/1.8\r\n"),
        ("GET /sign-in", "User-Agent: sqlmap\r\n"),
        ("GET /health", "X-Tool: other\r\nX-Tool: SCANNER 2\r\n"),
    ] {
        let answer = ask(line, headers).await;
        assert!(status(&answer) == "403" && answer.contains("\"blocked\""), "{line} {headers}: {answer}");
    }
    // No rule lets anybody past the authorizer.
    for (line, headers) in [("GET /orders/open/7/export", ""), ("GET /orders/7", ""), ("GET /v1/me", "X-Tool: hammer\r\n")] {
        let answer = ask(line, headers).await;
        assert!(status(&answer) == "401" && answer.contains("token_missing"), "{line} {headers}: {answer}");
    }
    assert_eq!(service.asked(), 0);
}

#[tokio::test]
async fn rules_know_clients_by_their_own_address() {
    let service = Service::echo().await;
    let rules = "
        [public]
        trusted_proxies = ['127.0.0.1']
        [[gateway.rule]]
        name = 'neighbours'
        action = 'block'
        addresses = ['203.0.113.0/24', '2001:db8::/32']
    ";
    let app = with_rules(&service, rules).await;
    for (client, expected) in [("203.0.113.7", "403"), ("2001:db8::7", "403"), ("203.0.114.7", "200"), ("203.0.113.7, 198.51.100.1", "200")]
    {
        let answer = raw(&app, &get("/health", &format!("X-Forwarded-For: {client}\r\n"))).await;
        assert_eq!(status(&answer), expected, "{client}: {answer}");
    }
    // Who is no proxy of ours is nobody else either.
    let app = with_rules(&service, &rules.replace("'127.0.0.1'", "'10.0.0.0/8'").replace("'203.0.113.0/24'", "'127.0.0.1'")).await;
    let answer = raw(&app, &get("/health", "X-Forwarded-For: 198.51.100.1\r\n")).await;
    assert_eq!(status(&answer), "403", "{answer}");
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let app =
        TestApp::start_with(&[("PORTREEVE__PUBLIC__CONNECTIONS_PER_ADDRESS", "3"), ("PORTREEVE__PUBLIC__HEADER_TIMEOUT", "1m")]).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect(&app).await);
    }
    assert!(!is_served(connect(&app).await).await, "a fourth connection is served");
    let neighbour = TcpSocket::new_v4().unwrap();
    neighbour.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let address = app.url.strip_prefix("http://").unwrap().parse().unwrap();
    assert!(is_served(neighbour.connect(address).await.unwrap()).await, "another address is not");
    held.clear();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_served(connect(&app).await).await {
        assert!(Instant::now() < deadline, "the places of those that left stay taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn is_served(mut stream: TcpStream) -> bool {
    let mut answer = String::new();
    let asked = stream.write_all(get("/health", "").as_bytes()).await;
    asked.is_ok() && stream.read_to_string(&mut answer).await.is_ok() && status(&answer) == "200"
}
