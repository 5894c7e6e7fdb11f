//! `GET /v1/me` through every layer, by a thousand people: remembered, read each time, and with tokens that nobody has seen before.

use std::{path::Path, process::Command, time::Duration};

use http::header;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use portreeve_contract::SessionId;
use portreeve_database::{Database, Url, session};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    peers,
    support::{Call, Connection, Outcome, PASSWORD, Person, Process, Report, Spread, cycle, email, fill, own_cpu_seconds},
};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 64;
const PEOPLE: u32 = 1000;
/// Sign-ins at the same time; more would be turned away.
const SIGNING_IN: u32 = 25;
/// Starts of a server that has seen no token yet, and how many of them it sees before its CPU time counts.
const STARTS: usize = 7;
const WARM: usize = 200;
/// Of PocketBase's people: each costs it two bcrypts.
const POCKETBASE_PEOPLE: u32 = 64;

/// Of the hello's rate.
const REMEMBERED_FLOOR: f64 = 0.35;
const READ_FLOOR: f64 = 0.2;
/// Of what hello, verifying and reading a row take in sequence.
const COLD_FLOOR: f64 = 0.8;
/// Of each peer's rate.
const POCKETBASE_FLOOR: f64 = 8.0;
const FASTIFY_FLOOR: f64 = 1.3;

/// Everything on, and no plan so small that it would be the plan that is measured.
pub(crate) const ALL_LAYERS: &str = r#"
tokens.access_lifetime = "1h"

[gateway.plan.address]
requests = 1000000
per = "1s"
burst = 1000000

[gateway.plan.member]
requests = 1000000
per = "1s"
burst = 1000000

[gateway.plan.admin]
requests = 1000000
per = "1s"
burst = 1000000
"#;

type Clients = Vec<(Connection, Vec<Call>)>;

pub(crate) async fn measure() -> Outcome<Report> {
    let folders = tempfile::tempdir()?;
    let (data, copy) = (folders.path().join("remembered"), folders.path().join("read"));
    std::fs::create_dir(&data)?;
    let bearers = sign_in(&data, PEOPLE).await?;
    let calls = bearers.iter().map(|bearer| reading(bearer)).collect::<Outcome<Vec<_>>>()?;
    // Two that share a database would each hear of what the other does.
    let copied = Command::new("cp").arg("-a").arg(&data).arg(&copy).status()?;
    if !copied.success() {
        return Err("the data could not be copied".into());
    }
    let read_each_time = format!("tokens.cache_callers = false\n{ALL_LAYERS}");
    let (remembering, reading) =
        (Process::portreeve_configured(&data, ALL_LAYERS)?, Process::portreeve_configured(&copy, &read_each_time)?);
    let hello = Process::hello()?;
    let mut sides = Vec::new();
    for (server, calls) in [(&remembering, &calls), (&reading, &calls), (&hello, &vec![Call::get("/")?])] {
        sides.push((server, clients(server, calls).await?));
    }
    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let mut rates = [0.0; 3];
        for (rate, (server, clients)) in rates.iter_mut().zip(&mut sides) {
            *rate = per_cpu_second(server, clients).await?;
        }
        rounds.push(rates);
    }
    // The first round only warms up.
    let rounds = &rounds[1..];
    let verifying = verify(&remembering, &bearers).await?;
    drop(sides);
    drop((remembering, reading));

    let mut cold = Vec::new();
    for _ in 0..STARTS {
        cold.push(never_seen(&data, &calls).await?);
    }
    let row = read_rows(&data, &verifying.sessions).await?;
    let greeting = 1.0 / Spread::of(rounds.iter().map(|rates| rates[2])).median;
    let floors = greeting + verifying.seconds + row;
    let cold_of_floors = Spread::of(cold.iter().map(|seconds| floors / seconds));

    let mut report = Report::new("`GET /v1/me` by 1 000 people, every layer on, median (least to most) of 7 rounds of 2 s");
    report.tell("hellos per CPU-second of a bare Axum server", Spread::of(rounds.iter().map(|rates| rates[2])));
    for (what, at, floor, told) in [
        ("callers remembered", 0, REMEMBERED_FLOOR, "≥ 0.35"),
        ("rows read each time (`tokens.cache_callers = false`)", 1, READ_FLOOR, "≥ 0.2, goal 0.5"),
    ] {
        report.tell(format!("{what}: per CPU-second"), Spread::of(rounds.iter().map(|rates| rates[at])));
        let ratio = Spread::of(rounds.iter().map(|rates| rates[at] / rates[2]));
        report.hold(format!("{what}: for each hello"), ratio, told, ratio.median >= floor);
    }
    report.tell("each token new: CPU time, µs", Spread::of(cold.iter().map(|seconds| seconds * 1e6)));
    let parts = [greeting, verifying.seconds, row].map(|seconds| format!("{:.1}", seconds * 1e6));
    report.tell("a hello, verifying the token alone, reading a session by its id with SeaORM alone: CPU time, µs", parts.join(" + "));
    report.hold("each token new: what those allow", cold_of_floors, "≥ 0.8", cold_of_floors.median >= COLD_FLOOR);
    Ok(report)
}

