//! The defaults are whole, documented, and shown as they are in force.

use std::collections::BTreeSet;

use crate::support::{HTTPS, alternatives, each_key_left_out, load, toml};
use portreeve_config::{Config, DEFAULTS};

#[test]
fn the_defaults_are_shown() {
    let defaults = Config::embedded().unwrap_or_else(|errors| panic!("{errors}"));
    insta::assert_snapshot!(defaults.show());
}

#[test]
fn each_setting_is_in_the_default_file_and_the_other_way_round() {
    let shown = Config::embedded().expect("the defaults").show();
    assert_eq!(names(&toml(&shown)), names(&toml(DEFAULTS)));
}

#[test]
fn what_is_shown_can_be_read_again() {
    let shown = Config::embedded().expect("the defaults").show();
    assert_eq!(load(&shown, &[]).expect(&shown), Config::embedded().expect("the defaults"));
}

#[test]
fn each_kind_that_is_not_the_default_is_documented_whole() {
    let alternatives = alternatives();
    assert_eq!(alternatives.len(), 8, "{alternatives:?}");
    for text in alternatives {
        let config = load(&text, HTTPS).expect(&text);
        let (shown, documented) = (toml(&config.show()), toml(&text));
        for (section, keys) in documented {
            let keys_of = |value: &toml::Value| value.as_table().map(names);
            assert_eq!(keys_of(&shown[&section]), keys_of(&keys), "[{section}]");
        }
    }
}

#[test]
fn a_kind_whose_keys_are_left_out_has_the_documented_defaults() {
    let short = load("database = { kind = 'sqlite' }\nmail = { kind = 'folder' }", &[]).expect("both kinds");
    assert_eq!(short, Config::embedded().expect("the defaults"));

    for (text, key) in each_key_left_out() {
        if let Ok(config) = load(&text, HTTPS) {
            let (section, key) = key.split_once('.').expect("a section");
            let documented = alternatives().iter().find_map(|text| toml(text).get(section)?.get(key).cloned());
            let shown = toml(&config.show())[section].get(key).cloned();
            assert!(shown.is_none() || shown == documented, "{section}.{key}: {shown:?} is documented as {documented:?}");
        }
    }
}

#[test]
fn each_setting_has_a_comment_that_says_what_it_does() {
    let mut above = "";
    let mut short = Vec::new();
    for line in DEFAULTS.lines() {
        let is_setting = line.contains(" = ") && !line.starts_with('#');
        let explained = above.starts_with('#') || line.starts_with("kind") || line.starts_with("burst") || line.starts_with("every");
        if is_setting && !explained {
            short.push(line);
        }
        above = line;
    }
    assert!(short.is_empty(), "{short:?}");
}

/// The full name of each single setting.
fn names(table: &toml::Table) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (key, value) in table {
        match value.as_table() {
            Some(inner) => all.extend(names(inner).into_iter().map(|inner| format!("{key}.{inner}"))),
            None => all.extend([key.clone()]),
        }
    }
    all
}
