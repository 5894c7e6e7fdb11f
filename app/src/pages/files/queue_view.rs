//! The drop zone, and what is on its way.

use leptos::{
    ev::{self, DragEvent, Event},
    html,
    prelude::*,
    task::spawn_local,
};
use portreeve_contract::{file::Usage, size::bytes};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlInputElement;

use super::{
    folder::{chosen, dropped, walk},
    queue::{Queue, Stage, Upload},
    words::wait,
};
use crate::components::{button::Button, dialog::Action};

/// Lines that are shown of a long queue.
const SHOWN: usize = 30;

/// Where files are dropped or chosen.
#[component]
pub(crate) fn DropZone(usage: Signal<Option<Usage>>) -> impl IntoView {
    let (input, folder) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let over = RwSignal::new(false);
    let choose = |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        Queue::here().add(chosen(input.files()));
        // So that the same file can be chosen again.
        input.set_value("");
    };
    let hover = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            over.set(true);
        }
    };
    let leave = move |event: DragEvent| {
        // Not into another element: out of the window.
        if event.related_target().is_none() {
            over.set(false);
        }
    };
    let drop_in = move |event: DragEvent| {
        if !carries_files(&event) {
            return;
        }
        event.prevent_default();
        over.set(false);
        let Some(transfer) = event.data_transfer() else { return };
        let entries = dropped(&transfer);
        if entries.is_empty() {
            return Queue::here().add(chosen(transfer.files()));
        }
        spawn_local(async move {
            let (files, unreadable) = walk(entries).await;
            let queue = Queue::here();
            queue.add(files);
            if unreadable > 0 {
                queue.say(format!("Your browser could not read {unreadable} of what was dropped."));
            }
        });
    };
    // On the whole window: a file that misses the zone would be opened instead, and the page be gone.
    Effect::new(move || {
        let listeners = [
            window_event_listener(ev::dragover, hover),
            window_event_listener(ev::dragleave, leave),
            window_event_listener(ev::drop, drop_in),
        ];
        on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    });
    Effect::new(move || {
        if let Some(folder) = folder.get() {
            folder.set_webkitdirectory(true);
        }
    });
    let press = |input: NodeRef<html::Input>| {
        move || {
            if let Some(input) = input.get_untracked() {
                input.click();
            }
        }
    };
    view! {
        <div class="drop" data-over=move || over.get().then_some("")>
            <div>
                <h2>"Drop files or folders here"</h2>
                <p class="lead">
                    {move || usage.get().map(|usage| format!("Up to {} each. ", bytes(usage.max_size)))}
                    "If the line drops, we go on where it stopped."
                </p>
            </div>
            <input
                class="visually-hidden"
                type="file"
                multiple
                tabindex="-1"
                aria-label="Files to send"
                node_ref=input
                on:change=choose
            />
            <input
                class="visually-hidden"
                type="file"
                multiple
                tabindex="-1"
                aria-label="Folder to send"
                node_ref=folder
                on:change=choose
            />
            <div class="actions">
                <Button kind="primary" on_press=press(input)>
                    "Choose files"
                </Button>
                <Button on_press=press(folder)>"Choose a folder"</Button>
            </div>
        </div>
    }
}

/// And not a piece of text, which may be dropped into the search.
fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&JsValue::from_str("Files"), 0))
}

/// What is on its way, one line each, and what became of the last.
#[component]
pub(crate) fn Uploads() -> impl IntoView {
    let queue = Queue::here();
    let (any, items, said, more) = (queue.clone(), queue.clone(), queue.clone(), queue);
    let more = Memo::new(move |_| more.items().len().saturating_sub(SHOWN));
    view! {
        <p class="hint queue-said" role="status">
            {move || Some(said.said()).filter(|said| !said.is_empty())}
        </p>
        <Show when=move || !any.items().is_empty()>
            <ul class="queue" aria-label="On the way">
                <For
                    each={
                        let items = items.clone();
                        move || items.items().into_iter().take(SHOWN).collect::<Vec<_>>()
                    }
                    key=Upload::key
                    let:upload
                >
                    <Line upload />
                </For>
            </ul>
            {move || waiting(more.get()).map(|text| view! { <p class="hint number queue-more">{text}</p> })}
        </Show>
    }
}

