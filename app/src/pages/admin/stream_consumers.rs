//! The table of consumers, and letting one read again.

use leptos::prelude::*;
use portreeve_contract::{
    FieldError,
    stream::{ConsumerInfo, Replay, StreamInfo},
};

use crate::{
    api,
    components::{
        button::{Button, Submit},
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
        toast::Toasts,
    },
};

/// One line a consumer. Lines stay while their numbers change, and with them the focus and an open question.
#[component]
pub(crate) fn Consumers(info: Signal<StreamInfo>, refetch: Callback<()>) -> impl IntoView {
    let names = Memo::new(move |_| info.with(|info| info.consumers.iter().map(|it| it.name.clone()).collect::<Vec<_>>()));
    let number = |label: &'static str, wide: bool| view! { <th scope="col" class="figure" data-wide=wide.then_some("")>{label}</th> };
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">"Consumers"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        {number("Behind", false)}
                        {number("In hands", true)}
                        {number("Failing", true)}
                        {number("Dead", false)}
                        {number("Handled", true)}
                        {number("Last minute", true)}
                        <th scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || names.get() key=Clone::clone let:name>
                        <Row name info refetch />
                    </For>
                </tbody>
            </table>
        </div>
        <Show when=move || names.with(Vec::is_empty)>
            <p class="hint">"No consumer has run yet."</p>
        </Show>
    }
}

#[component]
fn Row(name: String, info: Signal<StreamInfo>, refetch: Callback<()>) -> impl IntoView {
    let replaying = RwSignal::new(false);
    let mine = {
        let name = name.clone();
        Memo::new(move |_| info.with(|info| info.consumers.iter().find(|it| it.name == name).cloned()))
    };
    let cell = move |wide: bool, of: fn(&ConsumerInfo) -> String| {
        let text = move || mine.with(|mine| mine.as_ref().map(of));
        view! { <td class="figure" data-wide=wide.then_some("")>{text}</td> }
    };
    let consumer = StoredValue::new(name.clone());
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            {cell(false, |it| it.lag.to_string())}
            {cell(true, |it| it.pending.to_string())}
            {cell(true, |it| it.failing.to_string())}
            {cell(false, |it| it.dead.to_string())}
            {cell(true, |it| it.handled.to_string())}
            {cell(true, |it| it.handled_per_minute.to_string())}
            <td class="figure">
                <Button kind="quiet" on_press=move || replaying.set(true)>
                    "Replay"
                    <span class="visually-hidden">{format!(" {name}")}</span>
                </Button>
                <Dialog open=replaying title="Replay events?">
                    <ReplayForm consumer=consumer.get_value() open=replaying refetch />
                </Dialog>
            </td>
        </tr>
    }
}

/// Says plainly what a replay does, and from where.
#[component]
fn ReplayForm(consumer: String, open: RwSignal<bool>, refetch: Callback<()>) -> impl IntoView {
    let state = FormState::new("replay");
    let from = Input::new("from");
    let toasts = Toasts::here();
    let warning = format!(
        "{consumer} will be handed every event from that point on once more, those it has finished too. Whatever it did with them, it may do a \
         second time: a handler that is not idempotent sends its mail twice and counts twice. Other consumers are left alone."
    );
    let submit = move || {
        let (consumer, point) = (consumer.clone(), from.value());
        let check = point.trim().is_empty().then(|| FieldError::new("from", "required", "Enter a point of the stream."));
        state.submit([check], async move {
            api::stream::read_again(Replay { consumer: consumer.clone(), from: point }).await?;
            let _ = open.try_set(false);
            refetch.try_run(());
            toasts.say(format!("{consumer} reads again."));
            Ok(())
        });
    };
    view! {
        <p class="notice" data-kind="attention">
            {warning}
        </p>
        <Form state on_submit=submit>
            <TextField
                input=from
                label="From"
                autocomplete="off"
                value="beginning"
                hint="“beginning”, a position such as 1024, a time such as 2026-11-21T09:30:00Z, or a day"
            />
            <div class="actions">
                <Submit kind="danger">"Replay"</Submit>
                <Button on_press=move || open.set(false)>"Cancel"</Button>
            </div>
        </Form>
    }
}
