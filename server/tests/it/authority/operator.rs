//! Made at the terminal, while a server runs.

use super::{A_SECOND, remembered, seen};
use crate::support::{Answer, Person, TestApp};

/// What the command says, once it has ended.
async fn says(app: &TestApp, arguments: &[&str]) -> String {
    let mut command = app.command(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().expect("a process");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

async fn users(ada: &Person<'_>) -> Answer {
    ada.app.send(|client, url| client.get(format!("{url}/v1/users")).bearer_auth(ada.access_token())).await
}

#[tokio::test]
async fn what_the_command_line_does_is_so_within_a_second() {
    let app = TestApp::start().await;
    app.admin("master").await;
    let ada = app.person("ada").await;

    remembered(&app, || users(&ada)).await.assert_problem(403, "forbidden");
    assert!(says(&app, &["users", "role", "ADA@example.org", "admin"]).await.starts_with("Made ada@example.org an administrator"));
    seen("users role", A_SECOND, async || users(&ada).await.status == 200).await;

    remembered(&app, || ada.profile()).await.ok();
    assert!(says(&app, &["users", "sign-out", "ada@example.org"]).await.starts_with("Signed ada@example.org out everywhere"));
    seen("users sign-out", A_SECOND, async || ada.profile().await.status == 401).await;

    let ada = app.sign_in("ada").await;
    remembered(&app, || ada.profile()).await.ok();
    assert!(says(&app, &["users", "disable", "ada@example.org"]).await.starts_with("Shut the account of ada@example.org"));
    seen("users disable", A_SECOND, async || ada.profile().await.status == 401).await;
    ada.refresh().await.assert_problem(401, "session_over");

    assert!(says(&app, &["users", "enable", "ada@example.org"]).await.starts_with("Opened the account of ada@example.org"));
    app.sign_in("ada").await.reads_profile().await;
}

#[tokio::test]
async fn so_is_what_it_does_to_a_machine() {
    let app = TestApp::start().await;
    let made = says(&app, &["service-accounts", "create", "--name", "crane"]).await;
    let id = made.trim().trim_end_matches(").").rsplit('(').next().unwrap();
    let key = says(&app, &["service-accounts", "create-key", id, "--name", "crane", "--scope", "account:read"]).await;
    let me = async || app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(key.trim())).await;
    let within_a_second = async |arguments: &[&str], wanted: u16| {
        says(&app, &[&["service-accounts"], arguments].concat()).await;
        seen(arguments[0], A_SECOND, async || me().await.status == wanted).await;
    };

    remembered(&app, &me).await.ok();
    within_a_second(&["disable", id], 401).await;
    within_a_second(&["enable", id], 200).await;
    let listed = says(&app, &["service-accounts", "list-keys", id]).await;
    remembered(&app, &me).await.ok();
    within_a_second(&["revoke-key", id, listed.split(' ').next().unwrap()], 401).await;

    let key = says(&app, &["service-accounts", "create-key", id, "--name", "winch", "--scope", "account:read"]).await;
    let me = async || app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(key.trim())).await;
    remembered(&app, &me).await.ok();
    says(&app, &["service-accounts", "delete", id, "--yes"]).await;
    seen("delete", A_SECOND, async || me().await.status == 401).await;
}
