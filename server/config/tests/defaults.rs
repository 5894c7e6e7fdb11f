//! The defaults are whole, and shown as they are in force.

use portreeve_config::Config;

#[test]
fn the_defaults_are_shown() {
    let defaults = Config::embedded().unwrap_or_else(|errors| panic!("{errors}"));
    insta::assert_snapshot!(defaults.show());
}
