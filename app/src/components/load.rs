//! Signed-in data: a skeleton while it comes, and what to do when it does not.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::button::Button;
use crate::{browser::sleep, error::ApiError};

/// Grey lines where text will be.
#[component]
pub(crate) fn Skeleton(
    /// How many.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">"Loading"</span>
            {(0..lines).map(|_| view! { <i aria-hidden="true"></i> }).collect_view()}
        </div>
    }
}

/// Why nothing is shown. What may pass is tried again by itself, less and less often, and when asked.
#[component]
pub(crate) fn Failed(
    /// What the server said.
    text: String,
    /// Whether it may be better soon.
    passing: bool,
    /// Asks again.
    retry: impl Fn() + Clone + 'static,
) -> impl IntoView {
    if passing {
        keep_trying(retry.clone());
    }
    view! {
        <div class="failed" role="alert">
            <p>{text}</p>
            {passing
                .then(|| {
                    view! {
                        <p class="hint">"We keep trying. Nothing is lost."</p>
                        <Button on_press=retry>"Try again now"</Button>
                    }
                })}
        </div>
    }
}

/// What is shown is not the newest, and why. It is tried again like what is missing.
#[component]
fn Old(
    /// What the server said.
    text: String,
    /// Asks again.
    retry: impl Fn() + 'static,
) -> impl IntoView {
    keep_trying(retry);
    view! {
        <p class="notice" data-kind="attention" role="alert">
            {text}
            " What is shown may be out of date; we keep trying."
        </p>
    }
}

/// Asks again, less and less often, for as long as what called this is there. An answer that is no better changes nothing, so nobody else
/// would ask a second time.
fn keep_trying(retry: impl Fn() + 'static) {
    let tries = use_context::<Tries>().unwrap_or_default();
    let gone = RwSignal::new(());
    spawn_local(async move {
        while let Some(pause) = tries.next() {
            sleep(pause).await;
            if gone.is_disposed() {
                return;
            }
            retry();
        }
    });
}

/// How often a page has tried.
#[derive(Clone, Copy)]
pub(crate) struct Tries(StoredValue<u32>);

impl Default for Tries {
    fn default() -> Self {
        Self(StoredValue::new(0))
    }
}

impl Tries {
    /// 2 s, 4 s, 8 s, … 60 s; `None` once the page is gone.
    fn next(self) -> Option<Duration> {
        let tries = self.0.try_get_value()?;
        self.0.set_value(tries + 1);
        Some(Duration::from_secs((2 << tries.min(5)).min(60)))
    }

    /// It has worked: the next time begins anew.
    fn over(self) {
        self.0.set_value(0);
    }
}

/// Shows what `read` gives: nothing yet, an error, or the data.
#[component]
pub(crate) fn Load<T: Clone + Send + Sync + 'static, V: IntoView + 'static>(
    /// Reads what was answered last: a `LocalResource`, or `latest`.
    read: impl Fn() -> Option<Result<T, ApiError>> + Clone + Send + Sync + 'static,
    /// Asks again.
    retry: impl Fn() + Clone + Send + Sync + 'static,
    /// How high the skeleton is.
    #[prop(default = 3)]
    lines: usize,
    /// Draws the data. It stays when the data change, and the focus with it: what changes is read from the signal.
    children: impl Fn(Signal<T>) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let tries = Tries::default();
    provide_context(tries);
    view! {
        <Transition fallback=move || {
            view! { <Skeleton lines /> }
        }>
            {
                let (read, retry, children) = (read.clone(), retry.clone(), children.clone());
                let stage = {
                    let read = read.clone();
                    Memo::new(move |before: Option<&Stage>| match (read(), before) {
                        (None, _) => Stage::Waiting,
                        // What is there stays, with the dialog that is open in it and the film that plays.
                        (Some(Err(error)), Some(Stage::Ready)) if error.is_passing() => Stage::Ready,
                        (Some(Err(error)), _) => Stage::Failed(error),
                        (Some(Ok(_)), _) => Stage::Ready,
                    })
                };
                move || match (stage.get(), untrack(&read)) {
                    (Stage::Ready, Some(Ok(data))) => {
                        tries.over();
                        let (retry, lapse) = (retry.clone(), lapse(read.clone(), tries));
                        view! {
                            {move || lapse.get().map(|text| view! { <Old text retry=retry.clone() /> })}
                            {children(follow(data, read.clone()))}
                        }
                            .into_any()
                    }
                    (Stage::Failed(error), _) => {
                        view! { <Failed text=error.0.title.clone() passing=error.is_passing() retry=retry.clone() /> }.into_any()
                    }
                    _ => view! { <Skeleton lines /> }.into_any(),
                }
            }
        </Transition>
    }
}

/// Reads again and again, for as long as the page is there and can be seen.
pub(crate) fn keep_fresh(every: Duration, refetch: Callback<()>) {
    let gone = RwSignal::new(());
    spawn_local(async move {
        loop {
            sleep(every).await;
            if gone.is_disposed() {
                return;
            }
            if !document().hidden() {
                refetch.run(());
            }
        }
    });
}

#[derive(Clone, PartialEq)]
enum Stage {
    Waiting,
    Failed(ApiError),
    Ready,
}

/// Why the data that are shown are not the newest.
fn lapse<T: Send + Sync + 'static>(
    read: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
    tries: Tries,
) -> Memo<Option<String>> {
    Memo::new(move |before: Option<&Option<String>>| {
        let error = read().and_then(Result::err).map(|error| error.0.title);
        if error.is_none() && before.is_some_and(Option::is_some) {
            tries.over();
        }
        error
    })
}

/// The newest data, from `first` on.
fn follow<T: Clone + Send + Sync + 'static>(first: T, read: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static) -> Signal<T> {
    let latest = RwSignal::new(first);
    Effect::new(move |before: Option<()>| {
        if let (Some(Ok(data)), Some(())) = (read(), before) {
            latest.set(data);
        }
    });
    latest.into()
}
