//! Where log lines go: standard error, as text for people and as JSON for machines. And where spans go that belong to a trace.

mod json;

use std::io::{IsTerminal, stderr};

use opentelemetry_sdk::trace::SdkTracer;
use portreeve_config::{Log, LogFormat};
use portreeve_database::trace::TARGET;
use tracing_subscriber::{EnvFilter, Layer, filter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use self::json::{Fields, Json};

/// Starts logging, and recording spans if there is a tracer for them; later calls change nothing.
///
/// Each has its own: the log gets no span of a trace, and a trace nothing that is logged.
pub fn start(log: &Log, tracer: Option<SdkTracer>) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = match format!("{TARGET}=off").parse() {
        Ok(no_spans) => filter.add_directive(no_spans),
        Err(_) => filter,
    };
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stderr().is_terminal(),
    };
    let Some(tracer) = tracer else {
        // A log that nobody takes any more, such as one on a full disk, must stop nothing: telling of that on standard error would panic.
        let builder = fmt().with_env_filter(filter).with_writer(stderr).with_target(false).log_internal_errors(false);
        let _ = if json { builder.fmt_fields(Fields).event_format(Json).try_init() } else { builder.compact().try_init() };
        return;
    };
    let lines = fmt::layer().with_writer(stderr).with_target(false);
    let lines = if json { lines.fmt_fields(Fields).event_format(Json).boxed() } else { lines.compact().boxed() };
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        // Where in our code a span begins, and in which thread, says little to whoever reads a trace, and is most of its size.
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter::filter_fn(|metadata| metadata.target() == TARGET));
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).with(spans).try_init();
}
