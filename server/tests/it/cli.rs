//! What the command line says.

use std::{fmt::Write as _, fs::File, io::Write as _, path::Path, process::Stdio};

use crate::support::{
    PASSWORD,
    process::{Process, portreeve},
};

/// One run, as it would stand in a terminal.
fn run(data: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = portreeve(data);
    // Help is wrapped at the terminal's width and shows what a variable holds.
    command.args(arguments).env_remove("COLUMNS").env_remove("PORTREEVE_CONFIG");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let mut text = format!("$ portreeve {}\n", arguments.join(" "));
    text += &String::from_utf8(output.stdout).unwrap();
    text += &String::from_utf8(output.stderr).unwrap();
    writeln!(text, "[{}]\n", output.status.code().unwrap()).unwrap();
    text.replace(&data.display().to_string(), "[data]")
}

/// Ids, keys and times are others in each run: hexadecimal words and digits say no more than that there are some.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() >= 32 && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let mut out = String::new();
    for piece in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
        let end = piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).len();
        let (word, rest) = piece.split_at(end);
        out += if is_id(word) { "[id]" } else { word };
        out += rest;
    }
    out
}

fn without_times(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

#[test]
fn help_teaches() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 39] = [
        &[],
        &["serve"],
        &["migrate"],
        &["users"],
        &["users", "create"],
        &["users", "disable"],
        &["users", "enable"],
        &["users", "role"],
        &["users", "sign-out"],
        &["users", "list"],
        &["service-accounts"],
        &["service-accounts", "create"],
        &["service-accounts", "list"],
        &["service-accounts", "disable"],
        &["service-accounts", "enable"],
        &["service-accounts", "role"],
        &["service-accounts", "delete"],
        &["service-accounts", "create-key"],
        &["service-accounts", "list-keys"],
        &["service-accounts", "revoke-key"],
        &["keys"],
        &["keys", "list"],
        &["keys", "rotate"],
        &["worker"],
        &["stream"],
        &["stream", "info"],
        &["stream", "read"],
        &["stream", "replay"],
        &["dead-letters"],
        &["dead-letters", "list"],
        &["dead-letters", "show"],
        &["dead-letters", "redrive"],
        &["dead-letters", "drop"],
        &["adopt-staging"],
        &["config"],
        &["config", "check"],
        &["config", "show"],
        &["config", "defaults"],
        &["doctor"],
    ];
    let helps = commands.map(|command| run(folder.path(), &[command, &["--help"]].concat(), ""));
    insta::assert_snapshot!(helps.concat());
}

#[test]
fn accounts_and_keys_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], input: &str| run(folder.path(), arguments, input);
    let mut said = run(&["users", "list"], "");
    said += &run(&["users", "create", "--admin", "--name", "Grace Hopper", "--email", "grace@example.org"], PASSWORD);
    // Listed by time, and two may be made within one tick of the clock.
    std::thread::sleep(std::time::Duration::from_millis(5));
    said += &run(&["users", "create", "--name", "Ada", "--email", "ada@example.org"], PASSWORD);
    said += &run(&["users", "list"], "");
    said += &run(&["users", "list", "--search", "HOPPER"], "");
    said += &run(&["users", "list", "--search", "nobody"], "");
    for arguments in [
        &["users", "disable", "grace@example.org"][..],
        &["users", "role", "grace@example.org", "member"],
        &["users", "role", "ADA@example.org", "admin"],
        &["users", "disable", "grace@example.org"],
        &["users", "enable", "grace@example.org"],
        &["users", "sign-out", "grace@example.org"],
    ] {
        said += &run(arguments, "");
    }
    insta::assert_snapshot!("users", without_ids(&said));

    let said = run(&["keys", "list"], "") + &run(&["keys", "rotate"], "") + &run(&["keys", "list"], "");
    insta::assert_snapshot!("keys", without_times(&without_ids(&said)));
}

