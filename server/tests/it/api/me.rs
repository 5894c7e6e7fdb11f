use serde_json::json;

use super::{etag, patch, send};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn an_account_is_read_and_edited() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let seen = ada.get("/v1/me").await.ok();
    assert_eq!((seen.json()["name"].as_str(), seen.json()["role"].as_str()), (Some("ada"), Some("member")));

    let changed = patch(&ada, "/v1/me", &etag(&seen), &json!({ "name": "Ada Lovelace" })).await.ok();
    assert_eq!(changed.json()["name"], "Ada Lovelace");
    assert_ne!(etag(&changed), etag(&seen));
    patch(&ada, "/v1/me", &etag(&seen), &json!({ "name": "Late" })).await.assert_problem(412, "changed");
    patch(&ada, "/v1/me", "*", &json!({ "name": "Ada" })).await.ok();
    patch(&ada, "/v1/me", "*", &json!({ "name": "a\u{202e}b" })).await.assert_fields(&[("/name", "invisible_characters")]);
    send(&ada, "PATCH", "/v1/me", &json!({ "name": "Blind" })).await.assert_problem(428, "precondition_required");
    assert_eq!(ada.get("/v1/me").await.json()["name"], "Ada");
}

#[tokio::test]
async fn a_merge_patch_is_declared_as_one_or_as_json() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let patch = async |media_type: &str| {
        let body = json!({ "name": "Ada" }).to_string();
        ada.send(|client, url| client.patch(format!("{url}/v1/me")).header("if-match", "*").header("content-type", media_type).body(body))
            .await
    };
    patch("application/merge-patch+json").await.ok();
    patch("application/json; charset=utf-8").await.ok();
    patch("text/plain").await.assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn an_answer_that_one_has_already_is_spared() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let seen = etag(&ada.get("/v1/me").await.ok());
    let again = async |tag: &str| ada.send(|client, url| client.get(format!("{url}/v1/me")).header("if-none-match", tag)).await;
    let spared = again(&seen).await;
    assert_eq!((spared.status.as_u16(), spared.text.as_str(), etag(&spared)), (304, "", seen.clone()));
    assert_eq!(spared.headers["cache-control"], "private, no-cache");
    assert_eq!(again("\"another\"").await.status, 200);
    patch(&ada, "/v1/me", "*", &json!({ "name": "Ada" })).await.ok();
    assert_eq!(again(&seen).await.status, 200);
}

#[tokio::test]
async fn devices_are_listed_and_signed_out() {
    let app = TestApp::start().await;
    let (ada, phone, tablet) = (app.person("ada").await, app.sign_in("ada").await, app.sign_in("ada").await);
    let page = ada.get("/v1/me/sessions").await.ok().json();
    let items = page["items"].as_array().unwrap();
    assert_eq!((items.len(), &page["total"], page["next"].is_null()), (3, &3.into(), true));
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);

    let here = async |person: &crate::support::Person<'_>| person.get("/v1/me").await.status.as_u16();
    let of_phone = phone.get("/v1/me/sessions").await.json();
    let id = of_phone["items"].as_array().unwrap().iter().find(|item| item["current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/me/sessions/{id}");
    assert_eq!(ada.send(|client, url| client.delete(format!("{url}{path}"))).await.status, 204);
    ada.send(|client, url| client.delete(format!("{url}{path}"))).await.assert_problem(404, "session_not_found");
    assert_eq!((here(&ada).await, here(&phone).await, here(&tablet).await), (200, 401, 200));

    ada.send(|client, url| client.delete(format!("{url}/v1/me/sessions"))).await.ok();
    assert_eq!((here(&ada).await, here(&tablet).await), (200, 401));
    ada.send(|client, url| client.delete(format!("{url}/v1/me/sessions?all=true"))).await.ok();
    assert_eq!(here(&ada).await, 401);
}

#[tokio::test]
async fn password_address_and_end_of_an_account() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let phone = app.sign_in("ada").await;
    let new = "another lantern by the quay";
    let wrong = json!({ "current_password": "not it, not it, not it", "password": new });
    send(&ada, "POST", "/v1/me/password", &wrong).await.assert_fields(&[("/current_password", "wrong_password")]);
    let right = json!({ "current_password": PASSWORD, "password": new });
    assert_eq!(send(&ada, "POST", "/v1/me/password", &right).await.status, 204);
    assert_eq!(phone.get("/v1/me").await.status, 401);

    let moved = json!({ "email": "ada@harbour.example", "password": new });
    assert_eq!(send(&ada, "POST", "/v1/me/email", &moved).await.status, 202);
    assert_eq!(ada.get("/v1/me").await.json()["pending_email"], "ada@harbour.example");
    assert_eq!(send(&ada, "POST", "/v1/auth/resend-verification", &json!({})).await.status, 202);

    send(&ada, "DELETE", "/v1/me", &json!({ "password": PASSWORD })).await.assert_fields(&[("/password", "wrong_password")]);
    let end = send(&ada, "DELETE", "/v1/me", &json!({ "password": new })).await;
    assert_eq!(end.status, 202);
    assert!(end.json()["erase_at"].is_string());
    assert_eq!(ada.get("/v1/me").await.status, 401);
}
