//! What a client of the files API does.

use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use super::{Answer, Person};

impl Person<'_> {
    /// Any request, with the bearer token.
    pub(crate) async fn send(&self, build: impl FnOnce(&Client, &str) -> RequestBuilder) -> Answer {
        let token = self.access_token();
        self.app.send(|client, url| build(client, url).bearer_auth(token)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(|client, url| client.get(format!("{url}{path}"))).await
    }

    /// `POST /v1/files`.
    pub(crate) async fn post_file(&self, name: &str, media_type: &str, body: impl Into<reqwest::Body>, headers: &[(&str, &str)]) -> Answer {
        self.send(|client, url| {
            let request = client.post(format!("{url}/v1/files")).query(&[("name", name)]).header("content-type", media_type).body(body);
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        })
        .await
    }

    /// Waits until a file is stored, and returns it.
    pub(crate) async fn stored_file(&self, id: &str) -> Value {
        let give_up = Instant::now() + Duration::from_secs(30);
        loop {
            let file = self.get(&format!("/v1/files/{id}")).await.ok().json();
            if file["status"] == "stored" {
                return file;
            }
            assert!(Instant::now() < give_up, "never stored: {file}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// tus' creation.
    pub(crate) async fn create_upload(&self, length: usize, metadata: &str) -> Answer {
        self.send(|client, url| {
            client
                .post(format!("{url}/v1/uploads"))
                .header("tus-resumable", "1.0.0")
                .header("upload-length", length)
                .header("upload-metadata", metadata)
        })
        .await
    }

    pub(crate) async fn head_upload(&self, location: &str) -> Answer {
        self.send(|client, url| client.head(format!("{url}{location}")).header("tus-resumable", "1.0.0")).await
    }

    /// One part of an upload.
    pub(crate) async fn patch_upload(
        &self,
        location: &str,
        offset: u64,
        part: impl Into<reqwest::Body>,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.send(|client, url| {
            let request = client
                .patch(format!("{url}{location}"))
                .header("tus-resumable", "1.0.0")
                .header("upload-offset", offset)
                .header("content-type", "application/offset+octet-stream")
                .body(part);
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        })
        .await
    }
}
