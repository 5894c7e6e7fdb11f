//! Access tokens that must not be accepted (RFC 8725).

mod everywhere;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use portreeve_database::event;
use reqwest::header::HeaderMap;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use crate::{
    authority::an_event,
    support::{Answer, Person, TestApp},
};

/// An ES256 key that is not ours, as PKCS #8 in base64.
const FOREIGN_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G";

async fn read_with(app: &TestApp, token: &str) -> Answer {
    let mut headers = HeaderMap::new();
    if let Ok(value) = format!("Bearer {token}").parse() {
        headers.insert("authorization", value);
    }
    app.call_with("users/profile", &json!({}), headers).await
}

fn parts(token: &str) -> (Value, Value, String) {
    let decode = |part: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut parts = token.split('.');
    (decode(parts.next().unwrap()), decode(parts.next().unwrap()), parts.next().unwrap().to_owned())
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The person's token with other claims, signed with a key that is not ours but under our key's name.
fn forged(ada: &Person<'_>, change: impl FnOnce(&mut Value, &mut Header)) -> String {
    let (header, mut claims, _) = parts(&ada.access_token());
    let mut forged = Header::new(Algorithm::ES256);
    forged.typ = Some("at+jwt".to_owned());
    forged.kid = header["kid"].as_str().map(str::to_owned);
    change(&mut claims, &mut forged);
    let key = base64::prelude::BASE64_STANDARD.decode(FOREIGN_KEY).unwrap();
    encode(&forged, &claims, &EncodingKey::from_ec_der(&key)).unwrap()
}

#[tokio::test]
async fn the_token_says_what_rfc_9068_asks_for() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (header, claims, _) = parts(&ada.access_token());
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("ES256"), Some("at+jwt")));
    for claim in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "gen", "scope", "roles"] {
        assert!(!claims[claim].is_null(), "{claim} is missing in {claims}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["iss"], app.url);
}

#[tokio::test]
async fn no_token_and_what_is_none() {
    let app = TestApp::start().await;
    app.call("users/profile", &json!({})).await.assert_problem(401, "token_missing");
    for rubbish in ["", "x", "a.b.c", "....", &"x".repeat(10_000)] {
        assert_eq!(read_with(&app, rubbish).await.status, 401, "{rubbish:.20}");
    }
}

#[tokio::test]
async fn unsigned_and_symmetric_tokens() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (header, claims, signature) = parts(&ada.access_token());
    for algorithm in ["none", "None", "nOnE", "HS256", "ES384", "RS256"] {
        let mut header = header.clone();
        header["alg"] = json!(algorithm);
        for signature in ["", signature.as_str()] {
            let token = format!("{}.{}.{signature}", part(&header), part(&claims));
            read_with(&app, &token).await.assert_problem(401, "invalid_token");
        }
    }
    // The public key is known to everyone; used as an HMAC key it must not verify.
    let jwks = app.get("/.well-known/jwks.json").await.json();
    let key = &jwks["keys"][0];
    let point = [
        &[4][..],
        &BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap(),
        &BASE64_URL_SAFE_NO_PAD.decode(key["y"].as_str().unwrap()).unwrap(),
    ]
    .concat();
    for secret in [point.as_slice(), key.to_string().as_bytes(), key["x"].as_str().unwrap().as_bytes()] {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = key["kid"].as_str().map(str::to_owned);
        let token = encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap();
        read_with(&app, &token).await.assert_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn one_bit_flipped_anywhere() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.access_token();
    read_with(&app, &token).await.ok();
    for position in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[position] ^= 1;
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        assert_eq!(read_with(&app, &flipped).await.status, 401, "at {position}");
    }
}

#[tokio::test]
async fn foreign_keys_issuers_audiences_and_types() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let tokens = [
        forged(&ada, |_, _| {}),
        forged(&ada, |_, header| header.kid = Some("another".to_owned())),
        forged(&ada, |_, header| header.kid = None),
        forged(&ada, |claims, _| claims["iss"] = json!("https://evil.example")),
        forged(&ada, |claims, _| claims["aud"] = json!("https://api.example")),
        forged(&ada, |_, header| header.typ = Some("JWT".to_owned())),
    ];
    for token in tokens {
        read_with(&app, &token).await.assert_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn expired_though_it_was_verified_before() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    ada.reads_profile().await;
    app.advance(TimeDelta::seconds(299));
    ada.reads_profile().await;
    app.advance(TimeDelta::seconds(1));
    ada.profile().await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn two_authorization_headers_are_none() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bearer = format!("Bearer {}", ada.access_token());
    let answer = app
        .send(|client, url| {
            client
                .post(format!("{url}/api/users/profile"))
                .header("sec-fetch-site", "same-origin")
                .header("authorization", &bearer)
                .header("authorization", &bearer)
                .json(&json!({}))
        })
        .await;
    answer.assert_problem(401, "token_missing");
}

#[tokio::test]
async fn a_user_who_is_no_more_has_no_token_that_works() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = ada.id().await;
    let gone = app.services.database().write(async move |transaction| {
        transaction.execute_unprepared("DELETE FROM users").await?;
        event::append(&transaction, an_event("user.erased", &id)).await
    });
    let gone: Result<_, DbErr> = gone.await;
    gone.unwrap();
    ada.profile().await.assert_problem(401, "invalid_token");
    ada.refresh().await.assert_problem(401, "session_over");
    ada.call("auth/sign_out", &json!({})).await.ok();
}
