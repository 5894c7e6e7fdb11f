//! What every engine of the stream promises.

mod failures;
mod holders;
mod late_commit;
mod nats;
mod operate;
mod order;
mod plans;
mod processes;
mod replay;
mod retention;
mod rig;

pub(crate) use rig::{Act, Doer, Rig, Running, consumer, event};

/// Runs each test of a contract on each engine; on PostgreSQL if `PORTREEVE_TEST_DATABASE_URL` names one.
macro_rules! on_each_stream {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            use super::super::Rig;
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(Rig::sqlite().await).await; })+
        }
        mod on_postgres {
            use super::super::Rig;
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
                if let Some(rig) = Rig::postgres().await {
                    super::$test(rig).await;
                }
            })+
        }
        mod on_nats {
            use super::super::Rig;
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(Rig::nats().await).await; })+
        }
    };
}

pub(crate) use on_each_stream;
