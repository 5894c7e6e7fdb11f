//! Which functions a start and the usual requests run, as callgrind sees them. A release is linked by that list (`server/build/layout.rs`): what runs lies
//! together, and what does not need never be read from the disk.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    time::Duration,
};

use crate::{
    gateway,
    support::{Call, Connection, KEEP, Observed, Outcome, Process, Report, ask_the_usual, fill, program},
};

/// Of each kind.
const REQUESTS: usize = 100;
/// Until what a start begins in the background has had its turn.
const SETTLED: Duration = Duration::from_secs(8);
/// Percent of the instructions.
const COVERED_FLOOR: u64 = 99;
/// Names are told apart by as much of them; some have thousands of characters.
const NAME: usize = 200;
const HEAD: &str = "\
# Functions in the order in which a release is linked: those of requests, of requests and the start, of the start. Written by
# PORTREEVE_BENCH_KEEP=1 CARGO_PROFILE_BENCH_STRIP=none cargo bench -p portreeve-server --bench speed -- layout
";

/// Instructions by function.
type Run = BTreeMap<String, u64>;

pub(crate) async fn measure() -> Outcome<Report> {
    let sizes = sizes()?;
    let (mut start, mut requests) = run().await?;
    // callgrind has names of its own for what has none.
    start.retain(|name, _| sizes.contains_key(name));
    requests.retain(|name, _| sizes.contains_key(name));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("build/functions.txt");
    if std::env::var_os(KEEP).is_some() {
        let mut text = HEAD.to_owned();
        for name in order(&start, &requests) {
            writeln!(text, "{name}")?;
        }
        fs::write(&path, text)?;
    }
    let kept = fs::read_to_string(&path)?;
    let kept: BTreeSet<&str> = kept.lines().collect();
    let mut report = Report::new("What a release is linked by");
    for (what, run) in [("a start and the first page", &start), ("the usual requests", &requests)] {
        let bytes: u64 = run.keys().filter_map(|name| sizes.get(name)).sum();
        report.tell(format!("functions that {what} run"), run.len());
        report.tell("their size, KB", bytes / 1000);
        let all: u64 = run.values().sum();
        let named: u64 = run.iter().filter(|(name, _)| kept.contains(family(name))).map(|(_, instructions)| instructions).sum();
        let covered = named * 100 / all;
        report.hold("of their instructions, in functions that the list names, %", covered, "≥ 99", covered >= COVERED_FLOOR);
    }
    Ok(report)
}

/// What is run by starts with their first page, and by requests.
async fn run() -> Outcome<(Run, Run)> {
    // An installation's first start makes its keys and offers to make an administrator.
    let empty = tempfile::tempdir()?;
    let (.., mut start) = started(empty.path(), "").await?;
    let folder = tempfile::tempdir()?;
    fill(folder.path(), 1).await?;
    let service = Process::hello()?;
    let (server, observed, again) = started(folder.path(), &gateway::before(service.address)).await?;
    for (name, instructions) in again {
        *start.entry(name).or_default() += instructions;
    }

    ask_the_usual(server.address, REQUESTS).await?;
    Ok((start, counted(&observed.dump(&server)?)?))
}

/// A server under callgrind that has shown its first page, and what that ran.
async fn started(data: &Path, configuration: &str) -> Outcome<(Process, Observed, Run)> {
    let observed = Observed::new(data);
    let server = Process::portreeve_under(&observed.words(), data, configuration)?;
    Connection::open(server.address).await?.succeed(&Call::get("/sign-in")?).await?;
    tokio::time::sleep(SETTLED).await;
    let run = counted(&observed.dump(&server)?)?;
    Ok((server, observed, run))
}

/// First what only requests run, the rarest of it first, so that the most run of all are neighbours; then what a start runs too, and what only a
/// start runs.
fn order<'a>(start: &'a Run, requests: &'a Run) -> Vec<&'a str> {
    let (starts, all) = (families(start), families(requests));
    let (both, mut only): (Vec<_>, Vec<_>) = by_cost(&all).into_iter().partition(|name| starts.contains_key(name));
    only.reverse();
    let rest = by_cost(&starts).into_iter().filter(|name| !all.contains_key(name));
    only.into_iter().chain(both).chain(rest).collect()
}

fn families(run: &Run) -> HashMap<&str, u64> {
    let mut families = HashMap::new();
    for (name, instructions) in run {
        *families.entry(family(name)).or_default() += instructions;
    }
    families
}

fn by_cost<'a>(families: &HashMap<&'a str, u64>) -> Vec<&'a str> {
    let mut names: Vec<&str> = families.keys().copied().collect();
    names.sort_by_key(|name| (std::cmp::Reverse(families[name]), *name));
    names
}

/// The name without what differs from one build to the next: rustc's hash, and the number that LLVM gives to what it shares between crates.
fn family(name: &str) -> &str {
    let name = name.split_once(".llvm.").map_or(name, |(name, _)| name);
    // "17h", 16 digits, "E", and for a part of a function what part it is.
    let hash = |at: &usize| {
        name.get(at + 3..at + 20).is_some_and(|hash| hash.ends_with('E') && hash[..16].bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let name = name.match_indices("17h").map(|(at, _)| at).find(hash).map_or(name, |at| &name[..at + 3]);
    name.get(..NAME).unwrap_or(name)
}

/// Instructions of the program's own functions in a dump, without those that they call: the format is callgrind's
/// (https://valgrind.org/docs/manual/cl-format.html), in which a name stands once and is a number from then on.
fn counted(dump: &str) -> Outcome<Run> {
    let (mut objects, mut functions) = (HashMap::new(), HashMap::new());
    let (mut ours, mut function, mut call) = (false, "", false);
    let mut run = Run::new();
    for line in dump.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            ours = named(&mut objects, object)?.ends_with("/portreeve");
        } else if let Some(object) = line.strip_prefix("cob=") {
            named(&mut objects, object)?;
        } else if let Some(name) = line.strip_prefix("fn=") {
            function = named(&mut functions, name)?;
        } else if let Some(name) = line.strip_prefix("cfn=") {
            named(&mut functions, name)?;
        } else if line.starts_with("calls=") {
            // The next line is what the called function took.
            call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            if ours && !call {
                let cost: u64 = line.rsplit(' ').next().unwrap_or_default().parse()?;
                // What calls itself is counted apart, as name'2.
                let name = function.split_once('\'').map_or(function, |(name, _)| name);
                *run.entry(name.to_owned()).or_default() += cost;
            }
            call = false;
        }
    }
    Ok(run)
}

/// `(7) name`, or `(7)` for one that was named before.
fn named<'a>(known: &mut HashMap<&'a str, &'a str>, text: &'a str) -> Outcome<&'a str> {
    if let Some((number, name)) = text.split_once(' ') {
        known.insert(number, name);
        return Ok(name);
    }
    Ok(known.get(text).ok_or("a dump that names nothing")?)
}

/// Of all functions of the program, in bytes.
fn sizes() -> Outcome<HashMap<String, u64>> {
    let listed = Command::new("nm").args(["--print-size", "--defined-only"]).arg(program()).output()?;
    let mut sizes = HashMap::new();
    for line in String::from_utf8(listed.stdout)?.lines() {
        if let [_, size, "t" | "T" | "w" | "W", name] = line.split(' ').collect::<Vec<_>>()[..] {
            sizes.insert(name.to_owned(), u64::from_str_radix(size, 16)?);
        }
    }
    if sizes.is_empty() {
        return Err("the program has no symbols; CARGO_PROFILE_BENCH_STRIP=none leaves them in".into());
    }
    Ok(sizes)
}