/// Of those that are not shown.
fn waiting(more: usize) -> Option<String> {
    (more > 0).then(|| format!("And {more} more, which wait for their turn."))
}

#[component]
fn Line(upload: Upload) -> impl IntoView {
    let (stage, sent, speed, size) = (upload.stage(), upload.sent(), upload.speed(), upload.size());
    let name = upload.name().to_owned();
    let (label, bar) = (name.clone(), format!("Sending {name}"));
    let value = {
        let sent = sent.clone();
        move || if size == 0 { "1".to_owned() } else { sent.get().to_string() }
    };
    let words = {
        let stage = stage.clone();
        move || facts(&stage.get(), sent.get(), size, speed.get())
    };
    let why = {
        let stage = stage.clone();
        move || match stage.get() {
            Stage::Failed(why) => Some(view! { <p class="field-error" role="alert">{why}</p> }),
            _ => None,
        }
    };
    let stopped = {
        let stage = stage.clone();
        Memo::new(move |_| matches!(stage.get(), Stage::Paused | Stage::Failed(_)))
    };
    let failed = Memo::new(move |_| matches!(stage.get(), Stage::Failed(_)));
    let (toggled, cancelled) = (upload.clone(), upload);
    let toggle = move || {
        let queue = Queue::here();
        if stopped.get_untracked() { queue.resume(&toggled) } else { queue.pause(&toggled) }
    };
    let of = name.clone();
    let asked = format!("{name} will not arrive. What has come of it is removed.");
    view! {
        <li class="queue-line" data-failed=move || failed.get().then_some("")>
            <strong class="queue-name">{name}</strong>
            <span class="hint number queue-facts">{words}</span>
            <span class="queue-actions">
                <Button kind="quiet" on_press=toggle>
                    {move || match (stopped.get(), failed.get()) {
                        (false, _) => "Pause",
                        (true, false) => "Go on",
                        (true, true) => "Try again",
                    }}
                    <span class="visually-hidden">{format!(" {of}")}</span>
                </Button>
                <Action
                    look="quiet"
                    title="Cancel the upload?"
                    text=asked
                    action="Stop the upload"
                    keep="Keep sending"
                    run=move || {
                        let cancelled = cancelled.clone();
                        async move {
                            Queue::here().cancel(&cancelled);
                            Ok(format!("{} is cancelled.", cancelled.name()))
                        }
                    }
                >
                    "Cancel"
                    <span class="visually-hidden">{format!(" {label}")}</span>
                </Action>
            </span>
            <progress class="bar" aria-label=bar max=size.max(1).to_string() value=value></progress>
            {why}
        </li>
    }
}

/// “612 MB of 940 MB · 18 MB/s · 18 s left”.
fn facts(stage: &Stage, sent: u64, size: u64, speed: u64) -> String {
    let far = format!("{} of {}", bytes(sent), bytes(size));
    match stage {
        Stage::Waiting => format!("{} · waiting for its turn", bytes(size)),
        Stage::Sending if speed > 0 => {
            format!("{far} · {}/s · {} left", bytes(speed), wait(size.saturating_sub(sent).div_ceil(speed)))
        }
        Stage::Cut => format!("{far} · no connection; it goes on by itself"),
        Stage::Paused => format!("{far} · paused"),
        Stage::Failed(_) => format!("{far} · stopped"),
        Stage::Sending | Stage::Over => far,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_how_fast_and_how_long() {
        assert_eq!(facts(&Stage::Sending, 612_000_000, 940_000_000, 18_000_000), "612 MB of 940 MB · 18 MB/s · 19 s left");
        assert_eq!(facts(&Stage::Waiting, 0, 1_000, 0), "1 kB · waiting for its turn");
    }
}