#[test]
fn service_accounts_and_their_keys_are_kept_without_anybody_signing_in() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| run(folder.path(), &[&["service-accounts"], arguments].concat(), "");
    let made = run(&["create", "--name", "Nightly backup", "--admin"]);
    assert!(made.contains("Made the service account Nightly backup ("), "{made}");
    let id = made.split_once(" (").unwrap().1.split(')').next().unwrap().rsplit('(').next().unwrap().to_owned();
    let listed = run(&["list", "--search", "NIGHTLY"]);
    assert!(listed.contains(&format!("{id}  administrator  active    Nightly backup\n[0]")), "{listed}");

    let create = ["create-key", &id, "--name", "crane", "--scope", "files:read", "--scope", "account:read"];
    let printed = run(&create);
    let key = printed.lines().nth(1).unwrap();
    assert!(key.starts_with("prv_") && key.len() == 47 && printed.lines().nth(2) == Some("[0]"), "{printed}");
    let keys = run(&["list-keys", &id]);
    assert!(keys.contains(&format!("  …{}  crane  account:read files:read  ends never, last used never\n", &key[43..])), "{keys}");
    let key_id = keys.lines().nth(1).unwrap().split(' ').next().unwrap().to_owned();

    let full = portreeve(folder.path()).arg("service-accounts").args(create).stdout(File::create("/dev/full").unwrap()).output().unwrap();
    let told = String::from_utf8(full.stderr).unwrap();
    assert!(!full.status.success() && told.contains("could not be printed") && told.contains("is revoked"), "{told}");
    assert_eq!(run(&["list-keys", &id]), keys);

    for (arguments, says) in [
        (&["disable", &*id][..], "Its keys open nothing now: Nightly backup ("),
        (&["enable", &id], "Its keys work: Nightly backup ("),
        (&["role", &id, "member"], "It is a member: Nightly backup ("),
        (&["revoke-key", &id, &key_id], "Revoked the key "),
        (&["revoke-key", &id, &key_id], "There is no such key."),
        (&["create-key", &id, "--name", "crane", "--scope", "everything"], "there are account:read, account:write,"),
        (&["create-key", &id, "--name", "crane"], "--scope <SCOPE>"),
        (&["create-key", &id, "--name", "crane", "--scope", "files:read", "--plan", "nowhere"], "plan: There is no such plan here."),
        (
            &["create-key", &id, "--name", "crane", "--scope", "files:read", "--expires-at", "2020-01-01T00:00:00Z"],
            "expires_at: Choose a time in",
        ),
        (&["create", "--name", " "], "name: Give the service account a name."),
        (&["delete", &id], "give --yes"),
        (&["delete", &id, "--yes"], "Deleted the service account "),
        (&["list-keys", &id], "There is no such service account."),
        (&["disable", &id], "There is no such service account."),
        (&["delete", "nightly", "--yes"], "invalid value 'nightly'"),
    ] {
        let said = run(arguments);
        assert!(said.contains(says), "{said}");
    }
    assert!(run(&["list"]).ends_with("list\n[0]\n\n"));
}

#[test]
fn the_doctor_and_migrate_say_what_they_find() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut said = run(&data, &["doctor"], "");
    assert!(!data.exists(), "the doctor changes nothing");
    said += &run(&data, &["migrate", "--dry-run"], "");
    said += &run(&data, &["migrate"], "");
    said += &run(&data, &["migrate"], "");
    drop(Process::start(&data));
    said += &run(&data, &["doctor"], "");
    std::fs::write(data.join("master.key"), "rubbish").unwrap();
    std::fs::remove_dir_all(data.join("objects")).unwrap();
    std::fs::write(data.join("objects"), "rubbish").unwrap();
    said += &run(&data, &["doctor"], "");
    insta::assert_snapshot!(said);
}

#[test]
fn the_doctor_tries_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = portreeve_testkit::redis::Server::start();
    let said = |server: &portreeve_testkit::redis::Server| {
        let mut command = portreeve(folder.path());
        command.arg("doctor").env("PORTREEVE__CACHE__KIND", "redis").env("PORTREEVE__CACHE__URL", server.url());
        let output = command.env("PORTREEVE__CACHE__TIMEOUT", "5s").output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (well, text) = said(&server);
    assert!(well && text.contains("ok    cache in 127.0.0.1:"), "{text}");
    server.kill();
    let (well, text) = said(&server);
    assert!(!well && text.contains("BAD   cache in 127.0.0.1:"), "{text}");
}

#[test]
fn wrong_arguments_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], input: &str| run(folder.path(), arguments, input);
    let create = |name, email, input: &str| run(&["users", "create", "--name", name, "--email", email], input);
    let mut said = String::new();
    for arguments in [
        &[][..],
        &["sevre"],
        &["serve", "--prot", "3000"],
        &["users", "create", "--name", "Ada"],
        &["keys", "rotate", "now"],
        &["--config", "nowhere.toml", "serve"],
        &["stream", "read", "--from", "yesterday"],
        &["stream", "replay", "store-files"],
        &["stream", "replay", "store-files", "--from", "now"],
        &["stream", "replay", "store-files", "--from", "beginning"],
        &["dead-letters", "show", "1"],
        &["dead-letters", "redrive"],
        &["dead-letters", "redrive", "--consumer", "store-files"],
        &["worker"],
    ] {
        said += &run(arguments, "");
    }
    said += &create("Ada", "ada", "short");
    said += &create("", "ada@example.org", PASSWORD);
    said += &create("Ada", "ada@example.org", "");
    let made = create("Ada", "ada@example.org", PASSWORD);
    assert!(made.contains("Made member ada@example.org"), "{made}");
    said += &create("Ada", "ADA@example.org", PASSWORD);
    for arguments in [["users", "disable", "nobody@example.org"], ["users", "sign-out", "nobody@example.org"]] {
        said += &run(&arguments, "");
    }
    said += &run(&["users", "role", "ada@example.org", "captain"], "");
    insta::assert_snapshot!(said);
}
