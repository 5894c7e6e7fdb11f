//! A fixed pool of threads for Argon2id.
//!
//! Each thread has one block of memory, from its first hash on, and keeps it: a fresh 19 MiB for every hash costs more than half of the time in
//! page faults and leaves the allocator holding gigabytes. The block is in huge pages, which saves a hash most of its walks through page tables. The threads give way to
//! everything else, so that sign-ins do not slow down reads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use parking_lot::Mutex;
use portreeve_backends::Random;
use portreeve_contract::FieldError;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::{
    Settings, Verdict,
    answers::{Answer, Answers},
    is_current, policy,
};
use crate::Fault;

/// Added to the niceness of the process.
const NICENESS: i32 = 5;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

pub(super) enum Job {
    Hash {
        password: Zeroizing<String>,
        reply: oneshot::Sender<Result<String, Fault>>,
    },
    Verify {
        password: Zeroizing<String>,
        stored: String,
        reply: oneshot::Sender<Result<Verdict, Fault>>,
    },
    Check {
        field: String,
        password: Zeroizing<String>,
        min_length: usize,
        context: Vec<String>,
        reply: oneshot::Sender<Result<(), FieldError>>,
    },
}

#[derive(Debug)]
pub(super) struct Pool {
    jobs: mpsc::Sender<Job>,
}

impl Pool {
    /// Starts the threads; also gives a hash at these parameters that no password is known to have.
    pub(super) fn start(settings: &Settings, random: &Random) -> Result<(Self, String), Fault> {
        let params = Params::new(settings.memory_kib, settings.iterations, settings.parallelism, Some(HASH_BYTES))
            .map_err(|_| Fault::Crypto("Argon2 parameters"))?;
        // Made up rather than computed: comparing with it is the same work, and the start neither waits nor takes memory for it.
        let decoy = encode(&params, &random.bytes(), &random.bytes::<HASH_BYTES>())?;
        let (jobs, waiting) = mpsc::channel(settings.queue);
        let (waiting, answers) = (Arc::new(Mutex::new(waiting)), Arc::new(Answers::default()));
        for number in 0..settings.threads {
            let (waiting, answers, params, random) = (waiting.clone(), answers.clone(), params.clone(), random.clone());
            thread::Builder::new()
                .name(format!("argon2-{number}"))
                .spawn(move || work(&waiting, &answers, Hasher::new(params, random)))
                .map_err(|_| Fault::Crypto("starting a thread for passwords"))?;
        }
        Ok((Self { jobs }, decoy))
    }

    /// Queues a job and waits for its answer. A full queue is an answer too: waiting longer would only make every one of them slow.
    pub(super) async fn run<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(job(reply)).map_err(|_| Fault::Busy)?;
        answer.await.map_err(|_| Fault::Crypto("a password thread died"))
    }
}

fn work(waiting: &Mutex<mpsc::Receiver<Job>>, answers: &Answers, mut hasher: Hasher) {
    // On Linux this is the calling thread, not the process. Refused is no harm.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    loop {
        let job = waiting.lock().blocking_recv();
        let Some(job) = job else { return };
        // Who has the lock is just taking one, or waits because there is none.
        answers.give(hasher.answer(job), || waiting.try_lock().map_or(0, |jobs| jobs.len()));
    }
}

struct Hasher {
    params: Params,
    random: Random,
    blocks: Vec<Block>,
}

impl Hasher {
    fn new(params: Params, random: Random) -> Self {
        Self { params, random, blocks: Vec::new() }
    }

    /// Nobody's, if nobody waits any more: a client that gives up costs nothing.
    fn answer(&mut self, job: Job) -> Option<Answer> {
        match job {
            Job::Hash { reply, .. } if reply.is_closed() => None,
            Job::Verify { reply, .. } if reply.is_closed() => None,
            Job::Check { reply, .. } if reply.is_closed() => None,
            Job::Check { field, password, min_length, context, reply } => {
                let context: Vec<_> = context.iter().map(String::as_str).collect();
                // A bug in what judges must not cost the thread.
                let checked = catch_unwind(AssertUnwindSafe(|| policy::check(&field, &password, min_length, &context))).ok()?;
                Some(Box::new(|| drop(reply.send(checked))))
            }
            Job::Hash { password, reply } => {
                let hash = self.hash(&password);
                Some(Box::new(|| drop(reply.send(hash))))
            }
            Job::Verify { password, stored, reply } => {
                let verdict = self.verify(&password, &stored);
                Some(Box::new(|| drop(reply.send(verdict))))
            }
        }
    }

    fn hash(&mut self, password: &str) -> Result<String, Fault> {
        let salt: [u8; SALT_BYTES] = self.random.bytes();
        let output = self.derive(password, &salt, &self.params.clone(), HASH_BYTES)?;
        encode(&self.params, &salt, &output)
    }

