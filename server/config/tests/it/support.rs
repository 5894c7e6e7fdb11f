//! What the tests of this crate share.

use std::path::Path;

use portreeve_config::{Config, DEFAULTS, Errors};

/// What is about TLS wants an address that has it.
pub(crate) const HTTPS: &[(&str, &str)] = &[("PORTREEVE__PUBLIC_URL", "https://portreeve.example.org")];

/// Loads `file`'s text and the variables as an operator would, with a file name that is the same on every machine.
pub(crate) fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, Errors> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("portreeve.toml");
    std::fs::write(&path, file).expect("the file is written");
    from(Some(&path), environment)
}

/// Loads from an existing file.
pub(crate) fn from(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Config, Errors> {
    Config::load(file, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// What is wrong, without the temporary folder.
pub(crate) fn mistakes(file: &str, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("portreeve.toml");
    std::fs::write(&path, file).expect("the file is written");
    let errors = from(Some(&path), environment).expect_err("this is full of mistakes");
    errors.to_string().replace(&format!("{}/", folder.path().display()), "")
}

/// TOML that must be right.
pub(crate) fn toml(text: &str) -> toml::Table {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The sections that the default file documents as comments, because another kind is the default.
pub(crate) fn alternatives() -> Vec<String> {
    let mut blocks = Vec::new();
    for block in DEFAULTS.split("\n\n").map(str::trim).filter(|block| block.starts_with("# [") && !block.starts_with("# [[")) {
        let lines = block.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
        blocks.push(lines.collect::<Vec<_>>().join("\n"));
    }
    blocks
}

/// Each of those sections once without each of its keys, and the name of the key.
pub(crate) fn each_key_left_out() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for text in alternatives() {
        for (section, keys) in toml(&text) {
            let keys = keys.as_table().expect("a section");
            for key in keys.keys().filter(|key| *key != "kind") {
                let mut without = keys.clone();
                without.remove(key);
                all.push((format!("[{section}]\n{without}"), format!("{section}.{key}")));
            }
        }
    }
    all
}
