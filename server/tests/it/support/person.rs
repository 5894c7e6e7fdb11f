//! Someone with a browser.

use std::sync::Mutex;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{Answer, TestApp, app::refresh_cookie};

pub(crate) struct Person<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) device_token: String,
    access_token: Mutex<String>,
    refresh_token: Mutex<String>,
}

impl<'a> Person<'a> {
    pub(super) fn signed_up(app: &'a TestApp, answer: &Answer) -> Self {
        Self::new(app, &answer.json()["signed_in"], answer)
    }

    pub(super) fn signed_in(app: &'a TestApp, answer: &Answer) -> Self {
        Self::new(app, &answer.json(), answer)
    }

    fn new(app: &'a TestApp, token: &Value, answer: &Answer) -> Self {
        Self {
            app,
            device_token: answer.cookie("__Host-portreeve_device").expect("a device cookie"),
            access_token: Mutex::new(token["access_token"].as_str().expect("an access token").to_owned()),
            refresh_token: Mutex::new(answer.cookie("__Host-portreeve_refresh").expect("a refresh cookie")),
        }
    }

    /// The same browser, asking another node.
    pub(crate) fn at<'b>(&self, app: &'b TestApp) -> Person<'b> {
        Person {
            app,
            device_token: self.device_token.clone(),
            access_token: Mutex::new(self.access_token()),
            refresh_token: Mutex::new(self.refresh_token()),
        }
    }

    pub(crate) fn access_token(&self) -> String {
        self.access_token.lock().unwrap().clone()
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.refresh_token.lock().unwrap().clone()
    }

    /// Calls a server function with the bearer token and the cookie.
    pub(crate) async fn call(&self, function: &str, body: &Value) -> Answer {
        let mut headers: HeaderMap = refresh_cookie(&self.refresh_token());
        headers.insert("authorization", format!("Bearer {}", self.access_token()).parse().unwrap());
        self.app.call_with(function, body, headers).await
    }

    /// Exchanges the refresh token and keeps what comes back.
    pub(crate) async fn refresh(&self) -> Answer {
        let answer = self.app.refresh_with(&self.refresh_token()).await;
        if answer.status.is_success() {
            answer.json()["access_token"].as_str().unwrap().clone_into(&mut self.access_token.lock().unwrap());
            *self.refresh_token.lock().unwrap() = answer.cookie("__Host-portreeve_refresh").expect("a refresh cookie");
        }
        answer
    }

    /// The protected read.
    pub(crate) async fn profile(&self) -> Answer {
        self.call("users/profile", &json!({})).await
    }

    pub(crate) async fn reads_profile(&self) -> Value {
        self.profile().await.ok().json()
    }

    /// Changes somebody's account, as an administrator.
    pub(crate) async fn changes(&self, id: &str, change: Value) -> Answer {
        self.call("admin/update_user", &json!({ "id": id, "change": change })).await
    }

    pub(crate) async fn id(&self) -> String {
        self.reads_profile().await["id"].as_str().unwrap().to_owned()
    }
}