    fn verify(&mut self, password: &str, stored: &str) -> Result<Verdict, Fault> {
        let malformed = || Fault::Crypto("a stored password hash is malformed");
        let stored: PasswordHash = stored.parse().map_err(|_| malformed())?;
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(malformed()) };
        if stored.algorithm != Algorithm::Argon2id.ident() {
            return Err(malformed());
        }
        let params = Params::try_from(&stored).map_err(|_| malformed())?;
        let output = self.derive(password, salt.as_ref(), &params, expected.as_bytes().len())?;
        if aws_lc_rs::constant_time::verify_slices_are_equal(&output, expected.as_bytes()).is_err() {
            return Ok(Verdict::Wrong);
        }
        let rehashed = if is_current(&stored, &self.params) { None } else { Some(self.hash(password)?) };
        Ok(Verdict::Right { rehashed })
    }

    fn derive(&mut self, password: &str, salt: &[u8], params: &Params, length: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if self.blocks.len() < params.block_count() {
            self.blocks = portreeve_memory::filled(params.block_count(), Block::default());
        }
        let mut output = Zeroizing::new(vec![0; length]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut self.blocks)
            .map_err(|_| Fault::Crypto("hashing a password"))?;
        Ok(output)
    }
}

/// As it is stored: a PHC string.
fn encode(params: &Params, salt: &[u8; SALT_BYTES], output: &[u8]) -> Result<String, Fault> {
    let failed = |_| Fault::Crypto("hashing a password");
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into().map_err(|_| Fault::Crypto("hashing a password"))?,
        salt: Some(Salt::new(salt).map_err(failed)?),
        hash: Some(Output::new(output).map_err(failed)?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory: u32) -> Hasher {
        Hasher::new(Params::new(memory, 1, 1, Some(HASH_BYTES)).unwrap(), Random::seeded(1))
    }

    #[test]
    fn a_hash_verifies_and_tells_when_it_is_too_cheap() {
        let stored = hasher(64).hash("tide lantern").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert!(matches!(hasher(64).verify("tide lantern", &stored).unwrap(), Verdict::Right { rehashed: None }));
        assert!(matches!(hasher(64).verify("tide Lantern", &stored).unwrap(), Verdict::Wrong));
        let Verdict::Right { rehashed: Some(rehashed) } = hasher(128).verify("tide lantern", &stored).unwrap() else {
            panic!("not rehashed")
        };
        assert!(matches!(hasher(128).verify("tide lantern", &rehashed).unwrap(), Verdict::Right { rehashed: None }));
    }

    #[tokio::test]
    async fn everybody_in_a_crowd_is_answered_although_others_in_it_give_up() {
        for threads in [1, 2, 3] {
            let settings = Settings { min_length: 15, memory_kib: 64, iterations: 1, parallelism: 1, threads, queue: 256 };
            let (pool, decoy) = Pool::start(&settings, &Random::seeded(1)).unwrap();
            for gone in [0, 1, 50] {
                let mut asked: Vec<_> = (0..100)
                    .map(|number: u32| {
                        let (password, stored) = (Zeroizing::new(number.to_string()), decoy.clone());
                        let (reply, answer) = oneshot::channel();
                        pool.jobs.try_send(Job::Verify { password, stored, reply }).ok().unwrap();
                        answer
                    })
                    .collect();
                // Whoever comes last, too.
                asked.truncate(100 - gone);
                let mut number = 0;
                asked.retain(|_| {
                    number += 1;
                    number % 3 != 0
                });
                for verdict in futures::future::join_all(asked).await {
                    assert!(matches!(verdict.unwrap().unwrap(), Verdict::Wrong));
                }
            }
        }
    }

    #[test]
    fn the_decoy_is_compared_at_the_same_cost_and_is_no_password_of_anybody() {
        let settings = Settings { min_length: 15, memory_kib: 64, iterations: 1, parallelism: 1, threads: 0, queue: 1 };
        let (_, decoy) = Pool::start(&settings, &Random::seeded(1)).unwrap();
        let mut hasher = hasher(64);
        let parsed: PasswordHash = decoy.parse().unwrap();
        assert!(is_current(&parsed, &hasher.params) && parsed.hash.unwrap().as_bytes().len() == HASH_BYTES, "{decoy}");
        assert!(matches!(hasher.verify("tide lantern", &decoy).unwrap(), Verdict::Wrong));
    }

    #[test]
    fn the_hash_is_the_one_that_others_compute() {
        let stored = hasher(64).hash("tide lantern").unwrap();
        argon2::PasswordVerifier::verify_password(&Argon2::default(), b"tide lantern", &stored.parse::<PasswordHash>().unwrap()).unwrap();
    }
}
