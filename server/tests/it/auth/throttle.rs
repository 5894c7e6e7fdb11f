use chrono::TimeDelta;
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const ON: (&str, &str) = ("PORTREEVE__THROTTLE__ENABLED", "true");
/// So that tests of one bucket do not meet another.
const WIDE_ADDRESS: (&str, &str) = ("PORTREEVE__THROTTLE__ADDRESS__BURST", "1000");

#[tokio::test]
async fn guesses_at_one_account_are_throttled_and_told_when_to_come_back() {
    let app = TestApp::start_with(&[ON, WIDE_ADDRESS]).await;
    app.person("ada").await;
    for _ in 0..10 {
        app.sign_in_with("ada@example.org", "not the password at all").await.assert_problem(401, "invalid_credentials");
    }
    let answer = app.sign_in_with("ada@example.org", PASSWORD).await;
    answer.assert_problem(429, "throttled");
    let wait: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    app.advance(TimeDelta::seconds(wait));
    app.sign_in_with("ada@example.org", PASSWORD).await.ok();
}

#[tokio::test]
async fn a_strangers_guesses_do_not_shut_the_owner_out() {
    let app = TestApp::start_with(&[ON, WIDE_ADDRESS]).await;
    let ada = app.person("ada").await;
    for _ in 0..11 {
        app.sign_in_with("ada@example.org", "not the password at all").await;
    }
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(429, "throttled");
    let mut headers = HeaderMap::new();
    headers.insert("cookie", format!("__Host-portreeve_device={}", ada.device_token).parse().unwrap());
    let credentials = json!({ "credentials": { "email": "ada@example.org", "password": PASSWORD } });
    app.call_with("auth/sign_in", &credentials, headers.clone()).await.ok();

    // A device of one account is a stranger to every other.
    for _ in 0..11 {
        app.sign_in_with("eve@example.org", "not the password at all").await;
    }
    let credentials = json!({ "credentials": { "email": "eve@example.org", "password": PASSWORD } });
    app.call_with("auth/sign_in", &credentials, headers).await.assert_problem(429, "throttled");
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts() {
    let app = TestApp::start_with(&[ON]).await;
    let mut throttled = 0;
    for number in 0..32 {
        throttled += u32::from(app.sign_in_with(&format!("p{number}@example.org"), PASSWORD).await.status == 429);
    }
    assert_eq!(throttled, 2);
}

#[tokio::test]
async fn parallel_guesses_get_no_more_than_the_burst() {
    let app = TestApp::start_with(&[ON, WIDE_ADDRESS]).await;
    let tries = (0..40).map(|_| app.sign_in_with("ada@example.org", "not the password at all"));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 10);
}

#[tokio::test]
async fn mails_to_one_address_are_throttled_alike_for_all() {
    let app = TestApp::start_with(&[ON]).await;
    for email in ["ada@example.org", "nobody@example.org"] {
        let ask = json!({ "request": { "email": email } });
        for _ in 0..3 {
            app.call("auth/forgot_password", &ask).await.ok();
        }
        app.call("auth/forgot_password", &ask).await.assert_problem(429, "throttled");
    }
}

#[tokio::test]
async fn accounts_made_from_one_address_are_throttled() {
    let app = TestApp::start_with(&[ON, ("PORTREEVE__THROTTLE__SIGN_UP__BURST", "3")]).await;
    for name in ["ada", "eve", "bob"] {
        app.person(name).await;
    }
    let person = json!({ "person": { "name": "Mallory", "email": "ada@example.org", "password": PASSWORD } });
    // So a taken address is told to nobody who asks for many.
    app.call("auth/sign_up", &person).await.assert_problem(429, "throttled");
    app.advance(TimeDelta::minutes(1));
    app.call("auth/sign_up", &person).await.assert_problem(409, "email_taken");
}

#[tokio::test]
async fn links_cannot_be_guessed_one_after_the_other() {
    let app = TestApp::start_with(&[ON, ("PORTREEVE__THROTTLE__ADDRESS__BURST", "4")]).await;
    let reset = json!({ "request": { "token": "rubbish", "password": PASSWORD } });
    let token = json!({ "token": "rubbish" });
    for _ in 0..2 {
        app.call("auth/inspect_link", &token).await.assert_problem(404, "link_invalid");
        app.call("auth/verify_email", &token).await.assert_problem(404, "link_invalid");
    }
    for (function, body) in [("auth/inspect_link", &token), ("auth/verify_email", &token), ("auth/reset_password", &reset)] {
        app.call(function, body).await.assert_problem(429, "throttled");
    }
}

#[tokio::test]
async fn a_claimed_address_is_believed_from_a_trusted_proxy_only() {
    let forwarded = |address: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", address.parse().unwrap());
        headers
    };
    let guess = json!({ "credentials": { "email": "ada@example.org", "password": "x" } });
    for (trusted, expected) in [("[]", 429), ("[\"127.0.0.0/8\"]", 401)] {
        let app =
            TestApp::start_with(&[ON, ("PORTREEVE__PUBLIC__TRUSTED_PROXIES", trusted), ("PORTREEVE__THROTTLE__ADDRESS__BURST", "2")]).await;
        for number in 0..2 {
            app.call_with("auth/sign_in", &guess, forwarded(&format!("203.0.113.{number}"))).await;
        }
        let answer = app.call_with("auth/sign_in", &guess, forwarded("203.0.113.9")).await;
        assert_eq!(answer.status, expected, "trusted: {trusted}");
    }
}
