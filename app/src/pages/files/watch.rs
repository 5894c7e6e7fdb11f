//! What happens to one's files, as it happens: server-sent events, read through fetch because an `EventSource` cannot carry a token.

use std::time::Duration;

use gloo_net::http::Request;
use js_sys::{Reflect, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};

use crate::{browser::sleep, error::ApiError, session};

/// Changes that come together are shown together.
const TOGETHER: Duration = Duration::from_millis(150);

/// Loads again when something may have changed, for as long as the page is there, and whenever the callback is run.
pub(crate) fn watched(load: impl Fn() + Copy + Send + Sync + 'static) -> Callback<()> {
    let due = StoredValue::new(false);
    let changed = Callback::new(move |()| {
        if !due.try_get_value().unwrap_or(true) {
            due.set_value(true);
            spawn_local(async move {
                sleep(TOGETHER).await;
                if due.try_set_value(false).is_none() {
                    load();
                }
            });
        }
    });
    Effect::new(move || watch(changed));
    changed
}

/// Calls `changed` after something may have changed.
fn watch(changed: Callback<()>) {
    let Ok(abort) = AbortController::new() else { return };
    let stop = SendWrapper::new(abort.clone());
    on_cleanup(move || stop.abort());
    spawn_local(async move {
        let mut last = None;
        let mut failures = 0_u32;
        while !abort.signal().aborted() {
            match read(&abort, &mut last, changed).await {
                // The server ends a stream after a while, to look at the session again.
                Ok(()) => failures = 0,
                Err(error) if error.is_passing() => failures += 1,
                Err(_) => return,
            }
            sleep(Duration::from_millis(500 << failures.min(5))).await;
        }
    });
}

/// Reads until the stream ends.
async fn read(abort: &AbortController, last: &mut Option<String>, changed: Callback<()>) -> Result<(), ApiError> {
    let token = session::token().await?;
    let mut request = Request::get("/v1/files/events")
        .header("Accept", "text/event-stream")
        .header("Authorization", &format!("Bearer {token}"))
        .abort_signal(Some(&abort.signal()));
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let unreachable = |_| ApiError::unreachable();
    let answer = request.send().await.map_err(unreachable)?;
    if answer.status() == 401 {
        session::renew(&token).await?;
        return Ok(());
    }
    let body = answer.ok().then(|| answer.body()).flatten().ok_or_else(ApiError::unreachable)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut buffer = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|_| ApiError::unreachable())?;
        let get = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).unwrap_or_default();
        if get("done").is_truthy() {
            return Ok(());
        }
        buffer.extend(Uint8Array::new(&get("value")).to_vec());
        let events = take(&mut buffer);
        if !events.is_empty() && !abort.signal().aborted() {
            if let Some(id) = events.into_iter().rev().find_map(|event| event.id) {
                *last = Some(id);
            }
            changed.try_run(());
        }
    }
}

/// What is read of an event (WHATWG HTML §9.2.6).
#[derive(Debug, PartialEq)]
struct Event {
    id: Option<String>,
}

/// Takes the whole events out of what has come; comments are none.
fn take(buffer: &mut Vec<u8>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
        let block: Vec<u8> = buffer.drain(..end + 2).collect();
        let text = String::from_utf8_lossy(&block);
        let id = text.lines().find_map(|line| line.strip_prefix("id:")).map(|id| id.trim().to_owned());
        if text.lines().any(|line| line.starts_with("event:") || line.starts_with("data:")) {
            events.push(Event { id });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_pieces() {
        let mut buffer = b":\n\nevent: ready\ndata: {}\n\nevent: file.stored\nid: 7\nda".to_vec();
        assert_eq!(take(&mut buffer), [Event { id: None }]);
        buffer.extend(b"ta: {}\n\n");
        assert_eq!(take(&mut buffer), [Event { id: Some("7".into()) }]);
        assert!(buffer.is_empty());
    }
}
