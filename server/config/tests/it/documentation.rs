//! `docs/configuration.md` says what `config.default.toml` says.

use std::fmt::Write as _;
use std::path::Path;

use portreeve_config::DEFAULTS;

use crate::support::{HTTPS, load, toml};

const BEGIN: &str = "<!-- Made from server/config/config.default.toml: change that, then run the tests with UPDATE_DOCS=1. -->\n";

#[test]
fn the_document_lists_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let document = std::fs::read_to_string(&path).expect("docs/configuration.md").replace("\r\n", "\n");
    let (prose, tables) = document.split_once(BEGIN).expect("the line that begins the tables");
    let made = tables_of_settings();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{prose}{BEGIN}{made}")).expect("docs/configuration.md is written");
    } else {
        assert!(tables == made, "docs/configuration.md is behind config.default.toml: run this test once with UPDATE_DOCS=1");
    }
}

fn tables_of_settings() -> String {
    let mut out = String::new();
    // The first block is about the file itself.
    for block in DEFAULTS.split("\n\n").map(str::trim).skip(2) {
        let alternative = block.starts_with("# [");
        let block = block.lines().map(|line| if alternative { line.strip_prefix("# ").unwrap_or(line) } else { line });
        write_block(&mut out, &block.collect::<Vec<_>>(), alternative);
    }
    out
}

fn write_block(out: &mut String, lines: &[&str], alternative: bool) {
    let (mut comment, mut rows, mut section, mut kind) = (String::new(), String::new(), "", "");
    let mut about = String::new();
    for line in lines {
        if let Some(text) = line.strip_prefix("# ") {
            comment = [comment.as_str(), text].join(if comment.is_empty() { "" } else { " " });
        } else if line.starts_with('[') {
            let name = line.trim_matches(['[', ']']);
            section = name;
            about = std::mem::take(&mut comment);
        } else if let Some((key, value)) = line.split_once(" = ") {
            if key == "kind" {
                kind = value;
                continue;
            }
            let default = if alternative { default_of_alternative(lines, section, key) } else { format!("`{value}`") };
            let text = std::mem::take(&mut comment).replace('|', "\\|");
            writeln!(rows, "| `{key}` | {default} | {text} |").expect("a string takes it");
        }
    }
    let title = match (section, kind) {
        ("", _) => "At the top".to_owned(),
        (section, "") if lines.contains(&format!("[[{section}]]").as_str()) => format!("`[[{section}]]`"),
        (section, "") => format!("`[{section}]`"),
        (section, kind) => format!("`[{section}]`, `kind = {kind}`"),
    };
    let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
    let table =
        if rows.is_empty() { "Nothing to set.\n".to_owned() } else { format!("| Setting | Default | |\n| --- | --- | --- |\n{rows}") };
    write!(out, "\n### {title}\n\n{about}{table}").expect("a string takes it");
}

/// A kind that is not the default's is an example in the default file; what happens without a key is asked of the program.
fn default_of_alternative(lines: &[&str], section: &str, key: &str) -> String {
    let without = |keys: &[&str]| {
        let left_out = |line: &&&str| keys.iter().any(|key| line.starts_with(&format!("{key} = ")));
        lines.iter().filter(|line| !left_out(line)).copied().collect::<Vec<_>>().join("\n")
    };
    // Some are nothing without each other.
    let keys: &[&str] = match key {
        "username" | "password" => &["username", "password"],
        "client_certificate_file" | "client_key_file" => &["client_certificate_file", "client_key_file"],
        _ => &[key],
    };
    match load(&without(keys), HTTPS) {
        Err(_) => "must be given".to_owned(),
        Ok(config) => match of_section(&toml(&config.show()), section).get(key) {
            Some(value) => format!("`{value}`"),
            None => "none".to_owned(),
        },
    }
}

/// The section by its full name, of a list of sections the first.
fn of_section<'a>(all: &'a toml::Table, name: &str) -> &'a toml::Table {
    name.split('.').fold(all, |table, part| match &table[part] {
        toml::Value::Array(list) => list[0].as_table().expect("a section"),
        section => section.as_table().expect("a section"),
    })
}

/// The example in the prose is what the program says.
#[test]
fn the_document_quotes_mistakes_as_they_are_told() {
    let file = "[public]\nheader_timeout = \"5\"\nlissen = \"127.0.0.1:80\"\n";
    let told = crate::support::mistakes(file, &[("PORTREEVE__PASSWORDS__MIN_LENGTH", "6")]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let document = std::fs::read_to_string(&path).expect("docs/configuration.md").replace("\r\n", "\n");
    assert!(document.contains(&format!("```text\nportreeve: {told}\n```")), "docs/configuration.md should quote:\n{told}");
}
