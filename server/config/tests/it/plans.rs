//! Sections that are called what the operator likes.

use portreeve_config::Config;

use crate::support::{load, mistakes};

const PARTNER: &str = "[gateway.plan.partner]\nrequests = 600\nburst = 100\n";

#[test]
fn plans_are_laid_over_the_default_ones_by_name() {
    let text = format!("{PARTNER}[gateway.plan.partner.upload]\nburst = 2\nevery = '1m'\n[gateway.throttle]\nkey = 'partner'\n");
    let config = load(&text, &[("PORTREEVE__GATEWAY__PLAN__MEMBER__BURST", "7")]).expect("plans");
    let plans = &config.gateway.plan;
    assert_eq!(plans.keys().collect::<Vec<_>>(), ["address", "admin", "key", "member", "partner"]);
    assert_eq!((plans["partner"].daily_quota, plans["partner"].upload.as_ref().map(|rate| rate.burst)), (0, Some(2)));
    let defaults = Config::embedded().expect("the defaults");
    assert_eq!((plans["member"].burst, plans["member"].requests), (7, defaults.gateway.plan["member"].requests));
    assert_eq!(load(&config.show(), &[]).expect("what was shown"), config);
}

#[test]
fn mistakes_about_plans_are_told_at_their_place() {
    let all = [
        mistakes(&format!("{PARTNER}per = '1'\nuploads = 1\n"), &[]),
        mistakes("[gateway.plan.partner]\nburst = 1\n", &[]),
        mistakes("[gateway.plan.'Our Partner']\nrequests = 1\nburst = 1\n", &[]),
        mistakes("[gateway.throttle]\nmember = 'partner'\n", &[]),
        mistakes("", &[("PORTREEVE__GATEWAY__PLAN__MEMBER", "7")]),
        mistakes("[cache]\nkind = 'redis'\nurl = 'http://redis'\nprefix = 'a:b'\n", &[]),
        mistakes("[public]\nforwarded_by = 'x-real-ip'\n", &[]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}
