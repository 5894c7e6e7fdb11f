//! A line of the log as one JSON object, as tracing-subscriber writes it. That one checks each value's UTF-8 on its way through two adapters and reads a
//! span's fields back from the JSON they are kept in, which took an eighth of all that a request cost.

use std::fmt;

use serde::ser::{SerializeMap, Serializer};
use tracing::{Event, Subscriber};
use tracing_serde::SerdeMapVisitor;
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::{LookupSpan, SpanRef},
};

/// More than most lines are long.
const LINE: usize = 512;

/// Time, level, the event's own fields, and the innermost span. The fields of spans have to be kept as JSON ([`tracing_subscriber::fmt::format::JsonFields`]).
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Vec::with_capacity(LINE);
        own(&mut line, event)?;
        if let Some(span) = event.parent().and_then(|id| context.span(id)).or_else(|| context.lookup_current()) {
            line.pop(); // the brace that closes it
            line.extend_from_slice(br#","span":"#);
            within::<S, N>(&mut line, &span)?;
            line.push(b'}');
        }
        line.push(b'\n');
        writer.write_str(str::from_utf8(&line).map_err(|_| fmt::Error)?)
    }
}

/// The object without its span.
fn own(line: &mut Vec<u8>, event: &Event<'_>) -> fmt::Result {
    let mut time = String::with_capacity(32);
    SystemTime.format_time(&mut Writer::new(&mut time))?;
    let mut serializer = serde_json::Serializer::new(line);
    let mut map = serializer.serialize_map(None).map_err(|_| fmt::Error)?;
    map.serialize_entry("timestamp", &time).map_err(|_| fmt::Error)?;
    map.serialize_entry("level", event.metadata().level().as_str()).map_err(|_| fmt::Error)?;
    let mut visitor = SerdeMapVisitor::new(map);
    event.record(&mut visitor);
    visitor.finish().map_err(|_| fmt::Error)
}

/// The fields of a span as they are kept, and its name after them.
fn within<S, N>(line: &mut Vec<u8>, span: &SpanRef<'_, S>) -> fmt::Result
where
    S: for<'lookup> LookupSpan<'lookup>,
    N: 'static,
{
    let extensions = span.extensions();
    let fields =
        extensions.get::<FormattedFields<N>>().and_then(|fields| fields.strip_suffix('}')).filter(|fields| fields.starts_with('{'));
    let fields = fields.unwrap_or("{");
    line.extend_from_slice(fields.as_bytes());
    line.extend_from_slice(if fields.len() > 1 { br#","name":"# } else { br#""name":"# });
    serde_json::to_writer(&mut *line, span.name()).map_err(|_| fmt::Error)?;
    line.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use parking_lot::Mutex;
    use serde_json::Value;
    use tracing::field::Empty;
    use tracing_subscriber::fmt::{MakeWriter, format::JsonFields};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    impl Lines {
        fn read(&self) -> Vec<Value> {
            let text = String::from_utf8(self.0.lock().clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    fn speak() {
        tracing::warn!(odd = "a \"quote\", a \\, a \n and an é", nothing = Option::<u64>::None, "no span");
        let _bare = tracing::info_span!("bare").entered();
        tracing::info!(number = 7, negative = -1_i64, real = 0.5, yes = true, "in a span without fields");
        let within = tracing::info_span!("request", id = "3f0c", late = Empty).entered();
        tracing::error!(error = %std::io::Error::other("it \"broke\""), debug = ?Some("x"));
        within.record("late", "and \u{7} this");
        tracing::info!("once more");
    }

    #[test]
    fn it_says_what_tracing_subscriber_would() {
        let (ours, theirs) = (Lines::default(), Lines::default());
        let subscriber = tracing_subscriber::fmt().with_writer(ours.clone()).fmt_fields(JsonFields::new()).event_format(Json).finish();
        tracing::subscriber::with_default(subscriber, speak);
        let format = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).with_target(false);
        tracing::subscriber::with_default(format.with_writer(theirs.clone()).finish(), speak);
        let (mut ours, mut theirs) = (ours.read(), theirs.read());
        for line in ours.iter_mut().chain(&mut theirs) {
            let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).is_ok(), "{time}");
        }
        assert_eq!(ours.len(), 4);
        assert_eq!(ours, theirs);
    }
}
