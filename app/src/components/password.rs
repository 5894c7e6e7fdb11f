//! The password field: shown or hidden, and how strong it is while one types.

use leptos::prelude::*;
use portreeve_contract::password::{Strength, strength};

use super::{
    field::{FieldError, Input, described_by, invalid},
    form::FormState,
};
use crate::browser::nfkc;

/// A password.
#[component]
pub(crate) fn PasswordField(
    /// Read by the page.
    input: Input,
    /// What to fill in.
    #[prop(default = "Password")]
    label: &'static str,
    /// `true` for one that is being chosen: its strength is told.
    #[prop(optional)]
    new: bool,
    /// Code points that a new one has at least.
    #[prop(optional)]
    min: usize,
    /// Beside the label, such as a link.
    #[prop(optional, into)]
    aside: Option<AnyView>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.id_of(input.name);
    let hint_id = new.then(|| format!("{id}-hint"));
    let shown = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let note = move || {
        if new {
            typed.set(nfkc(&input.value()));
        }
    };
    // What was typed, or filled in, before the page came to life.
    Effect::new(note);

    view! {
        <div class="field">
            <div class="field-head">
                <label for=id.clone()>{label}</label>
                {aside}
            </div>
            <div class="with-button">
                <input
                    id=id.clone()
                    class="input"
                    node_ref=input.node
                    name=input.name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=if new { "new-password" } else { "current-password" }
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-invalid=invalid(form, input.name)
                    aria-describedby=described_by(form, input.name, hint_id.clone())
                    on:input=move |_| note()
                />
                <button type="button" class="reveal" aria-controls=id.clone() on:click=move |_| shown.update(|shown| *shown = !*shown)>
                    {move || if shown.get() { "Hide" } else { "Show" }}
                    <span class="visually-hidden">" password"</span>
                </button>
            </div>
            {new
                .then(|| {
                    view! {
                        <p class="hint" id=hint_id>
                            {format!("At least {min} characters. A few unrelated words work well.")}
                        </p>
                        <Meter typed min />
                    }
                })}
            <FieldError form name=input.name />
        </div>
    }
}

/// Four marks and the same in words.
#[component]
fn Meter(typed: RwSignal<String>, min: usize) -> impl IntoView {
    let level = Memo::new(move |_| typed.with(|typed| (!typed.is_empty()).then(|| strength(typed, min))));
    let missing = move || typed.with(|typed| min.saturating_sub(typed.chars().count()));
    view! {
        <div class="meter" data-level=move || level.get().map_or("none", name)>
            <span class="meter-marks" aria-hidden="true">
                <i></i>
                <i></i>
                <i></i>
                <i></i>
            </span>
            <span role="status">{move || level.get().map(words)}</span>
            <span class="meter-count" aria-hidden="true">
                {move || match missing() {
                    0 => None,
                    _ if level.get().is_none() => None,
                    1 => Some("1 character to go".to_owned()),
                    count => Some(format!("{count} characters to go")),
                }}
            </span>
        </div>
    }
}

fn name(level: Strength) -> &'static str {
    match level {
        Strength::TooShort => "too-short",
        Strength::Weak => "weak",
        Strength::Fair => "fair",
        Strength::Strong => "strong",
    }
}

fn words(level: Strength) -> &'static str {
    match level {
        Strength::TooShort => "Too short",
        Strength::Weak => "Easy to guess",
        Strength::Fair => "Good",
        Strength::Strong => "Strong",
    }
}
