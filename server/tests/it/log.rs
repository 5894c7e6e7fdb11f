//! What is written down of requests, and what never is.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    PASSWORD,
    mails::read,
    process::{Process, call, portreeve, refresh_cookie},
};

#[tokio::test]
async fn each_request_is_a_line_of_json_and_none_tells_a_secret() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let mut command = portreeve(data.path());
    command.arg("serve").env("PORTREEVE__LOG__LEVEL", "info");
    let process = Process::spawn_logging(&mut command, fs::File::create(&log).unwrap());
    let url = process.url.clone();

    let person = json!({ "person": { "name": "Ada Lovelace", "email": "ada@example.org", "password": PASSWORD } });
    let signed_up = call(&url, "auth/sign_up", &person, "").await.unwrap();
    let request_id = signed_up.headers()["x-request-id"].to_str().unwrap().to_owned();
    let cookie = refresh_cookie(&signed_up);
    let access_token = signed_up.json::<Value>().await.unwrap()["signed_in"]["access_token"].as_str().unwrap().to_owned();
    let read = reqwest::Client::new().get(format!("{url}/v1/me?whose=mine")).bearer_auth(&access_token).send().await.unwrap();
    assert!(read.status().is_success());
    let refreshed = call(&url, "auth/refresh", &json!({}), &cookie).await.unwrap();
    assert!(refreshed.status().is_success());
    for (email, password) in [("ada@example.org", "a wrong lantern"), ("bob@example.org", "a wrong lantern"), ("ada@example.org", PASSWORD)]
    {
        let credentials = json!({ "credentials": { "email": email, "password": password } });
        call(&url, "auth/sign_in", &credentials, "").await.unwrap();
    }
    call(&url, "auth/forgot_password", &json!({ "request": { "email": "ada@example.org" } }), "").await.unwrap();
    let link_token = first_mail(&data.path().join("mail")).await;
    let page = reqwest::get(format!("{url}/verify-email?token={link_token}")).await.unwrap();
    assert!(page.status().is_success());
    call(&url, "auth/verify_email", &json!({ "token": link_token }), "").await.unwrap();

    let opened = open_links(&url, &access_token).await;

    process.signal("TERM");
    let mut process = process;
    assert!(process.child.wait().unwrap().success());
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect();
    let of_sign_up = lines.iter().find(|line| line.to_string().contains(&request_id)).unwrap_or_else(|| panic!("{request_id} in {text}"));
    assert!(of_sign_up.to_string().contains("/api/auth/sign_up") && of_sign_up.to_string().contains("200"), "{of_sign_up}");
    let fields = ["caller", "method", "route"].map(|name| of_sign_up[name].as_str().unwrap_or_default());
    assert_eq!(fields, ["anonymous", "POST", "/api/auth/sign_up"], "{of_sign_up}");
    assert!(of_sign_up["micros"].as_u64() > Some(0) && of_sign_up["bytes"].as_u64() > Some(0), "{of_sign_up}");
    let of_refusal = lines.iter().find(|line| line["status"] == 401).unwrap_or_else(|| panic!("no refusal in {text}"));
    assert_eq!(of_refusal["code"], "invalid_credentials");
    let of_read = lines.iter().find(|line| line["route"] == "/v1/me").unwrap_or_else(|| panic!("no read in {text}"));
    assert_eq!((&of_read["caller"], &of_read["status"]), (&json!("session"), &json!(200)));
    let refresh_token = cookie.split_once('=').unwrap().1;
    let setup = "/setup?token=";
    for secret in ["example.org", "Lovelace", PASSWORD, "a wrong lantern", &access_token, refresh_token, &link_token, setup, "whose"] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
    for link in &opened {
        assert!(!text.contains(link.rsplit('/').next().unwrap()), "{link} is in the log: {text}");
    }
    for route in ["/content/{token}", "/v1/shared/{token}", "/v1/shared/{token}/links", "/shared/{token}"] {
        assert!(lines.iter().any(|line| line["route"] == route && line["status"].as_u64() < Some(300)), "no {route} in {text}");
    }
}

/// Opens a file by a link of its owner's and by one that was shared, and returns the links' paths.
async fn open_links(url: &str, access_token: &str) -> [String; 3] {
    let client = reqwest::Client::new();
    let send = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.text().await.unwrap()
    };
    let link = async |path: String| -> String {
        let answer = send(client.post(format!("{url}{path}")).bearer_auth(access_token).json(&json!({}))).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let link = answer["url"].as_str().unwrap();
        link.strip_prefix(url).unwrap_or(link).to_owned()
    };
    let upload = client.post(format!("{url}/v1/files?name=chart.txt")).bearer_auth(access_token).header("content-type", "text/plain");
    let file: Value = serde_json::from_str(&send(upload.body("soundings")).await).unwrap();
    let id = file["file"]["id"].as_str().unwrap();
    let read = async || send(client.get(format!("{url}/v1/files/{id}")).bearer_auth(access_token)).await;
    while !read().await.contains("\"stored\"") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shared = link(format!("/v1/files/{id}/shares")).await;
    let token = shared.rsplit('/').next().unwrap();
    send(client.get(format!("{url}{shared}"))).await;
    send(client.get(format!("{url}/v1/shared/{token}"))).await;
    let opened = link(format!("/v1/shared/{token}/links")).await;
    let owned = link(format!("/v1/files/{id}/links")).await;
    for link in [&opened, &owned] {
        assert_eq!(send(client.get(format!("{url}{link}"))).await, "soundings");
    }
    [shared, opened, owned]
}

/// The token of the link in the first mail.
async fn first_mail(folder: &std::path::Path) -> String {
    for _ in 0..1200 {
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mails = files.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        if let Some(mail) = mails.map(|path| read(&fs::read(path).unwrap())).find(|mail| mail.text.contains("/verify-email")) {
            return mail.token("/verify-email");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no mail came");
}
