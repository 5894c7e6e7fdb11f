//! One at a time over all tabs, by the Web Locks API. web-sys keeps it behind an unstable flag, so the two functions that are
//! needed are declared here.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, callback: &Function) -> Promise;
}

/// Holds the lock until it is dropped.
pub(super) struct Held(Rc<RefCell<Option<Function>>>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.0.borrow_mut().take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Waits until no other tab, and nothing else in this one, holds the lock `name`. A tab that is closed lets go.
///
/// `None` where the browser has no locks, as over plain HTTP to another machine, where nobody can be signed in anyway.
pub(super) async fn hold(name: &str) -> Option<Held> {
    let navigator = leptos::prelude::window().navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok().filter(JsValue::is_object)?;
    let release = Rc::new(RefCell::new(None));

    let granted = Promise::new(&mut |resolve, _| {
        let release = Rc::clone(&release);
        let callback = Closure::once_into_js(move || -> Promise {
            let held = Promise::new(&mut |let_go, _| *release.borrow_mut() = Some(let_go));
            let _ = resolve.call0(&JsValue::UNDEFINED);
            held
        });
        let _ = locks.unchecked_ref::<LockManager>().request(name, callback.unchecked_ref());
    });
    JsFuture::from(granted).await.ok()?;
    Some(Held(release))
}
