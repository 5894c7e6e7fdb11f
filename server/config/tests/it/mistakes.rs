//! Every mistake is told at once, with its place and what would be right.

use std::path::Path;

use crate::support::{from, mistakes};

#[test]
fn a_file_with_many_mistakes_names_each() {
    let file = r#"public_url = "https://portreeve.example.org/app"
publik = true

[public]
listen = "localhost"
header_timeout = "5 lightyears"
body_limit = 1048576
trusted_proxies = ["10.0.0.0/8", "everybody"]
lissen = "127.0.0.1:80"

[internal]
listen = "127.0.0.1:3000"

[database]
kind = "postgres"
path = "portreeve.db"
url = "mysql://ada:hunter2@localhost/portreeve"

[mail]
kind = "smtp"
host = "smtp://smtp.example.org"
port = 0
tls = "ssl"
password = "hunter2"
password_file = "/run/secrets/smtp"

[mailer]
from = "Portreeve"

[keys]
rotation = "1h"

[tokens]
access_lifetime = "0s"
refresh_idle = "60d"

[passwords]
min_length = 6
memory = "1 KiB"
iterations = -1
parallelism = "one"
threads = 1.5

[accounts]
sign_up = "maybe"
verification = true

[accounts.links]
lifetime = "1h"

[throttle]
enabled = "no"
account = 5

[throttle.address]
burst = 0

[log]
level = "inof"
format = 1979-05-27
"#;
    insta::assert_snapshot!(mistakes(file, &[]));
}

#[test]
fn the_environment_is_named_by_its_variables() {
    let environment = [
        ("PORTREEVE__PUBLIC__LISTEN", "3000"),
        ("PORTREEVE__PUBLIC__LISTEN_ON", "x"),
        ("PORTREEVE__PUBLIC__TRUSTED_PROXIES", "['10.0.0.0/8'"),
        ("PORTREEVE__PASSWORDS__ITERATIONS", "two"),
        ("PORTREEVE__THROTTLE", "off"),
        ("PORTREEVE__LOG__LEVEL__ROOT", "info"),
        ("PORTREEVE__DATABASE__KIND", "postgres"),
        ("PORTREEVE__MAIL__KIND", "pigeon"),
        ("PORTREEVE__KEYS", "x"),
        ("PORTREEVE__KEYS__ROTATION", "40d"),
        ("PORTREEVE_PUBLIC__BODY_LIMIT", "1 MiB"),
        ("PORTREEVE_TEST", "not ours"),
    ];
    insta::assert_snapshot!(mistakes("", &environment));
}

#[test]
fn settings_that_contradict_each_other_are_told_where_the_operator_wrote_last() {
    insta::assert_snapshot!(mistakes(
        "[public]\nlisten = '0.0.0.0:3002'\n[tokens]\naccess_lifetime = '10m'\nrefresh_idle = '5m'\n[mail]\nkind = 'smtp'\nhost = 'h'",
        &[("PORTREEVE__MAIL__USERNAME", "ada"), ("PORTREEVE__TOKENS__REFRESH_IDLE", "4m")],
    ));
}

