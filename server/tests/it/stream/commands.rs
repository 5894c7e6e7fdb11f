//! `portreeve stream` and `portreeve dead-letters`, beside a running server.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::support::{
    process::fails,
    station::{Station, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_read_sent_again_when_the_cause_is_gone_and_stored() {
    let station = Station::new().await;
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    assert_eq!(station.says(&["dead-letters", "list"]), "No dead letters.\n");

    // Where a folder is to be, there is a file.
    let objects = station.objects().join("uploads");
    let _ = fs::remove_dir(&objects);
    fs::write(&objects, "in the way").unwrap();
    let (one, other) = (ada.upload("one").await, ada.upload("other").await);
    ada.becomes(&one, "failed").await;
    ada.becomes(&other, "failed").await;

    let letters = station.lines(&["dead-letters", "list", "--json"]);
    assert_eq!(letters.len(), 2);
    let letter = letters.iter().find(|letter| letter["event"]["subject"] == one.as_str()).unwrap();
    let id = letter["id"].as_str().unwrap();
    assert_eq!((&letter["consumer"], &letter["tries"]), (&"store-files".into(), &2.into()));
    assert_eq!(letter["errors"].as_array().unwrap().len(), 2);
    assert_eq!(letter["event"]["type"], "file.accepted");
    assert_eq!(station.consumer("store-files")["dead"], 2);
    let shown = station.says(&["dead-letters", "show", id]);
    assert!(shown.contains("store-files") && shown.contains("2 tries") && shown.contains("\"specversion\": \"1.0\""), "{shown}");
    assert!(station.says(&["dead-letters", "list", "--consumer", "store-files"]).contains(id));
    assert_eq!(station.says(&["dead-letters", "list", "--consumer", "another"]), "No dead letters.\n");

    fs::remove_file(&objects).unwrap();
    station.says(&["dead-letters", "redrive", id]);
    ada.becomes(&one, "stored").await;
    assert!(fails(&mut station.command(&["dead-letters", "redrive", id])).contains("no dead letter"));
    assert_eq!(station.says(&["dead-letters", "redrive", "--all"]), "Sent 1 dead letter to its consumer again.\n");
    ada.becomes(&other, "stored").await;
    assert_eq!(station.says(&["dead-letters", "redrive", "--all"]), "No dead letters.\n");

    until("both are counted, and nothing is left", || {
        let info = station.consumer("store-files");
        info["handled"] == 2 && info["lag"] == 0
    });
    let info = station.consumer("store-files");
    assert_eq!((&info["lag"], &info["pending"], &info["dead"]), (&0.into(), &0.into(), &0.into()), "{info}");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_thrown_away_only_when_asked_to() {
    let station = Station::new().await;
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    let objects = station.objects().join("uploads");
    let _ = fs::remove_dir(&objects);
    fs::write(&objects, "in the way").unwrap();
    let id = ada.upload("one").await;
    ada.becomes(&id, "failed").await;
    let letter = station.lines(&["dead-letters", "list", "--json"]).remove(0);
    let letter = letter["id"].as_str().unwrap();

    let refused = fails(station.command(&["dead-letters", "drop", letter]).stdin(Stdio::null()));
    assert!(refused.contains("--yes"), "{refused}");
    assert_eq!(station.lines(&["dead-letters", "list", "--json"]).len(), 1);
    station.says(&["dead-letters", "drop", letter, "--yes"]);
    assert_eq!(station.says(&["dead-letters", "list"]), "No dead letters.\n");
    assert!(fails(&mut station.command(&["dead-letters", "show", letter])).contains("no dead letter"));
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_from_any_point_and_followed() {
    let station = Station::new().await;
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    let id = ada.upload("one").await;
    ada.becomes(&id, "stored").await;

    let all = station.lines(&["stream", "read"]);
    let positions: Vec<_> = all.iter().map(|event| event["position"].as_i64().unwrap()).collect();
    assert!(positions.is_sorted() && positions.len() > 3, "{positions:?}");
    let files = station.lines(&["stream", "read", "--filter", "file.*"]);
    let types: Vec<_> = files.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["file.accepted", "file.storing", "file.stored"]);
    let stored = &files[2];
    assert_eq!((&stored["subject"], &stored["specversion"]), (&id.as_str().into(), &"1.0".into()));
    let from = stored["position"].to_string();
    assert_eq!(station.lines(&["stream", "read", "--from", &from, "--filter", "file.stored"]), std::slice::from_ref(stored));
    let time = files[1]["time"].as_str().unwrap();
    assert!(station.lines(&["stream", "read", "--from", time, "--filter", "file.*"]).starts_with(&files[1..2]));
    assert_eq!(station.lines(&["stream", "read", "--limit", "2"]), all[..2]);
    assert!(station.lines(&["stream", "read", "--from", "now"]).is_empty());

    let mut follow = station.command(&["stream", "read", "--from", "now", "--follow", "--filter", "file.stored"]);
    let mut child = follow.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // It begins with what comes once it is there.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let next = ada.upload("two").await;
    assert!(lines.next().unwrap().unwrap().contains(&next));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_warns_and_stores_nothing_twice() {
    let station = Station::new().await;
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    for body in ["one", "two", "three"] {
        let id = ada.upload(body).await;
        ada.becomes(&id, "stored").await;
    }
    until("all are counted", || station.consumer("store-files")["handled"] == 3);

    let replay = |arguments: &[&str]| station.command(&[&["stream", "replay"], arguments].concat());
    let asked = replay(&["store-files", "--from", "beginning"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(asked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&asked.stdout).contains("may do a second time"), "{asked:?}");
    let unknown = fails(&mut replay(&["nobody", "--from", "beginning", "--yes"]));
    assert!(unknown.contains("there are: store-files"), "{unknown}");
    assert_eq!(station.consumer("store-files")["handled"], 3);

    station.says(&["stream", "replay", "store-files", "--from", "beginning", "--yes"]);
    until("all are handled again", || station.consumer("store-files")["handled"] == 6);
    assert_eq!(station.lines(&["stream", "read", "--filter", "file.stored"]).len(), 3);
    drop(server);
}
