//! Mails to a real server, over each kind of connection, and what becomes of those that it does not take.

use std::{path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use portreeve_backends::Clock;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    PASSWORD, TestApp,
    process::{Process, call, portreeve},
    smtp::{Certificate, SmtpServer, message},
};

const ACCOUNT: [(&str, &str); 2] = [("USERNAME", "portreeve"), ("PASSWORD", "opensesame")];

fn account() -> Value {
    json!({ "username": "portreeve", "password": "opensesame" })
}

/// The settings that lead to a server, as environment variables.
fn settings(port: u16, tls: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let port = port.to_string();
    let common = [("KIND", "smtp"), ("HOST", "localhost"), ("PORT", port.as_str()), ("TLS", tls)];
    common.iter().chain(more).map(|(name, value)| (format!("PORTREEVE__MAIL__{name}"), (*value).to_owned())).collect()
}

async fn app(port: u16, tls: &str, more: &[(&str, &str)]) -> TestApp {
    let settings = settings(port, tls, more);
    TestApp::start_with(&settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>()).await
}

/// The mails that wait: how often each was tried, and in how long it is tried again.
async fn waiting(app: &TestApp) -> Vec<(i32, TimeDelta)> {
    let db = app.services.database().reader();
    let all = Statement::from_string(db.get_database_backend(), "SELECT attempts, due_at FROM mails ORDER BY due_at");
    let rows = db.query_all_raw(all).await.unwrap();
    let now = Clock::Manual(app.clock.clone()).now();
    let due = |row: &sea_orm::QueryResult| row.try_get::<DateTime<Utc>>("", "due_at").unwrap() - now;
    rows.iter().map(|row| (row.try_get("", "attempts").unwrap(), due(row))).collect()
}

