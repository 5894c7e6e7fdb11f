//! `/admin/stream/dead-letters/{id}`: one event that a consumer gave up on.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use portreeve_contract::{
    DeadLetterId, ErrorKind, Problem,
    stream::{DeadLetterDetail, TryError},
};

use super::stream::PATH;
use crate::{
    api,
    components::{
        dialog::Action,
        guard::needs_sign_in,
        layout::{NeedsScript, Page},
        load::Load,
        time::Time,
    },
    error::ApiError,
};

/// The whole event, every error and its time, and what can be done.
#[component]
pub(crate) fn DeadLetter() -> impl IntoView {
    needs_sign_in();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<DeadLetterId>().ok()));
    let detail = LocalResource::new(move || {
        let id = id.get();
        async move {
            match id {
                Some(id) => api::stream::dead_letter(id).await,
                None => Err(ApiError(Problem::new(ErrorKind::NotFound, "not_found", "There is no such dead letter."))),
            }
        }
    });
    view! {
        <Page title="Dead letter" above=(PATH, "Stream")>
            <NeedsScript />
            <Load read=move || detail.get() retry=move || detail.refetch() lines=8 let:found>
                {move || {
                    let DeadLetterDetail { letter, errors, event } = found.get();
                    view! {
                        <section class="section" aria-labelledby="what-heading">
                            <div class="section-head">
                                <h2 id="what-heading">"What was given up"</h2>
                                <p>{letter.event_type}</p>
                            </div>
                            <dl class="facts">
                                <dt>"Consumer"</dt>
                                <dd>{letter.consumer}</dd>
                                <dt>"Of"</dt>
                                <dd class="code">{letter.key}</dd>
                                <dt>"Position"</dt>
                                <dd class="number">{letter.position}</dd>
                                <dt>"Given up"</dt>
                                <dd>
                                    <Time at=letter.created_at />
                                </dd>
                            </dl>
                        </section>
                        <Errors errors />
                        <section class="section" aria-labelledby="event-heading">
                            <div class="section-head">
                                <h2 id="event-heading">"The event"</h2>
                                <p>"As every consumer gets it (CloudEvents 1.0)."</p>
                            </div>
                            <pre class="code">{event}</pre>
                        </section>
                        <Actions id=letter.id />
                    }
                }}
            </Load>
        </Page>
    }
}

#[component]
fn Errors(errors: Vec<TryError>) -> impl IntoView {
    let tries = if errors.len() == 1 { "1 try failed.".to_owned() } else { format!("{} tries failed.", errors.len()) };
    let rows = errors.into_iter().map(|TryError { time, error }| {
        view! {
            <li class="row">
                <div class="row-main">
                    <p>{error}</p>
                    <p class="hint">
                        <Time at=time />
                    </p>
                </div>
            </li>
        }
    });
    view! {
        <section class="section" aria-labelledby="errors-heading">
            <div class="section-head">
                <h2 id="errors-heading">"Errors"</h2>
                <p>{tries}</p>
            </div>
            <ol class="rows">{rows.collect_view()}</ol>
        </section>
    }
}

#[component]
fn Actions(id: DeadLetterId) -> impl IntoView {
    let navigate = use_navigate();
    let leave = Callback::new(move |()| navigate(PATH, NavigateOptions::default()));
    let redrive = move || async move {
        api::stream::redrive(id).await?;
        leave.try_run(());
        Ok("The event is sent to its consumer again.".to_owned())
    };
    let throw_away = move || async move {
        api::stream::drop_dead_letter(id).await?;
        leave.try_run(());
        Ok("The dead letter is thrown away.".to_owned())
    };
    view! {
        <section class="section" aria-labelledby="actions-heading">
            <div class="section-head">
                <h2 id="actions-heading">"Actions"</h2>
                <p>"They take effect at once."</p>
            </div>
            <div class="actions">
                <Action
                    title="Send it again?"
                    text="The event goes to its consumer once more, with all its tries. Do it when the cause is gone: otherwise it comes back."
                    action="Send it again"
                    kind="primary"
                    run=redrive
                >
                    "Send again"
                </Action>
                <Action
                    look="danger"
                    title="Throw it away?"
                    text="Its consumer will never see this event again, unless it is replayed. What it was to do stays undone."
                    action="Throw it away"
                    run=throw_away
                >
                    "Throw away"
                </Action>
            </div>
        </section>
    }
}
