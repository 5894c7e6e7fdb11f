//! Sections of which there can be any number.

use portreeve_config::{Access, Config, DEFAULTS, RuleAction};

use crate::support::{HTTPS, load, mistakes, toml};

/// The block of the default file that documents one of `[[name]]`.
fn documented(name: &str) -> String {
    let title = format!("# [[{name}]]");
    let block = DEFAULTS.split("\n\n").map(str::trim).find(|block| block.starts_with(&title)).expect("the block");
    let lines = block.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn upstream(lines: &str) -> String {
    format!("[[gateway.upstream]]\nname = 'orders'\npath = '/orders'\ntargets = ['http://127.0.0.1:8080']\n{lines}")
}

#[test]
fn nothing_is_behind_the_gateway_unless_it_is_written() {
    assert!(Config::embedded().expect("the defaults").gateway.upstream.is_empty());
    assert!(load("gateway = { upstream = [] }", &[]).expect("none").gateway.upstream.is_empty());
}

#[test]
fn upstreams_and_rules_are_documented_whole() {
    for name in ["upstream", "rule"] {
        let text = documented(&format!("gateway.{name}"));
        let shown = toml(&load(&text, &[]).expect(&text).show());
        let keys = |table: &toml::Table| {
            let list = table["gateway"].as_table().expect("a section")[name].as_array().expect("a list").clone();
            list[0].as_table().expect("a section").keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keys(&shown), keys(&toml(&text)));
    }
}

#[test]
fn a_rule_may_say_as_little_as_what_becomes_of_whom() {
    let config = load("[[gateway.rule]]\nname = 'nobody'\naction = 'block'\n", &[]).expect("a rule");
    let [rule] = &*config.gateway.rule else { panic!("one rule") };
    assert_eq!((rule.action, rule.addresses.len(), rule.methods.len(), &rule.path), (RuleAction::Block, 0, 0, &None));
    assert_eq!(load(&config.show(), &[]).expect("what was shown"), config);
}

#[test]
fn upstreams_keep_their_order_and_are_shown_as_they_can_be_read() {
    let text = upstream("")
        + "[[gateway.upstream]]\nname = 'shop'\npath = '/'\nhost = 'shop.example.org'\ntargets = ['https://a:1', 'https://b']\naccess = 'public'\n";
    let config = load(&text, &[]).expect(&text);
    let names: Vec<_> = config.gateway.upstream.iter().map(|upstream| upstream.name.as_str()).collect();
    assert_eq!(names, ["orders", "shop"]);
    assert_eq!(config.gateway.upstream[1].access, Access::Public);
    assert_eq!(load(&config.show(), &[]).expect("what was shown"), config);
}

#[test]
fn mistakes_are_told_at_their_line() {
    let text = upstream("targts = 1\ntimeout = '5'\n") + "[[gateway.upstream]]\nname = 'Shop'\npath = '/v1'\ntargets = ['ftp://x']\n";
    insta::assert_snapshot!(mistakes(&text, &[("PORTREEVE__GATEWAY__TOKEN_LIFETIME", "1h")]));
}

#[test]
fn what_cannot_be_together_is_refused() {
    let all = [
        mistakes("[[gateway.upstream]]\nname = 'a'\npath = '/account/mine'\ntargets = ['http://x']\n", &[]),
        mistakes("[[gateway.upstream]]\nname = 'a'\npath = '/'\ntargets = ['http://x']\n", &[]),
        mistakes(&(upstream("") + &upstream("")), &[]),
        mistakes(&(upstream("") + &upstream("").replace("'orders'", "'other'")), &[]),
        mistakes(&upstream("ca_file = 'ca.pem'"), &[]),
        mistakes(&upstream("client_key_file = 'key.pem'"), &[]),
        mistakes(&upstream("access = 'public'\nscope = 'users:read'"), &[]),
        mistakes(&upstream("scope = 'orders:read'"), &[]),
        mistakes("[gateway]\nupstream = 'http://127.0.0.1'", &[]),
        mistakes(&"[[gateway.rule]]\nname = 'a'\naction = 'block'\n".repeat(2), &[]),
        mistakes("[[gateway.rule]]\nname = 'a'\naction = 'deny'\nmethods = ['get']\npath = 'x'\nheader = 'x'\naddresses = ['x']\n", &[]),
        mistakes("[gateway.cors]\nallowed_origins = ['null']\n", &[]),
        mistakes("[gateway.cors]\nallowed_origins = ['https://a.example/x']\n", &[]),
        mistakes("[tls]\nkind = 'files'\ncertificate_file = 'a'\nkey_file = 'b'\n", &[]),
        mistakes("[tls]\nkind = 'files'\ncertificate_file = 'a'\nkey_file = 'b'\nredirect_from = '127.0.0.1:3000'\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ncertificate_file = 'a'\nkey_file = 'b'\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ndomains = []\ndirectory = 'http://acme.example'\ncontact = 'mailto:ada'\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ndomains = ['*.example.org']\ndirectory = 'nowhere'\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ndomains = ['192.0.2.1', 'example.org']\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ndomains = ['example.org']\n", HTTPS),
        mistakes("[tls]\nkind = 'acme'\ndomains = ['portreeve.example.org']\n", &[]),
        mistakes("[tls]\nkind = 'acme'\ndomains = ['portreeve.example.org']\nredirect_from = '127.0.0.1:3000'\n", HTTPS),
        mistakes("", &[("PORTREEVE__GATEWAY__UPSTREAM__NAME", "a")]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}
