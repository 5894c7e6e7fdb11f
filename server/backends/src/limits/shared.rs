//! Buckets in Redis, for many nodes together: one script takes from all of them or from none, by Redis' clock.

use std::fmt;

use ::redis::{Script, ScriptInvocation};
use sha2::{Digest, Sha256};

use super::{Memory, Record, Subject, Take, Taken, bucket::every};
use crate::{Clock, redis::Redis};

/// Redis, and what counts while it is away.
pub struct Shared {
    redis: Redis,
    secret: [u8; 32],
    clock: Clock,
    script: Script,
    /// Counts along, so that an outage finds no full buckets.
    local: Memory,
}

impl Shared {
    pub(super) fn new(redis: Redis, secret: [u8; 32], clock: Clock) -> Self {
        Self { redis, secret, script: Script::new(include_str!("take.lua")), local: Memory::new(clock.clone()), clock }
    }

    #[tracing::instrument(target = "otel", level = "trace", name = "limits.take", skip_all, fields(otel.kind = "client", db.system.name = "redis"))]
    pub(super) async fn take(&self, takes: &[Take]) -> Taken {
        let mut connection = self.redis.connection();
        let invocation = self.invocation(takes);
        let asked = self.redis.ask(async move { invocation.invoke_async::<Vec<i64>>(&mut connection).await }).await;
        let Some(given) = asked.and_then(|answer| read(takes, &answer)) else { return self.local.take(takes) };
        if given.wait().is_none() {
            self.local.take(takes);
        }
        given
    }

    pub(super) fn local(&self) -> &Memory {
        &self.local
    }

    fn invocation(&self, takes: &[Take]) -> ScriptInvocation<'_> {
        let mut invocation = self.script.prepare_invoke();
        match &self.clock {
            Clock::System => invocation.arg(""),
            // A test's time, which Redis cannot know.
            Clock::Manual(_) => invocation.arg(self.clock.now().timestamp_micros()),
        };
        for take in takes {
            invocation.key(self.key(take.subject)).arg(every(take.rate)).arg(take.rate.burst.get());
            match take.class {
                Some((class, rate)) => invocation.arg(class).arg(every(rate)).arg(rate.burst.get()),
                None => invocation.arg(0).arg(0).arg(0),
            };
            invocation.arg(take.daily.unwrap_or(0));
        }
        invocation
    }

    /// A name that only who has the secret can make, or try to guess addresses by.
    fn key(&self, subject: Subject) -> String {
        let kind = subject.kind.name();
        let hash = Sha256::new().chain_update(self.secret).chain_update(kind).chain_update(subject.id).finalize();
        let hash = hash.iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
            let _ = fmt::Write::write_fmt(&mut hex, format_args!("{byte:02x}"));
            hex
        });
        format!("{}:limit:{kind}:{hash}", self.redis.prefix())
    }
}

/// What the script says; `None` if that is something else.
fn read(takes: &[Take], answer: &[i64]) -> Option<Taken> {
    let (head, subjects) = answer.split_at_checked(2)?;
    let record = |(take, values): (&Take, &[i64])| {
        let mut record = Record { whole: values[0], day: values[2], used: u32::try_from(values[3]).ok()?, ..Record::default() };
        if let Some((class, _)) = take.class {
            *record.classes.get_mut(usize::from(class))? = values[1];
        }
        Some(record)
    };
    let records = takes.iter().zip(subjects.chunks_exact(4)).map(record).collect::<Option<Vec<_>>>()?;
    (records.len() == takes.len()).then(|| Taken::of(takes, &records, head[1], head[0] == 1))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("redis", &self.redis).field("local", &self.local).finish_non_exhaustive()
    }
}
