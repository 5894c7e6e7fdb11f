//! One database, one staging.

use std::fs;

use reqwest::Client;

use crate::support::{
    Engines,
    process::{Process, fails},
    station::Station,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_node_that_would_not_see_the_others_staging_refuses_to_start() {
    let station = Station::on(Engines::fresh().await.in_a_folder()).on_postgres();
    let server = station.serve(&[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let other = |arguments: &[&str]| {
        let mut command = station.command_in(elsewhere.path(), arguments);
        command.env("PORTREEVE__PUBLIC__LISTEN", "127.0.0.1:0");
        command
    };
    for arguments in [&["serve"][..], &["serve", "--no-worker"], &["worker"]] {
        let error = fails(&mut other(arguments));
        assert!(error.contains("is not the one that this database's uploads are in"), "{error}");
        assert!(error.contains(&elsewhere.path().join("staging").display().to_string()) && error.contains("adopt-staging"), "{error}");
    }
    let doctor = other(&["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("BAD   staging of this database"), "{doctor:?}");
    // The commands that neither take in nor store work from anywhere.
    assert!(other(&["stream", "info"]).status().unwrap().success());

    // With the others' folder it takes part.
    let staging = station.data().join("staging");
    drop(Process::spawn(other(&["serve"]).env("PORTREEVE__OBJECTS__STAGING", &staging)));
    drop(server);

    // Or it becomes the one that counts, and the first one does no more.
    assert!(other(&["adopt-staging", "--yes"]).status().unwrap().success());
    drop(Process::spawn(&mut other(&["serve"])));
    assert!(fails(&mut station.command(&["worker"])).contains("adopt-staging"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staging_that_went_missing_is_told_before_it_costs_a_file() {
    let station = Station::on(Engines::default());
    // Nothing is in it: an empty one is as good.
    drop(station.serve(&[]));
    fs::remove_dir_all(station.data().join("staging")).unwrap();
    let server = station.serve(&[]);

    let ada = station.person("ada").await;
    let tus = |request: reqwest::RequestBuilder| request.bearer_auth(&ada.token).header("tus-resumable", "1.0.0");
    let created = tus(Client::new().post(format!("{}/v1/uploads", ada.url))).header("upload-length", 10).send().await.unwrap();
    let location = created.headers()["location"].to_str().unwrap();
    let part = tus(Client::new().patch(format!("{}{location}", ada.url))).header("upload-offset", 0);
    let part = part.header("content-type", "application/offset+octet-stream").body("five!");
    assert_eq!(part.send().await.unwrap().status(), 204);
    drop(server);

    let (staging, aside) = (station.data().join("staging"), station.data().join("aside"));
    fs::rename(&staging, &aside).unwrap();
    let error = fails(&mut station.command(&["serve"]));
    assert!(error.contains("1 file waits there"), "{error}");
    fs::remove_dir_all(&staging).unwrap();
    fs::rename(&aside, &staging).unwrap();
    drop(station.serve(&[]));
}
