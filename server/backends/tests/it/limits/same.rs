//! Both engines come to the same results, whatever is taken when.

use std::time::Duration;

use chrono::TimeDelta;
use portreeve_backends::Random;
use portreeve_backends::limits::{Kind, Take};

use super::{Rig, rate, subject};

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_has_the_same_results_in_memory_and_in_redis() {
    let (memory, redis) = (Rig::memory(), Rig::redis());
    let random = Random::seeded(4);
    let mut granted = 0;
    for step in 0..3000 {
        let [subjects, id, key, class, burst, every, daily, pause] = random.bytes::<8>();
        let of = |kind, id: u8| Take {
            daily: (daily % 3 == 0).then_some(50),
            class: (class < 128).then(|| (class % 3, rate(u32::from(burst % 4) + 1, Duration::from_micros(7_000_003)))),
            ..Take::one(
                subject(kind, u128::from(id % 3)),
                rate(u32::from(burst % 5) + 2, Duration::from_micros(u64::from(every) * 9_999 + 1)),
            )
        };
        let takes = [of(Kind::Account, id), of(Kind::Key, key)];
        let takes = if subjects % 2 == 0 { &takes[..] } else { &takes[..1] };
        let (in_memory, in_redis) = (memory.limits.take(takes).await, redis.limits.take(takes).await);
        assert_eq!(in_memory, in_redis, "step {step}: {takes:?}");
        granted += usize::from(in_memory.wait().is_none());
        // Mostly a moment, sometimes the rest of the day.
        let pause = if pause == 255 { TimeDelta::hours(7) } else { TimeDelta::microseconds(i64::from(pause) * 4_001) };
        memory.clock.advance(pause);
        redis.clock.advance(pause);
    }
    assert!((500..2500).contains(&granted), "{granted} of 3000 show little of either");
}
