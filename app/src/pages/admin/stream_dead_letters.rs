//! The list of dead letters.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::stream::{DeadLetterPage, DeadLetterQuery, DeadLetterSummary, Redriven};

use super::stream::PATH;
use crate::{
    api,
    browser::focus_id,
    components::{button::Button, dialog::Action, flags::Flags, time::Time, toast::Toasts},
};

/// The newest first; older ones come when they are asked for.
#[component]
pub(crate) fn DeadLetters(page: Signal<DeadLetterPage>, refetch: Callback<()>) -> impl IntoView {
    // What was asked for beyond the first page, which is read again and again.
    let older = RwSignal::new(Vec::<DeadLetterPage>::new());
    let rows = Memo::new(move |_| {
        let mut rows = page.with(|page| page.items.clone());
        older.with(|older| {
            for letter in older.iter().flat_map(|page| &page.items) {
                if !rows.iter().any(|row| row.id == letter.id) {
                    rows.push(letter.clone());
                }
            }
        });
        rows
    });
    let next = move || older.with(|older| older.last().map(|page| page.next)).unwrap_or_else(|| page.with(|page| page.next));
    let toasts = Toasts::here();
    let more = move || {
        let query = DeadLetterQuery { before: next(), ..DeadLetterQuery::default() };
        leptos::task::spawn_local(async move {
            match api::stream::dead_letters(query).await {
                Ok(page) => drop(older.try_update(|older| older.push(page))),
                Err(error) => toasts.say(error.0.title),
            }
        });
    };
    let redrive_all = move || async move {
        let Redriven { count } = api::stream::redrive_all(None).await?;
        let _ = older.try_set(Vec::new());
        refetch.try_run(());
        // The button that asked is about to go.
        focus_id("letters-heading");
        Ok(match count {
            1 => "1 event is sent to its consumer again.".to_owned(),
            count => format!("{count} events are sent to their consumers again."),
        })
    };
    view! {
        <div>
            <Show when=move || rows.with(Vec::is_empty)>
                <div class="empty">
                    <Flags word="NONE" />
                    <p>"Nothing was given up."</p>
                </div>
            </Show>
            <ul class="rows">
                <For each=move || rows.get() key=|letter| letter.id let:letter>
                    <Row letter />
                </For>
            </ul>
            <Show when=move || !rows.with(Vec::is_empty)>
                <div class="actions">
                    <Action
                        title="Send all again?"
                        text="Each event goes to its consumer once more, with all its tries. What still cannot be handled comes back here."
                        action="Send all again"
                        kind="primary"
                        run=redrive_all
                    >
                        "Send all again"
                    </Action>
                    <Show when=move || next().is_some()>
                        <Button on_press=more>"Show older ones"</Button>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Row(letter: DeadLetterSummary) -> impl IntoView {
    let of = format!(" of {}", letter.key);
    let tries = if letter.tries == 1 { "1 try".to_owned() } else { format!("{} tries", letter.tries) };
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <A href=format!("{PATH}/dead-letters/{}", letter.id)>
                        {letter.event_type} <span class="visually-hidden">{of}</span>
                    </A>
                    <span class="hint">{format!("{}, {tries}", letter.consumer)}</span>
                </p>
                <p>{letter.last_error}</p>
                <p class="hint">
                    <span class="code">{letter.key}</span>
                    ", given up "
                    <Time at=letter.created_at />
                </p>
            </div>
        </li>
    }
}
