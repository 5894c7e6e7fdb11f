//! `portreeve stream replay`.

use portreeve_backends::stream::{ReplayFrom, Stream};

use crate::cli::{ask, say};

pub(super) const HELP: &str = "The consumer is handed every event from that point on once more, those that it has finished too. What it does must bear \
    that: a handler that is idempotent (`store-files` is) finds its work done and goes on; one that is not does it again, and a mail is sent \
    twice, a counter counts twice. Events that it has in its hands or that wait for another try are left as they are, and so are dead letters \
    and all other consumers. It works beside running servers.

Examples:
  portreeve stream replay store-files --from 2026-11-21T09:30:00Z
  portreeve stream replay store-files --from beginning --yes";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Whose name `portreeve stream info` shows.
    consumer: String,
    /// Begin there: `beginning`, a position, a time (RFC 3339) or a day (UTC).
    #[arg(long, value_name = "POSITION|TIME")]
    from: ReplayFrom,
    /// Do it without asking.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(stream: &Stream, arguments: &Arguments) -> Result<(), String> {
    let Arguments { consumer, from, yes } = arguments;
    let failed = |error: portreeve_database::DbErr| error.to_string();
    let known = stream.consumers().await.map_err(failed)?;
    if !known.iter().any(|it| it.name == *consumer) {
        let names: Vec<_> = known.into_iter().map(|it| it.name).collect();
        let names = if names.is_empty() { "none has run yet".to_owned() } else { format!("there are: {}", names.join(", ")) };
        return Err(format!("there is no consumer “{consumer}”; {names}"));
    }
    stream.give_positions().await.map_err(failed)?;
    let (before, last) = (stream.position_before(*from).await.map_err(failed)?, stream.last_position().await.map_err(failed)?);
    let question = format!(
        "{consumer} will be handed again what it wants of the events {} to {last}. Whatever it did with them, it may do a second time.",
        before + 1
    );
    if !ask(&question, *yes)? {
        say("Nothing was changed.");
        return Ok(());
    }
    let position = stream.replay(consumer, *from).await.map_err(|error| error.to_string())?;
    say(format_args!("{consumer} reads again from the event after position {position}."));
    Ok(())
}
