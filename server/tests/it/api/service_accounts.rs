//! Identities of machines: what they can do, and all that they can not.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{etag, patch, post, send};
use crate::support::{Answer, PASSWORD, Person, TestApp};

const PATH: &str = "/v1/service-accounts";

/// A service account of this role; its id.
async fn made(master: &Person<'_>, name: &str, role: &str) -> String {
    let answer = send(master, "POST", PATH, &json!({ "name": name, "role": role })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.headers["location"].to_str().unwrap(), format!("{PATH}/{id}"));
    id
}

/// A key of it with these scopes: its id, and the key.
async fn key(master: &Person<'_>, id: &str, scopes: &[&str]) -> (String, String) {
    let answer = send(master, "POST", &format!("{PATH}/{id}/api-keys"), &json!({ "name": "crane", "scopes": scopes })).await;
    assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].to_str().unwrap()), (201, "no-store"), "{}", answer.text);
    let made = answer.json();
    let key_id = made["api_key"]["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"].to_str().unwrap(), format!("{PATH}/{id}/api-keys/{key_id}"));
    (key_id.to_owned(), made["key"].as_str().unwrap().to_owned())
}

async fn get(app: &TestApp, key: &str, path: &str) -> Answer {
    app.send(|client, url| client.get(format!("{url}{path}")).bearer_auth(key)).await
}

async fn delete(person: &Person<'_>, path: &str) -> Answer {
    person.send(|client, url| client.delete(format!("{url}{path}"))).await
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_machine_acts_for_itself_as_far_as_its_key_goes() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let id = made(&master, "Nightly backup", "member").await;
    let (key_id, secret) = key(&master, &id, &["account:read", "files:read", "files:write", "users:read"]).await;
    assert!(secret.starts_with("prv_") && secret.len() == 47, "{secret}");

    let me = get(&app, &secret, "/v1/me").await.ok().json();
    let told = (&me["id"], &me["name"], &me["email"], &me["role"]);
    assert_eq!(told, (&json!(id), &json!("Nightly backup"), &json!(""), &json!("member")));
    // The scope is one thing, the role another.
    get(&app, &secret, "/v1/users").await.assert_problem(403, "forbidden");
    get(&app, &secret, "/v1/stream").await.assert_problem(403, "insufficient_scope");

    let upload = app.send(|client, url| client.post(format!("{url}/v1/files?name=a.txt")).bearer_auth(&secret).body("tide")).await;
    assert_eq!(upload.status, 202, "{}", upload.text);
    assert_eq!(get(&app, &secret, "/v1/files").await.json()["total"], 1);
    assert_eq!(master.get("/v1/files").await.json()["total"], 0, "its files are its own");

    let keys = master.get(&format!("{PATH}/{id}/api-keys")).await.ok();
    assert!(!keys.text.contains(&secret), "a key is told once");
    assert_eq!(keys.json()["items"][0]["hint"].as_str(), Some(&secret[43..]));
    assert_eq!(master.get("/v1/api-keys").await.json()["items"], json!([]), "whoever made it does not own it");
    delete(&master, &format!("/v1/api-keys/{key_id}")).await.assert_problem(404, "api_key_not_found");

    assert_eq!(delete(&master, &format!("{PATH}/{id}/api-keys/{key_id}")).await.status, 204);
    get(&app, &secret, "/v1/me").await.assert_problem(401, "invalid_token");
    delete(&master, &format!("{PATH}/{id}/api-keys/{key_id}")).await.assert_problem(404, "api_key_not_found");
}

