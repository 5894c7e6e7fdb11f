//! Puts the site into the binary, so that a release is one file.
//!
//! cargo-leptos builds `target/site` before it compiles the server, and tells the compiler where (`LEPTOS_SITE_ROOT`). A release built by it
//! carries the site: every file as it is, and compressed where that makes it smaller. Any other build carries none and serves the folder
//! on disk, so that `cargo check`, the tests and `cargo leptos watch` need no site to compile.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Result;

/// Writes `site/table.rs` into the build's folder, which `src` includes.
pub(crate) fn embed() -> Result<()> {
    println!("cargo::rerun-if-env-changed=LEPTOS_SITE_ROOT");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("site");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;

    let mut table = fs::File::create(out.join("table.rs"))?;
    writeln!(table, "&[")?;
    if let Some(site) = site_to_embed()? {
        println!("cargo::rerun-if-changed={}", site.display());
        let mut files = Vec::new();
        find_files(&site, &mut files)?;
        files.sort();
        for file in &files {
            add(&site, file, &out, &mut table)?;
        }
    }
    writeln!(table, "]")?;
    Ok(())
}

/// The finished site, if this is the build that has to carry it.
fn site_to_embed() -> Result<Option<PathBuf>> {
    let Ok(root) = env::var("LEPTOS_SITE_ROOT") else { return Ok(None) };
    if env::var("PROFILE")? != "release" {
        return Ok(None);
    }
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let site = workspace.join(root);
    for extension in ["css", "js", "wasm"] {
        if !has_file_with(&site.join("pkg"), extension) {
            return Err(format!(
                "{} holds no .{extension} file yet, and a release carries its site. \
                 `cargo leptos build --release --split` builds the site first (with `hash-files` on).",
                site.join("pkg").display()
            )
            .into());
        }
    }
    // Without its pieces a release's WASM would start nowhere: its pages are marked as parts of them (app/src/pages/later.rs).
    if !file_names(&site.join("pkg")).any(|name| name.starts_with("__wasm_split.")) {
        return Err("The site's WASM is in one piece. `cargo leptos build --release --split` cuts it.".into());
    }
    Ok(Some(site))
}

fn has_file_with(folder: &Path, extension: &str) -> bool {
    file_names(folder).any(|name| Path::new(&name).extension().is_some_and(|have| have == extension))
}

fn file_names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(io::Result::ok);
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

fn find_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_files(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "ts") {
            // Types for TypeScript, from wasm-bindgen: no browser asks for them.
            files.push(path);
        }
    }
    Ok(())
}

/// Writes the file's representations into `out` and its line into the table.
fn add(site: &Path, file: &Path, out: &Path, table: &mut fs::File) -> Result<()> {
    let bytes = fs::read(file)?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let hash = format!("{:016x}{:x}", hasher.finish(), bytes.len());

    let path = file.strip_prefix(site)?.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    writeln!(table, "    Embedded {{ path: {:?}, hash: {hash:?},", format!("/{path}"))?;
    writeln!(table, "        plain: {},", store(out, &hash, "plain", &bytes)?)?;
    for (name, compressed) in [("brotli", brotli(&bytes)?), ("gzip", gzip(&bytes)?)] {
        // Pictures and fonts are compressed already: no second copy for a handful of bytes.
        if compressed.len() < bytes.len() * 19 / 20 {
            writeln!(table, "        {name}: Some({}),", store(out, &hash, name, &compressed)?)?;
        } else {
            writeln!(table, "        {name}: None,")?;
        }
    }
    writeln!(table, "    }},")?;
    Ok(())
}

/// A copy in the build's own folder: cargo-leptos empties the site at each build, and the compiler must not lose what it included.
fn store(out: &Path, hash: &str, name: &str, bytes: &[u8]) -> Result<String> {
    let path = out.join(format!("{hash}.{name}"));
    fs::write(&path, bytes)?;
    Ok(format!("include_bytes!({:?})", path.to_str().ok_or("the build folder's path is not UTF-8")?))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // The largest window that every browser accepts.
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
