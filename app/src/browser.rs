//! Small things that only a browser can do. None of this is called while the server renders.

use std::time::Duration;

use futures::future::{Either, select};
use gloo_storage::{LocalStorage, Storage};
use js_sys::{JsString, Promise};
use leptos::prelude::{document, request_animation_frame, window};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

/// Waits.
pub(crate) async fn sleep(time: Duration) {
    let milliseconds = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let promise = Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}

/// What `future` gives, if it does so within `time`. Otherwise it is dropped, which aborts a request.
pub(crate) async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(std::pin::pin!(future), std::pin::pin!(sleep(time))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// NFKC (UAX #15), by the browser's own tables.
pub(crate) fn nfkc(text: &str) -> String {
    JsString::from(text).normalize("NFKC").into()
}

/// Moves the focus to the first element in `root` that matches, once what has just changed is on the page.
pub(crate) fn focus_within(root: Element, selector: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = root.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}

/// Moves the focus to the element with this id, once the dialog that has just been answered has given the focus back.
pub(crate) fn focus_id(id: &'static str) {
    leptos::prelude::set_timeout(
        move || {
            if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                let _ = element.focus();
            }
        },
        Duration::from_millis(50),
    );
}

/// Puts text where one can paste it from. `false` where the browser does not let a page do so.
pub(crate) async fn copy(text: &str) -> bool {
    match write_text(text) {
        Ok(done) => JsFuture::from(done).await.is_ok(),
        Err(_) => false,
    }
}

#[wasm_bindgen]
extern "C" {
    // web-sys' own takes for granted that there is a clipboard; over plain HTTP there is none.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_text(text: &str) -> Result<Promise, JsValue>;
}

/// Moves the focus to the page's heading, so that a screen reader says where one is.
pub(crate) fn focus_heading() {
    if let Some(body) = document().body() {
        focus_within(body.into(), "h1");
    }
}

/// What the browser keeps under `key`. `None` too where it lets this site keep nothing: gloo would panic there.
pub(crate) fn kept<T: DeserializeOwned>(key: &str) -> Option<T> {
    may_keep().then(|| LocalStorage::get(key).ok()).flatten()
}

/// Keeps a value, if the browser lets this site keep anything.
pub(crate) fn keep(key: &str, value: impl Serialize) {
    if may_keep() {
        let _ = LocalStorage::set(key, value);
    }
}

/// Keeps it no longer.
pub(crate) fn drop_kept(key: &str) {
    if may_keep() {
        LocalStorage::delete(key);
    }
}

fn may_keep() -> bool {
    window().local_storage().is_ok_and(|storage| storage.is_some())
}
