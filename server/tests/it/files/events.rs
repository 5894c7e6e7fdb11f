//! What a page hears of its person's files while it is open.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::support::{Person, TestApp};

const SOON: Duration = Duration::from_secs(20);

/// A stream of events that is being read.
struct Listener {
    response: reqwest::Response,
    text: String,
}

impl Listener {
    async fn open(app: &TestApp, person: &Person<'_>, after: Option<&str>) -> Self {
        let request = reqwest::Client::new().get(format!("{}/v1/files/events", app.url)).bearer_auth(person.access_token());
        let request = after.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
        Self { response, text: String::new() }
    }

    /// The fields of the next event; `None` at the end.
    async fn next(&mut self) -> Option<Vec<(String, String)>> {
        loop {
            if let Some((event, rest)) = self.text.clone().split_once("\n\n") {
                let fields =
                    event.lines().filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
                let fields: Vec<_> = fields.collect();
                rest.clone_into(&mut self.text);
                // A comment keeps the connection.
                if !fields.is_empty() {
                    return Some(fields);
                }
                continue;
            }
            match timeout(SOON, self.response.chunk()).await.expect("an event or an end") {
                Ok(Some(bytes)) => self.text.push_str(str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event's type, its id, and the file that it tells of.
    async fn told(&mut self) -> (String, String, String) {
        let fields = self.next().await.expect("an event");
        let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default();
        (field("event"), field("id"), field("data"))
    }
}

#[tokio::test]
async fn one_hears_of_ones_own_files_and_of_what_was_missed() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let mut listener = Listener::open(&app, &ada, None).await;
    assert_eq!(listener.told().await.0, "ready");
    let hers = eve.post_file("a.txt", "text/plain", "hers", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    eve.stored_file(&hers).await;
    let mine = ada.post_file("b.txt", "text/plain", "mine", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    let mut last = String::new();
    for expected in ["file.accepted", "file.storing", "file.stored"] {
        let (r#type, id, data) = listener.told().await;
        assert!(r#type == expected && data.contains(&mine) && !data.contains(&hers), "{type}: {data}");
        last = id;
    }
    drop(listener);

    let path = format!("/v1/files/{mine}");
    ada.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", "*").json(&json!({ "name": "c.txt" }))).await.ok();
    let mut listener = Listener::open(&app, &ada, Some(&last)).await;
    let mut told = Vec::new();
    while !told.contains(&"file.renamed".to_owned()) {
        told.push(listener.told().await.0);
    }
    assert!(told.len() <= 2, "{told:?}");
}

#[tokio::test]
async fn nobody_hears_more_once_their_session_or_key_is_ended() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut listener = Listener::open(&app, &ada, None).await;
    assert_eq!(listener.told().await.0, "ready");
    ada.call("auth/sign_out", &json!({})).await.ok();
    assert_eq!(listener.next().await, None);
}
