//! What a browser loads for its first page, as it comes over the wire.

use std::collections::BTreeSet;

use http::header;

use crate::support::{Call, Connection, Outcome, Process, Report};

const PAGES: [&str; 2] = ["/", "/sign-in"];
/// KB of 1000 bytes, all of it brotli.
const FLOOR: f64 = 250.0;
const BUILD: &str = "this build carries no site. `cargo leptos build --release` makes one; then measure with LEPTOS_SITE_ROOT=target/site";

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    let server = Process::portreeve(data.path())?;
    let mut connection = Connection::open(server.address).await?;
    let mut report = Report::new("Loaded with the first page, brotli");
    for page in PAGES {
        let html = text(&mut connection, page).await?;
        let mut files: BTreeSet<String> = named(&html, "/pkg/");
        // A script loads others by names relative to its own.
        for script in files.clone().iter().filter(|file| is(file, "js")) {
            let source = text(&mut connection, script).await?;
            files.extend(imported(&source).map(|name| format!("/pkg/{name}")));
        }
        let mut total = 0.0;
        for kind in ["wasm", "js", "css"] {
            let mut sum = 0.0;
            for file in files.iter().filter(|file| is(file, kind)) {
                sum += brotli(&mut connection, file).await?;
            }
            if sum == 0.0 {
                return Err(format!("{page} loads no .{kind}").into());
            }
            report.tell(format!("{page}: {}, KB", kind.to_uppercase()), format!("{sum:.1}"));
            total += sum;
        }
        report.hold(format!("{page}: together, KB"), format!("{total:.1}"), "≤ 250", total <= FLOOR);
    }
    Ok(report)
}

async fn text(connection: &mut Connection, path: &str) -> Outcome<String> {
    Ok(String::from_utf8(connection.succeed(&Call::get(path)?).await.map_err(|error| format!("{error} ({BUILD})"))?.body.to_vec())?)
}

/// The length of a file as browsers get it, in KB.
async fn brotli(connection: &mut Connection, path: &str) -> Outcome<f64> {
    let answer = connection.succeed(&Call::get(path)?.with(header::ACCEPT_ENCODING, "br, gzip")?).await?;
    if answer.headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding != "br") {
        return Err(format!("{path} came without brotli: {BUILD}").into());
    }
    Ok(f64::from(u32::try_from(answer.body.len())?) / 1000.0)
}

fn is(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
}

/// Every quoted path that begins so.
fn named(text: &str, start: &str) -> BTreeSet<String> {
    text.split(['"', '\'']).filter(|quoted| quoted.starts_with(start)).map(str::to_owned).collect()
}

/// What `import … from "./name"` names.
fn imported(script: &str) -> impl Iterator<Item = &str> {
    let quoted = script.split("from").skip(1).filter_map(|rest| rest.trim_start().strip_prefix(['"', '\'']));
    quoted.filter_map(|rest| rest.split(['"', '\'']).next()?.strip_prefix("./"))
}
