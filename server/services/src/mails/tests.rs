//! Every mail, as it is sent.

use chrono::{DateTime, Utc};
use url::Url;

use super::{Rendered, Template, render};

const SITE: &str = "https://quay.example";

fn site() -> Url {
    SITE.parse().expect("a URL")
}

fn mails(name: &str) -> Vec<(&'static str, Template)> {
    let name = || name.to_owned();
    let link = |page| format!("{SITE}/{page}?token=3q2-7wAAAAEAAAACAAAAAwAAAAQAAAAFAAAABgAAAAc&next=%2F");
    let erase_at: DateTime<Utc> = "2026-03-09T07:05:09Z".parse().expect("a time");
    let new_email = "ada.king@example.org".to_owned();
    vec![
        ("verify_email", Template::VerifyEmail { name: name(), url: link("verify-email"), hours: 24 }),
        ("change_email", Template::ChangeEmail { name: name(), url: link("verify-email"), new_email: new_email.clone(), hours: 1 }),
        ("email_changed", Template::EmailChanged { name: name(), new_email }),
        ("reset_password", Template::ResetPassword { name: name(), url: link("reset-password"), minutes: 30 }),
        ("password_changed", Template::PasswordChanged { name: name() }),
        ("api_key_created", Template::ApiKeyCreated { name: name() }),
        ("account_exists", Template::AccountExists { name: name() }),
        ("session_reuse", Template::SessionReuse { name: name(), device: "Firefox on Linux".to_owned() }),
        ("deletion_scheduled", Template::DeletionScheduled { name: name(), erase_at }),
        ("deletion_cancelled", Template::DeletionCancelled { name: name() }),
    ]
}

fn rendered(name: &str) -> Vec<(&'static str, Rendered)> {
    mails(name).into_iter().map(|(kind, mail)| (kind, render(&mail, &site()).expect(kind))).collect()
}

#[test]
fn every_mail_reads_as_reviewed() {
    for (kind, mail) in rendered("Ada Lovelace") {
        insta::assert_snapshot!(format!("{kind}.text"), format!("Subject: {}\n\n{}", mail.subject, mail.text));
        insta::assert_snapshot!(format!("{kind}.html"), mail.html);
    }
}

#[test]
fn html_in_what_people_wrote_is_text() {
    let hostile = r#"</bdi><script>alert("1")</script>&amp;'"#;
    for (kind, mail) in rendered(hostile) {
        assert!(!mail.html.contains("<script"), "{kind}");
        assert!(mail.html.contains("<bdi>&#60;/bdi&#62;&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;amp;&#39;</bdi>"), "{kind}");
        assert!(mail.text.contains(&format!("Hello {hostile},\n")), "{kind}");
    }
    let hostile = "<img src=x>".to_owned();
    for mail in [
        Template::ChangeEmail { name: String::new(), url: format!("{SITE}/\"><img src=x>"), new_email: hostile.clone(), hours: 1 },
        Template::EmailChanged { name: String::new(), new_email: hostile.clone() },
        Template::SessionReuse { name: String::new(), device: hostile },
    ] {
        assert!(!render(&mail, &site()).expect("a mail").html.contains("<img"));
    }
}

#[test]
fn a_name_stays_on_its_line_and_in_its_direction() {
    for (kind, mail) in rendered("Eve\r\n\r\nYour account is lost.\u{202e}\u{2028}Bye") {
        assert!(mail.text.contains("Hello Eve Your account is lost. Bye,\n"), "{kind}");
        assert!(mail.html.contains("<bdi>Eve Your account is lost. Bye</bdi>,"), "{kind}");
    }
    for (kind, mail) in rendered("عائشة 🦀") {
        assert!(mail.text.contains("Hello \u{2068}عائشة 🦀\u{2069},\n"), "{kind}");
        assert!(mail.html.contains("Hello <bdi>عائشة 🦀</bdi>,"), "{kind}");
    }
}

#[test]
fn every_link_begins_with_the_public_url() {
    for (kind, mail) in rendered("Visit https://evil.example") {
        let mut links = 0;
        for part in [&mail.text, &mail.html] {
            for (at, _) in part.match_indices("://") {
                let scheme = part[..at].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |before| before + 1);
                let after = part[scheme..].strip_prefix(SITE).unwrap_or_else(|| panic!("{kind}: {}", &part[scheme..scheme + 60]));
                assert!(after.starts_with(|c: char| "/<\"\n ,.".contains(c)), "{kind}: {after:.60}");
                links += 1;
            }
        }
        assert!(links > 3, "{kind}");
        for attribute in ["href=\"", "src=", "url(", "@import"] {
            for (at, _) in mail.html.match_indices(attribute) {
                assert!(mail.html[at..].starts_with(&format!("href=\"{SITE}/")), "{kind}: {:.60}", &mail.html[at..]);
            }
        }
    }
}

#[test]
fn plain_text_fits_76_columns_but_for_addresses() {
    for (kind, mail) in rendered(&"Wolfeschlegelsteinhausen ".repeat(4)) {
        for line in mail.text.lines() {
            assert!(line.chars().count() <= 76 || line.starts_with(SITE), "{kind}: {line}");
            assert!(line == "-- " || line.trim_end() == line, "{kind}: {line:?}");
        }
        assert!(!mail.text.contains("\n\n\n") && mail.text.ends_with(&format!("\n{SITE}\n")), "{kind}");
        assert!(!mail.text.contains('!') && mail.subject.is_ascii(), "{kind}");
    }
}
