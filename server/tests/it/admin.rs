use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

/// Every function that only administrators may call, with a body it would accept.
pub(crate) fn functions(id: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("admin/list_users", json!({ "query": {} })),
        ("admin/user", json!({ "id": id })),
        ("admin/update_user", json!({ "id": id, "change": { "role": "admin" } })),
        ("admin/end_sessions", json!({ "id": id })),
        ("admin/send_reset_link", json!({ "id": id })),
        ("admin/list_service_accounts", json!({ "query": {} })),
        ("admin/service_account", json!({ "id": id })),
        ("admin/create_service_account", json!({ "account": { "name": "crane" } })),
        ("admin/update_service_account", json!({ "id": id, "change": { "role": "admin" } })),
        ("admin/delete_service_account", json!({ "id": id })),
        ("admin/list_service_account_keys", json!({ "id": id })),
        ("admin/create_service_account_key", json!({ "id": id, "key": { "name": "crane", "scopes": ["users:write"] } })),
        ("admin/revoke_service_account_key", json!({ "id": id, "key": id })),
        ("admin/stream", json!({})),
        ("admin/measures", json!({ "query": {} })),
        ("admin/dead_letters", json!({ "query": {} })),
        ("admin/dead_letter", json!({ "id": id })),
        ("admin/redrive", json!({ "id": id })),
        ("admin/redrive_all", json!({ "consumer": null })),
        ("admin/drop_dead_letter", json!({ "id": id })),
        ("admin/replay", json!({ "wish": { "consumer": "store-files", "from": "beginning" } })),
    ]
}

async fn list(admin: &Person<'_>, query: Value) -> Value {
    admin.call("admin/list_users", &json!({ "query": query })).await.ok().json()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_table_above_holds_every_admin_function() {
    let mut served: Vec<_> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).filter(|path| path.starts_with("/api/admin/")).collect();
    let mut listed: Vec<_> = functions("").into_iter().map(|(function, _)| format!("/api/{function}")).collect();
    served.sort_unstable();
    listed.sort_unstable();
    let app = TestApp::start().await;
    drop(app);
    assert_eq!(served, listed);
}

#[tokio::test]
async fn a_member_can_call_none_of_them() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let eve = app.person("eve").await;
    let id = grace.id().await;
    for (function, body) in functions(&id) {
        eve.call(function, &body).await.assert_problem(403, "forbidden");
        app.call(function, &body).await.assert_problem(401, "token_missing");
    }
    grace.reads_profile().await;
}

#[tokio::test]
async fn a_demoted_administrators_token_still_says_admin_and_is_not_believed() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let alan = app.admin("alan").await;
    let id = alan.id().await;
    list(&alan, json!({})).await;
    grace.changes(&id, json!({ "role": "member" })).await.ok();
    for (function, body) in functions(&id) {
        alan.call(function, &body).await.assert_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let id = grace.id().await;
    grace.changes(&id, json!({ "status": "disabled" })).await.assert_problem(409, "last_admin");
    grace.changes(&id, json!({ "role": "member" })).await.assert_problem(409, "last_admin");
    grace.call("users/delete_account", &json!({ "request": { "password": PASSWORD } })).await.assert_problem(409, "last_admin");
    assert_eq!(grace.call("admin/user", &json!({ "id": id })).await.ok().json()["last_admin"], true);
}

#[tokio::test]
async fn two_administrators_cannot_remove_each_other_at_the_same_moment() {
    let app = TestApp::start().await;
    let (grace, alan) = (app.admin("grace").await, app.admin("alan").await);
    let (grace_id, alan_id) = (grace.id().await, alan.id().await);
    let disabled = json!({ "status": "disabled" });
    let (one, two) = tokio::join!(grace.changes(&alan_id, disabled.clone()), alan.changes(&grace_id, disabled.clone()));
    assert!(one.status.is_success() != two.status.is_success(), "{} {}", one.text, two.text);
}

#[tokio::test]
async fn disabling_ends_the_sessions_at_once() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let ada = app.person("ada").await;
    let id = ada.id().await;
    let detail = grace.changes(&id, json!({ "status": "disabled" })).await.ok().json();
    assert_eq!((&detail["user"]["status"], detail["sessions"].as_array().map(Vec::len)), (&json!("disabled"), Some(0)));
    ada.profile().await.assert_problem(401, "invalid_token");
    ada.refresh().await.assert_problem(401, "session_over");
}

