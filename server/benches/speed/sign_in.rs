//! Signing in against the hashing alone that it cannot do without; what reads notice of it; and what it leaves in memory.

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::Block;

use crate::support::{
    Call, Connection, Load, MEBIBYTE, Outcome, PASSWORD, Person, Process, Report, Spread, argon2id, drive, fill, own_cpu_seconds,
    percentile,
};

/// Signing in and hashing alone take turns, many and short: a machine that others use, too, is another one some seconds later.
const TURNS: usize = 20;
const TURN: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 7;
/// Short enough that no connection waits for its turn until the server closes it (`public.header_timeout`).
const ROUND: Duration = Duration::from_secs(4);
const USERS: u32 = 10_000;
/// Sign-ins in all before memory is looked at.
const SIGN_INS: f64 = 10_000.0;
/// People who sign in at the same time: the threads never wait, and the queue never overflows.
const IN_FLIGHT: u32 = 32;
/// People who read meanwhile, each so often.
const READERS: u32 = 8;
const READ_EVERY: Duration = Duration::from_millis(20);
/// What Portreeve's own threads for passwords add to their niceness: the floor's do too, so that others on this machine slow both alike.
const NICENESS: i32 = 5;

/// Of raw Argon2id's rate.
const RATE_FLOOR: f64 = 0.95;
/// Milliseconds on top of what reads take when nobody signs in.
const LATENCY_FLOOR: f64 = 10.0;
/// Bytes on top of idle memory and the threads' blocks.
const MEMORY_FLOOR: f64 = 16.0 * MEBIBYTE;

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    fill(data.path(), USERS).await?;
    let server = Process::portreeve(data.path())?;
    let mut readers = Vec::new();
    // Before anybody signs in: signing in is what takes memory.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (idle, _) = server.resident()?;
    for number in 0..READERS {
        let mut connection = Connection::open(server.address).await?;
        let call = Person::sign_in(&mut connection, number).await?.reading()?;
        readers.push((connection, call));
    }
    let mut people = Vec::new();
    for number in 0..IN_FLIGHT {
        people.push((Connection::open(server.address).await?, Person::signing_in(number)?));
    }
    let threads = thread::available_parallelism()?.get();

    let mut latencies = Vec::new();
    let mut done = f64::from(READERS);
    for round in 0..=ROUNDS {
        let quiet = read(&mut readers, ROUND).await?;
        let (busy, meanwhile) = futures::join!(read(&mut readers, ROUND), drive(&mut people, ROUND));
        done += meanwhile?.requests;
        // The first round only warms up.
        if round > 0 {
            latencies.push((quiet, busy?));
        }
    }
    let mut hashing = Vec::new();
    let mut rates = Vec::new();
    let mut costs = Vec::new();
    for _ in 0..TURNS {
        let before = (server.cpu_seconds()?, hashing_seconds(&server)?);
        let alone = drive(&mut people, TURN).await?;
        let spent = server.cpu_seconds()? - before.0;
        let hashed = hashing_seconds(&server)? - before.1;
        let (raw, raw_spent) = hash(threads, TURN)?;
        done += alone.requests;
        rates.push((alone.per_second(), raw.per_second()));
        hashing.push(100.0 * hashed / spent);
        costs.push((alone.requests / spent) / (raw.requests / raw_spent));
    }
    while done < SIGN_INS {
        done += drive(&mut people, ROUND).await?.requests;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (after, _) = server.resident()?;

    let mut report = Report::new("Signing in, median (least to most) of 20 turns of 1.5 s, and of 7 rounds of 4 s with reads");
    let ratio = Spread::of(rates.iter().map(|(signed_in, raw)| signed_in / raw));
    report.hold("sign-ins for each raw Argon2id on as many threads", ratio, "≥ 0.95", ratio.median >= RATE_FLOOR);
    report.tell("the same by CPU time, which others on the machine do not disturb", Spread::of(costs));
    report.tell("of the server's CPU time, the hashing itself, %", Spread::of(hashing));
    report.tell("p99 of reads, nobody signing in, ms", Spread::of(latencies.iter().map(|round| round.0)));
    report.tell("p99 of reads while sign-ins saturate the threads, ms", Spread::of(latencies.iter().map(|round| round.1)));
    let slower = Spread::of(latencies.iter().map(|(quiet, busy)| busy - quiet));
    report.hold("difference, ms", slower, "≤ 10", slower.median <= LATENCY_FLOOR);
    let blocks = f64::from(u32::try_from(threads)?) * 19_456.0 * 1024.0;
    report.tell("memory before the first sign-in, MiB", format!("{:.1}", idle / MEBIBYTE));
    report.hold(
        format!("memory after {done} sign-ins, on top of that and {threads} blocks of 19 MiB, MiB"),
        format!("{:.1}", (after - idle - blocks) / MEBIBYTE),
        "≤ 16",
        after - idle - blocks <= MEMORY_FLOOR,
    );
    Ok(report)
}

/// CPU time of Portreeve's threads for passwords.
fn hashing_seconds(server: &Process) -> Outcome<f64> {
    Ok(server.thread_seconds("argon2")?.into_iter().sum())
}

/// Argon2id and nothing else, each thread in a block that it keeps; with the CPU time that it took.
fn hash(threads: usize, time: Duration) -> Outcome<(Load, f64)> {
    let before = own_cpu_seconds()?;
    let started = Instant::now();
    let hashed = thread::scope(|scope| {
        let each = |_| {
            scope.spawn(move || {
                let _ = rustix::process::setpriority_process(None, NICENESS);
                let argon2 = argon2id().ok()?;
                let mut blocks = vec![Block::default(); argon2.params().block_count()];
                let mut hashes = 0_u32;
                while started.elapsed() < time {
                    argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), b"sixteen bytes ok", &mut [0; 32], &mut blocks).ok()?;
                    hashes += 1;
                }
                Some(f64::from(hashes))
            })
        };
        let running: Vec<_> = (0..threads).map(each).collect();
        running.into_iter().map(|thread| thread.join().ok().flatten()).sum::<Option<f64>>()
    });
    let requests = hashed.ok_or("hashing failed")?;
    Ok((Load { requests, seconds: started.elapsed().as_secs_f64() }, own_cpu_seconds()? - before))
}

/// Reads at a steady pace whatever else happens: the 99th percentile of how long one takes, in milliseconds.
pub(crate) async fn read(readers: &mut [(Connection, Call)], time: Duration) -> Outcome<f64> {
    let until = Instant::now() + time;
    let each = readers.iter_mut().map(|(connection, call)| async move {
        let mut times = Vec::new();
        let mut pace = tokio::time::interval(READ_EVERY);
        while Instant::now() < until {
            pace.tick().await;
            let sent = Instant::now();
            connection.succeed(call).await?;
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
        }
        Outcome::Ok(times)
    });
    let mut times = futures::future::try_join_all(each).await?.concat();
    Ok(percentile(&mut times, 99))
}
