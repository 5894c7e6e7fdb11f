//! Small files, sent to Portreeve and to its peers in turn. The peers answer before anything is on disk, so each is there twice: as it comes, and made to do what
//! Portreeve does, which is to answer when a power cut takes nothing any more. Those that do the same are what the floor is of. How often each syncs is told beside its rate.

use std::{fs, path::Path, time::Duration};

use http::header;
use portreeve_backends::Random;
use serde_json::{Value, json};

use crate::support::{Call, Connection, Load, Outcome, PASSWORD, Person, Process, Report, Spread, Trace, drive, email, fill};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(4);
/// What was accepted is stored meanwhile, and is not to be paid for by whoever is next.
const REST: Duration = Duration::from_secs(1);
const SIZE: usize = 64 * 1024;
const IN_FLIGHT: usize = 16;
const ADMIN: &str = "admin@example.org";
/// Of each peer's rate.
const FLOOR: f64 = 2.0;

/// A server, and what sends a file to it.
struct Side {
    name: &'static str,
    server: Process,
    upload: Call,
    does: Does,
}

/// What a server has done when it answers, beside Portreeve.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// What it took survives a power cut, and it knows of whom it took it or asks nobody.
    TheSame,
    /// Nothing of it need be on disk.
    Less,
    /// What cannot be left out, and nothing else.
    Floor,
}

impl Side {
    /// On fresh connections: some peers close those that rest.
    async fn drive(&self) -> Outcome<Load> {
        let mut clients = Vec::new();
        for _ in 0..IN_FLIGHT {
            clients.push((Connection::open(self.server.address).await?, self.upload.clone()));
        }
        drive(&mut clients, ROUND).await
    }
}

pub(crate) async fn measure() -> Outcome<Report> {
    let folder = tempfile::tempdir()?;
    let names = ["portreeve", "pocketbase", "tus", "pocketbase-durable", "tus-durable", "bare"];
    let folders = names.map(|name| folder.path().join(name));
    for path in &folders {
        fs::create_dir(path)?;
    }
    let [own, pocketbase_folder, tus_folder, pocketbase_durable, tus_durable, bare_folder] = &folders;
    let sides = [
        portreeve(own).await?,
        pocketbase("PocketBase", Process::pocketbase(pocketbase_folder, ADMIN, PASSWORD)?, Does::Less).await?,
        tus("@tus/server", Process::tus(tus_folder, false)?, Does::Less)?,
        pocketbase("PocketBase, durable", Process::pocketbase_durable(pocketbase_durable, ADMIN, PASSWORD)?, Does::TheSame).await?,
        tus("@tus/server, durable", Process::tus(tus_durable, true)?, Does::TheSame)?,
        bare(bare_folder)?,
    ];
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let mut rates = Vec::new();
        for side in &sides {
            let before = side.server.cpu_seconds()?;
            let load = side.drive().await?;
            side.server.rest(REST).await?;
            rates.push((load.per_second(), (side.server.cpu_seconds()? - before) / load.requests * 1e6));
        }
        // The first round only warms up.
        if round > 0 {
            rounds.push(rates);
        }
    }

    let mut report = Report::new("Files of 64 KiB, 16 at a time, median (least to most) of 7 rounds of 4 s");
    for (index, side) in sides.iter().enumerate() {
        report.tell(format!("{}: per second", side.name), Spread::of(rounds.iter().map(|rates| rates[index].0)));
        report.tell(format!("{}: CPU time for each, µs", side.name), Spread::of(rounds.iter().map(|rates| rates[index].1)));
        let trace = Trace::of(&side.server, folder.path())?;
        let load = side.drive().await?;
        let synced = trace.end()?.all();
        report.tell(format!("{}: fsyncs for each", side.name), format!("{:.2}", synced / load.requests));
    }
    for (index, side) in sides.iter().enumerate().skip(1) {
        let ratio = Spread::of(rounds.iter().map(|rates| rates[0].0 / rates[index].0));
        let what = format!("Portreeve's for each of {}", side.name);
        if side.does == Does::TheSame {
            report.hold(what, ratio, "≥ 2", ratio.median >= FLOOR);
        } else {
            report.tell(what, ratio);
        }
    }
    Ok(report)
}

fn content() -> Vec<u8> {
    (0..SIZE / 64).flat_map(|_| Random::System.bytes::<64>()).collect()
}

/// Authorized; checksum, media type, row and event on disk before the answer.
async fn portreeve(folder: &Path) -> Outcome<Side> {
    fill(folder, 1).await?;
    let server = Process::portreeve(folder)?;
    let token = Person::sign_in(&mut Connection::open(server.address).await?, 0).await?.bearer();
    let upload = Call::sending("/v1/files?name=tide.bin", content())?.with(header::AUTHORIZATION, &token)?;
    Ok(Side { name: "Portreeve", server, upload, does: Does::TheSame })
}

/// Authorized; a row that has the file, by whoever is signed in.
async fn pocketbase(name: &'static str, server: Process, does: Does) -> Outcome<Side> {
    let mut connection = Connection::open(server.address).await?;
    let admin = token(&mut connection, "_superusers", ADMIN).await?;
    let owned = r#"@request.auth.id != """#;
    let files = json!({ "name": "files", "type": "base", "createRule": owned, "viewRule": owned,
        "fields": [{ "name": "file", "type": "file", "maxSelect": 1, "maxSize": 10_000_000, "required": true }] });
    connection.succeed(&Call::post("/api/collections", &files)?.with(header::AUTHORIZATION, &admin)?).await?;
    let person = json!({ "email": email(0), "password": PASSWORD, "passwordConfirm": PASSWORD });
    connection.succeed(&Call::post("/api/collections/users/records", &person)?).await?;
    let person = token(&mut connection, "users", &email(0)).await?;
    let head =
        "--tide\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tide.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    let body = [head.as_bytes(), &content(), b"\r\n--tide--\r\n"].concat();
    let upload = Call::sending("/api/collections/files/records", body)?
        .with(header::CONTENT_TYPE, "multipart/form-data; boundary=tide")?
        .with(header::AUTHORIZATION, &person)?;
    Ok(Side { name, server, upload, does })
}

/// By which somebody is signed in to PocketBase.
pub(crate) async fn token(connection: &mut Connection, collection: &str, identity: &str) -> Outcome<String> {
    let call =
        Call::post(&format!("/api/collections/{collection}/auth-with-password"), &json!({ "identity": identity, "password": PASSWORD }))?;
    let answer: Value = serde_json::from_slice(&connection.succeed(&call).await?.body)?;
    Ok(answer["token"].as_str().ok_or("an answer without token")?.to_owned())
}

/// Nobody is asked who they are; the file, and a small one that tells of it.
fn tus(name: &'static str, server: Process, does: Does) -> Outcome<Side> {
    let length = SIZE.to_string();
    let upload = Call::sending("/files", content())?
        .with(header::HeaderName::from_static("tus-resumable"), "1.0.0")?
        .with(header::HeaderName::from_static("upload-length"), &length)?
        .with(header::CONTENT_TYPE, "application/offset+octet-stream")?;
    Ok(Side { name, server, upload, does })
}

/// Nobody is asked who they are, and nothing knows of the file: received, written, and synced with its folder and a line of a log, each by itself.
fn bare(folder: &Path) -> Outcome<Side> {
    let server = Process::files(folder)?;
    Ok(Side { name: "a bare loop", server, upload: Call::sending("/small", content())?, does: Does::Floor })
}