#[tokio::test]
async fn an_administrator_ends_sessions_and_sends_a_link() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let ada = app.person("ada").await;
    let id = ada.id().await;
    grace.call("admin/end_sessions", &json!({ "id": id })).await.ok();
    ada.profile().await.assert_problem(401, "invalid_token");
    grace.call("admin/send_reset_link", &json!({ "id": id })).await.ok();
    app.mail("ada@example.org", "assword").await.token("/reset-password");
    let nobody = json!({ "id": "01a1fc93-afa2-716e-a8a8-25f49aad7109" });
    grace.call("admin/send_reset_link", &nobody).await.assert_problem(404, "user_not_found");
    grace.call("admin/user", &nobody).await.assert_problem(404, "user_not_found");
}

#[tokio::test]
async fn the_list_is_sorted_and_paged_both_ways() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    for name in ["delta", "alpha", "charlie", "bravo"] {
        app.person(name).await;
    }
    let first = list(&grace, json!({ "sort": "name", "limit": 2 })).await;
    assert_eq!((names(&first), &first["total"], &first["previous"]), (vec!["alpha", "bravo"], &json!(5), &json!(null)));
    let second = list(&grace, json!({ "sort": "name", "limit": 2, "cursor": first["next"] })).await;
    assert_eq!(names(&second), ["charlie", "delta"]);
    let third = list(&grace, json!({ "sort": "name", "limit": 2, "cursor": second["next"] })).await;
    assert_eq!((names(&third), &third["next"]), (vec!["grace"], &json!(null)));
    let back = list(&grace, json!({ "sort": "name", "limit": 2, "cursor": third["previous"] })).await;
    assert_eq!(names(&back), ["charlie", "delta"]);
    let start = list(&grace, json!({ "sort": "name", "limit": 2, "cursor": back["previous"] })).await;
    assert_eq!((names(&start), &start["previous"]), (vec!["alpha", "bravo"], &json!(null)));
    let reversed = list(&grace, json!({ "sort": "email", "reverse": true, "limit": 3 })).await;
    assert_eq!(names(&reversed), ["grace", "delta", "charlie"]);
}

#[tokio::test]
async fn equal_times_are_paged_without_loss() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await; // the clock stands still: all are made at the same time
    for number in 0..5 {
        app.person(&format!("p{number}")).await;
    }
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = list(&grace, json!({ "limit": 2, "cursor": cursor })).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        cursor = page["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, ["grace", "p0", "p1", "p2", "p3", "p4"]);
}

#[tokio::test]
async fn the_search_takes_every_character_as_itself() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    let ada = app.person("ada").await;
    ada.call("users/update_profile", &json!({ "change": { "name": "Ada 100%_\\' Lovelace" } })).await.ok();
    for (search, found) in
        [("LOVELACE", 1), ("ada@", 1), ("example.org", 2), ("100%_\\'", 1), ("%", 1), ("_", 1), ("a%a", 0), ("nobody", 0), ("  ada ", 1)]
    {
        assert_eq!(list(&grace, json!({ "search": search })).await["total"], found, "{search}");
    }
}

#[tokio::test]
async fn a_made_up_cursor_is_told_apart() {
    let app = TestApp::start().await;
    let grace = app.admin("grace").await;
    for cursor in ["", "x", "e30", "eyJiYWNrIjpmYWxzZX0"] {
        grace.call("admin/list_users", &json!({ "query": { "cursor": cursor } })).await.assert_problem(400, "malformed_cursor");
    }
    let by_name = list(&grace, json!({ "sort": "name", "limit": 1 })).await;
    app.person("ada").await;
    let cursor = list(&grace, json!({ "sort": "name", "limit": 1 })).await["next"].clone();
    assert_eq!(by_name["next"], Value::Null);
    grace
        .call("admin/list_users", &json!({ "query": { "sort": "created_at", "cursor": cursor } }))
        .await
        .assert_problem(400, "malformed_cursor");
}
