//! Everything that changes what a caller may do, or what is told of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{remembered, seen};
use crate::support::{Answer, PASSWORD, Person, TestApp};

const NEW: &str = "another lantern harbour box";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    SignOut,
    RevokeSession,
    RevokeOthers,
    RevokeAll,
    ReuseToken,
    ChangePassword,
    ResetPassword,
    ResetPasswordOfKey,
    DeleteAccount,
    Disable,
    DisableOfKey,
    Enable,
    EndSessions,
    Promote,
    Demote,
    RevokeKey,
    Rename,
    AskForAddress,
    VerifyAddress,
    DisableServiceAccount,
    EnableServiceAccount,
    DemoteServiceAccount,
    RevokeKeyOfServiceAccount,
    DeleteServiceAccount,
}

pub(super) const ALL: [Act; 24] = [
    Act::SignOut,
    Act::RevokeSession,
    Act::RevokeOthers,
    Act::RevokeAll,
    Act::ReuseToken,
    Act::ChangePassword,
    Act::ResetPassword,
    Act::ResetPasswordOfKey,
    Act::DeleteAccount,
    Act::Disable,
    Act::DisableOfKey,
    Act::Enable,
    Act::EndSessions,
    Act::Promote,
    Act::Demote,
    Act::RevokeKey,
    Act::Rename,
    Act::AskForAddress,
    Act::VerifyAddress,
    Act::DisableServiceAccount,
    Act::EnableServiceAccount,
    Act::DemoteServiceAccount,
    Act::RevokeKeyOfServiceAccount,
    Act::DeleteServiceAccount,
];

/// Each is done at `there` to somebody who is remembered at `here`, where it is seen `within` that time.
pub(super) async fn all_are_seen(here: &TestApp, there: &TestApp, within: Duration) {
    let master = here.admin("master").await;
    for act in ALL {
        let scene = Scene::set(act, here, there, &master).await;
        seen(&format!("what {act:?} changes"), within, async || !scene.shows(&scene.ask().await)).await;
        remembered(here, || scene.ask()).await;
        scene.play().await;
        seen(&format!("{act:?}"), within, async || scene.shows(&scene.ask().await)).await;
    }
}

struct Scene<'a> {
    act: Act,
    /// Who asks, at the node that remembers.
    ada: Person<'a>,
    /// Her other browser, at the node where something is done.
    other: Person<'a>,
    /// An administrator there.
    master: Person<'a>,
    id: String,
    email: String,
    key_id: String,
    key: String,
    machine: Machine,
}

/// A service account, and its key.
struct Machine {
    id: String,
    key_id: String,
    key: String,
}

impl Machine {
    async fn made(master: &Person<'_>) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let account = json!({ "account": { "name": "crane", "role": "admin" } });
        let id = text(&master.call("admin/create_service_account", &account).await.ok().json()["id"]);
        let key = json!({ "id": id, "key": { "name": "crane", "scopes": ["users:read"] } });
        let made = master.call("admin/create_service_account_key", &key).await.ok().json();
        Self { id, key_id: text(&made["api_key"]["id"]), key: text(&made["key"]) }
    }
}

impl<'a> Scene<'a> {
    async fn set(act: Act, here: &'a TestApp, there: &'a TestApp, master: &Person<'_>) -> Self {
        let name = format!("{act:?}").to_lowercase();
        let ada = here.person(&name).await;
        let other = here.sign_in(&name).await.at(there);
        let made = json!({ "key": { "name": "crane", "scopes": ["account:read"] } });
        let made = ada.call("api_keys/create", &made).await.ok().json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let scene = Self {
            act,
            other,
            master: master.at(there),
            id: ada.id().await,
            email: format!("{name}@example.org"),
            key_id: text(&made["api_key"]["id"]),
            key: text(&made["key"]),
            ada,
            machine: Machine::made(master).await,
        };
        match act {
            Act::Demote => scene.changes(json!({ "role": "admin" })).await,
            // A key outlives what ends every session.
            Act::Enable => scene.changes(json!({ "status": "disabled" })).await,
            Act::EnableServiceAccount => scene.changes_machine(json!({ "status": "disabled" })).await,
            _ => {}
        }
        scene
    }