pub(crate) async fn measure_beside_peers() -> Outcome<Report> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?];
    let bearers = sign_in(folders[0].path(), PEOPLE).await?;
    let calls = bearers.iter().map(|bearer| reading(bearer)).collect::<Outcome<Vec<_>>>()?;
    let servers = [
        Process::portreeve_configured(folders[0].path(), ALL_LAYERS)?,
        Process::pocketbase(folders[1].path(), "admin@example.org", PASSWORD)?,
        Process::fastify(folders[2].path(), PEOPLE)?,
    ];
    let calls = [calls, pocketbase(&servers[1]).await?, fastify(&servers[2]).await?];
    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let mut rates = [0.0; 3];
        for ((rate, server), calls) in rates.iter_mut().zip(&servers).zip(&calls) {
            // On fresh connections: some peers close those that rest.
            *rate = per_cpu_second(server, &mut clients(server, calls).await?).await?;
        }
        rounds.push(rates);
    }
    let rounds = &rounds[1..];

    let mut report = Report::new("One's own user record with its token, per CPU-second, median (least to most) of 7 rounds of 2 s");
    for (name, at) in [("Portreeve", 0), ("PocketBase", 1), ("fastify, @fastify/jwt, better-sqlite3", 2)] {
        report.tell(name, Spread::of(rounds.iter().map(|rates| rates[at])));
    }
    for (name, at, floor, told) in [("PocketBase", 1, POCKETBASE_FLOOR, "≥ 8"), ("fastify", 2, FASTIFY_FLOOR, "≥ 1.3")] {
        let ratio = Spread::of(rounds.iter().map(|rates| rates[0] / rates[at]));
        report.hold(format!("Portreeve's for each of {name}"), ratio, told, ratio.median >= floor);
    }
    Ok(report)
}

/// Makes so many accounts and signs each in once: what they put into `Authorization`. Tries are not limited while they do.
pub(crate) async fn sign_in(data: &Path, people: u32) -> Outcome<Vec<String>> {
    fill(data, people).await?;
    let server = Process::portreeve_configured(data, &format!("throttle.enabled = false\n{ALL_LAYERS}"))?;
    let each = (0..SIGNING_IN).map(async |first| {
        let mut bearers = Vec::new();
        for number in (first..people).step_by(SIGNING_IN as usize) {
            let mut connection = Connection::open(server.address).await?;
            let bearer = Person::sign_in(&mut connection, number).await?.bearer();
            let profile: Value = serde_json::from_slice(&connection.succeed(&reading(&bearer)?).await?.body)?;
            if profile["email"] != email(number) {
                return Err(format!("{profile} is not the profile of {}", email(number)).into());
            }
            bearers.push(bearer);
        }
        Outcome::Ok(bearers)
    });
    Ok(futures::future::try_join_all(each).await?.concat())
}

fn reading(bearer: &str) -> Outcome<Call> {
    Call::get("/v1/me")?.with(header::AUTHORIZATION, bearer)
}

/// Connections among which the calls are dealt out.
async fn clients(server: &Process, calls: &[Call]) -> Outcome<Clients> {
    let mut clients = Vec::new();
    for number in 0..CONNECTIONS {
        let dealt = calls.iter().cycle().skip(number).step_by(CONNECTIONS).take(calls.len().div_ceil(CONNECTIONS));
        clients.push((Connection::open(server.address).await?, dealt.cloned().collect()));
    }
    Ok(clients)
}

async fn per_cpu_second(server: &Process, clients: &mut Clients) -> Outcome<f64> {
    let before = server.cpu_seconds()?;
    let load = cycle(clients, ROUND).await?;
    Ok(load.requests / (server.cpu_seconds()? - before))
}

