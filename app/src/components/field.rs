//! Fields: a label, an input, a hint, and what is wrong beside it.

use leptos::{html, prelude::*};

use super::form::FormState;

/// An input that the page reads when the form is sent. What the person typed stays theirs: nothing writes to it.
#[derive(Clone, Copy)]
pub(crate) struct Input {
    pub(super) name: &'static str,
    pub(super) node: NodeRef<html::Input>,
}

impl Input {
    /// The field called `name` on the wire.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, node: NodeRef::new() }
    }

    /// What is typed, also by a password manager that fires no event.
    pub(crate) fn value(self) -> String {
        self.node.get_untracked().map(|input| input.value()).unwrap_or_default()
    }

    /// Empties it, if it is still there.
    pub(crate) fn clear(self) {
        if let Some(input) = self.node.try_get_untracked().flatten() {
            input.set_value("");
        }
    }
}

/// A line of text.
#[component]
pub(crate) fn TextField(
    /// Read by the page.
    input: Input,
    /// What to fill in.
    label: &'static str,
    /// WHATWG autofill detail.
    autocomplete: &'static str,
    /// `text`, `email`, …
    #[prop(default = "text")]
    kind: &'static str,
    /// What it is filled with at first.
    #[prop(optional, into)]
    value: String,
    /// Said below it.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = form.id_of(input.name);
    let hint_id = hint.map(|_| format!("{id}-hint"));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id.clone()
                class="input"
                node_ref=input.node
                name=input.name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize=if kind == "email" { "none" } else { "words" }
                spellcheck="false"
                required=!optional
                aria-invalid=invalid(form, input.name)
                aria-describedby=described_by(form, input.name, hint_id.clone())
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <FieldError form name=input.name />
        </div>
    }
}

/// What is wrong with a field, announced when it comes.
#[component]
pub(crate) fn FieldError(form: FormState, name: &'static str) -> impl IntoView {
    let id = form.id_of(name);
    view! {
        {move || {
            let id = format!("{id}-error");
            form.error_of(name).map(|text| view! { <p class="field-error" role="alert" id=id>{text}</p> })
        }}
    }
}

/// For `aria-invalid`.
pub(crate) fn invalid(form: FormState, name: &'static str) -> impl Fn() -> Option<&'static str> + Clone + Send + Sync + 'static {
    move || form.error_of(name).map(|_| "true")
}

/// For `aria-describedby`: the error first, then the hint.
pub(crate) fn described_by(
    form: FormState,
    name: &'static str,
    hint: Option<String>,
) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
    move || {
        let error = form.error_of(name).map(|_| form.id_of(name) + "-error");
        match (error, hint.clone()) {
            (Some(error), Some(hint)) => Some(format!("{error} {hint}")),
            (error, hint) => error.or(hint),
        }
    }
}
