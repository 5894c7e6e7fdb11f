use serde_json::json;

use super::{etag, patch};
use crate::support::TestApp;

#[tokio::test]
async fn administrators_page_through_everyone() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    for name in ["ada", "ben", "cleo"] {
        app.person(name).await;
    }
    let mut names = Vec::new();
    let mut path = "/v1/users?sort=name&limit=2".to_owned();
    loop {
        let page = master.get(&path).await.ok();
        names.extend(page.json()["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()));
        let links: Vec<_> = page.headers.get_all("link").iter().map(|link| link.to_str().unwrap().to_owned()).collect();
        let Some(next) = links.iter().find_map(|link| link.strip_suffix("; rel=\"next\"")) else { break };
        path = next.trim_matches(['<', '>']).to_owned();
    }
    assert_eq!(names, ["ada", "ben", "cleo", "master"]);
    master.get("/v1/users?cursor=rubbish").await.assert_problem(400, "malformed_cursor");
    master.get("/v1/users?colour=red").await.assert_problem(400, "malformed");
}

#[tokio::test]
async fn an_administrator_edits_what_they_saw() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let path = format!("/v1/users/{}", ada.id().await);
    let seen = master.get(&path).await.ok();
    let promoted = patch(&master, &path, &etag(&seen), &json!({ "role": "admin" })).await.ok();
    assert_eq!(promoted.json()["user"]["role"], "admin");
    patch(&master, &path, &etag(&seen), &json!({ "role": "member" })).await.assert_problem(412, "changed");

    let both = patch(&master, &path, &etag(&promoted), &json!({ "role": "member", "status": "disabled" })).await.ok().json();
    assert_eq!((both["user"]["role"].as_str(), both["user"]["status"].as_str()), (Some("member"), Some("disabled")));
    assert_eq!(both["sessions"], json!([]));
    assert_eq!(ada.get("/v1/me").await.status, 401);
    let open = patch(&master, &path, "*", &json!({ "status": "active" })).await.ok().json();
    assert_eq!(open["user"]["status"], "active");
    patch(&master, &path, "*", &json!({ "status": "deleting" })).await.assert_fields(&[("/status", "wrong_shape")]);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let path = format!("/v1/users/{}", master.id().await);
    for change in [json!({ "role": "member" }), json!({ "status": "disabled" })] {
        patch(&master, &path, "*", &change).await.assert_problem(409, "last_admin");
    }
    assert_eq!(master.get("/v1/me").await.json()["role"], "admin");
}

#[tokio::test]
async fn a_person_is_signed_out_and_sent_a_link() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let path = format!("/v1/users/{}", ada.id().await);
    assert_eq!(master.send(|client, url| client.post(format!("{url}{path}/reset-link"))).await.status, 202);
    app.link_to("ada@example.org", "/reset-password").await;
    assert_eq!(master.send(|client, url| client.delete(format!("{url}{path}/sessions"))).await.status, 204);
    assert_eq!(ada.get("/v1/me").await.status, 401);
    master.get("/v1/users/00000000-0000-7000-8000-000000000000").await.assert_problem(404, "user_not_found");
}
