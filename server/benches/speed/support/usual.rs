//! What people and programs usually ask for.

use std::net::SocketAddr;

use http::{HeaderName, header};

use super::{Call, Connection, Outcome, Person};

/// One of each kind, that many times, one after the other, by the first person. The gateway has a service at `/hello`.
pub(crate) async fn ask_the_usual(address: SocketAddr, times: usize) -> Outcome<()> {
    let mut connection = Connection::open(address).await?;
    let mut person = Person::sign_in(&mut connection, 0).await?;
    let bearer = person.bearer();
    let reading = |path: &str| Call::get(path)?.with(header::AUTHORIZATION, &bearer);
    let upload = Call::sending("/v1/files?name=tide.bin", vec![7; 64 * 1024])?.with(header::AUTHORIZATION, &bearer)?;
    let tus = Call::sending("/v1/uploads", vec![7; 4096])?
        .with(header::AUTHORIZATION, &bearer)?
        .with(header::CONTENT_TYPE, "application/offset+octet-stream")?
        .with(HeaderName::from_static("tus-resumable"), "1.0.0")?
        .with(HeaderName::from_static("upload-length"), "4096")?;
    let mut calls = vec![Call::get("/health")?, Call::get("/sign-in")?, Call::get("/")?, person.reading()?, upload, tus];
    for path in ["/v1/me", "/v1/me/sessions", "/v1/files", "/v1/users", "/hello"] {
        calls.push(reading(path)?);
    }
    for _ in 0..times {
        for call in &calls {
            connection.succeed(call).await?;
        }
        person.refresh(&mut connection).await?;
    }
    Person::sign_in(&mut connection, 0).await?;
    let files: serde_json::Value = serde_json::from_slice(&connection.succeed(&reading("/v1/files?limit=1")?).await?.body)?;
    let id = files["items"][0]["id"].as_str().ok_or("no file")?;
    connection.succeed(&reading(&format!("/v1/files/{id}/content"))?).await?;
    Ok(())
}
