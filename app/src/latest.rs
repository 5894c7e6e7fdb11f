//! The newest answer to what is asked now. A resource sends a question only once the one before is answered: whoever types on would wait for what nobody wants to
//! know any more.

use leptos::{prelude::*, task::spawn_local};

use crate::error::ApiError;

/// What was asked, and the answer.
pub(crate) type Answer<Q, T> = Option<Result<(Q, T), ApiError>>;

/// Asks whenever `asked` changes, and when the callback is run. Nothing is asked while the server renders.
pub(crate) fn latest<Q, T, F>(asked: Memo<Q>, ask: impl Fn(Q) -> F + Copy + Send + Sync + 'static) -> (RwSignal<Answer<Q, T>>, Callback<()>)
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let answer = RwSignal::new(None);
    let (count, shown) = (StoredValue::new(0_u32), StoredValue::new(0_u32));
    let send = move || {
        let Some(question) = asked.try_get_untracked() else { return };
        count.update_value(|count| *count += 1);
        let number = count.get_value();
        spawn_local(async move {
            let said = ask(question.clone()).await;
            // One that was overtaken is older than what is shown; the page may be gone.
            let is_newer = shown.try_get_value().is_some_and(|shown| shown < number);
            if is_newer && asked.try_get_untracked().as_ref() == Some(&question) {
                shown.set_value(number);
                answer.set(Some(said.map(|said| (question, said))));
            }
        });
    };
    Effect::new(move || {
        asked.track();
        send();
    });
    (answer, Callback::new(move |()| send()))
}