    async fn ask(&self) -> Answer {
        match self.act {
            Act::ResetPasswordOfKey | Act::DisableOfKey | Act::Enable | Act::RevokeKey => {
                self.ada.app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(&self.key)).await
            }
            Act::Promote | Act::Demote => {
                self.ada.app.send(|client, url| client.get(format!("{url}/v1/users")).bearer_auth(self.ada.access_token())).await
            }
            Act::DisableServiceAccount
            | Act::EnableServiceAccount
            | Act::DemoteServiceAccount
            | Act::RevokeKeyOfServiceAccount
            | Act::DeleteServiceAccount => {
                self.ada.app.send(|client, url| client.get(format!("{url}/v1/users")).bearer_auth(&self.machine.key)).await
            }
            _ => self.ada.profile().await,
        }
    }

    fn shows(&self, answer: &Answer) -> bool {
        let is = |wanted: u16, code: &str| answer.status == wanted && (wanted == 200 || answer.json()["code"] == code);
        match self.act {
            Act::Enable | Act::EnableServiceAccount | Act::Promote => is(200, ""),
            Act::Demote | Act::DemoteServiceAccount => is(403, "forbidden"),
            Act::Rename => answer.json()["name"] == "Augusta",
            Act::AskForAddress => answer.json()["pending_email"] == "new@example.net",
            Act::VerifyAddress => answer.json()["email_verified"] == true,
            _ => is(401, "invalid_token"),
        }
    }

    async fn play(&self) {
        let there = self.other.app;
        match self.act {
            Act::SignOut => drop(self.ada.at(there).call("auth/sign_out", &json!({})).await.ok()),
            Act::RevokeSession => {
                let sessions = self.other.call("sessions/list", &json!({})).await.ok().json();
                let hers = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).expect("two of them");
                self.other.call("sessions/revoke", &json!({ "id": hers["id"] })).await.ok();
            }
            Act::RevokeOthers => drop(self.other.call("sessions/revoke_others", &json!({})).await.ok()),
            Act::RevokeAll => drop(self.other.call("sessions/revoke_all", &json!({})).await.ok()),
            Act::ReuseToken => self.is_copied(there).await,
            Act::ChangePassword => {
                let change = json!({ "change": { "current_password": PASSWORD, "password": NEW } });
                self.other.call("users/change_password", &change).await.ok();
            }
            Act::ResetPassword | Act::ResetPasswordOfKey => {
                there.call("auth/forgot_password", &json!({ "request": { "email": self.email } })).await.ok();
                let token = self.ada.app.link_to(&self.email, "/reset-password").await;
                there.call("auth/reset_password", &json!({ "request": { "token": token, "password": NEW } })).await.ok();
            }
            Act::DeleteAccount => {
                self.other.call("users/delete_account", &json!({ "request": { "password": PASSWORD } })).await.ok();
            }
            Act::Disable | Act::DisableOfKey => self.changes(json!({ "status": "disabled" })).await,
            Act::Enable => self.changes(json!({ "status": "active" })).await,
            Act::EndSessions => drop(self.master.call("admin/end_sessions", &json!({ "id": self.id })).await.ok()),
            Act::Promote => self.changes(json!({ "role": "admin" })).await,
            Act::Demote => self.changes(json!({ "role": "member" })).await,
            Act::RevokeKey => drop(self.other.call("api_keys/revoke", &json!({ "id": self.key_id })).await.ok()),
            Act::Rename => drop(self.other.call("users/update_profile", &json!({ "change": { "name": "Augusta" } })).await.ok()),
            Act::AskForAddress => {
                let change = json!({ "change": { "email": "new@example.net", "password": PASSWORD } });
                self.other.call("users/change_email", &change).await.ok();
            }
            Act::VerifyAddress => {
                let token = self.ada.app.link_to(&self.email, "/verify-email").await;
                there.call("auth/verify_email", &json!({ "token": token })).await.ok();
            }
            Act::DisableServiceAccount => self.changes_machine(json!({ "status": "disabled" })).await,
            Act::EnableServiceAccount => self.changes_machine(json!({ "status": "active" })).await,
            Act::DemoteServiceAccount => self.changes_machine(json!({ "role": "member" })).await,
            Act::RevokeKeyOfServiceAccount => {
                let which = json!({ "id": self.machine.id, "key": self.machine.key_id });
                self.master.call("admin/revoke_service_account_key", &which).await.ok();
            }
            Act::DeleteServiceAccount => {
                self.master.call("admin/delete_service_account", &json!({ "id": self.machine.id })).await.ok();
            }
        }
    }

    /// Somebody uses the token again that her browser has used.
    async fn is_copied(&self, there: &TestApp) {
        let copied = self.ada.refresh_token();
        let ada = self.ada.at(there);
        ada.refresh().await.ok();
        ada.reads_profile().await;
        there.advance(chrono::TimeDelta::seconds(11));
        there.refresh_with(&copied).await.assert_problem(401, "session_over");
    }

    async fn changes(&self, change: Value) {
        self.master.changes(&self.id, change).await.ok();
    }

    async fn changes_machine(&self, change: Value) {
        self.master.call("admin/update_service_account", &json!({ "id": self.machine.id, "change": change })).await.ok();
    }
}