#[test]
fn what_is_no_toml_is_told_with_its_line_and_without_its_text() {
    let told = mistakes("[mail]\nkind = 'smtp'\npassword = hunter2\n", &[("PORTREEVE__LOG__FORMAT", "xml")]);
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn no_message_tells_a_secret() {
    for text in
        ["url = ['hunter2']", "url = { password = 'hunter2' }", "url = 'hunter2'", "ulr = 'hunter2'", "url = 'hunter2'\nurl = 'hunter2'"]
    {
        let told = mistakes(&format!("[database]\nkind = 'postgres'\n{text}"), &[]);
        assert!(!told.contains("hunter2"), "{told}");
    }
    for url in [
        "nats://ada:hunter2@quay.example",
        "nats://ada:hun/ter2:hunter2@quay.example:99999",
        "nats://ada:hunter2@[quay]/x",
        "nats:/ada:hunter2@quay",
        "ada:hunter2@quay:4222",
        "nats://hunter2@quay",
    ] {
        let told = mistakes(&format!("[stream]\nkind = 'nats'\nurl = '{url}'"), &[("PORTREEVE__PUBLIC_URL", url)]);
        assert!(!told.contains("hunter2") && told.contains('@'), "{told}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let told = |file: &Path, environment: &[(&str, &str)]| from(Some(file), environment).expect_err("no file").to_string();
    assert!(told(Path::new("/nowhere/portreeve.toml"), &[]).contains("/nowhere/portreeve.toml: The file cannot be read"));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let latin1 = folder.path().join("latin1.toml");
    std::fs::write(&latin1, b"# caf\xe9").expect("the file is written");
    assert!(told(&latin1, &[]).contains("UTF-8"));

    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n").expect("the file is written");
    for (secret, what) in [("/nowhere/secret", "cannot be read"), (empty.to_str().expect("a path"), "is empty")] {
        let environment = [("PORTREEVE__DATABASE__KIND", "postgres"), ("PORTREEVE__DATABASE__URL_FILE", secret)];
        let told = from(None, &environment).expect_err("no secret").to_string();
        assert!(told.contains("PORTREEVE__DATABASE__URL_FILE: ") && told.contains(what), "{told}");
    }
}

#[test]
fn bounds_are_held_on_both_sides() {
    for (variable, right, wrong) in [
        ("PORTREEVE__PASSWORDS__MEMORY", "19456 KiB", "19455 KiB"),
        ("PORTREEVE__PASSWORDS__MIN_LENGTH", "8", "7"),
        ("PORTREEVE__PASSWORDS__ITERATIONS", "16", "17"),
        ("PORTREEVE__TOKENS__ACCESS_LIFETIME", "1h", "1h 1ms"),
        ("PORTREEVE__TOKENS__REUSE_GRACE", "0s", "61s"),
        ("PORTREEVE__PUBLIC__BODY_LIMIT", "64 MiB", "65 MiB"),
        ("PORTREEVE__KEYS__ROTATION", "1d", "23h"),
        ("PORTREEVE__PUBLIC_URL", "http://localhost:3000/", "http://localhost:3000/x"),
        ("PORTREEVE__PUBLIC_URL", "https://quay.example", "ftp://quay.example"),
        ("PORTREEVE__PUBLIC_URL", "https://quay.example:8443", "https://ada@quay.example"),
        ("PORTREEVE__LOG__LEVEL", "info,portreeve=debug,sqlx=off", "info,portreeve=loud"),
        ("PORTREEVE__LOG__LEVEL", "WARN", "wran"),
    ] {
        assert!(from(None, &[(variable, right)]).is_ok(), "{variable}={right}");
        assert!(from(None, &[(variable, wrong)]).is_err(), "{variable}={wrong}");
    }
}

#[test]
fn a_bucket_is_told_from_what_is_none() {
    let s3 = [("KIND", "s3"), ("BUCKET", "quay"), ("ACCESS_KEY", "k"), ("SECRET_KEY", "s")];
    let load = |key: &str, value: &str| {
        let all = s3.iter().copied().filter(|(other, _)| *other != key).chain([(key, value)]);
        let all: Vec<_> = all.map(|(key, value)| (format!("PORTREEVE__OBJECTS__{key}"), value)).collect();
        from(None, &all.iter().map(|(key, value)| (key.as_str(), *value)).collect::<Vec<_>>())
    };
    for (key, right, wrong) in [
        ("BUCKET", "quay.example-1", "Quay"),
        ("BUCKET", "abc", "ab"),
        ("BUCKET", "a-b", "-ab"),
        ("BUCKET", "a.b", "a..b"),
        ("BUCKET", "a23", "a/../b"),
        ("ENDPOINT", "http://localhost:9000", "localhost:9000"),
        ("ENDPOINT", "https://quay.example/storage/v1/s3", "https://key:secret@quay.example"),
        ("ENDPOINT", "https://[::1]:9000", "https://quay.example?x=1"),
        ("TIMEOUT", "1s", "999ms"),
        ("RETRIES", "0", "21"),
    ] {
        assert!(load(key, right).is_ok(), "{key}={right}: {:?}", load(key, right));
        assert!(load(key, wrong).is_err(), "{key}={wrong}");
    }

    let path_style = |endpoint: &str| {
        let file = format!(
            "[objects]\nkind = 's3'\nbucket = 'quay'\naccess_key = 'k'\nsecret_key = 's'\npath_style = false\nendpoint = '{endpoint}'"
        );
        crate::support::load(&file, &[]).map_err(|errors| errors.to_string())
    };
    assert!(path_style("https://s3.quay.example").is_ok());
    assert!(path_style("https://127.0.0.1:9000").is_err_and(|told| told.contains("objects.path_style")));
}

#[test]
fn a_collector_is_told_from_what_is_none() {
    let otlp = [("KIND", "otlp"), ("ENDPOINT", "http://127.0.0.1:4318/v1/traces")];
    let load = |key: &str, value: &str| {
        let all = otlp.iter().copied().filter(|(other, _)| *other != key).chain([(key, value)]);
        let all: Vec<_> = all.map(|(key, value)| (format!("PORTREEVE__TRACES__{key}"), value)).collect();
        from(None, &all.iter().map(|(key, value)| (key.as_str(), *value)).collect::<Vec<_>>())
    };
    for (key, right, wrong) in [
        ("ENDPOINT", "https://collector.quay.example/v1/traces", "http://127.0.0.1:4318"),
        ("ENDPOINT", "http://[::1]:4318/otlp/v1/traces?tenant=1", "https://key:secret@quay.example/v1/traces"),
        ("HEADERS", "authorization=Bearer%20x, x-tenant=a=b", "authorization: Bearer x"),
        ("HEADERS", "a=b", "a b=c"),
        ("HEADERS", "a=%41", "a=%0a"),
        ("HEADERS", "a=b,c=d", "a=b,,c=d"),
        ("SAMPLE_RATIO", "0.001", "1.1"),
        ("SAMPLE_RATIO", "1", "NaN"),
        ("CALLERS", "link", "strangers"),
        ("QUEUE", "16", "15"),
        ("TIMEOUT", "100ms", "99ms"),
    ] {
        assert!(load(key, right).is_ok(), "{key}={right}: {:?}", load(key, right));
        assert!(load(key, wrong).is_err(), "{key}={wrong}");
    }
    let headers = |text: &str| match load("HEADERS", text).map(|config| config.traces) {
        Ok(portreeve_config::Traces::Otlp(otlp)) => otlp.headers(),
        other => panic!("{other:?}"),
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(headers("authorization=Bearer%20x, x-tenant=a=b"), [pair("authorization", "Bearer x"), pair("x-tenant", "a=b")]);
    let told = load("HEADERS", "hunter2").expect_err("no header").to_string();
    assert!(told.contains("name=value") && !told.contains("hunter2"), "{told}");
}
