//! A database from a backup, beside folders that went on.

use std::fs;

use crate::support::{Engines, process::Process, station::Station};

fn stop(mut server: Process) {
    server.signal("TERM");
    assert!(server.child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_stored_since_the_backup_is_stored_once_more_from_where_it_is() {
    let station = Station::with(Engines::default(), &[("WORKER__TRIES", "100"), ("WORKER__LONGEST_PAUSE", "1s")]);
    let (objects, backup) = (station.data().join("objects/uploads"), station.data().join("backup.db"));
    let server = station.serve(&[]);
    // Where files would go there is none to go to.
    fs::create_dir_all(objects.parent().unwrap()).unwrap();
    let _ = fs::remove_dir(&objects);
    fs::write(&objects, "in the way").unwrap();
    let ada = station.person("ada").await;
    let file = ada.upload("soundings").await;
    let staging = station.data().join("staging");
    let waiting = || fs::read_dir(&staging).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    let before = waiting();
    stop(server);
    let database = station.data().join("portreeve.db");
    assert!(!database.with_extension("db-wal").exists(), "all is in one file");
    fs::copy(&database, &backup).unwrap();

    fs::remove_file(&objects).unwrap();
    let server = station.serve(&[]);
    ada.becomes(&file, "stored").await;
    stop(server);
    let left = waiting();
    assert_eq!(left + 1, before, "nothing of it is in staging any more");

    fs::copy(&backup, &database).unwrap();
    let server = station.serve(&[]);
    ada.becomes(&file, "stored").await;
    assert_eq!(ada.content(&file).await, b"soundings");
    assert_eq!(waiting(), left, "it was not taken in anew");
    assert_eq!(station.lines(&["dead-letters", "list", "--json"]).len(), 0);
    stop(server);
}