#[tokio::test]
async fn it_is_disabled_enabled_and_edited_by_who_saw_it() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let id = made(&master, "watch", "admin").await;
    let (_, secret) = key(&master, &id, &["users:read"]).await;
    get(&app, &secret, "/v1/users").await.ok();

    let path = format!("{PATH}/{id}");
    let seen = master.get(&path).await.ok();
    send(&master, "PATCH", &path, &json!({ "role": "member" })).await.assert_problem(428, "precondition_required");
    let changed = patch(&master, &path, &etag(&seen), &json!({ "name": "Night watch", "role": "member", "status": "disabled" })).await.ok();
    let told = changed.json();
    assert_eq!((&told["name"], &told["role"], &told["status"]), (&json!("Night watch"), &json!("member"), &json!("disabled")));
    get(&app, &secret, "/v1/users").await.assert_problem(401, "invalid_token");
    patch(&master, &path, &etag(&seen), &json!({ "status": "active" })).await.assert_problem(412, "changed");
    patch(&master, &path, &etag(&changed), &json!({ "status": "active" })).await.ok();
    get(&app, &secret, "/v1/users").await.assert_problem(403, "forbidden");
    patch(&master, &path, "*", &json!({ "role": "admin" })).await.ok();
    get(&app, &secret, "/v1/users").await.ok();
    patch(&master, &path, "*", &json!({ "name": " " })).await.assert_fields(&[("/name", "required")]);
    patch(&master, &path, "*", &json!({ "email": "a@example.org" })).await.assert_fields(&[("/email", "unknown")]);
}

#[tokio::test]
async fn it_is_no_person_and_nothing_that_is_for_people_finds_it() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let id = made(&master, "crane", "admin").await;
    // Neither an address, nor what stands where a person's would.
    for email in [id.as_str(), "", "crane"] {
        for password in ["", PASSWORD] {
            let answer = post(&app, "/v1/auth/sign-in", &json!({ "email": email, "password": password })).await;
            answer.assert_problem(401, "invalid_credentials");
        }
        let code = if email.is_empty() { "required" } else { "malformed" };
        post(&app, "/v1/auth/forgot-password", &json!({ "email": email })).await.assert_fields(&[("/email", code)]);
    }
    let person = format!("/v1/users/{id}");
    master.get(&person).await.assert_problem(404, "user_not_found");
    patch(&master, &person, "*", &json!({ "status": "disabled" })).await.assert_problem(404, "user_not_found");
    delete(&master, &format!("{person}/sessions")).await.assert_problem(404, "user_not_found");
    send(&master, "POST", &format!("{person}/reset-link"), &json!({})).await.assert_problem(404, "user_not_found");
    let people = master.get("/v1/users?sort=name").await.ok().json();
    assert_eq!((names(&people), &people["total"]), (vec!["ada", "master"], &json!(2)));
    assert_eq!(master.get("/v1/users?search=crane").await.json()["total"], 0);

    // Nor is a person one of these.
    let (ada_id, path) = (ada.id().await, |rest: &str| format!("{PATH}/{rest}"));
    let of_ada = path(&ada_id);
    master.get(&of_ada).await.assert_problem(404, "service_account_not_found");
    patch(&master, &of_ada, "*", &json!({ "role": "admin" })).await.assert_problem(404, "service_account_not_found");
    delete(&master, &of_ada).await.assert_problem(404, "service_account_not_found");
    let keys = format!("{of_ada}/api-keys");
    master.get(&keys).await.assert_problem(404, "service_account_not_found");
    let wish = json!({ "name": "crane", "scopes": ["account:read"] });
    send(&master, "POST", &keys, &wish).await.assert_problem(404, "service_account_not_found");
    let hers = send(&ada, "POST", "/v1/api-keys", &wish).await.json();
    let hers_path = format!("{keys}/{}", hers["api_key"]["id"].as_str().unwrap());
    delete(&master, &hers_path).await.assert_problem(404, "service_account_not_found");
    get(&app, hers["key"].as_str().unwrap(), "/v1/me").await.ok();
    assert_eq!(names(&master.get(PATH).await.json()), ["crane"]);
}

#[tokio::test]
async fn it_is_never_the_administrator_who_is_left() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let id = made(&master, "crane", "admin").await;
    let (_, secret) = key(&master, &id, &["users:read", "users:write"]).await;
    let path = format!("/v1/users/{}", master.id().await);
    for change in [json!({ "role": "member" }), json!({ "status": "disabled" })] {
        patch(&master, &path, "*", &change).await.assert_problem(409, "last_admin");
        // Not even by its own hand.
        let by_machine =
            app.send(|client, url| client.patch(format!("{url}{path}")).bearer_auth(&secret).header("if-match", "*").json(&change));
        by_machine.await.assert_problem(409, "last_admin");
    }
    assert_eq!(master.call("admin/user", &json!({ "id": master.id().await })).await.ok().json()["last_admin"], true);
    // It has no such protection itself.
    patch(&master, &format!("{PATH}/{id}"), "*", &json!({ "role": "member" })).await.ok();
}

