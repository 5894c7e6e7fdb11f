//! Forms: what was refused, where, and that the person learns of it.

use std::pin::Pin;

use leptos::{ev::SubmitEvent, html, prelude::*, task::spawn_local};
use portreeve_contract::{FieldError, Problem};

use super::layout::NoScript;
use crate::{browser::focus_within, error::ApiError};

/// One form's state, in context for its fields and its button.
#[derive(Clone, Copy)]
pub(crate) struct FormState {
    id: &'static str,
    root: NodeRef<html::Form>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
}

impl FormState {
    /// A form whose elements' ids begin with `id`.
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, root: NodeRef::new(), busy: RwSignal::new(false), problem: RwSignal::new(None) }
    }

    /// The id of something in the form.
    pub(crate) fn id_of(self, name: &str) -> String {
        format!("{}-{name}", self.id)
    }

    /// Whether an answer is awaited; reactive.
    ///
    /// Work that succeeds may take the form away: what still listens to it must find nothing then, and not fail.
    pub(crate) fn busy(self) -> bool {
        self.busy.try_get().unwrap_or_default()
    }

    /// What is wrong with a field; reactive.
    pub(crate) fn error_of(self, field: &str) -> Option<String> {
        self.problem.try_with(|problem| problem.as_ref()?.field(field).map(|error| error.detail.clone()))?
    }

    /// Does `work`, which sends what was filled in and goes on from the answer, unless `checks` tell of fields that need another look
    /// first.
    pub(crate) fn submit<const FIELDS: usize>(
        self,
        checks: [Option<FieldError>; FIELDS],
        work: impl Future<Output = Result<(), ApiError>> + 'static,
    ) {
        self.start(checks.into_iter().flatten().collect(), Box::pin(work));
    }

    /// Boxed, so that the browser loads this once and not once for each form.
    fn start(self, errors: Vec<FieldError>, work: Pin<Box<dyn Future<Output = Result<(), ApiError>>>>) {
        if self.busy.get_untracked() {
            return;
        }
        if !errors.is_empty() {
            return self.refuse(Problem::invalid(errors));
        }
        self.busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let answer = work.await;
            // The page may have been left meanwhile, and its signals with it.
            let _ = self.busy.try_set(false);
            if let Err(ApiError(problem)) = answer {
                self.refuse(problem);
            }
        });
    }

    /// Shows a problem and moves the focus to the first field concerned.
    fn refuse(self, problem: Problem) {
        if self.problem.try_set(Some(problem)).is_none()
            && let Some(form) = self.root.get_untracked()
        {
            focus_within(form.into(), "[aria-invalid=true]");
        }
    }

    /// The sentence above the fields: of a problem that is of none of them, or of what the form has no field for.
    fn general(self) -> Option<String> {
        self.problem.try_with(|problem| {
            let problem = problem.as_ref()?;
            if problem.errors.is_empty() {
                return Some(problem.title.clone());
            }
            let others: Vec<&str> =
                problem.errors.iter().filter(|error| !self.has_field(error)).map(|error| error.detail.as_str()).collect();
            (!others.is_empty()).then(|| others.join(" "))
        })?
    }

    fn has_field(self, error: &FieldError) -> bool {
        let name = error.pointer.trim_start_matches('/');
        let found = self.root.get_untracked().and_then(|form| form.query_selector(&format!("[name=\"{name}\"]")).ok().flatten());
        found.is_some()
    }
}

/// A form that is sent by script: a page without it says so.
#[component]
pub(crate) fn Form(
    /// Made by the page, which submits through it.
    state: FormState,
    /// Reads the fields and calls [`FormState::submit`].
    on_submit: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    provide_context(state);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_submit();
    };
    view! {
        <form class="form" id=state.id method="post" novalidate node_ref=state.root on:submit=on_submit>
            <NoScript text="This form needs JavaScript. Turn it on for this site, then load the page again." />
            <div role="alert">
                {move || state.general().map(|text| view! { <p class="notice" data-kind="failed">{text}</p> })}
            </div>
            {children()}
        </form>
    }
}
