//! One's files, page by page.

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// More than one page of the smallest that the test asks for.
const FILES: usize = 23;

/// The names of all pages, from the first to the last.
async fn all(person: &Person<'_>, query: &str) -> Vec<String> {
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("/v1/files?limit=4&{query}{cursor}")).await.ok().json();
        names.extend(page["items"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap().to_owned()));
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return names,
        }
    }
}

#[tokio::test]
async fn they_are_searched_sorted_and_paged_by_the_server() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    eve.post_file("chart 0.txt", "text/plain", "hers", &[]).await.ok();
    // Neither by size nor by name in the order in which they come; every third is a chart, one of them with a sign of patterns in it.
    let mut sent = Vec::new();
    for number in 0..FILES {
        let kind = ["chart", "LOG", "Übersicht"][number % 3];
        let name = format!("{kind} {:02}{}.txt", number * 7 % FILES, if number == 6 { "100%" } else { "" });
        let size = number * 5 % FILES + 1;
        app.advance(chrono::TimeDelta::seconds(1));
        let id = ada.post_file(&name, "text/plain", "x".repeat(size), &[]).await.ok().json()["file"]["id"].clone();
        sent.push((name, size, id));
    }

    let mut newest: Vec<_> = sent.iter().map(|(name, ..)| name.clone()).collect();
    assert_eq!(all(&ada, "sort=created_at&reverse=true").await, newest);
    newest.reverse();
    assert_eq!(all(&ada, "").await, newest);
    let mut by_name = newest.clone();
    by_name.sort_by_key(|name| name.to_lowercase());
    assert_eq!(all(&ada, "sort=name").await, by_name);
    by_name.reverse();
    assert_eq!(all(&ada, "sort=name&reverse=true").await, by_name);
    let mut sizes = sent.clone();
    sizes.sort_by_key(|(_, size, _)| *size);
    let by_size = all(&ada, "sort=size").await;
    assert!(
        by_size.iter().eq(sizes.iter().map(|(name, ..)| name)) || by_size.iter().eq(sizes.iter().rev().map(|(name, ..)| name)),
        "{by_size:?}"
    );

    for (search, fits) in [("chart", "chart"), ("log", "log"), ("%C3%9Cbersicht", "übersicht"), ("00%25", "00%"), ("%25_", "%_")] {
        let found = all(&ada, &format!("sort=name&search={search}")).await;
        let expected: Vec<_> = by_name.iter().rev().filter(|name| name.to_lowercase().contains(fits)).cloned().collect();
        assert_eq!(found, expected, "{search}");
        assert_eq!(ada.get(&format!("/v1/files?search={search}")).await.json()["total"], expected.len());
    }

    // What is in the trash is a list of its own.
    for (_, _, id) in &sent[..5] {
        let id = id.as_str().unwrap();
        ada.send(|client, url| client.patch(format!("{url}/v1/files/{id}")).header("if-match", "*").json(&json!({ "trashed": true })))
            .await
            .ok();
    }
    let thrown: Vec<_> = sent[..5].iter().rev().map(|(name, ..)| name.clone()).collect();
    assert_eq!(all(&ada, "trashed=true").await, thrown);
    assert_eq!(all(&ada, "").await, newest[..FILES - 5]);

    // However its letters are put together (UAX #15), which is kept.
    let apart = "Ha\u{308}fen.txt";
    ada.post_file(apart, "text/plain", "x", &[]).await.ok();
    for search in ["h%C3%A4fen", "HA%CC%88FEN"] {
        assert_eq!(all(&ada, &format!("search={search}")).await, [apart]);
    }
}
