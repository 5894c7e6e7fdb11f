//! `portreeve dead-letters`.

use std::process::ExitCode;

use portreeve_backends::stream::Stream;
use portreeve_config::Config;
use portreeve_database::dead_letter::DeadLetter;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ask, fail, finish, say, stream::open};

/// Read at a time.
const READ: u64 = 100;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the events that consumers gave up on, the newest first.
    List {
        /// Only those of this consumer.
        #[arg(long, value_name = "NAME")]
        consumer: Option<String>,
        /// As JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one: the whole event, every error and its time.
    Show {
        /// As `list` shows it.
        #[arg(value_parser = id)]
        id: Uuid,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Send one or all to their consumers again, with all their tries. To be done when the cause is gone.
    #[command(group = clap::ArgGroup::new("which").required(true))]
    Redrive {
        /// As `list` shows it.
        #[arg(group = "which", value_parser = id)]
        id: Option<Uuid>,
        /// Every one.
        #[arg(group = "which", long)]
        all: bool,
        /// With --all: only those of this consumer.
        #[arg(long, value_name = "NAME", requires = "all")]
        consumer: Option<String>,
    },
    /// Throw one away for good: its consumer will never see that event again, unless it is replayed.
    Drop {
        /// As `list` shows it.
        #[arg(value_parser = id)]
        id: Uuid,
        /// Do it without asking.
        #[arg(long, short)]
        yes: bool,
    },
}

fn id(text: &str) -> Result<Uuid, &'static str> {
    text.parse().map_err(|_| "that is no id; `portreeve dead-letters list` shows them")
}

pub(super) async fn run(config: &Config, command: Command) -> ExitCode {
    let (database, stream) = match open(config).await {
        Ok(opened) => opened,
        Err(error) => return fail(&error),
    };
    let outcome = match command {
        Command::List { consumer, json } => list(&stream, consumer.as_deref(), json).await,
        Command::Show { id, json } => show(&stream, id, json).await,
        Command::Redrive { id: Some(id), .. } => redrive(&stream, id).await,
        Command::Redrive { id: None, consumer, .. } => redrive_all(&stream, consumer.as_deref()).await,
        Command::Drop { id, yes } => drop_one(&stream, id, yes).await,
    };
    database.close().await;
    finish(outcome)
}

async fn list(stream: &Stream, consumer: Option<&str>, json: bool) -> Result<(), String> {
    let (mut before, mut count) = (None, 0_usize);
    loop {
        let letters = stream.dead_letters(consumer, before, READ).await.map_err(|error| error.to_string())?;
        let Some(last) = letters.last() else { break };
        before = Some(last.id);
        count += letters.len();
        for letter in &letters {
            if json { say(as_json(letter)) } else { say(line(letter)) }
        }
    }
    if count == 0 && !json {
        say("No dead letters.");
    }
    Ok(())
}

async fn show(stream: &Stream, id: Uuid, json: bool) -> Result<(), String> {
    let letter = stream.dead_letter(id).await.map_err(|error| error.to_string())?;
    if json {
        say(as_json(&letter));
        return Ok(());
    }
    say(format_args!("{}", letter.id));
    say(format_args!("Consumer  {}", letter.consumer));
    say(format_args!("Event     {} at position {}, key {}", event_type(&letter), letter.position, letter.key));
    say(format_args!("Given up  {}, {}", letter.created_at.format("%F %T UTC"), tries(letter.failures)));
    say("\nErrors:");
    for error in letter.errors.as_array().into_iter().flatten() {
        let text = |name: &str| error[name].as_str().unwrap_or_default();
        say(format_args!("  {}  {}", text("time"), text("error")));
    }
    say("\nThe event:");
    say(format_args!("{:#}", letter.event));
    Ok(())
}

async fn redrive(stream: &Stream, id: Uuid) -> Result<(), String> {
    let letter = stream.redrive(id).await.map_err(|error| error.to_string())?;
    say(format_args!("Sent {} to {} again.", letter.id, letter.consumer));
    Ok(())
}

async fn redrive_all(stream: &Stream, consumer: Option<&str>) -> Result<(), String> {
    let count = stream.redrive_all(consumer).await.map_err(|error| error.to_string())?;
    say(match count {
        0 => "No dead letters.".to_owned(),
        1 => "Sent 1 dead letter to its consumer again.".to_owned(),
        count => format!("Sent {count} dead letters to their consumers again."),
    });
    Ok(())
}

async fn drop_one(stream: &Stream, id: Uuid, yes: bool) -> Result<(), String> {
    let letter = stream.dead_letter(id).await.map_err(|error| error.to_string())?;
    let question = format!("{} of {} for {} will be thrown away for good.", event_type(&letter), letter.key, letter.consumer);
    if !ask(&question, yes)? {
        say("Nothing was changed.");
        return Ok(());
    }
    stream.drop_dead_letter(id).await.map_err(|error| error.to_string())?;
    say(format_args!("Threw {id} away."));
    Ok(())
}

fn line(letter: &DeadLetter) -> String {
    let last = letter.errors.as_array().and_then(|errors| errors.last()).and_then(|error| error["error"].as_str()).unwrap_or_default();
    let (id, given_up) = (letter.id, letter.created_at.format("%F %T UTC"));
    format!("{id}  {given_up}  {}  {} {}  {}: {last}", letter.consumer, event_type(letter), letter.key, tries(letter.failures))
}

fn as_json(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id,
        "consumer": letter.consumer,
        "position": letter.position,
        "tries": letter.failures,
        "created_at": letter.created_at,
        "errors": letter.errors,
        "event": letter.event,
    })
}

fn event_type(letter: &DeadLetter) -> &str {
    letter.event["type"].as_str().unwrap_or("event")
}

fn tries(failures: i32) -> String {
    if failures == 1 { "1 try".to_owned() } else { format!("{failures} tries") }
}
