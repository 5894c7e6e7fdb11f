use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

fn form(name: &str, email: &str, password: &str) -> Value {
    json!({ "person": { "name": name, "email": email, "password": password } })
}

#[tokio::test]
async fn a_person_signs_up_and_reads_their_profile() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let profile = ada.reads_profile().await;
    assert_eq!((profile["name"].as_str(), profile["email"].as_str()), (Some("ada"), Some("ada@example.org")));
    assert_eq!((&profile["role"], &profile["email_verified"]), (&json!("member"), &json!(false)));
}

#[tokio::test]
async fn the_refresh_token_is_out_of_scripts_reach() {
    let app = TestApp::start().await;
    let answer = app.call("auth/sign_up", &form("Ada", "ada@example.org", PASSWORD)).await.ok();
    assert!(!answer.text.contains("prr_"), "{}", answer.text);
    let cookie = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .find_map(|line| line.to_str().ok().filter(|line| line.starts_with("__Host-portreeve_refresh=")))
        .unwrap();
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=1209600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let app = TestApp::start().await;
    let answer = app.call("auth/sign_up", &form("", "ada", "short")).await;
    answer.assert_problem(422, "invalid");
    answer.assert_fields(&[("/name", "required"), ("/email", "malformed"), ("/password", "too_short")]);
}

#[tokio::test]
async fn a_taken_address_is_told_whatever_its_case() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let answer = app.call("auth/sign_up", &form("Eve", "ADA@Example.org", PASSWORD)).await;
    answer.assert_problem(409, "email_taken");
    answer.assert_fields(&[("/email", "taken")]);
}

#[tokio::test]
async fn one_address_signing_up_twice_at_once_makes_one_account() {
    let app = TestApp::start().await;
    let form = form("Ada", "ada@example.org", PASSWORD);
    let (one, two) = tokio::join!(app.call("auth/sign_up", &form), app.call("auth/sign_up", &form));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn common_and_personal_passwords_are_refused() {
    let app = TestApp::start().await;
    for password in ["passwordpassword", "ada@example.org1", "aaaaaaaaaaaaaaaaaaaaaa"] {
        app.call("auth/sign_up", &form("Ada", "ada@example.org", password)).await.assert_fields(&[("/password", "too_common")]);
    }
}

#[tokio::test]
async fn emoji_and_128_characters_make_good_passwords() {
    let app = TestApp::start().await;
    let long: String = "correct horse battery staple ".repeat(5).chars().take(128).collect();
    for (name, password) in [("ada", "🦀🛟⚓🧭🗺🌊🐚🪸🐙🦑🐡🐠🐟🐬🐳"), ("eve", long.as_str())] {
        let email = format!("{name}@example.org");
        app.call("auth/sign_up", &form(name, &email, password)).await.ok();
        app.sign_in_with(&email, password).await.ok();
    }
}

#[tokio::test]
async fn the_same_password_typed_on_another_system_is_the_same() {
    let app = TestApp::start().await;
    // “é” as one code point and as two; NFKC makes them one.
    app.call("auth/sign_up", &form("Ada", "ada@example.org", "caf\u{e9} lantern harbour box")).await.ok();
    app.sign_in_with("ada@example.org", "cafe\u{301} lantern harbour box").await.ok();
}

#[tokio::test]
async fn closed_sign_up_says_so() {
    let app = TestApp::start_with(&[("PORTREEVE__ACCOUNTS__SIGN_UP", "closed")]).await;
    app.call("auth/sign_up", &form("Ada", "ada@example.org", PASSWORD)).await.assert_problem(403, "sign_up_closed");
}

#[tokio::test]
async fn where_verification_is_required_a_taken_address_is_not_told() {
    let app = TestApp::start_with(&[("PORTREEVE__ACCOUNTS__VERIFICATION", "required")]).await;
    let first = app.call("auth/sign_up", &form("Ada", "ada@example.org", PASSWORD)).await.ok();
    let token = app.mail("ada@example.org", "").await.token("/verify-email");
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(401, "invalid_credentials");
    app.call("auth/verify_email", &json!({ "token": token })).await.ok();
    app.sign_in_with("ada@example.org", PASSWORD).await.ok();
    app.all_mail_sent().await;
    let before = app.mails().len();

    let second = app.call("auth/sign_up", &form("Eve", "ada@example.org", PASSWORD)).await.ok();
    assert_eq!((&first.text, first.cookie("__Host-portreeve_refresh")), (&second.text, second.cookie("__Host-portreeve_refresh")));
    app.all_mail_sent().await;
    let told = app.mails().into_iter().skip(before).collect::<Vec<_>>();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].text.contains("/sign-in") && told[0].text.contains("/forgot-password"), "{}", told[0].text);
}
