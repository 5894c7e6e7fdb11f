//! Where log lines go: standard error, as text for people and as JSON for machines.

use std::io::{IsTerminal, stderr};

use portreeve_config::{Log, LogFormat};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging; later calls change nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stderr().is_terminal(),
    };
    let builder = fmt().with_env_filter(filter).with_writer(stderr).with_target(false);
    let _ = if json { builder.json().flatten_event(true).with_span_list(false).try_init() } else { builder.compact().try_init() };
}
