//! The site inside the binary.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;

use super::{Encoding, Entry, Found, NAME, Pieces, SiteFiles, is_hashed, plain_names};

/// One file, in each encoding that is smaller than the file itself.
pub(super) struct Embedded {
    /// From the root of the site, with a leading slash.
    path: &'static str,
    /// Of the plain bytes.
    hash: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// Sorted by path; empty in every build but a release by cargo-leptos.
pub(super) static TABLE: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/site/table.rs"));

/// The hashed names, looked up once.
pub(super) fn files() -> SiteFiles {
    static FILES: LazyLock<SiteFiles> = LazyLock::new(|| {
        let plain = plain_names();
        let or = |extension: &str, otherwise: String| hashed(NAME, extension).map_or(otherwise, |file| file.path.to_owned());
        SiteFiles { css: or("css", plain.css), js: or("js", plain.js), wasm: or("wasm", plain.wasm), pieces: pieces() }
    });
    FILES.clone()
}

/// `name.<hash>.extension`.
fn hashed(name: &str, extension: &str) -> Option<&'static Embedded> {
    let start = format!("/pkg/{name}.");
    let end = format!(".{extension}");
    TABLE.iter().find(|file| file.path.starts_with(&start) && file.path.ends_with(&end) && is_hashed(file.path))
}

/// cargo-leptos leaves a list of what each chunk is made of: names without the extension.
fn pieces() -> Option<Pieces> {
    let list = hashed("__wasm_split_manifest", "json")?;
    let names: HashMap<String, Vec<String>> = serde_json::from_slice(list.plain).ok()?;
    let address = |name: String| format!("/pkg/{name}.wasm");
    let chunks = names.into_iter().map(|(chunk, names)| (chunk, names.into_iter().map(address).collect())).collect();
    Some(Pieces { js: hashed("__wasm_split", "js")?.path.to_owned(), chunks })
}

pub(super) fn top_level() -> Vec<Entry> {
    let mut entries: Vec<Entry> = TABLE
        .iter()
        .map(|file| match file.path.trim_start_matches('/').split_once('/') {
            Some((folder, _)) => Entry::Folder(folder.to_owned()),
            None => Entry::File(file.path.trim_start_matches('/').to_owned()),
        })
        .collect();
    entries.dedup();
    entries
}

/// The file of that path, in the best encoding that is stored.
pub(super) fn find(path: &str, accepted: &[Encoding]) -> Option<Found> {
    let file = TABLE.iter().find(|file| file.path == path)?;
    Some(file.choose(accepted))
}

impl Embedded {
    fn choose(&self, accepted: &[Encoding]) -> Found {
        let (encoding, bytes) =
            accepted.iter().find_map(|&encoding| Some((encoding, self.stored(encoding)?))).unwrap_or((Encoding::Identity, self.plain));
        Found { body: Body::from(bytes), encoding, varies: self.brotli.is_some() || self.gzip.is_some(), version: self.hash.to_owned() }
    }

    fn stored(&self, encoding: Encoding) -> Option<&'static [u8]> {
        match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => Some(self.plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Embedded = Embedded { path: "/a.css", hash: "1", plain: b"plain", brotli: Some(b"br"), gzip: Some(b"gz") };
    const PICTURE: Embedded = Embedded { path: "/a.png", hash: "2", plain: b"plain", brotli: None, gzip: None };

    #[test]
    fn the_best_stored_encoding_is_sent() {
        let found = STYLE.choose(&[Encoding::Gzip, Encoding::Brotli, Encoding::Identity]);
        assert_eq!(found.encoding, Encoding::Gzip);
        assert!(found.varies);
    }

    #[test]
    fn what_does_not_compress_is_sent_as_it_is_to_everybody() {
        let found = PICTURE.choose(&[Encoding::Brotli, Encoding::Gzip, Encoding::Identity]);
        assert_eq!(found.encoding, Encoding::Identity);
        assert!(!found.varies);
    }
}
