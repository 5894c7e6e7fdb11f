//! The drop zone, and what is on its way.

use leptos::{
    ev::{DragEvent, Event},
    html,
    prelude::*,
};
use portreeve_contract::file::Usage;
use wasm_bindgen::JsCast;
use web_sys::{File, FileList, HtmlInputElement};

use super::{
    queue::{Queue, Stage, Upload},
    words::{bytes, wait},
};
use crate::components::button::Button;

/// Where files are dropped or chosen.
#[component]
pub(crate) fn DropZone(usage: Signal<Option<Usage>>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let chosen = |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        Queue::here().add(files(input.files()));
        // So that the same file can be chosen again.
        input.set_value("");
    };
    let hover = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        Queue::here().add(files(event.data_transfer().and_then(|transfer| transfer.files())));
    };
    view! {
        <div
            class="drop"
            data-over=move || over.get().then_some("")
            on:dragover=hover
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <div>
                <h2>"Drop files here"</h2>
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
                on:change=chosen
            />
            <Button
                kind="primary"
                on_press=move || {
                    if let Some(input) = input.get_untracked() {
                        input.click();
                    }
                }
            >
                "Choose files"
            </Button>
        </div>
    }
}

fn files(list: Option<FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect()).unwrap_or_default()
}

/// What is on its way, one line each, and what became of the last.
#[component]
pub(crate) fn Uploads() -> impl IntoView {
    let queue = Queue::here();
    let (any, items, said) = (queue.clone(), queue.clone(), queue);
    view! {
        <p class="hint queue-said" role="status">
            {move || Some(said.said()).filter(|said| !said.is_empty())}
        </p>
        <Show when=move || !any.items().is_empty()>
            <ul class="queue" aria-label="On the way">
                <For
                    each={
                        let items = items.clone();
                        move || items.items()
                    }
                    key=Upload::key
                    let:upload
                >
                    <Line upload />
                </For>
            </ul>
        </Show>
    }
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
                <Button kind="quiet" on_press=move || Queue::here().cancel(&cancelled)>
                    "Cancel"
                    <span class="visually-hidden">{format!(" {label}")}</span>
                </Button>
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
        assert_eq!(facts(&Stage::Waiting, 0, 1_000, 0), "1 KB · waiting for its turn");
    }
}
