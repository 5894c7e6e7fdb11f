//! What ten thousand connections cost that have asked once and are kept alive since.

use std::time::Duration;

use crate::support::{Call, Connection, Outcome, Process, Report, fill};

const CONNECTIONS: u32 = 10_000;
/// How long the connections rest before memory is looked at.
const REST: Duration = Duration::from_secs(3);
/// The defaults close what has rested for so long, count connections by address, and let no more in than this.
const SETTINGS: [(&str, &str); 4] =
    [("CONNECTIONS", "20000"), ("CONNECTIONS_PER_ADDRESS", "20000"), ("HEADER_TIMEOUT", "5m"), ("IDLE_TIMEOUT", "1h")];

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    fill(data.path(), 1).await?;
    let mut report = Report::new("10 000 idle connections that are kept alive");
    let mut each = Vec::new();
    for (name, server, call) in [
        ("Portreeve", Process::portreeve_with(data.path(), SETTINGS)?, Call::get("/health")?),
        ("a bare Axum server behind the same listener", Process::hello()?, Call::get("/")?),
    ] {
        Connection::open(server.address).await?.succeed(&call).await?;
        tokio::time::sleep(REST).await;
        let (before, _) = server.resident()?;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = Connection::open(server.address).await?;
            connection.succeed(&call).await?;
            connections.push(connection);
        }
        tokio::time::sleep(REST).await;
        let (after, _) = server.resident()?;
        // All of them are still there.
        for connection in &mut connections {
            connection.succeed(&call).await?;
        }
        report.tell(format!("{name}: memory with one, MB"), format!("{:.1}", before / 1e6));
        report.tell(format!("{name}: with all of them, MB"), format!("{:.1}", after / 1e6));
        report.tell(format!("{name}: for each, KiB"), format!("{:.2}", (after - before) / f64::from(CONNECTIONS) / 1024.0));
        each.push(after - before);
    }
    report.tell("Portreeve's for each of the bare server's", format!("{:.2}", each[0] / each[1]));
    Ok(report)
}
