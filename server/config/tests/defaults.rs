//! The defaults are whole, and shown as they are in force.

use portreeve_config::Config;

#[test]
fn the_defaults_are_shown() {
    insta::assert_snapshot!(Config::embedded().unwrap_or_else(|errors| panic!("{errors}")).show());
}
