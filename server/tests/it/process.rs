//! The binary as an operator runs it: started, stopped, killed, and in the wrong place.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    PASSWORD,
    process::{Process, call, fails, portreeve, refresh_cookie},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_a_kill_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let url = process.url.clone();
    let (answered, mut answers) = tokio::sync::mpsc::unbounded_channel();
    for worker in 0..8 {
        let (url, answered) = (url.clone(), answered.clone());
        tokio::spawn(async move {
            for number in 0..25 {
                let email = format!("p{worker}-{number}@example.org");
                let person = json!({ "person": { "name": "P", "email": email, "password": PASSWORD } });
                let Ok(response) = call(&url, "auth/sign_up", &person, "").await else { return };
                assert!(response.status().is_success());
                let mut cookie = refresh_cookie(&response);
                if response.bytes().await.is_err() || answered.send((email.clone(), cookie.clone())).is_err() {
                    return;
                }
                // A refresh as well, whose answer counts from when it is here.
                let Ok(response) = call(&url, "auth/refresh", &json!({}), &cookie).await else { return };
                cookie = refresh_cookie(&response);
                if response.bytes().await.is_err() || answered.send((email, cookie)).is_err() {
                    return;
                }
            }
        });
    }
    drop(answered);
    let mut live = std::collections::HashMap::new();
    while let Some((email, cookie)) = answers.recv().await {
        live.insert(email, cookie);
        if live.len() == 100 {
            process.signal("KILL");
        }
    }
    process.child.wait().unwrap();
    assert!(live.len() >= 100 && live.len() < 200, "{} were answered", live.len());

    let process = Process::start(folder.path());
    for (email, cookie) in live {
        let response = call(&process.url, "auth/refresh", &json!({}), &cookie).await.unwrap();
        assert!(response.status().is_success(), "{email} was answered and is lost: {}", response.status());
    }
}

#[test]
fn it_serves_on_when_nobody_listens_to_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let port = portreeve_testkit::port();
    let address = format!("127.0.0.1:{port}");
    let mut command = portreeve(folder.path());
    let child = command.arg("serve").env("PORTREEVE__PUBLIC__LISTEN", &address).stdout(writer).stderr(Stdio::null()).spawn().unwrap();
    let process = Process { child, url: format!("http://{address}") };
    let started = Instant::now();
    while !folder.path().join("portreeve.db-wal").exists() || TcpStream::connect(process.address()).is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "it never came up");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let mut stream = TcpStream::connect(process.address()).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_term_signal_ends_it_cleanly_and_soon() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    // A connection that sends nothing must not hold it up.
    let _idle = TcpStream::connect(process.address()).unwrap();
    let started = Instant::now();
    process.signal("TERM");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(!folder.path().join("portreeve.db-wal").exists(), "the database was closed");
}

