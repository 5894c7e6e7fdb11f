//! Where settings come from, and which source wins.

use std::time::Duration;

use crate::support::{from, load};
use portreeve_config::{Config, Database, Mail, Secret, Tls};

#[test]
fn a_file_wins_over_the_defaults_and_the_environment_over_both() {
    let file = "[public]\nlisten = '0.0.0.0:80'\nheader_timeout = '5s'";
    let config = load(file, &[("PORTREEVE__PUBLIC__LISTEN", "[::]:8080"), ("HOME", "/root")]).expect("a configuration");
    assert_eq!(config.public.listen.to_string(), "[::]:8080");
    assert_eq!(config.public.header_timeout, Duration::from_secs(5));
    assert_eq!(config.public.shutdown_grace, Duration::from_secs(20));
}

#[test]
fn the_environment_is_read_by_the_type_of_the_setting() {
    let config = from(
        None,
        &[
            ("PORTREEVE__PUBLIC_URL", "https://portreeve.example.org"),
            ("PORTREEVE__PASSWORDS__MIN_LENGTH", "20"),
            ("PORTREEVE__PASSWORDS__MEMORY", "64 MiB"),
            ("PORTREEVE__THROTTLE__ENABLED", "false"),
            ("PORTREEVE__THROTTLE__ACCOUNT__BURST", "3"),
            ("PORTREEVE__THROTTLE__ACCOUNT__EVERY", "1m 30s"),
            ("PORTREEVE__PUBLIC__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("PORTREEVE__DATA__PATH", "12"),
        ],
    )
    .expect("a configuration");
    assert_eq!(config.public_url.as_str(), "https://portreeve.example.org/");
    assert_eq!((config.passwords.min_length, config.passwords.memory.kibibytes()), (20, 65_536));
    assert!(!config.throttle.enabled);
    assert_eq!((config.throttle.account.burst, config.throttle.account.every), (3, Duration::from_secs(90)));
    assert_eq!(config.throttle.address.burst, 30);
    let proxies: Vec<_> = config.public.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    assert_eq!(config.data.path.to_str(), Some("12"));
}

#[test]
fn a_list_in_the_environment_may_be_toml_or_empty() {
    for (text, count) in [("['10.0.0.0/8', '::1']", 2), ("", 0), ("[]", 0), ("192.0.2.1", 1)] {
        let config = from(None, &[("PORTREEVE__PUBLIC__TRUSTED_PROXIES", text)]).expect(text);
        assert_eq!(config.public.trusted_proxies.len(), count, "{text}");
    }
}

#[test]
fn another_kind_leaves_nothing_of_the_default_behind() {
    let config = load("[database]\nkind = 'postgres'\nurl = 'postgres://u:p@h/d'", &[]).expect("PostgreSQL");
    let Database::Postgres(postgres) = config.database else { panic!("{:?}", config.database) };
    assert_eq!(postgres.max_connections, 20);
}

#[test]
fn a_file_may_say_one_half_of_a_kind_and_the_environment_the_other() {
    let file = "[database]\nmax_connections = 50";
    let config = load(file, &[("PORTREEVE__DATABASE__KIND", "postgres"), ("PORTREEVE__DATABASE__URL", "postgresql://h/d")]);
    let Database::Postgres(postgres) = config.expect("PostgreSQL").database else { panic!("not PostgreSQL") };
    assert_eq!((postgres.max_connections, postgres.url.expose()), (50, "postgresql://h/d"));
}

#[test]
fn the_environment_may_choose_another_kind_than_the_file() {
    let file = "[mail]\nkind = 'smtp'\nhost = 'smtp.example.org'\nusername = 'u'\npassword = 'p'";
    let config = load(file, &[("PORTREEVE__MAIL__KIND", "folder")]).expect("a folder");
    assert!(matches!(config.mail, Mail::Folder(_)));
}

#[test]
fn a_secret_can_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (content, secret) in
        [("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2", "hunter2"), (" two\nlines\n\n", " two\nlines\n")]
    {
        let path = folder.path().join("smtp");
        std::fs::write(&path, content).expect("the secret is written");
        let file = "[mail]\nkind = 'smtp'\nhost = 'smtp.example.org'\nusername = 'ada'\ntls = 'starttls'\nport = 587";
        let config = load(file, &[("PORTREEVE__MAIL__PASSWORD_FILE", path.to_str().expect("a path"))]).expect("SMTP");
        let Mail::Smtp(smtp) = config.mail else { panic!("not SMTP") };
        assert_eq!((smtp.tls, smtp.port), (Tls::Starttls, 587));
        assert_eq!(smtp.password.as_ref().map(Secret::expose), Some(secret));
    }
}

#[test]
fn secrets_are_neither_shown_nor_debugged() {
    let file = "[database]\nkind = 'postgres'\nurl = 'postgres://u:hunter2@h/d'\n[mail]\nkind = 'smtp'\nhost = 'smtp.example.org'\n\
                username = 'ada'\npassword = 'hunter2'\n[objects]\nkind = 's3'\nbucket = 'portreeve'\naccess_key = 'hunter2'\nsecret_key = 'hunter2'";
    let config = load(file, &[]).expect("a configuration");
    assert!(!format!("{config:?} {config:#?}").contains("hunter2"));
    let shown = config.show();
    assert!(!shown.contains("hunter2"));
    let start = shown.find("[database]").expect("a database");
    let end = shown.find("[mailer]").expect("a sender");
    insta::assert_snapshot!(&shown[start..end]);
}

#[test]
fn what_is_kept_lies_in_the_data_folder_unless_its_path_is_absolute() {
    let config = from(None, &[("PORTREEVE__DATA__PATH", "/srv/portreeve")]).expect("a configuration");
    assert_eq!(config.data_path("mail".as_ref()).to_str(), Some("/srv/portreeve/mail"));
    assert_eq!(config.data_path("/etc/key".as_ref()).to_str(), Some("/etc/key"));
}

#[test]
fn an_empty_file_changes_nothing() {
    assert_eq!(load("", &[]), Config::embedded());
    assert_eq!(load("\u{feff}# only a comment\r\n", &[]), Config::embedded());
}
