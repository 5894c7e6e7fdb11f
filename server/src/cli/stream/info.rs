//! `portreeve stream info`.

use portreeve_backends::stream::{ConsumerInfo, Stream};
use portreeve_database::event::Recorded;
use serde_json::{Value, json};

use super::moment;
use crate::cli::say;

pub(super) const HELP: &str = "Each consumer's line says:
  POSITION  the last event that it was handed or passed over
  LAG       events behind that position
  PENDING   events in its hands, or waiting for another try
  FAILING   those of them that failed before
  DEAD      events it gave up on: see `portreeve dead-letters list`
  HANDLED   events it has finished, ever
  /MIN      and in the last 60 seconds";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(stream: &Stream, arguments: &Arguments) -> Result<(), String> {
    let found = async {
        stream.give_positions().await?;
        Ok::<_, portreeve_database::DbErr>((stream.first().await?, stream.last_position().await?, stream.consumers().await?))
    };
    let (first, last, consumers) = found.await.map_err(|error| error.to_string())?;
    if arguments.json {
        say(as_json(stream.engine(), first.as_ref(), last, &consumers));
    } else {
        print(stream.engine(), first.as_ref(), last, &consumers);
    }
    Ok(())
}

fn as_json(engine: &str, first: Option<&Recorded>, last: i64, consumers: &[ConsumerInfo]) -> Value {
    let consumers: Vec<_> = consumers
        .iter()
        .map(|it| {
            json!({
                "name": it.name,
                "position": it.position,
                "lag": it.lag,
                "pending": it.pending,
                "failing": it.failing,
                "dead": it.dead,
                "handled": it.handled,
                "handled_per_minute": it.handled_lately,
                "updated_at": it.updated_at,
            })
        })
        .collect();
    json!({
        "engine": engine,
        "first_position": first.map(|first| first.position),
        "first_time": first.map(|first| first.event.time),
        "last_position": last,
        "consumers": consumers,
    })
}

fn print(engine: &str, first: Option<&Recorded>, last: i64, consumers: &[ConsumerInfo]) {
    let kept = first.map_or_else(
        || "no event is kept".to_owned(),
        |first| format!("events {} to {last} are kept, the first from {}", first.position, moment(first.event.time)),
    );
    say(format_args!("Carried by: {}; {kept}.", if engine == "nats" { "NATS JetStream" } else { "the database" }));
    if consumers.is_empty() {
        return say("No consumer has run yet: `portreeve serve` or `portreeve worker` starts them.");
    }
    let width = consumers.iter().map(|it| it.name.len()).chain(["CONSUMER".len()]).max().unwrap_or_default();
    let line = |name: &str, cells: [String; 7]| {
        let [position, lag, pending, failing, dead, handled, lately] = cells;
        format!("{name:<width$}  {position:>9}  {lag:>7}  {pending:>7}  {failing:>7}  {dead:>6}  {handled:>9}  {lately:>6}")
    };
    say("");
    say(line("CONSUMER", ["POSITION", "LAG", "PENDING", "FAILING", "DEAD", "HANDLED", "/MIN"].map(str::to_owned)));
    for it in consumers {
        let cells = [
            it.position.to_string(),
            it.lag.to_string(),
            it.pending.to_string(),
            it.failing.to_string(),
            it.dead.to_string(),
            it.handled.to_string(),
            it.handled_lately.to_string(),
        ];
        say(line(&it.name, cells));
    }
}