#[test]
fn a_request_in_flight_is_answered_after_a_term_signal_and_no_other_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let body = json!({ "person": { "name": "Ada", "email": "ada@example.org", "password": PASSWORD } }).to_string();
    let head = format!(
        "POST /api/auth/sign_up HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(process.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // Said when the request is being read, so it is in flight.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    process.signal("TERM");
    let started = Instant::now();
    while TcpStream::connect(process.address()).is_ok() {
        assert!(started.elapsed() < Duration::from_secs(15), "it still accepts");
        std::thread::sleep(Duration::from_millis(20));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_client_that_sends_one_byte_a_second_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::spawn(portreeve(folder.path()).arg("serve").env("PORTREEVE__PUBLIC__HEADER_TIMEOUT", "2s"));
    let mut slow = TcpStream::connect(process.address()).unwrap();
    slow.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let started = Instant::now();
    let mut answer = Vec::new();
    for byte in b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
        if slow.write_all(&[*byte]).is_err() {
            break;
        }
        match slow.read_to_end(&mut answer) {
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            _ => break,
        }
        assert!(started.elapsed() < Duration::from_secs(15), "it was never cut off");
    }
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_the_other_commands_work_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let error = fails(portreeve(folder.path()).arg("serve"));
    // On PostgreSQL many nodes may serve one database; these processes use SQLite.
    assert!(error.contains("another `portreeve serve`"), "{error}");
    let mut create = portreeve(folder.path());
    create.args(["users", "create", "--admin", "--name", "Grace", "--email", "grace@example.org"]);
    let mut child = create.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    let keys = portreeve(folder.path()).args(["keys", "list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&keys.stdout).contains("signs now"));
    drop(process);
}

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = fails(portreeve(folder.path()).arg("serve").env("PORTREEVE__PUBLIC__LISTEN", &address));
    assert!(error.contains(&address) && error.contains("public.listen"), "{error}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told() {
    // Even root cannot write here.
    let error = fails(portreeve(Path::new("/proc/portreeve")).arg("serve"));
    assert!(error.contains("/proc/portreeve") && error.contains("data.path"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(fails(portreeve(&file).arg("serve")).contains("data folder"));
}

#[test]
fn a_corrupt_database_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portreeve.db");
    std::fs::write(&path, "this is no database".repeat(1000)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = fails(portreeve(folder.path()).arg("serve"));
    assert!(error.contains("damaged"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    drop(Process::start(folder.path()));
    let url = format!("sqlite://{}", folder.path().join("portreeve.db").display());
    let database = sea_orm::Database::connect(url).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&database, "INSERT INTO seaql_migrations VALUES ('m9999_from_the_future', 0)")
        .await
        .unwrap();
    database.close().await.unwrap();
    let error = fails(portreeve(folder.path()).arg("serve"));
    assert!(error.contains("newer release") && error.contains("m9999_from_the_future"), "{error}");
}

#[test]
fn another_master_key_is_told() {
    let folder = tempfile::tempdir().unwrap();
    drop(Process::start(folder.path()));
    let key = folder.path().join("master.key");
    std::fs::remove_file(&key).unwrap();
    let error = fails(portreeve(folder.path()).arg("serve"));
    assert!(error.contains("master key does not fit"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_it_cannot_keep_and_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    // No file may grow beyond 600 KiB, which a write feels as it feels a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 1200; exec {} serve", env!("CARGO_BIN_EXE_portreeve"));
    let mut command = Command::new("sh");
    for (name, value) in portreeve(folder.path()).get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let process = Process::spawn(command.args(["-c", &script]));
    let mut kept = Vec::new();
    let mut refused = 0;
    for number in 0..400 {
        let email = format!("p{number}@example.org");
        let person = json!({ "person": { "name": "x".repeat(100), "email": email, "password": PASSWORD } });
        let response = call(&process.url, "auth/sign_up", &person, "").await.unwrap();
        if response.status().is_success() {
            kept.push(refresh_cookie(&response));
        } else {
            assert_eq!(response.status(), 500);
            refused += 1;
        }
        if refused == 3 {
            break;
        }
    }
    assert!(refused > 0 && !kept.is_empty(), "{} kept, {refused} refused", kept.len());
    drop(process);

    let process = Process::start(folder.path());
    for cookie in kept {
        assert!(call(&process.url, "auth/refresh", &json!({}), &cookie).await.unwrap().status().is_success());
    }
}

#[test]
fn wrong_arguments_and_settings_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = Command::new(env!("CARGO_BIN_EXE_portreeve")).output().unwrap();
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("Start here"));
    let error = fails(
        portreeve(folder.path())
            .args(["config", "check"])
            .env("PORTREEVE__PUBLIC__LISTEN", "nowhere")
            .env("PORTREEVE__TOKENS__ACCES_LIFETIME", "5m"),
    );
    assert!(error.contains("PORTREEVE__PUBLIC__LISTEN") && error.contains("PORTREEVE__TOKENS__ACCES_LIFETIME"), "{error}");
}