/// Waits until one mail waits, tried this often and put off for this long.
async fn until_put_off(app: &TestApp, attempts: i32, pause: TimeDelta) {
    let mut found = Vec::new();
    for _ in 0..1200 {
        found = waiting(app).await;
        if found == [(attempts, pause)] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{found:?} wait");
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let mut server = SmtpServer::start(&json!({})).await;
    let app = app(server.port, "none", &[]).await;
    app.person("ada").await;
    let mail = server.expect("mail").await;
    assert_eq!((&mail["from"], &mail["to"], &mail["secure"]), (&json!("portreeve@localhost"), &json!(["ada@example.org"]), &json!(false)));
    let (bytes, read) = message(&mail);
    assert_eq!(read.to, "ada@example.org");
    assert!(read.text.contains(&read.token("/verify-email")) && read.html.contains(&read.token("/verify-email")));
    let raw = String::from_utf8(bytes).unwrap();
    for header in ["Auto-Submitted: auto-generated", "Message-ID: <", "Date: ", "MIME-Version: 1.0"] {
        assert!(raw.contains(header), "{header} is missing in {raw}");
    }
    assert!(raw.lines().all(|line| line.len() <= 998), "RFC 5322 §2.1.1");
    app.all_mail_sent().await;
    assert_eq!(server.rest(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_again_later() {
    for step in ["rcpt", "data"] {
        let busy = json!({ "at": step, "code": 451, "words": "4.7.1 Greylisted, come back later", "times": 2 });
        let mut server = SmtpServer::start(&json!({ "refuse": { "ada@example.org": busy } })).await;
        let app = app(server.port, "none", &[]).await;
        app.person("ada").await;
        for (attempts, seconds) in [(1, 30), (2, 60)] {
            assert_eq!(server.expect("refused").await["code"], 451);
            let pause = TimeDelta::seconds(seconds);
            until_put_off(&app, attempts, pause).await;
            app.advance(pause);
        }
        server.expect("mail").await;
        app.all_mail_sent().await;
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    for step in ["rcpt", "data"] {
        let gone = json!({ "at": step, "code": 550, "words": "5.1.1 No such person", "times": -1 });
        let mut server = SmtpServer::start(&json!({ "refuse": { "ada@example.org": gone } })).await;
        let app = app(server.port, "none", &[]).await;
        app.person("ada").await;
        server.expect("refused").await;
        app.all_mail_sent().await;
        // It holds nobody else up.
        app.person("eve").await;
        assert_eq!(server.expect("mail").await["to"], json!(["eve@example.org"]));
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_for_two_days_and_then_no_more() {
    // Nothing listens on port 1, and no test is ever given it.
    let app = app(1, "none", &[]).await;
    app.person("ada").await;
    let mut tried = 0;
    let mut waited = TimeDelta::zero();
    for attempts in 1..18 {
        let pause = (TimeDelta::seconds(30) * (1 << (attempts - 1))).min(TimeDelta::hours(6));
        until_put_off(&app, attempts, pause).await;
        app.advance(pause);
        tried = attempts;
        waited += pause;
    }
    app.all_mail_sent().await;
    assert_eq!(tried, 17);
    assert!(waited > TimeDelta::days(2) && waited < TimeDelta::days(3), "{waited}");
}

#[tokio::test]
async fn a_wrong_password_loses_no_mail() {
    let mut server = SmtpServer::start(&json!({ "account": account() })).await;
    let app = app(server.port, "none", &[("USERNAME", "portreeve"), ("PASSWORD", "opensesam")]).await;
    app.person("ada").await;
    let tried = server.expect("authenticated").await;
    assert_eq!((&tried["username"], &tried["right"]), (&json!("portreeve"), &json!(false)));
    // 535 says what the operator has to mend, and nothing of the mail.
    until_put_off(&app, 1, TimeDelta::seconds(30)).await;
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_be_trusted() {
    let stranger = Certificate::of("localhost");
    for (tls, options) in [
        ("implicit", stranger.with(&json!({ "secure": true, "account": account() }))),
        ("starttls", stranger.with(&json!({ "starttls": true, "account": account() }))),
        // Somebody between took the word STARTTLS away.
        ("starttls", json!({ "account": account() })),
    ] {
        let mut server = SmtpServer::start(&options).await;
        let app = app(server.port, tls, &ACCOUNT).await;
        app.person("ada").await;
        until_put_off(&app, 1, TimeDelta::seconds(30)).await;
        let said = server.rest();
        assert!(said.iter().all(|event| event["event"] == "error"), "{tls}: {said:?}");
    }
}

/// The program, set up for a server whose authority this machine trusts.
fn trusting(data: &TempDir, certificate: &Certificate, port: u16, tls: &str, more: &[(&str, &str)]) -> std::process::Command {
    let authority = data.path().join("authority.pem");
    std::fs::write(&authority, &certificate.authority).unwrap();
    let mut command = portreeve(data.path());
    command.envs(settings(port, tls, more)).env("SSL_CERT_FILE", authority);
    command
}

#[tokio::test]
async fn mails_go_out_over_tls_under_the_servers_account() {
    let certificate = Certificate::of("localhost");
    for (tls, mode) in [("implicit", "secure"), ("starttls", "starttls")] {
        let mut server = SmtpServer::start(&certificate.with(&json!({ mode: true, "account": account() }))).await;
        let data = tempfile::tempdir().unwrap();
        let password = data.path().join("smtp-password");
        std::fs::write(&password, "opensesame\n").unwrap();
        let more = [("USERNAME", "portreeve"), ("PASSWORD_FILE", password.to_str().unwrap())];
        let process = Process::spawn(trusting(&data, &certificate, server.port, tls, &more).arg("serve"));
        sign_up(&process.url, "ada@example.org").await;
        assert_eq!(server.expect("authenticated").await["right"], true);
        let mail = server.expect("mail").await;
        assert_eq!((&mail["secure"], &mail["user"]), (&json!(true), &json!("portreeve")), "{tls}");
        assert!(message(&mail).1.text.contains("/verify-email"));
    }
}

async fn sign_up(url: &str, email: &str) {
    let person = json!({ "person": { "name": "Ada", "email": email, "password": PASSWORD } });
    assert!(call(url, "auth/sign_up", &person, "").await.unwrap().status().is_success());
}

#[tokio::test]
async fn what_is_given_up_is_told_in_the_log_without_an_address() {
    let words = "5.1.1 <ada@example.org>: Recipient address rejected: user unknown";
    let gone = json!({ "at": "rcpt", "code": 550, "words": words, "times": -1 });
    let mut server = SmtpServer::start(&json!({ "refuse": { "ada@example.org": gone } })).await;
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let mut command = portreeve(data.path());
    command.envs(settings(server.port, "none", &[])).env("PORTREEVE__LOG__LEVEL", "info").arg("serve");
    let process = Process::spawn_logging(&mut command, std::fs::File::create(&log).unwrap());
    sign_up(&process.url, "ada@example.org").await;
    server.expect("refused").await;
    let told = until_logged(&log, "gave up on a mail").await;
    assert!(told.contains("550") && told.contains("Recipient address rejected") && told.contains("ERROR"), "{told}");
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(!log.contains("ada@") && !log.contains(PASSWORD), "{log}");
}

async fn until_logged(log: &Path, words: &str) -> String {
    for _ in 0..1200 {
        let text = std::fs::read_to_string(log).unwrap();
        if let Some(line) = text.lines().find(|line| line.contains(words)) {
            return line.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("“{words}” is not in the log: {}", std::fs::read_to_string(log).unwrap());
}

#[tokio::test]
async fn the_doctor_tells_what_is_wrong_with_the_mail_server() {
    let (certificate, elsewhere) = (Certificate::of("localhost"), Certificate::of("mail.example.org"));
    let options = json!({ "secure": true, "account": account() });
    let (server, misnamed) = (SmtpServer::start(&certificate.with(&options)).await, SmtpServer::start(&elsewhere.with(&options)).await);
    let wrong = [("USERNAME", "portreeve"), ("PASSWORD", "opensesam")];
    for (port, tls, trusted, account, told) in [
        (server.port, "implicit", &certificate, &ACCOUNT, "ok    mail"),
        (server.port, "implicit", &certificate, &wrong, "535"),
        (server.port, "implicit", &elsewhere, &ACCOUNT, "UnknownIssuer"),
        (misnamed.port, "implicit", &elsewhere, &ACCOUNT, "not valid for name"),
        (1, "starttls", &certificate, &ACCOUNT, "refused"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let mut command = trusting(&data, trusted, port, tls, account);
        let output = tokio::task::spawn_blocking(move || command.arg("doctor").output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = said.lines().find(|line| line.contains(" mail")).unwrap_or_else(|| panic!("nothing of mail: {said}"));
        assert!(line.contains(told), "{told}: {line}");
        assert_eq!(output.status.success(), line.starts_with("ok"), "{said}");
    }
}