#[tokio::test]
async fn no_key_makes_another_and_nobody_gets_a_mail() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let id = made(&master, "crane", "admin").await;
    let scopes: Vec<_> = portreeve_contract::api_key::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (_, secret) = key(&master, &id, &scopes).await;
    let keys = format!("{PATH}/{id}/api-keys");
    let wish = json!({ "name": "more", "scopes": scopes });
    for path in [keys.as_str(), "/v1/api-keys"] {
        let more = app.send(|client, url| client.post(format!("{url}{path}")).bearer_auth(&secret).json(&wish)).await;
        more.assert_problem(403, "session_required");
    }
    get(&app, &secret, &keys).await.assert_problem(403, "session_required");
    // What a key may do to accounts it may do to these: but an account without a key opens nothing.
    let other = app.send(|client, url| client.post(format!("{url}{PATH}")).bearer_auth(&secret).json(&json!({ "name": "winch" }))).await;
    assert_eq!(other.status, 201, "{}", other.text);

    // A person's key is told of by mail; it comes after whatever was queued before.
    let ada = app.person("ada").await;
    send(&ada, "POST", "/v1/api-keys", &json!({ "name": "hers", "scopes": ["account:read"] })).await.ok();
    app.mail("ada@example.org", "A key for your account was made").await;
    let mails = std::fs::read_dir(app.mail_folder()).unwrap().map(|mail| std::fs::read_to_string(mail.unwrap().path()).unwrap());
    let told: Vec<_> = mails.filter(|mail| mail.contains("A key for your account was made")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn it_is_made_once_however_often_that_is_asked() {
    let app = TestApp::start().await;
    let (master, mate) = (app.admin("master").await, app.admin("mate").await);
    let ask = async |person: &Person<'_>, path: &str, name: &str| {
        let body = if path == PATH { json!({ "name": name }) } else { json!({ "name": name, "scopes": ["account:read"] }) };
        person.send(|client, url| client.post(format!("{url}{path}")).header("idempotency-key", path).json(&body)).await
    };
    let answers = join_all((0..8).map(|_| ask(&master, PATH, "crane"))).await;
    let first = answers[0].json()["id"].clone();
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (201, &first), "{}", answer.text);
    }
    assert_eq!(answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count(), 7);
    ask(&master, PATH, "winch").await.assert_problem(422, "idempotency_conflict");
    assert_ne!(ask(&mate, PATH, "crane").await.json()["id"], first, "a key is its sender's");

    let keys = format!("{PATH}/{}/api-keys", first.as_str().unwrap());
    let answers = join_all((0..8).map(|_| ask(&mate, &keys, "crane"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert_eq!(master.get(&keys).await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn it_is_erased_with_its_keys_and_files() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let (id, other) = (made(&master, "crane", "member").await, made(&master, "winch", "member").await);
    let ((_, secret), (_, others)) = (key(&master, &id, &["files:write", "files:read"]).await, key(&master, &other, &["files:read"]).await);
    let upload = app.send(|client, url| client.post(format!("{url}/v1/files?name=a.txt")).bearer_auth(&secret).body("tide")).await;
    let file = upload.json()["file"]["id"].as_str().unwrap().parse::<portreeve_contract::FileId>().unwrap();
    let row = async || portreeve_database::file::find(app.services.database().reader(), file).await.unwrap();
    assert!(row().await.is_some());

    assert_eq!(delete(&master, &format!("{PATH}/{id}")).await.status, 204);
    get(&app, &secret, "/v1/files").await.assert_problem(401, "invalid_token");
    get(&app, &others, "/v1/files").await.ok();
    for path in [format!("{PATH}/{id}"), format!("{PATH}/{id}/api-keys")] {
        master.get(&path).await.assert_problem(404, "service_account_not_found");
    }
    delete(&master, &format!("{PATH}/{id}")).await.assert_problem(404, "service_account_not_found");
    assert_eq!(names(&master.get(PATH).await.json()), ["winch"]);
    let give_up = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while row().await.is_some() {
        assert!(std::time::Instant::now() < give_up, "its files are never erased");
        app.services.housekeep().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn they_are_searched_and_paged() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let mut ids = Vec::new();
    for name in ["delta", "alpha", "Charlie", "bravo"] {
        app.advance(TimeDelta::seconds(1));
        ids.push(made(&master, name, "member").await);
    }
    assert_eq!(names(&master.get(PATH).await.json()), ["bravo", "Charlie", "alpha", "delta"]);
    let first = master.get(&format!("{PATH}?sort=name&limit=3")).await.ok();
    assert_eq!((names(&first.json()), &first.json()["total"]), (vec!["alpha", "bravo", "Charlie"], &json!(4)));
    let link = first.headers["link"].to_str().unwrap().strip_suffix("; rel=\"next\"").unwrap().trim_matches(['<', '>']).to_owned();
    let second = master.get(&link).await.ok().json();
    assert_eq!((names(&second), &second["next"]), (vec!["delta"], &Value::Null));
    assert_eq!(names(&master.get(&format!("{PATH}?search=CHAR")).await.json()), ["Charlie"]);
    assert_eq!(names(&master.get(&format!("{PATH}?search={}", ids[1])).await.json()), ["alpha"]);
    master.get(&format!("{PATH}?cursor=rubbish")).await.assert_problem(400, "malformed_cursor");
    master.get(&format!("{PATH}?sort=email")).await.assert_problem(400, "malformed");
}

#[tokio::test]
async fn what_happens_to_it_is_told_by_events() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let (id, by) = (made(&master, "crane", "member").await, master.id().await);
    let (key_id, _) = key(&master, &id, &["account:read"]).await;
    delete(&master, &format!("{PATH}/{id}/api-keys/{key_id}")).await.ok();
    patch(&master, &format!("{PATH}/{id}"), "*", &json!({ "name": "winch", "status": "disabled" })).await.ok();
    delete(&master, &format!("{PATH}/{id}")).await.ok();

    let events = portreeve_database::event::find_of_subject(app.services.database().reader(), &id).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(told, ["user.created", "api_key.created", "api_key.revoked", "user.updated", "user.disabled", "user.erased"]);
    for event in events {
        assert_eq!(event.data["by"], json!(by), "{}", event.r#type);
    }
}

#[tokio::test]
async fn what_cannot_be_one_is_refused() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let ask = async |body: Value| send(&master, "POST", PATH, &body).await;
    ask(json!({ "name": " " })).await.assert_fields(&[("/name", "required")]);
    ask(json!({})).await.assert_fields(&[("/name", "required")]);
    ask(json!({ "name": "a\u{202e}b" })).await.assert_fields(&[("/name", "invisible_characters")]);
    ask(json!({ "name": "crane", "role": "captain" })).await.assert_fields(&[("/role", "wrong_shape")]);
    ask(json!({ "name": "crane", "password": PASSWORD })).await.assert_fields(&[("/password", "unknown")]);
    let id = made(&master, "crane", "member").await;
    let keys = format!("{PATH}/{id}/api-keys");
    let past = app.now() - TimeDelta::seconds(1);
    let wrong = json!({ "name": "", "scopes": [], "expires_at": past, "plan": "nowhere" });
    let fields = [("/name", "required"), ("/scopes", "required"), ("/expires_at", "past"), ("/plan", "unknown")];
    send(&master, "POST", &keys, &wrong).await.assert_fields(&fields);
    assert_eq!(master.get(&keys).await.json()["items"], json!([]));
    for path in [format!("{PATH}/x"), format!("{PATH}/x/api-keys"), format!("{keys}/x")] {
        delete(&master, &path).await;
        assert!([404, 405].contains(&delete(&master, &path).await.status.as_u16()), "{path}");
    }
}
