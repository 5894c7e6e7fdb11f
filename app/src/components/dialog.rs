//! Dialogs: the native element, which keeps the focus inside and gives it back.

use std::{pin::Pin, sync::Arc};

use leptos::{ev::MouseEvent, html, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::{button::Button, toast::Toasts};
use crate::error::ApiError;

/// Something to be answered before one goes on. Its content exists only while it is open.
#[component]
pub(crate) fn Dialog(
    /// Whether it is.
    open: RwSignal<bool>,
    /// Its heading, and its name.
    #[prop(into)]
    title: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            match (open.get(), dialog.open()) {
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    // A press on the backdrop is one on the dialog itself, beside its box; one within may be on its scrollbar.
    let outside = move |event: MouseEvent| {
        let Some(dialog) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok()) else { return };
        let (x, y, place) = (f64::from(event.client_x()), f64::from(event.client_y()), dialog.get_bounding_client_rect());
        let within = (place.left()..=place.right()).contains(&x) && (place.top()..=place.bottom()).contains(&y);
        if !within {
            open.set(false);
        }
    };
    view! {
        <dialog class="dialog" aria-label=title node_ref=node on:close=move |_| open.set(false) on:mousedown=outside>
            <Show when=move || open.get()>
                <div class="dialog-body">
                    <h2>{title}</h2>
                    {children()}
                </div>
            </Show>
        </dialog>
    }
}

/// A button that asks before it does something, and says afterwards what it did.
#[component]
pub(crate) fn Action<F>(
    /// `plain`, `danger` or `quiet`: how the button looks.
    #[prop(default = "plain")]
    look: &'static str,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// What the question's button does, as it says.
    #[prop(into)]
    action: Signal<String>,
    /// `danger` or `primary`: what kind of thing that is.
    #[prop(default = "danger")]
    kind: &'static str,
    /// What the other button says, which leaves everything as it is.
    #[prop(default = "Cancel")]
    keep: &'static str,
    /// Does it and gives the sentence to say afterwards.
    run: impl Fn() -> F + Send + Sync + 'static,
    /// What is on the button.
    children: Children,
) -> impl IntoView
where
    F: Future<Output = Result<String, ApiError>> + 'static,
{
    let open = RwSignal::new(false);
    let run: Arc<Run> = Arc::new(move || Box::pin(run()));
    view! {
        <Button kind=look on_press=move || open.set(true)>
            {children()}
        </Button>
        <Dialog open title>
            <Question open text action kind keep run=run.clone() />
        </Dialog>
    }
}

/// Boxed, so that the browser loads the rest once and not once for each action.
pub(crate) type Run = dyn Fn() -> Pin<Box<dyn Future<Output = Result<String, ApiError>>>> + Send + Sync;

/// What a dialog asks: does it when its button is pressed, closes, and says what was done.
#[component]
pub(crate) fn Question(
    /// Of the dialog.
    open: RwSignal<bool>,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// What its button does, as it says.
    #[prop(into)]
    action: Signal<String>,
    /// `danger` or `primary`.
    kind: &'static str,
    /// What the other button says.
    #[prop(into)]
    keep: Signal<String>,
    /// Does it and gives the sentence to say afterwards.
    run: Arc<Run>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let toasts = Toasts::here();
    let press = move || {
        let work = run();
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let answer = work.await;
            let _ = busy.try_set(false);
            match answer {
                Ok(said) => {
                    let _ = open.try_set(false);
                    toasts.say(said);
                }
                Err(ApiError(refused)) => drop(problem.try_set(Some(refused.title))),
            }
        });
    };
    view! {
        <p>{text}</p>
        <div role="alert">{move || problem.get().map(|text| view! { <p class="notice" data-kind="failed">{text}</p> })}</div>
        <div class="actions">
            <Button kind on_press=press busy>
                {action}
            </Button>
            <Button on_press=move || open.set(false)>{keep}</Button>
        </div>
    }
}
