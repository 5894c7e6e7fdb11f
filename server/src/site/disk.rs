//! The site in the folder that cargo-leptos writes, for development.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use tokio::fs;

use super::{Encoding, Entry, Found, NAME};

/// The folder cargo-leptos names when it starts the server, else where it writes from the root of the workspace.
fn root() -> PathBuf {
    std::env::var_os("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from)
}

/// What is there when the server starts. A site that is not built yet has nothing.
pub(super) fn top_level() -> Vec<Entry> {
    let Ok(entries) = std::fs::read_dir(root()) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // A brace would be a parameter in a route.
            (!name.contains(['{', '}'])).then(|| if entry.path().is_dir() { Entry::Folder(name) } else { Entry::File(name) })
        })
        .collect()
}

pub(super) async fn find(path: &str) -> Option<Found> {
    find_in(&root(), path).await
}

async fn find_in(root: &Path, path: &str) -> Option<Found> {
    let file = match path.strip_prefix("/pkg/").and_then(|name| name.strip_prefix(NAME)?.strip_prefix('.')) {
        Some(extension @ ("css" | "js" | "wasm")) => newest(&root.join("pkg"), extension).await?,
        _ => inside(root, path)?,
    };
    let metadata = fs::metadata(&file).await.ok().filter(std::fs::Metadata::is_file)?;
    let bytes = fs::read(&file).await.ok()?;
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH).duration_since(UNIX_EPOCH).unwrap_or_default();
    let version = format!("{:x}-{:x}", modified.as_nanos(), bytes.len());
    Some(Found { body: Body::from(bytes), encoding: Encoding::Identity, varies: false, version })
}

/// The path below the root, unless it would lead out of it or is written in a way no file of the site is.
fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let mut file = root.to_owned();
    for part in path.strip_prefix('/')?.split('/') {
        if part.is_empty() || part.starts_with('.') || part.contains(['\\', '%', '\0', ':']) {
            return None;
        }
        file.push(part);
    }
    Some(file)
}

/// The last written of `portreeve.<extension>` and `portreeve.<hash>.<extension>`.
///
/// `cargo leptos watch` hashes the names of its first build only; after an edit the plain name is the true one.
async fn newest(folder: &Path, extension: &str) -> Option<PathBuf> {
    let mut best: Option<(SystemTime, PathBuf)> = None;
    let mut entries = fs::read_dir(folder).await.ok()?;
    while let Some(entry) = entries.next_entry().await.ok()? {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| {
            name.strip_prefix(NAME)
                .and_then(|rest| rest.strip_prefix('.'))
                .and_then(|rest| rest.strip_suffix(extension))
                .is_some_and(|middle| middle.is_empty() || middle.ends_with('.'))
        });
        if !ours {
            continue;
        }
        let modified = entry.metadata().await.ok()?.modified().unwrap_or(UNIX_EPOCH);
        if best.as_ref().is_none_or(|(newest, _)| modified > *newest) {
            best = Some((modified, entry.path()));
        }
    }
    best.map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let root = Path::new("/site");
        assert_eq!(inside(root, "/fonts/besley.woff2"), Some(PathBuf::from("/site/fonts/besley.woff2")));
        for path in ["/pkg/../../secret", "/pkg//etc/passwd", "/pkg/%2e%2e/secret", "/pkg/..\\secret", "/.env", "pkg/a.js", "/pkg/"] {
            assert_eq!(inside(root, path), None, "{path}");
        }
    }

    #[tokio::test]
    async fn the_newest_file_answers_to_the_plain_name() {
        let root = std::env::temp_dir().join(format!("portreeve-site-{}", std::process::id()));
        let package = root.join("pkg");
        std::fs::create_dir_all(&package).unwrap();
        let write = |name: &str, age: u64| {
            let file = std::fs::File::create(package.join(name)).unwrap();
            file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(age)).unwrap();
        };
        write("portreeve.1B2M2Y8AsgTpgAmY7PhCfg.js", 1);
        write("portreeve.css", 1);
        let first = newest(&package, "js").await;
        write("portreeve.js", 2);
        let second = newest(&package, "js").await;
        let missing = find_in(&root, "/pkg/portreeve.wasm").await.is_none();
        std::fs::remove_dir_all(&root).unwrap();

        assert_eq!(first, Some(package.join("portreeve.1B2M2Y8AsgTpgAmY7PhCfg.js")));
        assert_eq!(second, Some(package.join("portreeve.js")));
        assert!(missing);
    }
}
