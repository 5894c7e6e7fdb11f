use tracing_subscriber::EnvFilter;

use crate::read::{Bound, settings, words};

settings! {
    /// What is logged, and how.
    pub struct Log {
        /// In the syntax of `tracing_subscriber::EnvFilter`.
        level: String => Bound::new(is_filter, FILTERS),
        /// One line a record either way.
        format: LogFormat,
    }
}

words! {
    /// How a record is written.
    pub enum LogFormat {
        /// Text on a terminal, JSON elsewhere.
        "auto" => Auto,
        /// An object, for programs.
        "json" => Json,
        /// For eyes.
        "text" => Text,
    }
}

const FILTERS: &str = "a level (off, error, warn, info, debug, trace), or several with their modules, such as \"info,portreeve=debug\"";

/// `EnvFilter` takes a bare word that is no level for a module's name, and a misspelt level would silence the log.
fn is_filter(text: &String) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let understood = |directive: &str| {
        let directive = directive.trim();
        directive.contains(['=', '[']) || LEVELS.iter().any(|level| level.eq_ignore_ascii_case(directive))
    };
    EnvFilter::try_new(text).is_ok() && text.split(',').all(understood)
}
