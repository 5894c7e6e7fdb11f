//! Lists that are neither searched nor sorted, page by page.

use std::collections::HashSet;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Answer, Person, TestApp};

/// Where a `Link` of this relation leads.
fn link(answer: &Answer, relation: &str) -> Option<String> {
    let mut links = answer.headers.get_all("link").iter().map(|link| link.to_str().unwrap());
    let rest = links.find_map(|link| link.strip_suffix(&format!(">; rel=\"{relation}\"")))?;
    Some(rest.strip_prefix('<').unwrap().to_owned())
}

/// The ids on all pages, as the links lead to them, and back to the first.
async fn walk(person: &Person<'_>, path: &str, total: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut at = format!("{path}?limit=2");
    loop {
        let page = person.get(&at).await.ok();
        let told = page.json();
        let items = told["items"].as_array().unwrap();
        assert!((1..=2).contains(&items.len()) && told["total"] == total, "{told}");
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        assert!(ids.len() <= total, "the pages go on for ever: {ids:?}");
        assert_eq!(link(&page, "next").is_some(), told["next"].is_string(), "{told}");
        match link(&page, "next") {
            Some(next) => at = next,
            None => break,
        }
    }
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (total, total), "{ids:?}");
    let last = person.get(&at).await.ok();
    let before = person.get(&link(&last, "prev").unwrap()).await.ok().json();
    let odd = 2 - total % 2;
    let ids_before: Vec<_> = before["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids_before, ids[total - odd - 2..total - odd]);
    person.get(&format!("{path}?cursor=nonsense")).await.assert_problem(400, "malformed_cursor");
    ids
}

#[tokio::test]
async fn ones_devices_come_in_pages_the_last_seen_first() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for _ in 0..3 {
        app.sign_in("ada").await;
    }
    app.advance(TimeDelta::minutes(1));
    let phone = app.sign_in("ada").await;
    let ids = walk(&ada, "/v1/me/sessions", 5).await;
    let first = phone.get("/v1/me/sessions?limit=1").await.ok().json();
    assert_eq!((&first["items"][0]["id"], &first["items"][0]["current"]), (&json!(ids[0]), &json!(true)));
}

#[tokio::test]
async fn the_links_of_a_file_come_in_pages_the_newest_first() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let file = ada.post_file("a.txt", "text/plain", "tide", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/files/{file}/shares");
    let mut made = Vec::new();
    for _ in 0..5 {
        app.advance(TimeDelta::seconds(1));
        let share = ada.send(|client, url| client.post(format!("{url}{path}")).json(&json!({}))).await.ok().json();
        made.insert(0, share["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(walk(&ada, &path, 5).await, made);
    eve.get(&path).await.assert_problem(404, "file_not_found");
}
