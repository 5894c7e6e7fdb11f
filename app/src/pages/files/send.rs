//! Sending one file: from where the server is, in parts, for as long as it takes.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    queue::{Queue, Stage, Upload},
    tus::{self, Stop},
};
use crate::browser::sleep;

/// Bytes of the first part.
const FIRST_PART: u64 = 256 * 1024;
/// Between two looks at whether the network is back.
const LOOK: Duration = Duration::from_millis(250);
/// Looks until it is tried anyway, after the first failure.
const LOOKS: u32 = 4;

/// Sends until all is there, or somebody or something stops it.
pub(crate) async fn send(queue: Queue, upload: Upload, turn: u32) {
    let mut failures = 0;
    let mut known = false;
    loop {
        let before = upload.sent().get_untracked();
        let stopped = match go_on(&upload, turn, &mut known).await {
            Ok(true) => {
                queue.leave(&upload);
                return queue.say(format!("{} has arrived.", upload.name()));
            }
            // Paused or cancelled.
            Ok(false) => return queue.turn(),
            Err(stopped) => stopped,
        };
        if !upload.is_on(turn) {
            return queue.turn();
        }
        if upload.sent().get_untracked() > before {
            failures = 0;
        }
        match stopped {
            Stop::Refused(error) => return fail(&queue, &upload, error.0.title),
            // It was there a moment ago: somebody wants it no more, and nothing may begin it anew.
            Stop::Gone if known => {
                upload.keep_address(None);
                return fail(&queue, &upload, "It was cancelled elsewhere.".to_owned());
            }
            Stop::Gone => upload.keep_address(None),
            Stop::Moved => {}
            Stop::Passing => upload.stage().set(Stage::Cut),
        }
        upload.speed().set(0);
        if !tus::readable(&upload.file()).await {
            return fail(&queue, &upload, tus::unreadable().0.title);
        }
        wait(&upload, turn, failures).await;
        failures += 1;
        if !upload.is_on(turn) {
            return queue.turn();
        }
    }
}

fn fail(queue: &Queue, upload: &Upload, why: String) {
    queue.say(format!("{} could not be sent. {why}", upload.name()));
    upload.stage().set(Stage::Failed(why));
    queue.turn();
}

/// Whether all is there. Makes `known` true once the server has the upload.
async fn go_on(upload: &Upload, turn: u32, known: &mut bool) -> Result<bool, Stop> {
    let size = upload.size();
    let (address, mut offset) = if let Some(address) = upload.address() {
        let offset = tus::offset(&address).await?;
        (address, offset)
    } else {
        let address = tus::create(upload.name(), &upload.file()).await?;
        if !upload.is_on(turn) {
            let _ = tus::terminate(&address).await;
            return Ok(false);
        }
        upload.keep_address(Some(address.clone()));
        (address, 0)
    };
    *known = true;
    let mut part = FIRST_PART;
    upload.sent().set(offset);
    while offset < size {
        if !upload.is_on(turn) {
            return Ok(false);
        }
        let began = js_sys::Date::now();
        let now_at = tus::part(&address, &upload.file(), offset, (offset + part).min(size)).await?;
        if !upload.is_on(turn) {
            return Ok(false);
        }
        let seconds = ((js_sys::Date::now() - began) / 1000.0).max(0.001);
        upload.stage().set(Stage::Sending);
        upload.sent().set(now_at);
        upload.speed().update(|speed| *speed = smooth(*speed, now_at.saturating_sub(offset), seconds));
        part = tus::next_part(part, seconds);
        offset = now_at;
    }
    Ok(true)
}

/// The last parts count most.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an estimate")]
fn smooth(before: u64, bytes: u64, seconds: f64) -> u64 {
    let now = bytes as f64 / seconds;
    if before == 0 { now as u64 } else { (before as f64).mul_add(0.7, now * 0.3) as u64 }
}

/// Longer after each failure, 16 s at most; no longer than until the network is back.
async fn wait(upload: &Upload, turn: u32, failures: u32) {
    let was_online = window().navigator().on_line();
    for _ in 0..(LOOKS << failures.min(4)) {
        sleep(LOOK).await;
        if !upload.is_on(turn) || (!was_online && window().navigator().on_line()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::smooth;

    #[test]
    fn speed_follows_slowly() {
        assert_eq!(smooth(0, 1000, 1.0), 1000);
        assert_eq!(smooth(1000, 2000, 1.0), 1300);
    }
}