/// CPU seconds for a request whose token, session and account a server has not seen before.
async fn never_seen(data: &Path, calls: &[Call]) -> Outcome<f64> {
    let server = Process::portreeve_configured(data, ALL_LAYERS)?;
    let (warm, new) = calls.split_at(WARM);
    once(&server, warm).await?;
    let before = server.cpu_seconds()?;
    once(&server, new).await?;
    Ok((server.cpu_seconds()? - before) / f64::from(u32::try_from(new.len())?))
}

/// Each call once, on as many connections as always.
async fn once(server: &Process, calls: &[Call]) -> Outcome<()> {
    let each = calls.chunks(calls.len().div_ceil(CONNECTIONS)).map(async |calls| {
        let mut connection = Connection::open(server.address).await?;
        for call in calls {
            connection.succeed(call).await?;
        }
        Outcome::Ok(())
    });
    futures::future::try_join_all(each).await.map(|_| ())
}

/// What verifying a token costs by itself, and which sessions the tokens are of.
struct Verified {
    seconds: f64,
    sessions: Vec<SessionId>,
}

#[derive(Deserialize)]
struct Claims {
    sid: SessionId,
}

async fn verify(server: &Process, bearers: &[String]) -> Outcome<Verified> {
    let keys = Connection::open(server.address).await?.succeed(&Call::get("/.well-known/jwks.json")?).await?;
    let keys: JwkSet = serde_json::from_slice(&keys.body)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_aud = false;
    let tokens: Vec<&str> = bearers.iter().filter_map(|bearer| bearer.strip_prefix("Bearer ")).collect();
    let kid = jsonwebtoken::decode_header(tokens.first().ok_or("no token")?)?.kid.ok_or("a token that names no key")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("no such key")?)?;
    let before = own_cpu_seconds()?;
    let mut sessions = Vec::new();
    for token in tokens.iter().cycle().take(tokens.len() * 5) {
        sessions.push(jsonwebtoken::decode::<Claims>(token, &key, &validation)?.claims.sid);
    }
    let seconds = (own_cpu_seconds()? - before) / f64::from(u32::try_from(sessions.len())?);
    sessions.truncate(tokens.len());
    Ok(Verified { seconds, sessions })
}

/// CPU seconds for reading one row, on the database's own connection and nothing around it.
async fn read_rows(data: &Path, sessions: &[SessionId]) -> Outcome<f64> {
    let database = Database::connect(&Url::Sqlite { path: data.join("portreeve.db"), readers: 1 }).await?;
    for _ in 0..2 {
        session::find(database.reader(), sessions[0]).await?;
    }
    let before = own_cpu_seconds()?;
    for id in sessions.iter().cycle().take(sessions.len() * 5) {
        session::find(database.reader(), *id).await?.ok_or("a session is missing")?;
    }
    let spent = own_cpu_seconds()? - before;
    database.close().await;
    Ok(spent / f64::from(u32::try_from(sessions.len() * 5)?))
}

/// People who read their own record, which the default rules of PocketBase let them do.
async fn pocketbase(server: &Process) -> Outcome<Vec<Call>> {
    let mut connection = Connection::open(server.address).await?;
    let mut calls = Vec::new();
    for number in 0..POCKETBASE_PEOPLE {
        let person = json!({ "email": email(number), "password": PASSWORD, "passwordConfirm": PASSWORD });
        let made = connection.succeed(&Call::post("/api/collections/users/records", &person)?).await?;
        let made: Value = serde_json::from_slice(&made.body)?;
        let token = peers::token(&mut connection, "users", &email(number)).await?;
        let path = format!("/api/collections/users/records/{}", made["id"].as_str().ok_or("a record without id")?);
        calls.push(Call::get(&path)?.with(header::AUTHORIZATION, &token)?);
    }
    Ok(calls)
}

async fn fastify(server: &Process) -> Outcome<Vec<Call>> {
    let mut connection = Connection::open(server.address).await?;
    let mut calls = Vec::new();
    for number in 0..PEOPLE {
        let answer: Value = serde_json::from_slice(&connection.succeed(&Call::get(&format!("/token/{number}"))?).await?.body)?;
        let token = answer["token"].as_str().ok_or("an answer without token")?;
        calls.push(Call::get("/me")?.with(header::AUTHORIZATION, &format!("Bearer {token}"))?);
    }
    Ok(calls)
}
