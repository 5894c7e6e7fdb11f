//! Times, sizes, networks, senders and rules: what is read is shown so that it is read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve_config::Config;

/// The settings, and how one is found in what is shown.
const SETTINGS: [(&str, &[&str]); 5] = [
    ("PORTREEVE__TOKENS__ACCESS_LIFETIME", &["tokens", "access_lifetime"]),
    ("PORTREEVE__PUBLIC__BODY_LIMIT", &["public", "body_limit"]),
    ("PORTREEVE__PUBLIC__TRUSTED_PROXIES", &["public", "trusted_proxies"]),
    ("PORTREEVE__MAILER__FROM", &["mailer", "from"]),
    ("PORTREEVE__PUBLIC_URL", &["public_url"]),
];

fuzz_target!(|data: (u8, &str)| {
    let (which, text) = data;
    let (variable, path) = SETTINGS[usize::from(which) % SETTINGS.len()];
    let load = |text: &str| Config::load(None, [(variable.to_owned(), text.to_owned())].into_iter());
    let Ok(config) = load(text) else { return };
    let shown: toml::Value = toml::from_str(&config.show()).expect("TOML");
    let value = path.iter().fold(&shown, |value, key| &value[*key]);
    let again = match value {
        toml::Value::Array(items) => items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(","),
        value => value.as_str().expect("text").to_owned(),
    };
    let reread = load(&again).unwrap_or_else(|error| panic!("{text:?} is shown as {again:?}, which is none: {error}"));
    assert_eq!(reread.show(), config.show(), "{text:?} is shown as {again:?}");
});
